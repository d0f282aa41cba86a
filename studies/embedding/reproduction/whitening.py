"""A linear embedding of raw poses: the control of part 1."""

import numpy as np
import tensorflow as tf
from sklearn import decomposition

from pose_tf.models.features import PoseFeatures

KEPT_VARIANCE = 0.9999  # Of the standardized poses; the rest is dropped.


class WhitenedFeatures(PoseFeatures):
    """Principal components of the standardized pose, each of unit variance.

    Args:
        transform: A fitted `PoseTransform`.
        poses: Standardized training poses `(N, F)`, to which the components
            are fitted.
    """

    def __init__(self, transform, poses):
        super().__init__(transform)
        pca = decomposition.PCA(KEPT_VARIANCE, svd_solver="full")
        pca.fit(np.asarray(poses, np.float64))
        axes = pca.components_.T / np.sqrt(pca.explained_variance_)
        self._mean = tf.constant(pca.mean_, tf.float32)
        self._axes = tf.constant(axes, tf.float32)

    @property
    def num_pose_features(self):
        """Returns how many components are kept."""
        return self._axes.shape[1]

    def of_frames(self, frames):
        """Returns features `(B, T, F)` of transformed frames."""
        pose = self.transform.standardize_pose(frames)
        pose = tf.tensordot(pose - self._mean, self._axes, 1)
        return tf.concat([pose, self.transform.standardize_root(frames)], -1)
