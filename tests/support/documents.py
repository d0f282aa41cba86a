"""Finds the commands and Python blocks in a page, and runs them."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

from tests.support import readme_process

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

IN_TABLE = re.compile(r"^\|.*`(pose-tf [^`]+)` \|$", re.MULTILINE)


def blocks(text):
    """The language and text of each fenced block, and of commands in tables."""
    found = [(one.start(), one[1], one[2]) for one in FENCE.finditer(text)]
    found += [(one.start(), "bash", one[1]) for one in IN_TABLE.finditer(text)]
    return [block for _, *block in sorted(found)]


def lines(block):
    """The commands of a shell block, without comments."""
    joined = block.replace("\\\n", " ").splitlines()
    bare = [" ".join(line.split("  #")[0].split()) for line in joined]
    return [line for line in bare if line]


def commands(text):
    """The commands of all shell blocks."""
    return [
        line
        for language, block in blocks(text)
        if language == "bash"
        for line in lines(block)
    ]


def steps(text, smaller=()):
    """What readme_process.py is to run: `["shell", argv]`, `["python", text]`.

    Args:
        text: Of the page.
        smaller: Pairs of a pattern and its replacement, on whole commands.
    """
    found = []
    for language, block in blocks(text):
        if language == "python":
            found.append(["python", block])
        if language != "bash":
            continue
        for command in lines(block):
            for pattern, replacement in smaller:
                command = re.sub(pattern, replacement, command)
            if command.split()[0] in ("pose-tf", "python"):
                found.append(["shell", shlex.split(command)])
    return found


def run(found, folder):
    """Runs steps in a folder, in one process; returns what they print.

    Raises:
        AssertionError: If one fails.
    """
    (folder / "steps.json").write_text(json.dumps(found))
    environment = {
        **os.environ,
        "TFDS_DATA_DIR": str(folder / "tfds"),
        "PYTHONPATH": str(ROOT),
        "POSE_TF_TRACEBACK": "1",
    }
    process = subprocess.run(
        [
            sys.executable,
            ROOT / "tests" / "support" / "readme_process.py",
            "steps.json",
        ],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stdout + process.stderr[-4000:]
    return process.stdout


def run_here(found, folder, monkeypatch):
    """Runs steps in a folder, in this process, which has TensorFlow already.

    Its dataset commands need `--data_dir`: TFDS has read its own by now.

    Raises:
        SystemExit: If one fails.
    """
    monkeypatch.chdir(folder)
    monkeypatch.setenv("POSE_TF_TRACEBACK", "1")
    monkeypatch.setattr(sys, "argv", sys.argv)  # Modules are run with others.
    for step in found:
        print("###", step, flush=True)
        readme_process.run(*step)
