"""The builder's README, followed to the letter: its folder and its commands.

Only the presets are smaller, and `run` trains but two kinds of model: the
README of the whole package runs all. The skeleton is that of the README, COCO's,
which is not the one that configs have by default.
"""

import csv
import json
import pathlib
import re
import shlex

import numpy as np
import pytest

from pose_tf import presets
from pose_tf.pose import skeletons
from tests.support import documents

ROOT = pathlib.Path(__file__).resolve().parents[3]
README = (ROOT / "datasets" / "keypoint_files" / "README.md").read_text()
BLOCKS = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
TREE = BLOCKS[0].splitlines()
COMMANDS = [
    line for block in BLOCKS for line in block.splitlines() if "pose-tf" in line
]
SKELETON = skeletons.get("coco_17")
NUM_FRAMES = 50


def clip(number):
    """Poses of somebody upright, who waves or jumps, with noise."""
    rng = np.random.default_rng(number)
    height = {"ankle": 60, "knee": 30, "hip": 0, "wrist": 0, "elbow": -20}
    pose = [
        (
            {"l": 10, "r": -10}.get(joint[0], 0),
            height.get(joint.split("_")[-1], -40),
        )
        for joint in SKELETON.joints
    ]
    sway = 20 * np.sin(np.arange(NUM_FRAMES) / 4 + number)
    poses = np.tile(np.array(pose, float), (NUM_FRAMES, 1, 1)) + 200
    poses[..., number % 2] += sway[:, None]
    return poses + rng.normal(0, 0.5, poses.shape)


def write(path, poses):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npz":
        np.savez(path, poses=poses)
    elif path.suffix == ".json":
        path.write_text(json.dumps({"poses": poses.tolist()}))
    else:
        with path.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(f"{j}_{x}" for j in SKELETON.joints for x in "xy")
            rows.writerows(poses.reshape(len(poses), -1))


@pytest.fixture
def folder(tmp_path):
    """A folder with the README's `my_clips/`, and as many clips as it asks."""
    root = tmp_path / TREE[0].strip()
    description, *names = [line.split()[0] for line in TREE[1:]]
    root.mkdir()
    (root / description).write_text(TREE[1].split(maxsplit=1)[1])
    assert {pathlib.Path(name).suffix for name in names} == {
        ".npz",
        ".json",
        ".csv",
    }
    for split in ("train", "test"):
        names += [
            f"{split}/{a}/x{n}.npz" for a in ("wave", "jump") for n in "12"
        ]
    for number, name in enumerate(names):
        write(root / name, clip(number))
    return tmp_path


@pytest.mark.slow
def test_its_commands_run(folder, monkeypatch):
    assert [c.split()[1] for c in COMMANDS] == ["build", "train", "run"]
    steps = [
        shlex.split(c) + ["--preset=tiny"] * ("build" not in c)
        for c in COMMANDS
    ]
    kinds = {kind: presets.get(kind, "tiny") for kind in ("vae", "classifier")}
    monkeypatch.setattr(presets, "of_all", {"tiny": kinds}.get)
    documents.run_here([["shell", step] for step in steps], folder, monkeypatch)
    for name in ("my_vae", "my_run/classifier"):
        joints = folder / name / "saved_model" / "assets" / "joints.txt"
        assert joints.read_text().split() == list(SKELETON.joints)
    actions = folder / "my_run/classifier/saved_model/assets/actions.txt"
    assert actions.read_text().split() == ["jump", "wave"]
