"""Ridge regression of random convolutions."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import ridge_classifier as models

NUM_FRAMES, NUM_ACTIONS = 16, 3


@pytest.fixture
def sequences():
    """Twelve sequences: waves of a speed for each of three actions, and noise."""
    rng = np.random.default_rng(0)
    time = np.arange(NUM_FRAMES)[None, :, None]
    speed = 1 + np.tile(np.arange(NUM_ACTIONS), 4)[:, None, None]
    waves = np.sin(0.7 * speed * time + rng.uniform(0, 6, (12, 1, 2)))
    return np.float32(waves + rng.normal(0, 0.05, waves.shape))


@pytest.fixture
def labels():
    return np.tile(np.arange(NUM_ACTIONS), 4)


@pytest.fixture
def classifier(sequences, labels):
    classifier = models.RidgeClassifier(NUM_ACTIONS, NUM_FRAMES, 168)
    classifier.fit(sequences, labels)
    return classifier


def test_its_map_is_that_of_ridge_regression(classifier, sequences, labels):
    features = classifier.convolutions(tf.constant(sequences)).numpy()
    stddev = features.std(0)
    varies = stddev > 0
    x = (features - features.mean(0))[:, varies] / stddev[varies]
    x = x.astype(np.float64)
    targets = 2.0 * np.eye(NUM_ACTIONS)[labels] - 1
    penalty = models.PENALTY * len(x) * np.eye(x.shape[1])
    weights = np.linalg.solve(x.T @ x + penalty, x.T @ targets)
    given = classifier(tf.constant(sequences)).numpy()
    np.testing.assert_allclose(given, x @ weights, atol=1e-4)


def test_it_knows_what_it_was_fitted_to(classifier, sequences, labels):
    scores = classifier(tf.constant(sequences)).numpy()
    assert (scores.argmax(-1) == labels).all()


def test_features_that_never_vary_count_nothing(classifier, sequences):
    features = classifier.convolutions(tf.constant(sequences)).numpy()
    still = features.std(0) == 0
    assert not classifier.kernel.numpy()[still].any()


def test_scores_are_0_before_fit(sequences):
    classifier = models.RidgeClassifier(NUM_ACTIONS, NUM_FRAMES, 168)
    assert not classifier(tf.constant(sequences)).numpy().any()


def test_nothing_of_it_is_trained(classifier):
    assert not classifier.trainable_variables
    assert len(classifier.variables) == 3  # Thresholds, kernel and bias.


def test_a_copy_has_the_same_settings(classifier):
    config = keras.saving.serialize_keras_object(classifier)
    copy = keras.saving.deserialize_keras_object(config)
    assert copy.get_config() == classifier.get_config()
