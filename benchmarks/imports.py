"""Times the start of programs that use pose_tf."""

import subprocess
import sys

from benchmarks import sides
from benchmarks.table import Row

NUM_TURNS = 7


def _process(*arguments):
    return sides.seconds(
        lambda: subprocess.run(
            [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL
        )
    )


def pose_tf():
    """Returns the measures of whole processes, with the interpreter's start."""
    return {
        "`import pose_tf`": _process("-c", "import pose_tf"),
        "`pose-tf --help`": _process("-m", "pose_tf.cli.main", "--help"),
    }


def interpreter():
    """Returns the measures of an interpreter that does nothing."""
    return dict.fromkeys(
        ("`import pose_tf`", "`pose-tf --help`"), _process("-c", "pass")
    )


def rows():
    """Yields a row per command, in milliseconds."""
    with sides.both(pose_tf, interpreter) as (ours, peer):
        for what, aim in (
            ("`import pose_tf`", 200),
            ("`pose-tf --help`", 1000),
        ):
            pairs = sides.in_turns(ours, peer, what, NUM_TURNS)
            value, bare = pairs.medians()
            yield Row(
                what=what,
                value=f"{1e3 * value:.0f} ms",
                peer=f"bare interpreter {1e3 * bare:.0f} ms",
                ratio=pairs.ratio(),
                aim=f"≤ {aim} ms",
            )
