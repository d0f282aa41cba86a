"""Tests of whitened poses."""

import numpy as np
import tensorflow as tf

from pose_tf.pose.transform import PoseTransform
from studies.embedding.reproduction.whitening import WhitenedFeatures


def test_whitened_poses_are_uncorrelated_with_unit_variance():
    rng = np.random.default_rng(0)
    transform = PoseTransform("penn_action")
    poses = rng.normal(size=(500, 26)) @ rng.normal(size=(26, 26)) + 3
    frames = {
        "pose": tf.cast(tf.reshape(poses, (1, 500, 13, 2)), tf.float32),
        "visibility": tf.ones((1, 500, 13), tf.bool),
        "velocity": tf.zeros((1, 500, 2)),
        "path": tf.zeros((1, 500, 2)),
    }
    seen = transform.standardize_pose(frames)[0]
    features = WhitenedFeatures(transform, seen)
    white = features.of_frames(frames)[0].numpy()
    assert white.shape == (500, features.num_features)
    # Visibilities that never change have no component.
    assert features.num_pose_features <= 26
    spread = np.cov(white[:, : features.num_pose_features].T)
    np.testing.assert_allclose(spread, np.eye(len(spread)), atol=1e-3)
