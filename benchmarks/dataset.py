"""Times building Penn Action, compared with only reading its files."""

import os
import pathlib
import tempfile

from benchmarks import sides
from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

WHAT = "build of penn_action"
NUM_TURNS = 3


def building(folder):
    """Returns the measure of a build into a new folder, with warm caches."""
    from pose_tf.pipeline.build import build

    def run():
        with tempfile.TemporaryDirectory() as data_dir:
            build("penn_action", data_dir=data_dir, manual_dir=folder)

    return {"all": sides.seconds(run)}


def reading(folder):
    """Returns the measure of reading all files with SciPy."""
    import scipy.io

    paths = _paths(folder)
    return {
        "all": sides.seconds(lambda: [scipy.io.loadmat(path) for path in paths])
    }


def _paths(folder):
    return sorted(pathlib.Path(folder).glob("labels/*.mat"))


def rows():
    """Yields one row, whose times are in seconds."""
    if not (folder := os.environ.get(MANUAL_DIR_VARIABLE)):
        yield Row(what=WHAT, value=f"skipped: {MANUAL_DIR_VARIABLE} is not set")
        return
    with sides.both(building, reading, folder) as (ours, peer):
        pairs = sides.in_turns(ours, peer, "all", NUM_TURNS)
    seconds, peer_seconds = pairs.medians()
    yield Row(
        what=WHAT,
        value=f"{seconds:.1f} s, {len(_paths(folder)) / seconds:.0f} clips/s",
        peer=f"scipy.io.loadmat of all files {peer_seconds:.1f} s",
        ratio=pairs.ratio(),
        aim="≤ 5 s",
    )
