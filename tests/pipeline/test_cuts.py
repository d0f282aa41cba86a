"""Crops that are played to and fro, by numbers worked out by hand."""

import dataclasses

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from pose_tf.pipeline import augmentation, cuts

STILL = augmentation.Augmentation(
    mirror=0, scale=0, rotation=0, shift=0, jitter=0, speed=0
)
REPEATED = dataclasses.replace(STILL, repeat=1.0)
SEED = tf.constant([3, 4])


@pytest.fixture
def batch_of(clip_of):
    """A function to a batch of as many equal clips as are asked for."""

    def batch(num_clips, num_frames):
        clip = cuts.whole(clip_of(0, num_frames))
        return {
            key: tf.stack([tf.convert_to_tensor(value)] * num_clips)
            for key, value in clip.items()
        }

    return batch


def crop(batch, window, amounts):
    """The first joint's x per frame, which is its place in the clip."""
    cropped = cuts.crop(batch, SEED, window=window, amounts=amounts, fit=True)
    return cropped["poses"][..., 0, 0].numpy(), cropped


def test_it_is_played_to_the_end_back_and_on(batch_of, monkeypatch):
    monkeypatch.setattr(
        cuts, "_repetitions", lambda *_: tf.constant([1.0, 2.0, 3.5])
    )
    x, cropped = crop(batch_of(3, 5), 8, REPEATED)
    # Four steps of the clip, once, twice and three and a half times in seven.
    np.testing.assert_allclose(
        x,
        [
            np.arange(8) * 4 / 7,
            [0, 8 / 7, 16 / 7, 24 / 7, 24 / 7, 16 / 7, 8 / 7, 0],
            [0, 2, 4, 2, 0, 2, 4, 2],
        ],
        atol=1e-5,
    )
    np.testing.assert_allclose(cropped["tempo"], [4 / 7, 8 / 7, 2], rtol=1e-6)
    assert cropped["num_frames"].numpy().tolist() == [8, 8, 8]


@hypothesis.given(
    span=st.floats(0, 500, width=32), times=st.floats(1, 6, width=32)
)
@hypothesis.settings(max_examples=100, deadline=None)
def test_positions_stay_inside_a_crop(span, times):
    position = tf.linspace(0.0, tf.constant(span * times, tf.float32), 64)
    turned = cuts._to_and_fro(position, tf.constant(span, tf.float32)).numpy()
    assert np.all((turned >= 0) & (turned <= np.float32(span)))


def test_a_clip_of_one_frame_stays_there(batch_of):
    x, cropped = crop(batch_of(2, 1), 4, REPEATED)
    np.testing.assert_array_equal(x, np.zeros((2, 4)))
    np.testing.assert_array_equal(cropped["tempo"], [0, 0])


def test_the_share_and_the_number_of_repetitions_are_as_drawn(batch_of):
    amounts = dataclasses.replace(STILL, repeat=0.3)
    _, cropped = crop(batch_of(2000, 33), 33, amounts)
    times = cropped["tempo"].numpy()  # As many frames as the clip has.
    again = times[times > 1]
    assert 0.26 < len(again) / len(times) < 0.34
    assert np.all(times[times <= 1] == 1)
    quartiles = np.quantile(again, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(quartiles, [1, 2.25, 3.5, 4.75, 6], atol=0.35)


def test_what_is_not_repeated_keeps_its_frames(batch_of):
    amounts = dataclasses.replace(STILL, crop=0.5, speed=0.4)
    repeated = dataclasses.replace(amounts, repeat=0.5)
    (x, one), (y, two) = (
        crop(batch_of(200, 41), 16, a) for a in (amounts, repeated)
    )
    kept = one["tempo"].numpy() == two["tempo"].numpy()
    assert 60 < kept.sum() < 140
    np.testing.assert_allclose(y[kept], x[kept], atol=1e-4)
    assert np.all(np.abs(y[~kept] - x[~kept]).max(1) > 0.01)


def test_crops_that_are_not_fitted_are_never_repeated(batch_of):
    batch = batch_of(8, 9)
    one, two = (
        cuts.crop(batch, SEED, window=12, amounts=amounts)["poses"]
        for amounts in (STILL, REPEATED)
    )
    np.testing.assert_array_equal(one, two)
