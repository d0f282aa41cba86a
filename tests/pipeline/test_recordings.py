"""Recordings made of clips: what is where, and what each frame is called."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pose_tf.pipeline import recordings
from pose_tf.pipeline.recordings import BLEND_FRAMES, NONE, UNSCORED
from pose_tf.pose import skeletons

PENN = skeletons.PENN_ACTION
TORSO = 40.0  # Pixels, of the clips of `dataset`.


def standing():
    """Somebody who stands with the arms down, root at 0, in torso lengths."""
    place = {
        "head": (0.0, -1.4),
        "shoulder": (0.3, -1.0),
        "elbow": (0.4, -0.5),
        "wrist": (0.4, 0.0),
        "hip": (0.2, 0.0),
        "knee": (0.2, 0.9),
        "ankle": (0.2, 1.8),
    }
    pose = np.zeros((13, 2))
    for k, joint in enumerate(PENN.joints):
        side, _, name = joint.rpartition("_")
        x, y = place[name]
        pose[k] = (-x if side == "left" else x, y)
    return pose


class Clips:
    """As much of a dataset as is read."""

    def __init__(self, clips):
        self.clips = clips

    def as_numpy_iterator(self):
        return iter(self.clips)


def example(action, num_frames, step=2.0):
    """A clip of somebody who glides to the right, `step` pixels per frame."""
    glide = np.arange(num_frames)[:, None, None] * np.array([step, 0.0])
    poses = 200 + 50 * action + TORSO * standing() + glide
    return {
        "poses": poses.astype(np.float32),
        "visibility": np.ones((num_frames, 13), bool),
        "action": np.int64(action),
    }


def dataset(num_actions=5):
    return Clips([example(a, 20 + a) for a in range(num_actions)])


def test_pieces_are_in_torso_lengths_and_begin_with_somebody():
    clip = example(3, 6)
    clip["visibility"][:2] = clip["visibility"][5] = False
    pieces = recordings.collect(Clips([clip]), PENN)
    ((poses,),) = pieces.clips.values()
    assert list(pieces.clips) == [3]
    np.testing.assert_allclose(poses, clip["poses"][2:5] / TORSO, rtol=1e-5)


def test_a_clip_of_nobody_is_left_out():
    blind = example(0, 6)
    blind["visibility"][:] = False
    pieces = recordings.collect(Clips([blind, example(1, 6)]), PENN)
    assert list(pieces.clips) == [1]
    with pytest.raises(ValueError, match="must have a clip with two visible"):
        recordings.collect(Clips([blind]), PENN)


def test_without_a_torso_the_spread_is_the_size():
    """Two wrists, 40 pixels apart: each is 20 from the middle."""
    clip = example(2, 6, step=0.0)
    clip["visibility"][:] = False
    wrists = [PENN.joints.index(f"{side}_wrist") for side in ("right", "left")]
    clip["visibility"][:, wrists] = True
    clip["poses"][:, wrists] = [[100, 50], [140, 50]]
    ((poses,),) = recordings.collect(Clips([clip]), PENN).clips.values()
    apart = poses[0, wrists[1]] - poses[0, wrists[0]]
    np.testing.assert_allclose(apart, [2 / recordings.TORSO_PER_SPREAD, 0])


def test_who_stands_or_sits():
    pose = standing()
    assert recordings.is_upright(pose, PENN)
    lying = pose[:, ::-1]
    assert not recordings.is_upright(lying, PENN)
    assert not recordings.is_upright(pose * [1, -1], PENN)
    wrists = [k for k, j in enumerate(PENN.joints) if "wrist" in j]
    hanging = pose.copy()
    hanging[wrists, 1] = -2
    assert not recordings.is_upright(hanging, PENN)
    hidden = pose.copy()
    hidden[wrists] = np.nan
    assert recordings.is_upright(hidden, PENN)  # 11 of 13 are visible.
    hidden[:1] = np.nan
    assert not recordings.is_upright(hidden, PENN)


def test_nobody_upright_leaves_all_first_poses():
    clip = example(0, 6)
    clip["poses"] = clip["poses"][..., ::-1]
    pieces = recordings.collect(Clips([clip]), PENN)
    np.testing.assert_allclose(pieces.poses, [clip["poses"][0] / TORSO])


def test_pieces_are_joined_where_the_root_is():
    first = standing() + np.arange(3)[:, None, None] * [1.0, 0.0]
    second = 0.5 * standing()[None] + [[9.0, 9.0]]
    joined = recordings.join([(first, 4), (second, NONE)], PENN)
    labels = [4] * 3 + [UNSCORED] * BLEND_FRAMES + [NONE]
    assert joined.labels.tolist() == labels
    poses = joined.poses / recordings.PIXELS_PER_TORSO
    np.testing.assert_allclose(poses[:3], first, atol=1e-6)
    # The root goes on from (2, 0), with the other pose around it.
    np.testing.assert_allclose(
        poses[-1], 0.5 * standing() + [2.0, 0.0], atol=1e-6
    )
    # Half way through the blend: the mean of the poses at its ends.
    middle = 3 + BLEND_FRAMES // 2
    np.testing.assert_allclose(
        poses[middle], (first[-1] + poses[-1]) / 2, atol=1e-6
    )


def test_a_joint_is_in_a_blend_if_it_is_at_both_ends():
    first, second = standing()[None], standing()[None].copy()
    second[0, 0] = np.nan
    joined = recordings.join([(first, 0), (second, 1)], PENN)
    assert joined.visibility[0].all()
    assert not joined.visibility[1:, 0].any()
    assert joined.visibility[:, 1:].all()


def test_a_held_pose_jitters_as_annotators_do():
    rng = np.random.default_rng(0)
    held = recordings.HeldPose(kept=0.7, stddev=0.01)
    poses = recordings.hold(standing(), 4000, rng, held)
    kept = (np.diff(poses, axis=0) == 0).all(-1).mean()
    assert kept == pytest.approx(0.7, abs=0.01)
    assert (poses - standing()).std() == pytest.approx(0.01, rel=0.05)
    still = recordings.HeldPose(kept=0.0, stddev=0.0)
    poses = recordings.hold(standing(), 3, rng, still)
    np.testing.assert_array_equal(poses, [standing()] * 3)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31))
def test_what_a_recording_holds(seed):
    pieces = recordings.collect(dataset(6), PENN)
    made = recordings.record(pieces, np.random.default_rng(seed))
    labels = made.labels
    edges = np.flatnonzero(np.diff(labels)) + 1
    runs = np.split(labels, edges)
    pieces_of = [run for run in runs if run[0] != UNSCORED]
    assert all(len(r) == BLEND_FRAMES for r in runs if r[0] == UNSCORED)
    assert len(runs) == 2 * len(pieces_of) - 1
    actions = [run for run in pieces_of if run[0] >= 0]
    assert 4 <= len({run[0] for run in actions}) == len(actions) <= 6
    assert all(len(run) == 20 + run[0] for run in actions)
    nothing = [len(run) for run in pieces_of if run[0] == NONE]
    least, most = recordings.NOTHING_FRAMES
    assert all(least <= length <= most for length in nothing)
    assert np.isfinite(made.poses).all()


def test_recordings_are_those_of_their_seed():
    made = recordings.of_clips(dataset(), PENN, 3, seed=1)
    fewer = recordings.of_clips(dataset(), PENN, 2, seed=1)
    other = recordings.of_clips(dataset(), PENN, 2, seed=2)
    for ours, same, theirs in zip(made, fewer, other):
        np.testing.assert_array_equal(ours.poses, same.poses)
        np.testing.assert_array_equal(ours.labels, same.labels)
        assert ours.labels.tolist() != theirs.labels.tolist()


def test_about_half_of_the_places_have_a_stretch_of_nothing():
    made = recordings.of_clips(dataset(5), PENN, 60)
    places = stretches = 0
    for recording in made:
        runs = np.split(
            recording.labels, np.flatnonzero(np.diff(recording.labels)) + 1
        )
        starts = [run[0] for run in runs]
        places += sum(s >= 0 for s in starts) + 1
        stretches += sum(s == NONE for s in starts)
    assert stretches / places == pytest.approx(0.5, abs=0.1)
