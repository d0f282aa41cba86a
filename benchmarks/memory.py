"""Measures the peak memory of a run, and of one on ten times the clips.

Models have default presets, but train for one epoch: epochs repeat the same
steps. Each run has a process of its own, since a process has only one peak.
"""

import contextlib
import dataclasses
import os
import resource
import tempfile
import time

from benchmarks import sides
from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

SMALL, GENERATED = "penn_action", "synthetic_actions"
LARGE = "synthetic_actions/large"
KIB_PER_GIB = 2**20


def one_run(dataset):
    """Executes a run in this process and returns its measures.

    `peak` returns GiB of memory, `minutes` how long the run took.
    """
    from pose_tf import presets
    from pose_tf.runner.run import run

    for named in presets.PRESETS.values():
        named["one_epoch"] = dataclasses.replace(named["default"], num_epochs=1)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run(
            dataset,
            "one_epoch",
            f"{folder}/run",
            data_dir=f"{folder}/data",
            manual_dir=os.environ.get(MANUAL_DIR_VARIABLE),
            verbose=0,
        )
    minutes = (time.perf_counter() - start) / 60
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_GIB
    return {"peak": lambda: peak, "minutes": lambda: minutes}


def _peak_and_minutes(dataset):
    """Returns both measures of a run in a process of its own."""
    with contextlib.closing(sides.Side(one_run, dataset)) as side:
        return side.measure("peak"), side.measure("minutes")


def rows():
    """Yields a row per run, in GiB."""
    dataset = SMALL if os.environ.get(MANUAL_DIR_VARIABLE) else GENERATED
    small, minutes = _peak_and_minutes(dataset)
    yield Row(
        what=f"peak memory of a run on {dataset}",
        value=f"{small[0]:.2f} GiB, in {minutes[0]:.1f} minutes",
        aim="≤ 3 GB",
    )
    large, minutes = _peak_and_minutes(LARGE)
    yield Row(
        what=f"peak memory of a run on {LARGE}, ten times Penn Action's clips",
        value=f"{large[0]:.2f} GiB, in {minutes[0]:.1f} minutes",
        peer=f"first run {small[0]:.2f} GiB",
        ratio=sides.Pairs([large], [small]).ratio(),
        aim="ratio 1",
    )
