"""Tests of straight lines between actions, by hand."""

import numpy as np
import tensorflow as tf

from pose_tf.pose import skeletons
from studies.embedding.latent import interpolation

SKELETON = skeletons.PENN_ACTION


def test_medoid_is_the_most_central_fully_visible_pose():
    latent = np.array([[0.0], [1.0], [1.5], [9.0], [4.0]])
    visibility = np.ones((5, 13), bool)
    visibility[2, 0] = False
    test = {
        "latent": latent,
        "visibility": visibility,
        "action": np.array([3, 3, 3, 3, 7]),
    }
    medoids = interpolation._medoids(test)
    assert {k: v.tolist() for k, v in medoids.items()} == {3: [1.0], 7: [4.0]}


class _Line:
    """Decodes a latent to a pose turned by that angle."""

    skeleton = SKELETON

    def decode_pose(self, z):
        pose = np.random.default_rng(0).normal(size=(13, 2))
        pose = tf.constant(pose, tf.float32)
        cos, sin = tf.cos(z)[..., None], tf.sin(z)[..., None]
        x = cos * pose[:, :1] - sin * pose[:, 1:]
        y = sin * pose[:, :1] + cos * pose[:, 1:]
        return tf.concat([x, y], -1), None


def test_straight_paths_of_joints_shorten_bones_in_a_turn():
    medoids = {0: np.array([0.0]), 1: np.array([np.pi / 2])}
    lines = interpolation._lines(_Line(), medoids, [(0, 1)])
    np.testing.assert_allclose(
        lines["latent"][:, [0, -1]], lines["joints"][:, [0, -1]], atol=1e-6
    )
    limbs = {
        key: interpolation._limbs(line, SKELETON)[0]
        for key, line in lines.items()
    }
    np.testing.assert_allclose(limbs["latent"], 100, rtol=1e-4)
    np.testing.assert_allclose(limbs["joints"], 100 / np.sqrt(2), rtol=1e-4)
