"""Tests of metrics, by numbers worked by hand."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

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


def test_pck_and_mpjpe_by_hand():
    got = metrics.pck(PREDICTED, TARGET, VISIBILITY, threshold=3.5)
    np.testing.assert_array_equal(got, [50, 100])
    got = metrics.mpjpe(PREDICTED, TARGET, VISIBILITY)
    np.testing.assert_allclose(got, [4, 0.4])
    got = metrics.mpjpe(PREDICTED, TARGET, VISIBILITY, unit=[2.0])
    np.testing.assert_allclose(got, [2, 0.2])


def test_pck_counts_what_is_nearer_than_the_threshold_not_at_it():
    got = metrics.pck(PREDICTED, TARGET, VISIBILITY, threshold=3.0)
    np.testing.assert_array_equal(got, [0, 100])


def test_a_frame_in_which_nothing_is_visible_has_no_figure():
    nothing = VISIBILITY & np.array([True, False])[:, None]
    assert np.isnan(metrics.mpjpe(PREDICTED, TARGET, nothing)[1])


def test_pooling_weighs_joints_not_windows():
    pool = metrics.PerFrame()
    pool.add([[[1.0, 1.0]]], [[[True, True]]])
    pool.add([[[4.0, 9.0]]], [[[True, False]]])
    np.testing.assert_allclose(pool.mean(), [2.0])


def test_unsigned_coordinates_do_not_wrap():
    near = np.full((1, 1, 1, 2), 3, np.uint8)
    far = np.full((1, 1, 1, 2), 6, np.uint8)
    got = metrics.mpjpe(near, far, np.ones((1, 1, 1), bool))
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
    for measure in (
        metrics.pck,
        metrics.mpjpe,
        metrics.ade_fde,
        metrics.npss,
    ):
        np.testing.assert_array_equal(
            measure(*changed, visibility),
            measure(predicted, target, visibility),
        )


@given(st.integers(0, 2**31), st.floats(0.1, 100))
@settings(max_examples=25)
def test_measures_in_units_do_not_depend_on_the_scale(seed, factor):
    predicted, target, visibility = random_windows(seed)
    unit = np.random.default_rng(seed).uniform(1, 2, len(target))
    for measure in (metrics.mpjpe, metrics.ade_fde, metrics.best_of_k):
        samples = predicted
        if measure is metrics.best_of_k:
            samples = np.stack([predicted, predicted[::-1]], 1)
        np.testing.assert_allclose(
            measure(
                factor * samples, factor * target, visibility, factor * unit
            ),
            measure(samples, target, visibility, unit),
        )


def test_ade_and_fde_by_hand():
    ade, fde = metrics.ade_fde(PREDICTED, TARGET, VISIBILITY)
    np.testing.assert_allclose(ade, [(3 + 5 + 0.4) / 3])
    np.testing.assert_allclose(fde, [0.4])


def test_best_of_k_chooses_apart_for_ade_and_fde():
    # Of one joint over two frames: errors (1, 5) and (6, 2).
    samples = np.zeros((1, 2, 2, 1, 2))
    samples[0, :, :, 0, 0] = [[1, 5], [6, 2]]
    visibility = np.ones((1, 2, 1), bool)
    ade, fde = metrics.best_of_k(samples, np.zeros((1, 2, 1, 2)), visibility)
    np.testing.assert_allclose([ade, fde], [[3], [2]])


def test_apd_by_hand():
    # Three samples at 0, 3 and 9 along x: pairs are 3, 6 and 9 apart.
    samples = np.zeros((1, 3, 2, 4, 2))
    samples[0, 1, ..., 0], samples[0, 2, ..., 0] = 3, 9
    np.testing.assert_allclose(metrics.apd(samples), [6])
    np.testing.assert_allclose(metrics.apd(samples, [2.0]), [3])
    with pytest.raises(ValueError, match="at least 2 samples"):
        metrics.apd(samples[:, :1])


def test_npss_by_hand():
    # Of two frames, (1, -1) has all power, 4, at frequency 1, and (3, 3) all,
    # 36, at 0: the earth moves by 1 where they differ, by 0 where not.
    fast, still = [1.0, -1.0], [3.0, 3.0]
    target = np.array([fast, still]).T.reshape(1, 2, 1, 2)
    visibility = np.ones((1, 2, 1), bool)
    assert metrics.npss(target, target, visibility) == 0
    predicted = np.array([still, still]).T.reshape(1, 2, 1, 2)
    got = metrics.npss(predicted, target, visibility)
    assert got == pytest.approx(1 * 4 / (4 + 36))
    visibility[0, 1] = False
    assert np.isnan(metrics.npss(predicted, target, visibility))


def test_npss_forgives_a_shift_in_time_and_punishes_freezing():
    wave = np.sin(2 * np.pi * np.arange(16) / 8)
    target = np.tile(wave[:, None, None], (1, 3, 2))[None]
    visibility = np.ones((1, 16, 3), bool)
    shifted = np.roll(target, 3, axis=1)
    assert metrics.npss(shifted, target, visibility) == pytest.approx(0)
    frozen = np.broadcast_to(target[:, 1:2], target.shape)
    # Power moves from the frequencies 2 and 14, by halves, to 0.
    got = metrics.npss(frozen, target, visibility)
    assert got == pytest.approx(0.5 * 2 + 0.5 * 14)


def test_npss_pools_by_power():
    predicted, target, visibility = random_windows(0)
    visibility[:] = True
    sums = [
        metrics.npss_sums(p, t, v)
        for p, t, v in zip(predicted, target, visibility, strict=True)
    ]
    moved, weight = np.sum(sums, axis=0)
    whole = metrics.npss(predicted, target, visibility)
    assert whole == pytest.approx(moved / weight)


def test_nll_is_a_visible_coordinate():
    assert metrics.nll([-3.0, -9.0], VISIBILITY) == pytest.approx(12 / 6)


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


@given(st.integers(0, 2**31), st.integers(1, 30))
@settings(max_examples=25)
def test_macro_f1_agrees_with_scikit_learn(seed, num_clips):
    rng = np.random.default_rng(seed)
    probabilities = rng.uniform(size=(num_clips, 5))
    action = rng.integers(0, 4, num_clips)
    wanted = sklearn_metrics.f1_score(
        action, probabilities.argmax(-1), average="macro"
    )
    assert metrics.macro_f1(probabilities, action) == pytest.approx(
        100 * wanted
    )


def test_t_interval_by_hand():
    # Standard deviation sqrt(2.5), t quantile 2.7764 of 4 degrees of freedom.
    mean, half_width = metrics.t_interval([1, 2, 3, 4, 5])
    assert mean == 3
    assert half_width == pytest.approx(2.7764 * np.sqrt(2.5 / 5), abs=1e-4)


def test_keras_metrics_agree_with_the_functions():
    pck, mpjpe = metrics.PCK(threshold=3.5), metrics.MPJPE()
    for frame in range(2):
        cut = (slice(None), slice(frame, frame + 1))
        for metric in (pck, mpjpe):
            metric.update_state(TARGET[cut], PREDICTED[cut], VISIBILITY[cut])
    assert float(pck.result()) == pytest.approx(200 / 3)
    assert float(mpjpe.result()) == pytest.approx(8.4 / 3)
    pck.reset_state()
    pck.update_state(TARGET[:, :1], PREDICTED[:, :1])
    assert float(pck.result()) == 50


def test_keras_metrics_work_in_evaluate_and_can_be_saved():
    model = keras.Sequential([keras.layers.Activation("linear")])
    metric = metrics.PCK(threshold=3.5)
    copy = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(metric)
    )
    assert copy.threshold == 3.5
    model.compile(loss="mse", weighted_metrics=[copy])
    predicted = np.where(VISIBILITY[..., None], PREDICTED, 7.0)
    figures = model.evaluate(
        predicted,
        TARGET,
        sample_weight=VISIBILITY.astype("float32"),
        verbose=0,
        return_dict=True,
    )
    assert figures["pck"] == pytest.approx(200 / 3)


@pytest.mark.parametrize(
    ("measure", "arguments", "message"),
    [
        (metrics.pck, (PREDICTED[:, :1], TARGET, VISIBILITY), "`predicted`"),
        (metrics.mpjpe, (PREDICTED, TARGET, VISIBILITY[0]), "`visibility`"),
        (metrics.ade_fde, (TARGET[0, 0], TARGET[0, 0], [True]), "T, J, D"),
        (metrics.npss, (PREDICTED, TARGET[..., :1], VISIBILITY), "Received"),
        (metrics.top1, (PROBABILITIES, ACTION[:2]), r"\(3, 3\) and \(2,\)"),
        (metrics.confusion, (ACTION, ACTION), "`probabilities`"),
        (metrics.t_interval, ([1.0],), "at least 2 numbers"),
    ],
)
def test_wrong_arguments_are_named(measure, arguments, message):
    with pytest.raises(ValueError, match=message):
        measure(*arguments)
