"""Building Penn Action beside no more than reading its files."""

import os
import pathlib
import tempfile
import time

import scipy.io

from benchmarks.table import Row
from pose_tf.pipeline.build import build

VARIABLE = "POSE_TF_PENN_ACTION_DIR"
WHAT = "build of penn_action"


def _seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def rows():
    """One build, after the files were read once (both from warm caches)."""
    if not (folder := os.environ.get(VARIABLE)):
        return [Row(what=WHAT, value=f"skipped: {VARIABLE} is not set")]
    paths = sorted(pathlib.Path(folder).glob("labels/*.mat"))
    reading = _seconds(lambda: [scipy.io.loadmat(path) for path in paths])
    with tempfile.TemporaryDirectory() as data_dir:
        building = _seconds(
            lambda: build("penn_action", data_dir=data_dir, manual_dir=folder)
        )
    return [
        Row(
            what=WHAT,
            value=f"{building:.1f} s, {len(paths) / building:.0f} clips/s",
            peer=f"scipy.io.loadmat of all files {reading:.1f} s",
            ratio=f"{building / reading:.2f}",
            aim="≤ 5 s",
        )
    ]
