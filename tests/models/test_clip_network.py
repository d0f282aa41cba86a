"""The network of whole clips: its inputs, its layers, mirror images."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import clip_network as models
from pose_tf.models.motion_features import MotionFeatures


@pytest.fixture
def network():
    keras.utils.set_random_seed(0)
    features = MotionFeatures("penn_action", num_frames=16)
    return models.ClipNetwork(features, 3, filters=8, units=8)


def test_nobody_visible_covers_no_step():
    visibility = tf.constant(
        [[[False]] * 4, [[False], [True], [True], [False]]]
    )
    steps = models._visible_steps(visibility, tf.constant([4, 4]))
    assert steps.numpy().tolist() == [0, 1]


def test_velocities_are_per_frame_of_the_sequence_and_of_the_clip(
    network,
):
    """16 frames of a sequence that cover 16 and 31 frames of a recording."""
    rng = np.random.default_rng(0)
    clips = (
        tf.constant(rng.uniform(100, 300, (1, 16, 13, 2)), tf.float32),
        tf.constant(rng.uniform(size=(1, 16, 13)) > 0.2),
    )
    width = network.features.num_channels
    fast, slow = (
        network.inputs(
            network.sequences(*clips, tf.constant([16]), tf.constant([x]))
        )
        for x in (1.0, 2.0)
    )
    np.testing.assert_array_equal(fast[..., :-width], slow[..., :-width])
    steps = fast[..., width : 2 * width]
    np.testing.assert_allclose(fast[..., -width:], steps, rtol=1e-5)
    np.testing.assert_allclose(
        slow[..., -width:], steps * (16 / 31), rtol=1e-4, atol=1e-6
    )
    moved = (fast[:, 1:, :width] - fast[:, :-1, :width]) * models.VELOCITY_SCALE
    np.testing.assert_allclose(steps[:, :-1], moved, atol=1e-5)


def test_a_mirrored_clip_gives_the_sequences_of_its_mirror_image(network):
    rng = np.random.default_rng(0)
    poses = rng.uniform(100, 300, (2, 20, 13, 2)).astype(np.float32)
    order = network.skeleton.mirror_indices
    image = np.float32(poses * [-1, 1] + [400, 0])[:, :, order]
    seen, number = tf.ones((2, 20, 13), tf.bool), tf.constant([20, 11])
    np.testing.assert_allclose(
        network.sequences(poses, seen, number, tf.ones(2), mirrored=True),
        network.sequences(image, seen, number, tf.ones(2)),
        atol=1e-3,
    )


def test_saved_and_loaded_it_gives_the_same(network, tmp_path):
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    sequences = tf.random.stateless_normal((2, 16, 29), (0, 1))
    np.testing.assert_array_equal(loaded(sequences), network(sequences))


def test_a_residual_block_halves_time_and_adds_its_input():
    block = models.ResidualBlock(2, strides=2)
    block.build((None, 6, 2))
    block.second.kernel.assign(tf.zeros_like(block.second.kernel))
    block.shortcut.kernel.assign(tf.eye(2)[None])
    x = tf.constant(np.random.default_rng(0).normal(size=(1, 6, 2)), tf.float32)
    # With nothing from the convolutions, the norm gives its offset, 0.
    np.testing.assert_allclose(block(x), tf.nn.gelu(x[:, ::2]), rtol=1e-5)
