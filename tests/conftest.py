"""Fixtures that tests of several modules share."""

import os
import pathlib

# Before anything imports TensorFlow.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import hypothesis
import numpy as np
import pytest
import scipy.io

from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE
from tests.support import once

# The same examples in every run, and no verdict by a busy machine's clock.
hypothesis.settings.register_profile(
    "pose_tf", deadline=None, derandomize=True, database=None
)
hypothesis.settings.load_profile("pose_tf")

# A figure 100 px tall, facing the camera, in Penn Action's order of joints.
STANDING = np.array(
    [
        (0, -50),
        (12, -35),
        (-12, -35),
        (18, -18),
        (-18, -18),
        (20, 0),
        (-20, 0),
        (8, 0),
        (-8, 0),
        (9, 25),
        (-9, 25),
        (10, 50),
        (-10, 50),
    ],
    float,
)
FRAME_WIDTH, FRAME_HEIGHT = 480, 360
TINY_ACTIONS = ("bowl", "squat", "jumping_jacks")
TINY_TRAIN, TINY_TEST = 6, 2  # Clips an action.


def penn_annotations(
    *, action="squat", split="train", num_frames=20, seed=0, **changes
):
    """Contents of a made-up Penn Action .mat file, in the files' own types.

    The figure sways sideways in `bowl`, up and down in `squat`, and lifts its
    arms otherwise. `changes` replace keys; a key changed to None is left out.
    """
    rng = np.random.default_rng(seed)
    phase = np.sin(np.linspace(0, 4 * np.pi, num_frames) + rng.uniform(0, 6))
    poses = np.tile(STANDING, (num_frames, 1, 1)) * rng.uniform(0.9, 1.3)
    if action == "bowl":
        poses[..., 0] += 30 * phase[:, None]
    elif action == "squat":
        poses[:, :9, 1] += 15 * (1 + phase[:, None])
    else:
        poses[:, 3:7, 1] -= 20 * (1 + phase[:, None])
    poses += rng.uniform(150, 200, 2) + rng.normal(0, 0.5, poses.shape)
    visibility = (rng.uniform(size=poses.shape[:2]) > 0.1).astype(np.uint8)
    content = {
        "action": action,
        "pose": ("front", "back", "left", "right")[seed % 4],
        "x": poses[..., 0],
        "y": poses[..., 1],
        "visibility": visibility,
        "train": {"train": 1, "test": -1}[split],
        "bbox": np.concatenate([poses.min(1), poses.max(1)], axis=1),
        "dimensions": np.array([[FRAME_HEIGHT, FRAME_WIDTH, num_frames]]),
        "nframes": num_frames,
        **changes,
    }
    return {k: v for k, v in content.items() if v is not None}


def write_penn_annotations(folder, clips):
    """Writes contents of .mat files as folder/labels/0001.mat and so on."""
    labels = pathlib.Path(folder) / "labels"
    labels.mkdir(parents=True, exist_ok=True)
    for number, clip in enumerate(clips, start=1):
        scipy.io.savemat(labels / f"{number:04d}.mat", clip)
    return pathlib.Path(folder)


@pytest.fixture(scope="session")
def penn_action_dir():
    """Folder that holds Penn Action's `labels/`: real, and not ours to ship."""
    if not os.environ.get(MANUAL_DIR_VARIABLE):
        pytest.skip(
            f"{MANUAL_DIR_VARIABLE} does not name the folder of labels/"
        )
    return pathlib.Path(os.environ[MANUAL_DIR_VARIABLE])


@pytest.fixture(scope="session")
def penn_action_data_dir(penn_action_dir, tmp_path_factory):
    """A data_dir with the real `penn_action`, prepared."""
    from pose_tf.pipeline import build

    return once.made(
        tmp_path_factory,
        "penn_action",
        lambda folder: build.build(
            "penn_action", data_dir=folder, manual_dir=penn_action_dir
        ),
    )


@pytest.fixture(scope="session")
def penn_annotations_of():
    """The function `penn_annotations`."""
    return penn_annotations


@pytest.fixture(scope="session")
def write_penn():
    """The function `write_penn_annotations`."""
    return write_penn_annotations


@pytest.fixture(scope="session")
def tiny_penn_dir(tmp_path_factory):
    """A manual_dir of made-up Penn Action files: 24 clips of 3 actions.

    Each action has `TINY_TRAIN` training clips and then `TINY_TEST` test
    clips, of 20 to 43 frames.
    """
    splits = ["train"] * TINY_TRAIN + ["test"] * TINY_TEST
    kinds = [(action, split) for action in TINY_ACTIONS for split in splits]
    clips = [
        penn_annotations(
            action=action, split=split, num_frames=20 + seed, seed=seed
        )
        for seed, (action, split) in enumerate(kinds)
    ]
    return write_penn_annotations(tmp_path_factory.mktemp("tiny_penn"), clips)


@pytest.fixture(scope="session")
def tiny_data_dir(tiny_penn_dir, tmp_path_factory):
    """A data_dir with `penn_action`, prepared from `tiny_penn_dir`.

    Pass it with `dataset="penn_action"` to code that reads a dataset.
    """
    from pose_tf.pipeline import build

    data_dir = tmp_path_factory.mktemp("tiny_data")
    build.build("penn_action", data_dir=data_dir, manual_dir=tiny_penn_dir)
    return data_dir


@pytest.fixture(scope="session")
def penn_clips(penn_action_data_dir):
    """The clips of the real Penn Action."""
    from pose_tf.pipeline import example_gen

    return example_gen.load("penn_action", data_dir=penn_action_data_dir)


@pytest.fixture(scope="session")
def tiny_clips(tiny_data_dir):
    """The clips of `tiny_data_dir`."""
    from pose_tf.pipeline import example_gen

    return example_gen.load("penn_action", data_dir=tiny_data_dir)
