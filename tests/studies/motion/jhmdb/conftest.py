"""A folder in JHMDB-14's form, of a few drawn clips."""

import numpy as np
import pytest

from pose_tf.pose.skeletons import JHMDB_15
from studies.motion.jhmdb.clips import DIR_VARIABLE

ACTIONS, CLIPS_PER_ACTION, NUM_FRAMES = ("jump", "sit"), 6, 12


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two actions of six clips; in split 1 the last two of each are for test."""
    rng = np.random.default_rng(0)
    root = tmp_path / "jhmdb"
    (root / "clips").mkdir(parents=True)
    lines = ["clip,action,split_1,split_2,split_3"]
    for action in ACTIONS:
        for number in range(CLIPS_PER_ACTION):
            name = f"{action}_{number:02}"
            shape = (NUM_FRAMES, JHMDB_15.num_joints, 2)
            poses = rng.uniform(60, 200, shape).astype(np.float32)
            np.savez(root / "clips" / f"{name}.npz", poses=poses)
            part = "test" if number >= CLIPS_PER_ACTION - 2 else "train"
            lines.append(f"{name},{action},{part},train,test")
    (root / "clips.csv").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv(DIR_VARIABLE, str(root))
    return root
