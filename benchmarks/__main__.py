"""Runs the benchmarks, each in a process of its own, and prints one table.

python -m benchmarks             # all
python -m benchmarks lstm        # some
"""

import importlib
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict

from benchmarks import table

BENCHMARKS = ("imports", "dataset", "windows", "lstm", "latency", "memory")


def _run(name):
    """Rows of a benchmark, from a fresh process."""
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--rows", name],
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.returncode:
        return [table.Row(what=name, value=f"failed: {process.returncode}")]
    lines = process.stdout.strip().splitlines()
    return [table.Row(**row) for row in json.loads(lines[-1])]


def main(argv):
    """Prints the table of the benchmarks named, or of all."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    if argv[:1] == ["--rows"]:
        module = importlib.import_module(f"benchmarks.{argv[1]}")
        print(json.dumps([asdict(row) for row in module.rows()]))
        return
    if unknown := set(argv) - set(BENCHMARKS):
        raise SystemExit(
            f"Benchmarks are {', '.join(BENCHMARKS)}. "
            f"Received: {', '.join(sorted(unknown))}"
        )
    rows = []
    for name in argv or BENCHMARKS:
        print(f"... {name}", file=sys.stderr)
        rows += _run(name)
    print(f"{platform.platform()}, {os.cpu_count()} cores\n")
    print(table.markdown(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
