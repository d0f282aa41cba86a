"""Tests of classifiers of windows, and of draws of labels."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models.features import PoseFeatures
from pose_tf.models.vae import PoseVAE
from studies.embedding.classification import classifiers


def test_features_are_sampled_only_on_request():
    vae = PoseVAE("penn_action", latent_dim=2)
    poses = tf.random.stateless_uniform((1, 3, 13, 2), (0, 0), 0, 200)
    seen = tf.ones((1, 3, 13), tf.bool)
    features = classifiers.SampledFeatures(vae=vae)
    mean, _ = PoseFeatures(vae=vae)(poses, seen)
    np.testing.assert_array_equal(features(poses, seen)[0], mean)
    with features.sampling((0, 1)):
        sampled, _ = features(poses, seen)
    apart = np.abs(sampled - mean).max((0, 1))
    assert (apart[:2] > 0).all()  # The embedding; the root is as it is.
    assert (apart[2:] == 0).all()


def test_draws_are_nested_and_have_each_action():
    actions = np.repeat([0, 1, 2], [50, 20, 3])
    few, more = (classifiers.draw(actions, share, seed=3) for share in (5, 10))
    assert np.bincount(actions[few]).tolist() == [2, 1, 1]
    assert np.bincount(actions[more]).tolist() == [5, 2, 1]
    assert not (few & ~more).any()
    assert (few != classifiers.draw(actions, 5, seed=4)).any()


def test_share_of_labels_must_be_a_share(tiny_clips):
    with pytest.raises(ValueError, match="at most 100. Received: 101"):
        classifiers.labelled_clips(tiny_clips, "official", 101, 0)
