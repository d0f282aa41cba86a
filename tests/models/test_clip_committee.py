"""Classifiers of whole clips that decide together."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import clip_committee as models
from pose_tf.models.motion_features import MotionFeatures

NUM_ACTIONS = 3
SETTINGS = {"label_smoothing": 0.0, "mixup_alpha": 0.0}


def committee_of(num_networks, num_features):
    keras.utils.set_random_seed(0)
    return models.ClipCommittee(
        MotionFeatures("penn_action", num_frames=16),
        NUM_ACTIONS,
        num_networks,
        num_features,
        filters=4,
        units=4,
        dropout_rate=0.0,
    )


@pytest.fixture(scope="module")
def batch():
    """Four clips of up to 12 frames: random walks."""
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 3, (4, 12, 13, 2)).cumsum(1)
    poses = rng.uniform(100, 300, (4, 1, 13, 2)) + steps
    return {
        "poses": tf.constant(poses, tf.float32),
        "visibility": tf.ones((4, 12, 13), tf.bool),
        "num_frames": tf.constant([12, 9, 10, 11]),
        "action": tf.constant([0, 2, 1, 0]),
        "tempo": tf.ones(4),
    }


@pytest.fixture(scope="module")
def committee(batch):
    committee = committee_of(2, 84)
    committee.fit_ridge([batch])
    return committee


@pytest.fixture(scope="module")
def ridge(batch):
    """A committee whose network says nothing."""
    committee = committee_of(1, 84)
    committee.fit_ridge([batch])
    kernel = committee.networks[0].head.kernel
    kernel.assign(tf.zeros_like(kernel))
    return committee


def classify(model, batch):
    given = model.classify(
        batch["poses"], batch["visibility"], batch["num_frames"]
    )
    return {name: value.numpy() for name, value in given.items()}


def test_probabilities_are_the_product_of_what_all_say(committee, batch):
    first = committee.networks[0]
    num_frames = batch["num_frames"]
    clips = first.without_jumps(batch["poses"], batch["visibility"], num_frames)
    parts = first.parts(*clips, num_frames)
    networks = [network.of_parts(*parts)[0] for network in committee.networks]
    sides = [
        committee.ridge(committee.features(*clips, num_frames, mirrored=side))
        for side in (False, True)
    ]
    ridge = tf.nn.softmax(models.SHARPNESS * (sides[0] + sides[1]) / 2)
    expected = np.exp(np.mean(networks, axis=0)) * ridge.numpy()
    expected /= expected.sum(-1, keepdims=True)
    given = classify(committee, batch)["probabilities"]
    np.testing.assert_allclose(given, expected, atol=1e-5)


def test_the_ridge_regression_knows_the_clips_it_was_fitted_to(ridge, batch):
    given = classify(ridge, batch)["probabilities"]
    assert given.argmax(-1).tolist() == batch["action"].numpy().tolist()


def test_mirror_images_have_the_same_ridge_scores(ridge, batch):
    mirrored = batch["poses"] * [-1.0, 1.0]
    order = ridge.skeleton.mirror_indices
    other = {**batch, "poses": tf.gather(mirrored, order, axis=2)}
    given, expected = (
        classify(ridge, clips)["probabilities"] for clips in (other, batch)
    )
    np.testing.assert_allclose(given, expected, atol=1e-4)


def test_of_one_network_it_is_that_network(batch):
    committee = committee_of(1, 0)
    committee.fit_ridge([batch])  # There is none.
    given, expected = (
        classify(model, batch) for model in (committee, committee.networks[0])
    )
    for name, value in given.items():
        np.testing.assert_allclose(value, expected[name], atol=1e-6)


def test_of_nobody_nothing_is_said(committee, batch):
    nobody = {**batch, "visibility": tf.zeros_like(batch["visibility"])}
    given = classify(committee, nobody)["probabilities"]
    np.testing.assert_allclose(given, 1 / NUM_ACTIONS, atol=1e-6)


def test_the_loss_is_the_mean_of_the_networks(committee, batch):
    seed = tf.constant([0, 1])
    loss, _ = committee.compute_loss(batch, seed, **SETTINGS)
    losses = [
        network.compute_loss(batch, seed, **SETTINGS)[0]
        for network in committee.networks
    ]
    np.testing.assert_allclose(loss, np.mean(losses), rtol=1e-5)


def test_a_saved_committee_is_the_same(committee, batch, tmp_path):
    committee.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for name, value in classify(committee, batch).items():
        np.testing.assert_allclose(
            classify(loaded, batch)[name], value, atol=1e-6
        )


def test_there_is_at_least_one_network():
    with pytest.raises(ValueError, match="num_networks.*Received: 0"):
        committee_of(0, 84)
