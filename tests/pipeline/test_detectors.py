"""Disturbances of training recordings."""

import numpy as np
import pytest

from pose_tf.pipeline import detectors
from pose_tf.pose import skeletons
from tests.pipeline.test_recordings import standing

PENN = skeletons.PENN_ACTION


@pytest.fixture
def poses():
    return np.repeat(standing()[None], 2000, 0)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_level_0_changes_nothing(poses, rng):
    np.testing.assert_array_equal(
        detectors.detect(poses, PENN, 0.0, rng), poses
    )


def test_jitter_is_by_the_joint(poses, rng, monkeypatch):
    for name in ("MISSING", "LIMB_RATE", "SWAP_RATE", "THROWN"):
        monkeypatch.setattr(detectors, name, 0.0)
    monkeypatch.setattr(detectors, "BIAS_SHARE", 0.0)
    off = detectors.detect(poses, PENN, 2.0, rng) - poses
    stddev = off.std((0, 2))
    # Half of COCO's deviations, twice: hips 0.107, wrists 0.062.
    for joint, expected in (("left_hip", 0.107), ("right_wrist", 0.062)):
        found = stddev[PENN.joints.index(joint)]
        assert found == pytest.approx(expected, rel=0.05)


def test_some_joints_are_missing_or_far_off(poses, rng):
    found = detectors.detect(poses, PENN, 1.0, rng)
    gone = np.isnan(found).all(-1)
    assert 0.1 < gone.mean() < 0.16  # One in ten, and limbs.
    limb = detectors.limbs(PENN)[0]
    assert gone[:, limb].all(1).mean() > 0.02
    far = np.linalg.norm(found - poses, axis=-1) > 0.9
    assert 0.005 < far.mean() < 0.1


def test_left_and_right_are_swapped_for_stretches(poses, rng, monkeypatch):
    for name in ("MISSING", "LIMB_RATE", "THROWN", "JITTER_PER_SIGMA"):
        monkeypatch.setattr(detectors, name, 0.0)
    found = detectors.detect(poses, PENN, 1.0, rng)
    swapped = (found != poses).any((1, 2))
    assert 0.02 < swapped.mean() < 0.1
    mirrored = poses[:, list(PENN.mirror_indices)]
    np.testing.assert_array_equal(found[swapped], mirrored[swapped])


def test_lost_joints_are_lost_in_every_frame(poses, rng):
    lost = np.isnan(detectors.lose_joints(poses, rng)).all(-1)
    assert (lost == lost[0]).all()
    assert 1 <= lost[0].sum() <= detectors.MAX_LOST_JOINTS


def test_who_is_half_out_of_the_picture_is_cut_off_at_a_line(poses):
    stretches = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = detectors.leave_picture(poses, rng)
        gone = np.isnan(found).all(-1)
        assert not gone.all(1).any()
        frames = np.flatnonzero(gone.any(1))
        stretches += bool(len(frames))
        for frame in frames[:1]:
            pose, out = standing(), gone[frame]
            # All that is out lies beyond all that is not, on one of three sides.
            beyond = [
                (s * pose[out, k]).min() > (s * pose[~out, k]).max()
                for k, s in ((1, 1), (0, 1), (0, -1))
            ]
            assert any(beyond)
    assert stretches > 10


def test_the_arguments_stay_as_they_were(poses, rng):
    before = poses.copy()
    detectors.detect(poses, PENN, 1.0, rng)
    detectors.lose_joints(poses, rng)
    detectors.leave_picture(poses, rng)
    np.testing.assert_array_equal(poses, before)
