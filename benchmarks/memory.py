"""Peak memory of a whole run, on Penn Action and on ten times its clips.

Default presets, but one epoch each: epochs repeat the same steps.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

from benchmarks.table import Row

VARIABLE = "POSE_TF_PENN_ACTION_DIR"
RUN = """
import dataclasses, sys
from pose_tf import configs, runner

dataset, folder, manual_dir = sys.argv[1:]
for presets in configs.PRESETS.values():
    presets["one_epoch"] = dataclasses.replace(
        presets["default"], num_epochs=1
    )
runner.run(
    dataset,
    "one_epoch",
    f"{folder}/run",
    data_dir=f"{folder}/data",
    manual_dir=manual_dir or None,
    verbose=0,
)
"""


def rows():
    """A run each, in turn; the peak is that of the largest process so far."""
    manual_dir = os.environ.get(VARIABLE, "")
    datasets = {
        "penn_action" if manual_dir else "synthetic_actions": "",
        "synthetic_actions/large": "of ten times the clips of Penn Action",
    }
    rows: list[Row] = []
    peaks: list[float] = []
    for dataset, what in datasets.items():
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "-c", RUN, dataset, folder, manual_dir],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        seconds = time.perf_counter() - start
        # Kilobytes, of the largest child so far: the small run comes first.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        peaks.append(peak / 2**20)
        rows.append(
            Row(
                what=f"peak memory of a run on {dataset} {what}".strip(),
                value=f"{peaks[-1]:.2f} GiB, in {seconds / 60:.1f} minutes",
                peer="" if not what else f"first run {peaks[0]:.2f} GiB",
                ratio="" if not what else f"{peaks[-1] / peaks[0]:.2f}",
                aim="ratio 1" if what else "≤ 3 GB",
            )
        )
    return rows
