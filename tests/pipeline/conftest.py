"""Fixtures of the pipeline's tests: a skeleton and clips small enough to
work out by hand."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.pose import skeletons

JOINTS = ("left_hip", "right_hip", "head")


@pytest.fixture(scope="session")
def figure():
    """A skeleton of three joints: left hip, right hip, head."""
    return skeletons.Skeleton(
        name="figure",
        joints=JOINTS,
        bones=(("head", "left_hip"), ("head", "right_hip")),
        mirror_pairs=(("left_hip", "right_hip"),),
        root=("left_hip", "right_hip"),
        shoulders=("head",),
        hips=("left_hip", "right_hip"),
        head=("head",),
    )


def make_clip(number, num_frames):
    """A clip whose every coordinate says which clip and frame it is of.

    Joint j of frame t of clip n lies at (100 n + t, j); frames measure
    200 x 100.
    """
    times = np.arange(num_frames, dtype=np.float32)
    poses = np.zeros((num_frames, 3, 2), np.float32)
    poses[..., 0] = 100 * number + times[:, None]
    poses[..., 1] = np.arange(3)
    return {
        "clip_id": f"clip{number}",
        "poses": poses,
        "visibility": np.ones((num_frames, 3), np.bool_),
        "boxes": np.tile(np.float32([10, 20, 50, 60]), (num_frames, 1)),
        "action": np.int64(number % 2),
        "view": np.int64(0),
        "frame_size": np.int32([200, 100]),
    }


def make_dataset(lengths):
    """Clips of the given numbers of frames, as a `tf.data.Dataset`."""
    spec = {
        "clip_id": tf.TensorSpec((), tf.string),
        "poses": tf.TensorSpec((None, 3, 2), tf.float32),
        "visibility": tf.TensorSpec((None, 3), tf.bool),
        "boxes": tf.TensorSpec((None, 4), tf.float32),
        "action": tf.TensorSpec((), tf.int64),
        "view": tf.TensorSpec((), tf.int64),
        "frame_size": tf.TensorSpec((2,), tf.int32),
    }
    clips = [make_clip(n, length) for n, length in enumerate(lengths)]
    ds = tf.data.Dataset.from_generator(
        lambda: iter(clips), output_signature=spec
    )
    return ds.apply(tf.data.experimental.assert_cardinality(len(clips)))


@pytest.fixture(scope="session")
def clip_of():
    """The function `make_clip`."""
    return make_clip


@pytest.fixture(scope="session")
def clips_of():
    """The function `make_dataset`."""
    return make_dataset
