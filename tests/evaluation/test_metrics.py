"""Tests of metrics, by numbers worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pose_tf.evaluation import metrics

# One window of two frames of two joints; distances 3, 5 and 0.4, hidden.
TARGET = np.zeros((1, 2, 2, 2))
PREDICTED = np.array([[[[3, 0], [3, 4]], [[0, 0.4], [np.nan, np.inf]]]])
VISIBILITY = np.array([[[True, True], [True, False]]])


def random_windows(seed, num_windows=4, num_frames=6, num_joints=5):
    rng = np.random.default_rng(seed)
    shape = (num_windows, num_frames, num_joints, 2)
    predicted, target = rng.normal(size=(2, *shape))
    return predicted, target, rng.uniform(size=shape[:-1]) < 0.7


def mean_distance(predicted, target, visibility, unit=1.0):
    """The mean distance of the visible joints of each frame, `(T,)`."""
    pool = metrics.PerFrame()
    pool.add(metrics.distances(predicted, target, visibility, unit), visibility)
    return pool.mean()


def npss(predicted, target, visibility):
    moved, weight = metrics.npss_sums(predicted, target, visibility)
    return moved / weight if weight else float("nan")


def test_distances_by_hand():
    got = metrics.distances(PREDICTED, TARGET, VISIBILITY)
    np.testing.assert_allclose(got, [[[3, 5], [0.4, 0]]])
    got = mean_distance(PREDICTED, TARGET, VISIBILITY, unit=[2.0])
    np.testing.assert_allclose(got, [2, 0.2])


def test_a_frame_in_which_nothing_is_visible_has_no_figure():
    nothing = VISIBILITY & np.array([True, False])[:, None]
    assert np.isnan(mean_distance(PREDICTED, TARGET, nothing)[1])


def test_pooling_weighs_joints_not_windows():
    pool = metrics.PerFrame()
    pool.add([[[1.0, 1.0]]], [[[True, True]]])
    pool.add([[[4.0, 9.0]]], [[[True, False]]])
    np.testing.assert_allclose(pool.mean(), [2.0])


def test_unsigned_coordinates_do_not_wrap():
    near = np.full((1, 1, 1, 2), 3, np.uint8)
    far = np.full((1, 1, 1, 2), 6, np.uint8)
    got = mean_distance(near, far, np.ones((1, 1, 1), bool))
    np.testing.assert_allclose(got, [np.sqrt(18)])


@given(st.integers(0, 2**31))
@settings(max_examples=25)
def test_hidden_coordinates_never_matter(seed):
    predicted, target, visibility = random_windows(seed)
    rng = np.random.default_rng(seed + 1)
    noise = rng.choice([np.nan, np.inf, 1e30, 5.0], target.shape)
    changed = [
        np.where(visibility[..., None], poses, noise)
        for poses in (predicted, target)
    ]
    for measure in (mean_distance, metrics.ade_fde, metrics.npss_sums):
        np.testing.assert_array_equal(
            measure(*changed, visibility),
            measure(predicted, target, visibility),
        )


@given(st.integers(0, 2**31), st.floats(0.1, 100))
@settings(max_examples=25)
def test_measures_in_units_do_not_depend_on_the_scale(seed, factor):
    predicted, target, visibility = random_windows(seed)
    unit = np.random.default_rng(seed).uniform(1, 2, len(target))
    for measure in (mean_distance, metrics.ade_fde):
        np.testing.assert_allclose(
            measure(
                factor * predicted, factor * target, visibility, factor * unit
            ),
            measure(predicted, target, visibility, unit),
        )


def test_ade_and_fde_by_hand():
    ade, fde = metrics.ade_fde(PREDICTED, TARGET, VISIBILITY)
    np.testing.assert_allclose(ade, [(3 + 5 + 0.4) / 3])
    np.testing.assert_allclose(fde, [0.4])


def test_npss_by_hand():
    # Of two frames, (1, -1) has all power, 4, at frequency 1, and (3, 3) all,
    # 36, at 0: the earth moves by 1 where they differ, by 0 where not.
    fast, still = [1.0, -1.0], [3.0, 3.0]
    target = np.array([fast, still]).T.reshape(1, 2, 1, 2)
    visibility = np.ones((1, 2, 1), bool)
    assert npss(target, target, visibility) == 0
    predicted = np.array([still, still]).T.reshape(1, 2, 1, 2)
    got = npss(predicted, target, visibility)
    assert got == pytest.approx(1 * 4 / (4 + 36))
    visibility[0, 1] = False
    assert np.isnan(npss(predicted, target, visibility))


def test_npss_forgives_a_shift_in_time_and_punishes_freezing():
    wave = np.sin(2 * np.pi * np.arange(16) / 8)
    target = np.tile(wave[:, None, None], (1, 3, 2))[None]
    visibility = np.ones((1, 16, 3), bool)
    shifted = np.roll(target, 3, axis=1)
    assert npss(shifted, target, visibility) == pytest.approx(0)
    frozen = np.broadcast_to(target[:, 1:2], target.shape)
    # Power moves from the frequencies 2 and 14, by halves, to 0.
    got = npss(frozen, target, visibility)
    assert got == pytest.approx(0.5 * 2 + 0.5 * 14)


def test_npss_pools_by_power():
    predicted, target, visibility = random_windows(0)
    visibility[:] = True
    sums = [
        metrics.npss_sums(p, t, v)
        for p, t, v in zip(predicted, target, visibility, strict=True)
    ]
    moved, weight = np.sum(sums, axis=0)
    whole = npss(predicted, target, visibility)
    assert whole == pytest.approx(moved / weight)


PROBABILITIES = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.6, 0.4, 0]])
ACTION = np.array([0, 1, 1])


def test_top1_confusion_and_macro_f1_by_hand():
    assert metrics.top1(PROBABILITIES, ACTION) == pytest.approx(200 / 3)
    np.testing.assert_array_equal(
        metrics.confusion(PROBABILITIES, ACTION),
        [[1, 0, 0], [1, 1, 0], [0, 0, 0]],
    )
    # F1 is 2/3 for both actions that occur; the third does not.
    assert metrics.macro_f1(PROBABILITIES, ACTION) == pytest.approx(200 / 3)


def test_t_interval_by_hand():
    # Standard deviation sqrt(2.5), t quantile 2.7764 of 4 degrees of freedom.
    mean, half_width = metrics.t_interval([1, 2, 3, 4, 5])
    assert mean == 3
    assert half_width == pytest.approx(2.7764 * np.sqrt(2.5 / 5), abs=1e-4)


@pytest.mark.parametrize(
    ("measure", "arguments", "message"),
    [
        (metrics.distances, (PREDICTED[:, :1], TARGET, VISIBILITY), "T, J, D"),
        (metrics.distances, (PREDICTED, TARGET, VISIBILITY[0]), "`visibility`"),
        (metrics.ade_fde, (TARGET[0, 0], TARGET[0, 0], [True]), "T, J, D"),
        (
            metrics.npss_sums,
            (PREDICTED, TARGET[..., :1], VISIBILITY),
            "Received",
        ),
        (metrics.top1, (PROBABILITIES, ACTION[:2]), r"\(3, 3\) and \(2,\)"),
        (metrics.confusion, (ACTION, ACTION), "`probabilities`"),
        (metrics.t_interval, ([1.0],), "at least 2 numbers"),
    ],
)
def test_wrong_arguments_are_named(measure, arguments, message):
    with pytest.raises(ValueError, match=message):
        measure(*arguments)
