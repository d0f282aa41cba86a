"""Tests of motion_health, by numbers worked by hand."""

import numpy as np
import pytest

from pose_tf.evaluation import motion_health
from pose_tf.models import baselines
from pose_tf.pose import skeletons
from pose_tf.pose.transform import PoseTransform

SKELETON = skeletons.PENN_ACTION


def windows(num_windows=4, num_frames=9, seed=0):
    """A batch of random walks of 13 joints, in frames of 400 by 300 px."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 2, (num_windows, num_frames, 13, 2))
    start = rng.uniform(100, 200, (num_windows, 1, 13, 2))
    return {
        "poses": (start + np.cumsum(steps, 1)).astype(np.float32),
        "visibility": rng.uniform(size=(num_windows, num_frames, 13)) < 0.8,
        "boxes": np.tile([100.0, 100, 200, 180], (num_windows, num_frames, 1)),
        "frame_size": np.tile([400.0, 300], (num_windows, 1)),
        "action": np.arange(num_windows) % 2,
    }


def test_frozen_share_by_hand():
    # Up to frame 2, real energies are 0 to 100: the 5th percentile is 5.
    real = np.repeat(np.arange(101.0)[:, None], 2, 1)
    energy = np.array([[4.0, 5.0], [6.0, 2.0], [np.nan, np.nan], [9.0, 9.0]])
    got = motion_health.frozen_share(energy, real)
    np.testing.assert_allclose(got, [100 / 3, 200 / 3])


def test_the_real_motion_is_healthy():
    batch = windows()
    got = motion_health.evaluate(
        lambda poses, visibility: batch["poses"][:, 4:],
        [batch],
        SKELETON,
        prefix=4,
        horizon=5,
    )
    np.testing.assert_allclose(got["energy_ratio"], 1)
    np.testing.assert_allclose(got["limb_change"], got["real_limb_change"])
    known = ~np.isnan(got["root_ratio"])
    assert known.any()
    np.testing.assert_allclose(got["root_ratio"][known], 1)
    assert got["npss"] == pytest.approx(0)
    assert got["num_windows"] == 4


def test_freezing_and_drifting_show():
    batches = [windows(seed=seed) for seed in range(3)]
    frozen = motion_health.evaluate(
        lambda p, v: baselines.zero_velocity(p, None, 5),
        batches,
        SKELETON,
        prefix=4,
        horizon=5,
    )
    np.testing.assert_array_equal(frozen["energy_ratio"], 0)
    np.testing.assert_array_equal(frozen["frozen"], 100)
    np.testing.assert_array_equal(frozen["limb_change"], 0)
    assert frozen["npss"] > 0.1

    def drift(poses, visibility):
        steps = 100 * np.arange(1, 6)[:, None, None]
        return poses[:, -1:] + np.where([True, False], steps, 0)

    drifting = motion_health.evaluate(drift, batches, SKELETON, 4, 5)
    assert (drifting["energy_ratio"] > 100).all()
    assert np.nanmin(drifting["root_ratio"]) > 10
    # 100 to 200 px and 100 a frame: outside of 400 px after 4 at the latest.
    assert drifting["out_of_frame"][0] == 0
    np.testing.assert_array_equal(drifting["out_of_frame"][3:], 100)
    np.testing.assert_allclose(drifting["limb_change"], 0, atol=1e-4)


def test_windows_without_a_box_do_not_count():
    batch = windows()
    whole = motion_health.evaluate(
        lambda p, v: baselines.constant_velocity(p, v, 5),
        [batch],
        SKELETON,
        4,
        5,
    )
    broken = {k: np.concatenate([v, v]) for k, v in batch.items()}
    broken["boxes"][4:] = 0
    broken["poses"][4:] = np.nan
    got = motion_health.evaluate(
        lambda p, v: baselines.constant_velocity(p, v, 5),
        [broken],
        SKELETON,
        4,
        5,
    )
    assert got.keys() == whole.keys()
    for name, values in whole.items():
        np.testing.assert_allclose(got[name], values)
    broken["boxes"][:] = 0
    with pytest.raises(ValueError, match="at least one window"):
        motion_health.evaluate(lambda p, v: p[:, :5], [broken], SKELETON, 4, 4)


def test_nearest_training_pose():
    batch = windows()
    batch["visibility"][:] = True
    transform = PoseTransform("penn_action")
    clips = {**batch, "num_frames": np.array([9, 9, 9, 4])}
    bank = motion_health.pose_bank([clips], transform)
    assert bank.shape == (9 + 9 + 9 + 4, 13, 2)
    assert len(motion_health.pose_bank([clips], transform, 5)) == 5

    def nearest(predict, bank):
        return motion_health.evaluate(
            predict,
            [batch],
            SKELETON,
            prefix=4,
            horizon=5,
            transform=transform,
            bank=bank,
        )

    clips["num_frames"][:] = 9
    whole = motion_health.pose_bank([clips], transform)
    truth = nearest(lambda p, v: batch["poses"][:, 4:], whole)
    np.testing.assert_allclose(truth["nearest"], 0, atol=1e-6)
    # One of four clips ends, in this bank, where its horizon begins.
    cut = nearest(lambda p, v: batch["poses"][:, 4:], bank)
    assert (cut["real_nearest"] > 1e-3).all()
    np.testing.assert_allclose(cut["nearest"], cut["real_nearest"])
    broken = nearest(lambda p, v: batch["poses"][:, 4:] * [1, 5], whole)
    assert (broken["nearest"] > 10 * cut["nearest"]).all()
    assert (broken["real_nearest"] < 1e-6).all()


def test_accuracy_of_a_classifier_that_is_shown_the_rollouts():
    batch = windows()

    def classify(poses, visibility, num_frames):
        assert poses.shape == (4, 5, 13, 2) and poses.dtype == np.float32
        np.testing.assert_array_equal(num_frames, 5)
        moves = np.ptp(poses, axis=1).sum((1, 2)) > 0
        return np.stack([~moves, moves], -1).astype(float)

    batch["action"] = np.array([1, 1, 1, 0])
    got = motion_health.evaluate(
        lambda p, v: baselines.zero_velocity(p, v, 5),
        [batch],
        SKELETON,
        prefix=4,
        horizon=5,
        classify=classify,
    )
    assert (got["accuracy"], got["real_accuracy"]) == (25, 75)


def test_the_best_of_the_samples_is_chosen_separately_for_ade_and_fde():
    # Of one joint over two frames: errors (1, 5) and (6, 2), in units of 2.
    samples = np.zeros((1, 2, 2, 1, 2))
    samples[0, :, :, 0, 0] = [[1, 5], [6, 2]]
    visible = np.ones((1, 2, 1), bool)
    got = motion_health.sample_errors(
        samples, np.zeros((1, 2, 1, 2)), visible, np.array([2.0])
    )
    assert got == {"ade": 1.5, "fde": 1, "single_ade": 1.75, "apd": 2}
    one = motion_health.sample_errors(
        samples[:, 1:], np.zeros((1, 2, 1, 2)), visible, np.array([2.0])
    )
    assert one == {"ade": 2, "fde": 1}


def test_average_pairwise_distance_by_hand():
    # Three samples at 0, 3 and 9 along x: pairs are 3, 6 and 9 apart.
    samples = np.zeros((1, 3, 2, 4, 2))
    samples[0, 1, ..., 0], samples[0, 2, ..., 0] = 3, 9
    got = motion_health.sample_errors(
        samples, np.zeros((1, 2, 4, 2)), np.ones((1, 2, 4), bool), [1.0]
    )
    assert got["apd"] == 6


def test_samples_are_measured_by_all_and_by_the_best():
    batch = windows()
    real = batch["poses"][:, 4:]
    got = motion_health.evaluate(
        lambda poses, visibility: np.stack([real + 100, real], axis=1),
        [batch],
        SKELETON,
        prefix=4,
        horizon=5,
    )
    assert (got["ade"], got["fde"]) == (0, 0)
    # 100 px to the right and down, for boxes of 100 px.
    assert got["single_ade"] == pytest.approx(50 * 2**0.5, rel=1e-5)
    assert got["calibration"] == pytest.approx(2)
    assert got["lag_energy_ratio"][1] > 2  # It jumps,
    np.testing.assert_allclose(
        got["energy_ratio"][1:], 1, rtol=1e-4
    )  # but once.


def test_seams_by_hand():
    # Medians 2, 6, 2 against 1, 1, 2: relative 2, 6, 1, so 6 / 1.5 between.
    energy = np.array([[2.0, 6.0, 2.0], [2.0, 6.0, 2.0], [9.0, np.nan, 0.0]])
    real = np.array([[1.0, 1.0, 2.0]])
    got = motion_health.seams(energy, real)
    np.testing.assert_allclose(got, [np.nan, 4, np.nan])


def test_jitter_is_not_motion():
    rng = np.random.default_rng(0)
    batch = windows(num_windows=40)
    last = batch["poses"][:, 3:4]

    def shaking(poses, visibility):
        return last + rng.normal(0, 2, batch["poses"][:, 4:].shape)

    got = motion_health.evaluate(
        shaking, [batch], SKELETON, prefix=4, horizon=5
    )
    assert got["energy_ratio"][-1] > 1.5  # Single steps see white noise,
    assert got["lag_energy_ratio"][-1] < 0.6  # which goes nowhere.
    assert got["jitter"] > 2
