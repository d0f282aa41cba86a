"""JHMDB-14, a second real data set: joints of its own, through its files."""

import csv
import json
import os
import pathlib

import numpy as np
import pytest

from pose_tf.pipeline import build, example_gen

VARIABLE = "POSE_TF_JHMDB_DIR"
LIMBS = ("shoulder", "hip", "elbow", "knee", "wrist", "ankle")
JOINTS = ["neck", "belly", "face"] + [
    f"{side} {joint}" for joint in LIMBS for side in ("right", "left")
]


@pytest.mark.skipif(
    VARIABLE not in os.environ, reason=f"{VARIABLE} names no folder of JHMDB-14"
)
def test_its_facts(tmp_path):
    jhmdb = pathlib.Path(os.environ[VARIABLE])
    root = tmp_path / "folder"
    root.mkdir()
    (root / "clips").symlink_to((jhmdb / "clips").resolve())
    (root / "dataset.json").write_text(json.dumps({"joints": JOINTS}))
    with (jhmdb / "clips.csv").open() as file:
        rows = list(csv.DictReader(file))
    table = [
        f"clips/{row['clip']},{row['action']},{row['split_1']}" for row in rows
    ]
    text = "\n".join(["clip_id,action,split", *table]) + "\n"
    (root / "labels.csv").write_text(text)
    data_dir = tmp_path / "data"
    build.build("keypoint_files", data_dir=data_dir, manual_dir=root)
    clips = example_gen.load("keypoint_files", data_dir=data_dir)
    assert clips.skeleton.name == "jhmdb_15"
    assert len(clips.actions) == 14
    assert clips.test.cardinality() == 176
    examples = [*clips.train.as_numpy_iterator()]
    examples += clips.test.as_numpy_iterator()
    assert len(examples) == 609
    lengths = [len(example["poses"]) for example in examples]
    assert sum(lengths) == 21_126
    assert (min(lengths), np.median(lengths), max(lengths)) == (15, 40, 40)
    assert all(example["visibility"].all() for example in examples)
    # Nobody was turned, though some bend down with their heads below their hips.
    given = {
        f"clips/{row['clip']}": np.load(jhmdb / f"clips/{row['clip']}.npz")
        for row in rows
    }
    for example in examples:
        poses = given[example["clip_id"].decode()]["poses"]
        np.testing.assert_array_equal(example["poses"], poses)
    counts = np.bincount([example["action"] for example in examples])
    assert counts[clips.actions.index("pour")] == 55
    assert counts[clips.actions.index("stand")] == 36
