"""Measures the peak memory of a whole run, and on ten times the clips.

Default presets, but one epoch each: epochs repeat the same steps. Each run has
a process of its own, which runs once: its peak cannot be taken twice.
"""

import contextlib
import dataclasses
import os
import resource
import tempfile
import time

from benchmarks import sides
from benchmarks.table import Row

VARIABLE = "POSE_TF_PENN_ACTION_DIR"
SMALL, GENERATED = "penn_action", "synthetic_actions"
LARGE = "synthetic_actions/large"
KIB_PER_GIB = 2**20


def one_run(dataset):
    """Returns the measures of a run in this process, which it makes now.

    `peak` is in GiB, `minutes` is how long the run took.
    """
    from pose_tf import configs
    from pose_tf.runner.run import run

    for presets in configs.PRESETS.values():
        presets["one_epoch"] = dataclasses.replace(
            presets["default"], num_epochs=1
        )
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run(
            dataset,
            "one_epoch",
            f"{folder}/run",
            data_dir=f"{folder}/data",
            manual_dir=os.environ.get(VARIABLE),
            verbose=0,
        )
    minutes = (time.perf_counter() - start) / 60
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_GIB
    return {"peak": lambda: peak, "minutes": lambda: minutes}


def _figures(dataset):
    """Returns peak and minutes of a run in a process of its own."""
    with contextlib.closing(sides.Side(one_run, dataset)) as side:
        return side.measure("peak"), side.measure("minutes")


def rows():
    """Yields a row per run, in GiB."""
    dataset = SMALL if os.environ.get(VARIABLE) else GENERATED
    small, minutes = _figures(dataset)
    yield Row(
        what=f"peak memory of a run on {dataset}",
        value=f"{small[0]:.2f} GiB, in {minutes[0]:.1f} minutes",
        aim="≤ 3 GB",
    )
    large, minutes = _figures(LARGE)
    yield Row(
        what=f"peak memory of a run on {LARGE}, ten times Penn Action's clips",
        value=f"{large[0]:.2f} GiB, in {minutes[0]:.1f} minutes",
        peer=f"first run {small[0]:.2f} GiB",
        ratio=sides.Pairs([large], [small]).ratio(),
        aim="ratio 1",
    )
