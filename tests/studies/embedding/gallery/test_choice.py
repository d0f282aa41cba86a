"""Tests of the choice of windows, on motions worked by hand."""

import numpy as np
import pytest

from pose_tf.pose import skeletons
from studies.embedding.gallery import choice

SKELETON = skeletons.PENN_ACTION
PREFIX, HORIZON = 2, 3


def _windows(speeds):
    """All joints move right by `speeds` px a frame, in boxes of 100 px."""
    num_frames = PREFIX + HORIZON
    start = np.random.default_rng(0).uniform(100, 200, (13, 2))
    steps = np.arange(num_frames)[:, None, None] * np.array([1.0, 0.0])
    poses = start + np.array(speeds)[:, None, None, None] * steps
    return {
        "poses": poses.astype(np.float32),
        "visibility": np.ones(poses.shape[:3], bool),
        "boxes": np.tile([0.0, 0, 100, 50], (len(speeds), num_frames, 1)),
        "clip_id": np.array([f"{i}".encode() for i in range(len(speeds))]),
    }


def _rollout(cut, speeds):
    """Goes on from the last observed pose at other speeds."""
    last = cut["poses"][:, PREFIX - 1 : PREFIX]
    steps = np.arange(1, HORIZON + 1)[:, None, None] * np.array([1.0, 0.0])
    return last + np.array(speeds)[:, None, None, None] * steps


def test_measures_by_hand():
    cut = _windows([4.0, 4.0])
    measures = choice.measure(_rollout(cut, [2.0, 6.0]), cut, SKELETON, PREFIX)
    np.testing.assert_allclose(
        measures["energy_ratio"], [0.25, 2.25], rtol=1e-4
    )
    # The root is 2, 4, 6 px behind, or ahead, in boxes of 100 px.
    np.testing.assert_allclose(measures["drift"], [-4, 4], rtol=1e-4)
    np.testing.assert_allclose(measures["error"], [4, 4], rtol=1e-4)
    np.testing.assert_allclose(measures["error_ratio"], [0.5, 0.5], rtol=1e-4)
    assert measures["eligible"].all()


def test_only_moving_and_visible_windows_are_eligible():
    cut = _windows([1.0, 4.0, 4.0, 4.0, 8.0])
    cut["visibility"][2, :, :7] = False
    cut["boxes"][3] = 0.0  # Broken: not scored.
    measures = choice.measure(_rollout(cut, np.ones(5)), cut, SKELETON, PREFIX)
    assert measures["eligible"].tolist() == [False, True, False, False, True]


MEASURES = {
    "energy_ratio": np.array([0.01, 0.9, 0.5, 3.0, 1.0]),
    "drift": np.array([-5.0, 0.0, 2.0, 40.0, 90.0]),
    "error_ratio": np.array([1.0, 0.2, 0.4, 1.6, 0.1]),
    "eligible": np.array([True, True, True, True, False]),
}


@pytest.mark.parametrize(
    ("kind", "first"),
    [("realistic", 1), ("frozen", 0), ("drifting", 3), ("typical", 2)],
)
def test_kinds_rank_by_their_measure(kind, first):
    clip_ids = [b"a", b"b", b"c", b"d", b"e"]
    assert choice.choose(MEASURES, clip_ids, kind, 1) == [first]


def test_a_clip_is_shown_once():
    clip_ids = [b"a", b"a", b"a", b"b", b"c"]
    assert choice.choose(MEASURES, clip_ids, "frozen", 3) == [0, 3]


def test_nothing_is_chosen_without_eligible_windows():
    nothing = {**MEASURES, "eligible": np.zeros(5, bool)}
    for kind in choice.KINDS:
        assert choice.choose(nothing, [b"a"] * 5, kind, 2) == []


def test_unknown_kind_is_named():
    with pytest.raises(ValueError, match="Received: 'lucky'"):
        choice.choose(MEASURES, [b"a"] * 5, "lucky", 1)
