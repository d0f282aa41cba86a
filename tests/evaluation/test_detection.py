"""Clips as a detector might give them: each fault by itself, and its amount."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.evaluation import detection
from pose_tf.pose import skeletons

SKELETON = skeletons.get("penn_action")
PERFECT = detection.Detector(
    inner_jitter=0.0,
    outer_jitter=0.0,
    missing=0.0,
    limb_missing=0.0,
    swapped=0.0,
    thrown=0.0,
)
TORSO = 50.0  # Pixels.


@pytest.fixture
def clip():
    """A person who stands still for 400 frames, with a torso of 50 px."""
    poses = np.random.default_rng(0).uniform(100, 200, (13, 2))
    for joints, y in ((SKELETON.shoulders, 100), (SKELETON.hips, 100 + TORSO)):
        poses[list(SKELETON.indices(joints))] = [[140, y], [160, y]]
    poses = np.repeat(poses[None], 400, 0).astype(np.float32)
    return poses, np.ones(poses.shape[:2], bool)


def run(clip, seed=0, **faults):
    detector = dataclasses.replace(PERFECT, **faults)
    rng = np.random.default_rng(seed)
    return detection.detected(*clip, SKELETON, detector, rng)


def test_a_perfect_detector_changes_nothing(clip):
    poses, visibility = run(clip)
    np.testing.assert_array_equal(poses, clip[0])
    assert visibility.all()


def test_hidden_joints_are_missing(clip):
    poses, visibility = clip
    visibility = visibility.copy()
    visibility[3, 4] = False
    poses, seen = run((poses, visibility))
    np.testing.assert_array_equal(seen, visibility)
    assert np.isnan(poses[3, 4]).all()


def test_jitter_grows_from_the_torso_outwards(clip):
    poses, _ = run(clip, inner_jitter=0.03, outer_jitter=0.06)
    deviation = (poses - clip[0]).std((0, 2)) / TORSO
    expected = {"hip": 0.03, "knee": 0.045, "elbow": 0.045, "wrist": 0.06}
    for joint, value in expected.items():
        index = SKELETON.joints.index(f"left_{joint}")
        assert deviation[index] == pytest.approx(value, rel=0.1)


def test_joints_are_missing_at_random(clip):
    _, visibility = run(clip, missing=0.1)
    assert (~visibility).mean() == pytest.approx(0.1, abs=0.02)


def test_a_limb_is_missing_for_ten_frames(clip):
    _, visibility = run(clip, limb_missing=1.0)
    gone = ~visibility
    torso = SKELETON.indices((*SKELETON.shoulders, *SKELETON.hips))
    assert not gone[:, list(torso)].any()
    for joint in ("left_wrist", "left_elbow", "right_knee", "right_ankle"):
        assert gone[:, SKELETON.joints.index(joint)].sum() == 10


def test_left_and_right_are_swapped_in_stretches(clip):
    poses, _ = run(clip, swapped=0.1)
    other = clip[0][:, list(SKELETON.mirror_indices)]
    swapped = (poses == other).all((1, 2))
    assert 0.03 < swapped.mean() < 0.2
    assert (poses[~swapped] == clip[0][~swapped]).all()
    edges = np.flatnonzero(np.diff(np.pad(swapped.astype(int), 1)))
    assert min(edges[1::2] - edges[::2]) >= 3


def test_joints_are_thrown_one_to_three_torso_lengths_away(clip):
    poses, visibility = run(clip, thrown=0.05)
    distance = np.linalg.norm(poses - clip[0], axis=-1) / TORSO
    thrown = distance > 0
    assert thrown.mean() == pytest.approx(0.05, abs=0.01)
    assert visibility.all()
    assert 1 - 1e-3 < distance[thrown].min() < 1.3
    assert 2.7 < distance[thrown].max() < 3 + 1e-3


def test_a_clip_without_a_torso_keeps_its_places(clip):
    poses, visibility = clip
    visibility = visibility.copy()
    visibility[:, list(SKELETON.indices(SKELETON.hips))] = False
    detected, seen = run((poses, visibility), inner_jitter=1.0, thrown=0.5)
    np.testing.assert_array_equal(detected[seen], poses[seen])


def test_top1_is_of_degraded_clips_and_repeats_by_seed(clip):
    poses, visibility = (array[None, :30] for array in clip)
    batch = {
        "poses": tf.constant(poses),
        "visibility": tf.constant(visibility),
        "num_frames": tf.constant([20]),
        "action": tf.constant([1]),
    }
    seen = []

    def classify(poses, visibility, num_frames):
        assert num_frames.numpy() == [20]
        seen.append(np.array(visibility))
        return np.array([[0.2, 0.8]])

    scores = detection.top1(classify, [batch], SKELETON, seed=3)
    assert scores == {"top1_moderate": 100, "top1_strong": 100}
    moderate, strong = ((~x[0, :20]).mean() for x in seen)
    assert 0.02 < moderate < strong
    detection.top1(classify, [batch], SKELETON, seed=3)
    np.testing.assert_array_equal(seen[0], seen[2])
