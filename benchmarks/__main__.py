"""Runs the benchmarks and prints one table, row by row.

    python -m benchmarks             all parts
    python -m benchmarks lstm        only the parts named

If a part fails, its row says so, the others still run, and the exit code is 1.
"""

import importlib
import os
import platform
import sys
import traceback

from benchmarks import table
from pose_tf import terminal

BENCHMARKS = (
    "imports",
    "dataset",
    "classification",
    "few_labels",
    "encoders",
    "windows",
    "lstm",
    "actions",
    "recordings",
    "training",
    "latency",
    "motions",
    "novelty",
    "jhmdb",
    "transfer",
    "rates",
    "repetitions",
    "generation",
    "reading",
    "memory",
)


def _rows(name):
    yield from importlib.import_module(f"benchmarks.{name}").rows()


def run(names, rows):
    """Prints the rows of some parts, each as soon as it is measured.

    Args:
        names: Iterable of the parts' names.
        rows: Function that takes a name and yields the part's rows.

    Returns:
        List of the names of parts that failed.
    """
    print(table.header(), flush=True)
    failed = []
    for name in names:
        print(f"... {name}", file=sys.stderr, flush=True)
        try:
            for row in rows(name):
                print(table.line(row), flush=True)
        except Exception as error:  # noqa: BLE001 - the others still run.
            traceback.print_exc()
            row = table.Row(what=name, value=f"failed: {error}")
            print(table.line(row), flush=True)
            failed.append(name)
    return failed


def main(argv):
    """Measures the parts named in `argv`, or all; exits with 1 if any failed."""
    terminal.quiet_tensorflow()
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    if unknown := set(argv) - set(BENCHMARKS):
        raise SystemExit(
            f"Parts must be among {', '.join(BENCHMARKS)}. "
            f"Received: {', '.join(sorted(unknown))}"
        )
    load = os.getloadavg()[0]
    cores = os.cpu_count()
    print(f"{platform.platform()}, {cores} cores, load {load:.1f} at start\n")
    if failed := run(argv or BENCHMARKS, _rows):
        raise SystemExit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
