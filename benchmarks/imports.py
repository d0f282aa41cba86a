"""How long until a program that uses pose_tf is there."""

import subprocess
import sys

from benchmarks.table import Row, best_seconds

REPEATS = 7


def _process(*arguments):
    return lambda: subprocess.run(
        [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL
    )


def rows():
    """Whole processes, the interpreter's own start included."""
    seconds = best_seconds(
        {
            "python": _process("-c", "pass"),
            "import": _process("-c", "import pose_tf"),
            "help": _process("-m", "pose_tf.cli.main", "--help"),
        },
        REPEATS,
    )
    peer = f"bare interpreter {1e3 * seconds['python']:.0f} ms"
    return [
        Row(
            what="`import pose_tf`",
            value=f"{1e3 * seconds['import']:.0f} ms",
            peer=peer,
            aim="≤ 200 ms",
        ),
        Row(
            what="`pose-tf --help`",
            value=f"{1e3 * seconds['help']:.0f} ms",
            peer=peer,
            aim="≤ 1000 ms",
        ),
    ]
