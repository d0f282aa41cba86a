"""Random convolutions: a feature worked by hand, thresholds, saving."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import random_convolutions
from pose_tf.models.random_convolutions import RandomConvolutions


def sequences(number=12, num_frames=20, channels=3, seed=0):
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(number, num_frames, channels))
    return steps.cumsum(1).astype(np.float32)


def one_kernel(layer, channels):
    """Lets all kernels look at `channels`, and the thresholds be 0.5."""
    layer.build((None, layer.num_frames, 2))
    layer.channels = np.zeros_like(layer.channels)
    layer.channels[:, channels] = True
    layer.thresholds.assign(np.full(layer.num_features, 0.5))


def test_a_share_worked_by_hand():
    layer = RandomConvolutions(num_frames=9, num_features=84)
    assert layer.dilations == [1]
    one_kernel(layer, [0])
    impulse = np.zeros((1, 9, 2), np.float32)
    impulse[0, 4, 0] = 1.0  # In the middle frame of the first channel.
    impulse[0, :, 1] = 100.0  # Nobody looks at the second one.
    features = layer(impulse)[0].numpy()
    # The result at frame t is the kernel's weight at place 8 - t, and of the
    # nine weights three are 2, above the threshold. Kernels of odd numbers
    # count the one frame in which they lie wholly inside: its middle weight.
    middle = (random_convolutions.TWOS == 4).any(1)
    even = np.arange(84) % 2 == 0
    np.testing.assert_allclose(features[even], 3 / 9, rtol=1e-6)
    np.testing.assert_array_equal(features[~even], middle[~even])


def test_channels_are_summed():
    layer = RandomConvolutions(num_frames=9, num_features=84)
    one_kernel(layer, [0, 1])
    impulse = np.zeros((1, 9, 2), np.float32)
    impulse[0, 4] = 0.25  # Each: 2 * 0.25 is not above 0.5, twice that is.
    assert float(layer(impulse)[0, 0]) == pytest.approx(3 / 9)


def test_thresholds_are_quantiles_of_the_results():
    layer = RandomConvolutions(num_frames=20, num_features=1000)
    assert layer.num_features == 924
    assert sum(layer.num_thresholds) == 11
    layer.adapt(sequences(200))
    # Levels are spread evenly between 0 and 1, so features are around 1/2.
    features = layer(sequences(200, seed=1)).numpy()
    assert features.min() >= 0 and features.max() <= 1
    assert features.mean() == pytest.approx(0.5, abs=0.03)
    assert features.mean(0).min() < 0.1 and features.mean(0).max() > 0.9


def test_dilations_are_those_of_minirocket():
    # As aeon 1.6 fits them for 64 frames and 9,996 features.
    layer = RandomConvolutions()
    assert layer.dilations == [1, 2, 3, 4, 5, 6, 7]
    assert layer.num_thresholds == [41, 23, 15, 15, 7, 11, 7]


def test_up_to_nine_channels_each():
    channels = random_convolutions.draw_channels(7, 28, seed=0)
    numbers = channels.sum(1)
    assert numbers.min() == 1 and numbers.max() == 9
    # Log-uniform between 1 and 10, cut to integers: mean about 3.4.
    assert numbers.mean() == pytest.approx(3.4, abs=0.3)
    again = random_convolutions.draw_channels(7, 28, seed=0)
    np.testing.assert_array_equal(channels, again)


def test_the_seed_draws_other_channels_and_thresholds():
    layers = [RandomConvolutions(20, 84, seed=seed) for seed in (0, 0, 1)]
    for layer in layers:
        layer.adapt(sequences())
    first, same, other = (layer(sequences()).numpy() for layer in layers)
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).max() > 0.1


def test_a_batch_gives_what_its_sequences_give():
    layer = RandomConvolutions(20, 924)
    clips = sequences(100)
    # What rests has results of 0 but for rounding, which depends on the batch.
    clips[::2] = clips[::2, :1]
    clips[1::4, 5:, 0] = clips[1::4, 5:6, 0]
    layer.adapt(clips)
    together = layer(clips).numpy()
    for index, sequence in enumerate(clips):
        np.testing.assert_array_equal(layer(sequence[None])[0], together[index])


def test_saved_and_loaded_it_gives_the_same(tmp_path):
    layer = RandomConvolutions(20, 168, seed=3)
    layer.adapt(sequences())
    inputs = keras.Input((20, 3))
    keras.Model(inputs, layer(inputs)).save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        loaded(sequences()), layer(tf.constant(sequences()))
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_frames": 8}, "`num_frames` must be at least 9. Received: 8"),
        ({"num_features": 83}, "`num_features` must be at least 84"),
    ],
)
def test_too_few(arguments, message):
    with pytest.raises(ValueError, match=message):
        RandomConvolutions(**arguments)
