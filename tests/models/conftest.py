"""Small models with random weights, shared by the tests of models."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models.classifier import ActionClassifier
from pose_tf.models.features import PoseFeatures
from pose_tf.models.vae import PoseVAE
from pose_tf.pose.transform import PoseTransform

J = 13


def moving(num_clips=3, num_frames=9, seed=0):
    """Poses `(B, T, J, D)` that move, in pixels, and their visibility."""
    rng = np.random.default_rng(seed)
    figure = rng.normal(0, 40, (num_clips, 1, J, 2)) + 200
    steps = rng.normal(0, 3, (num_clips, num_frames, J, 2)).cumsum(1)
    visibility = rng.uniform(size=(num_clips, num_frames, J)) > 0.2
    return (
        tf.constant(figure + steps, tf.float32),
        tf.constant(visibility),
    )


def shake(model, seed=1):
    """Gives every weight a random value, so that no zero hides a mistake."""
    rng = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        noise = rng.normal(0, 0.2, variable.shape)
        variable.assign(variable + tf.constant(noise, variable.dtype))
    return model


@pytest.fixture
def clips():
    return moving()


@pytest.fixture
def late_clips(clips):
    """The function that puts frames without anybody before each clip.

    `late(empty, guessed)` gives the clips, `empty` `(B,)` frames later, padded
    at the end; with `guessed`, the frames before have places of hidden joints.
    """

    def late(empty, guessed):
        poses, visibility = (value.numpy() for value in clips)
        num_frames = poses.shape[1] + max(empty)
        shape = (len(poses), num_frames, *poses.shape[2:])
        later = np.full(shape, 300.0 if guessed else np.nan, np.float32)
        seen = np.zeros(shape[:-1], bool)
        for i, first in enumerate(empty):
            last = first + poses.shape[1]
            later[i, first:last] = poses[i]
            later[i, last:] = np.nan
            seen[i, first:last] = visibility[i]
        return tf.constant(later), tf.constant(seen)

    return late


@pytest.fixture
def vae():
    keras.utils.set_random_seed(0)
    model = PoseVAE("penn_action", latent_dim=3, hidden_dim=8, num_layers=1)
    return shake(model)


@pytest.fixture(params=["raw", "embedding"])
def features(request, vae):
    poses, visibility = moving(8, 20, seed=2)
    vae.transform.fit([{"poses": poses, "visibility": visibility}])
    if request.param == "embedding":
        return PoseFeatures(vae=vae)
    transform = PoseTransform("penn_action")
    transform.set_weights(vae.transform.get_weights())
    return PoseFeatures(transform)


@pytest.fixture
def classifier(features):
    model = ActionClassifier(
        features, 4, filters=6, num_convs=2, units=5, num_lstms=2
    )
    return shake(model)
