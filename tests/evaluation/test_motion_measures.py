"""Tests of motion_measures, by numbers worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pose_tf.evaluation import motion_measures
from pose_tf.pose import skeletons

SKELETON = skeletons.PENN_ACTION
HIPS = list(SKELETON.indices(SKELETON.hips))


def test_motion_energy_by_hand():
    motion = np.zeros((3, 2, 2))
    motion[1, 0], motion[2, 0] = [3, 4], [3, 6]  # Steps of 5 and 2 px,
    motion[1:, 1] = [1, 0]  # and of 1 and 0.
    visible = np.ones((3, 2), bool)
    got = motion_measures.motion_energy(motion, visible)
    np.testing.assert_allclose(got, [(25 + 1) / 2, 4 / 2])
    got = motion_measures.motion_energy(motion, visible, unit=10.0)
    np.testing.assert_allclose(got, [0.13, 0.02])
    visible[2, 0] = False  # One end hidden hides the step.
    got = motion_measures.motion_energy(motion, visible)
    np.testing.assert_allclose(got, [13, 0])
    visible[2] = False
    assert np.isnan(motion_measures.motion_energy(motion, visible)[1])


def test_root_displacement_by_hand():
    motion = np.zeros((3, 13, 2))
    motion[1, HIPS[0]] = [6, 8]  # Half of it moves the root: 5 px.
    motion[2, HIPS] = [0, 7]
    visible = np.ones((3, 13), bool)
    got = motion_measures.root_displacement(motion, visible, SKELETON, 2.0)
    np.testing.assert_allclose(got, [2.5, 3.5])
    visible[1, HIPS[1]] = False
    got = motion_measures.root_displacement(motion, visible, SKELETON)
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
    got = motion_measures.limb_change(motion, visible, SKELETON)
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
    got = motion_measures.limb_change(motion, visible, SKELETON)
    np.testing.assert_allclose(got, 0, atol=1e-9)
    motion[1] += rng.normal(size=(13, 2))
    assert motion_measures.limb_change(motion, visible, SKELETON) > 1e-3


def test_out_of_frame_by_hand():
    poses = np.array([[[[-1, 5], [5, 5], [9, 21], [11, 5]]]], float)
    visible = np.ones((1, 1, 4), bool)
    got = motion_measures.out_of_frame(poses, visible, [[10, 20]])
    np.testing.assert_allclose(got, [[0.75]])
    visible[..., [0, 3]] = False
    got = motion_measures.out_of_frame(poses, visible, [[10, 20]])
    np.testing.assert_allclose(got, [[0.5]])


def test_nearest_distance_by_hand_and_by_brute_force():
    bank = np.zeros((2, 4, 2))
    bank[1] = 10
    poses = bank[:1] + 0.0
    poses[0, 0] = [3, 4]  # One of four joints is off by 5.
    np.testing.assert_allclose(
        motion_measures.nearest_distance(poses, bank), [5 / 2]
    )
    poses, bank = np.random.default_rng(0).normal(size=(2, 30, 4, 2))
    apart = ((poses[:, None] - bank) ** 2).sum(-1).mean(-1)
    np.testing.assert_allclose(
        motion_measures.nearest_distance(poses, bank),
        np.sqrt(apart.min(1)),
        rtol=1e-5,
    )
    with pytest.raises(ValueError, match="`bank` must have at least one"):
        motion_measures.nearest_distance(poses, bank[:0])


def test_energy_over_a_lag_by_hand():
    # One joint at x = 0, 1, 3, 6, 6: over two frames it moves 3, 5, 3.
    motion = np.zeros((5, 1, 2))
    motion[:, 0, 0] = [0, 1, 3, 6, 6]
    visible = np.ones((5, 1), bool)
    got = motion_measures.lag_energy(motion, visible, 2)
    np.testing.assert_allclose(got, [9, 25, 9])
    got = motion_measures.lag_energy(motion, visible, 2, unit=0.5)
    np.testing.assert_allclose(got, [36, 100, 36])
    visible[2] = False  # Of no displacement but the first an end.
    got = motion_measures.lag_energy(motion, visible, 2)
    np.testing.assert_allclose(got, [np.nan, 25, np.nan])


def test_jitter_by_hand():
    # Steps 1, 2, 3, 0: second differences 1, 1, -3.
    motion = np.zeros((5, 1, 2))
    motion[:, 0, 0] = [0, 1, 3, 6, 6]
    visible = np.ones((5, 1), bool)
    got = motion_measures.jitter(motion, visible)
    np.testing.assert_allclose(got, [1, 1, 9])
    visible[0] = False
    got = motion_measures.jitter(motion, visible, 2.0)
    np.testing.assert_allclose(got, [np.nan, 1 / 4, 9 / 4])
