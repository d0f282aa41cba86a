"""Tests of motion_health, by numbers worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pose_tf.evaluation import motion_health
from pose_tf.models import baselines
from pose_tf.pose import skeletons
from pose_tf.pose.transform import PoseTransform

SKELETON = skeletons.PENN_ACTION
HIPS = list(SKELETON.indices(SKELETON.hips))


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


def test_motion_energy_by_hand():
    motion = np.zeros((3, 2, 2))
    motion[1, 0], motion[2, 0] = [3, 4], [3, 6]  # Steps of 5 and 2 px,
    motion[1:, 1] = [1, 0]  # and of 1 and 0.
    visible = np.ones((3, 2), bool)
    got = motion_health.motion_energy(motion, visible)
    np.testing.assert_allclose(got, [(25 + 1) / 2, 4 / 2])
    got = motion_health.motion_energy(motion, visible, unit=10.0)
    np.testing.assert_allclose(got, [0.13, 0.02])
    visible[2, 0] = False  # One end hidden hides the step.
    got = motion_health.motion_energy(motion, visible)
    np.testing.assert_allclose(got, [13, 0])
    visible[2] = False
    assert np.isnan(motion_health.motion_energy(motion, visible)[1])


def test_root_displacement_by_hand():
    motion = np.zeros((3, 13, 2))
    motion[1, HIPS[0]] = [6, 8]  # Half of it moves the root: 5 px.
    motion[2, HIPS] = [0, 7]
    visible = np.ones((3, 13), bool)
    got = motion_health.root_displacement(motion, visible, SKELETON, 2.0)
    np.testing.assert_allclose(got, [2.5, 3.5])
    visible[1, HIPS[1]] = False
    got = motion_health.root_displacement(motion, visible, SKELETON)
    np.testing.assert_allclose(got, [np.nan, 7])


def test_limb_change_by_hand():
    motion = np.zeros((2, 13, 2))
    head, left, right = SKELETON.indices(
        ("head", "left_shoulder", "right_shoulder")
    )
    visible = np.zeros((2, 13), bool)
    visible[:, [head, left, right]] = True
    # Bones head-left, head-right, left-right: 3, 4 and 5 px, then 3, 8 and
    # the square root of 73.
    motion[:, left, 0], motion[:, right, 1] = 3, [4, 8]
    got = motion_health.limb_change(motion, visible, SKELETON)
    np.testing.assert_allclose(got, [(0 + 4 + np.sqrt(73) - 5) / 12])


@given(st.integers(0, 2**31), st.floats(0, 6.3))
@settings(max_examples=20)
def test_a_rigid_motion_changes_no_limb_and_jitter_does(seed, angle):
    rng = np.random.default_rng(seed)
    pose = rng.uniform(0, 100, (13, 2))
    turn = np.array(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    )
    motion = np.stack([pose, pose @ turn + rng.normal(size=2)])
    visible = np.ones((2, 13), bool)
    got = motion_health.limb_change(motion, visible, SKELETON)
    np.testing.assert_allclose(got, 0, atol=1e-9)
    motion[1] += rng.normal(size=(13, 2))
    assert motion_health.limb_change(motion, visible, SKELETON) > 1e-3


def test_out_of_frame_by_hand():
    poses = np.array([[[[-1, 5], [5, 5], [9, 21], [11, 5]]]], float)
    visible = np.ones((1, 1, 4), bool)
    got = motion_health.out_of_frame(poses, visible, [[10, 20]])
    np.testing.assert_allclose(got, [[0.75]])
    visible[..., [0, 3]] = False
    got = motion_health.out_of_frame(poses, visible, [[10, 20]])
    np.testing.assert_allclose(got, [[0.5]])


def test_nearest_distance_by_hand_and_by_brute_force():
    bank = np.zeros((2, 4, 2))
    bank[1] = 10
    poses = bank[:1] + 0.0
    poses[0, 0] = [3, 4]  # One of four joints is off by 5.
    np.testing.assert_allclose(
        motion_health.nearest_distance(poses, bank), [5 / 2]
    )
    poses, bank = np.random.default_rng(0).normal(size=(2, 30, 4, 2))
    apart = ((poses[:, None] - bank) ** 2).sum(-1).mean(-1)
    np.testing.assert_allclose(
        motion_health.nearest_distance(poses, bank),
        np.sqrt(apart.min(1)),
        rtol=1e-5,
    )
    with pytest.raises(ValueError, match="`bank` must have at least one"):
        motion_health.nearest_distance(poses, bank[:0])


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
