"""Clips: the same from the same seed, and like annotations of real ones."""

import numpy as np
import pytest

from pose_tf.datasets.synthetic_actions import (
    actions,
    camera,
    performance,
    synthesis,
)

NUM_CLIPS = 10 * len(synthesis.ACTIONS)


@pytest.fixture(scope="module")
def clips():
    return [synthesis.clip("train", index) for index in range(NUM_CLIPS)]


def test_same_seed_same_clip(clips):
    for index in (0, 7, 31):
        again = synthesis.clip("train", index)
        for name, value in again.items():
            np.testing.assert_array_equal(value, clips[index][name])


@pytest.mark.parametrize(
    "arguments",
    [("test", 0), ("train", len(synthesis.ACTIONS)), ("train", 0, 1)],
)
def test_other_split_number_or_seed_other_clip(clips, arguments):
    other = synthesis.clip(*arguments)
    assert other["action"] == clips[0]["action"]
    shapes_differ = other["poses"].shape != clips[0]["poses"].shape
    assert shapes_differ or (other["poses"] != clips[0]["poses"]).any()


def test_all_lengths_actions_and_views_occur(clips):
    lengths = [len(clip["poses"]) for clip in clips]
    assert 30 <= min(lengths) < 40 and 110 < max(lengths) <= 120
    assert {clip["view"] for clip in clips} == set(camera.VIEWS)
    for number, action in enumerate(synthesis.ACTIONS):
        assert clips[number]["action"] == action


def test_visible_joints_lie_in_the_frame(clips):
    for clip in clips:
        visible = clip["poses"][clip["visibility"]]
        assert (visible >= 0).all() and (visible < clip["frame_size"]).all()


def test_some_joints_are_missing(clips):
    shares = np.array([clip["visibility"].mean() for clip in clips])
    assert 0.8 < shares.mean() < 0.95
    assert shares.max() == 1
    hidden = np.concatenate(
        [clip["poses"][~clip["visibility"]] for clip in clips]
    )
    missing = np.isnan(hidden).all(axis=-1)
    assert 0.3 < missing.mean() < 0.7
    assert np.isfinite(hidden[~missing]).all()


def test_boxes_hold_the_visible_joints(clips):
    for clip in clips:
        low, high = clip["boxes"][:, None, :2], clip["boxes"][:, None, 2:]
        inside = (clip["poses"] >= low) & (clip["poses"] <= high)
        assert inside.all(axis=-1)[clip["visibility"]].all()
        assert (low < high).all()


def test_camera_looks_from_where_it_says():
    """From the front the figure's left is at the image's right, and so on."""
    joints = np.zeros((1, 13, 3))
    joints[0, 0, 2] = 0.5  # The head points forward, ...
    joints[0, 1, 0] = 0.5  # ... the left shoulder to the left.
    joints[0, 2, 1] = 0.5
    for seed in range(5):
        ahead = {}
        left = {}
        for view in camera.VIEWS:
            rng = np.random.default_rng(seed)
            poses, _ = camera.film(joints, view, rng)
            ahead[view] = (poses[0, 0] - poses[0, 3])[0]
            left[view] = (poses[0, 1] - poses[0, 3])[0]
        assert ahead["left"] < 0 < ahead["right"]
        assert left["back"] < 0 < left["front"]


@pytest.mark.parametrize("name", synthesis.ACTIONS)
@pytest.mark.parametrize("num_frames", [30, 120])
def test_an_action_is_seen_whole(name, num_frames):
    """Without noise, every key pose comes up in the shortest clip."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        motion = actions.ACTIONS[name](rng)
        frames, poses = performance.timeline(motion, num_frames, 25.0, rng)
        assert (np.diff(frames) > 0).all()
        inside = (frames >= 0) & (frames <= num_frames - 1)
        for key, _ in motion.keys:
            same = (poses == key).all(axis=-1)
            assert (same & inside).any()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("validation", 0), "`split` must be one of train, test.*'validation'"),
        (("train", -1), "`index` must not be negative. Received: -1"),
        (("train", 0, -2), "`seed` must not be negative. Received: -2"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        synthesis.clip(*arguments)
