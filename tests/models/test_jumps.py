"""Jumps of joints in graphs: those that NumPy finds, clip by clip."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import jumps
from pose_tf.pose import outliers, skeletons

SKELETON = skeletons.get("penn_action")


@pytest.fixture
def clips():
    """Clips of 30 frames: joints hidden, thrown, and hips never seen."""
    rng = np.random.default_rng(0)
    poses = rng.uniform(100, 300, (4, 1, 13, 2))
    poses = poses + rng.normal(0, 2, (4, 30, 13, 2)).cumsum(1)
    thrown = rng.uniform(size=(4, 30, 13, 1)) < 0.05
    poses += thrown * rng.normal(0, 200, poses.shape)
    visibility = rng.uniform(size=(4, 30, 13)) > 0.2
    visibility[1, :, list(SKELETON.indices(SKELETON.hips))] = False
    visibility[2, 5:] = False
    visibility[3] = False
    poses[~visibility] = np.nan
    return poses.astype(np.float32), visibility


@pytest.mark.parametrize("max_jump", [0.5, 1.5])
def test_they_are_those_that_numpy_finds(clips, max_jump):
    poses, visibility = clips
    kept, seen = jumps.without_jumps(
        tf.constant(poses), tf.constant(visibility), SKELETON, max_jump
    )
    expected = [
        outliers.find_jumps(*clip, SKELETON, max_jump) for clip in zip(*clips)
    ]
    found = visibility & ~seen.numpy()
    np.testing.assert_array_equal(found, expected)
    assert found[:2].any((1, 2)).all()
    np.testing.assert_array_equal(np.isnan(kept[..., 0]), ~seen.numpy())
    np.testing.assert_array_equal(kept.numpy()[seen], poses[seen])
