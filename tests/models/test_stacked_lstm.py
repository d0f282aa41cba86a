"""Tests of `pose_tf.models.stacked_lstm`."""

import keras
import numpy as np
import pytest

from pose_tf.models.stacked_lstm import StackedLSTMCell

BATCH_SIZE, NUM_FRAMES, WIDTH, UNITS = 2, 5, 3, 4


@pytest.fixture
def stacked():
    cell = StackedLSTMCell(UNITS, num_lstms=3)
    layer = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    layer.build((None, None, WIDTH))
    return layer


@pytest.fixture
def inputs():
    shape = (BATCH_SIZE, NUM_FRAMES, WIDTH)
    rng = np.random.default_rng(0)
    return rng.standard_normal(shape).astype(np.float32)


def test_equals_keras_lstms_one_after_another(stacked, inputs):
    x = inputs
    states = []
    for cell in stacked.cell.cells:
        lstm = keras.layers.LSTM(
            UNITS, return_sequences=True, return_state=True
        )
        lstm.build(x.shape)
        lstm.set_weights(cell.get_weights())
        x, *state = lstm(x)
        states += state
    outputs, *after = stacked(inputs)
    np.testing.assert_allclose(outputs, x, atol=1e-6)
    for ours, theirs in zip(after, states, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_resumes_from_a_state(stacked, inputs):
    whole, *_ = stacked(inputs)
    _, *state = stacked(inputs[:, :2])
    rest, *_ = stacked(inputs[:, 2:], initial_state=state)
    np.testing.assert_allclose(rest, whole[:, 2:], atol=1e-6)


def test_noise_of_ones_changes_nothing(stacked, inputs):
    noise = np.ones((BATCH_SIZE, NUM_FRAMES, 2 * UNITS), np.float32)
    without, *_ = stacked(inputs)
    outputs, *_ = stacked(np.concatenate([inputs, noise], axis=-1))
    np.testing.assert_allclose(outputs, without, atol=1e-6)


def test_noise_of_zeros_hides_the_layer_below(stacked, inputs):
    """The second layer then sees nothing of what comes in."""
    noise = np.ones((BATCH_SIZE, NUM_FRAMES, 2 * UNITS), np.float32)
    noise[..., :UNITS] = 0
    one, *_ = stacked(np.concatenate([inputs, noise], axis=-1))
    other, *_ = stacked(np.concatenate([-inputs, noise], axis=-1))
    np.testing.assert_array_equal(one, other)


def test_config_makes_the_same_cell():
    cell = StackedLSTMCell(UNITS, num_lstms=2)
    again = StackedLSTMCell.from_config(cell.get_config())
    assert again.get_config() == cell.get_config()
    assert again.state_size == [UNITS] * 4
