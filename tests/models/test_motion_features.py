"""Motion features: gaps, ends, sizes and sides, by hand and by properties."""

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from pose_tf.models.motion_features import MotionFeatures
from pose_tf.pose import skeletons
from tests.support import standing_figure

PENN = skeletons.PENN_ACTION
HEAD, LEFT_WRIST, RIGHT_WRIST = PENN.indices(
    ("head", "left_wrist", "right_wrist")
)
TORSO = 60.0  # Pixels, of the standing figure.


def features(poses, visibility=None, num_frames=None, length=64, **arguments):
    """Features [L, 28] of one clip [T, 13, 2]."""
    poses = np.asarray(poses, np.float32)
    if visibility is None:
        visibility = np.isfinite(poses).all(-1)
    layer = MotionFeatures("penn_action", length)
    num_frames = len(poses) if num_frames is None else num_frames
    sequence = layer(
        tf.constant(poses[None]),
        tf.constant(visibility[None]),
        tf.constant([num_frames]),
        **arguments,
    )
    return sequence[0].numpy()


def joint(sequence, index):
    return sequence[:, 2 * index : 2 * index + 2]


def jacks():
    return standing_figure.jumping_jacks(40)


def test_a_standing_person_in_torso_lengths():
    clip = np.tile(standing_figure.pose(PENN), (5, 1, 1))
    sequence = features(clip, length=3)
    # Hips at (100, 120), shoulders at (100, 60), the head at (100, 30).
    np.testing.assert_allclose(joint(sequence, HEAD), [[0, -90 / TORSO]] * 3)
    np.testing.assert_allclose(
        joint(sequence, LEFT_WRIST), [[65 / TORSO, -95 / TORSO]] * 3, rtol=1e-6
    )
    np.testing.assert_array_equal(sequence[:, -2:], 0)


def test_the_root_walks_along_its_path():
    clip = np.tile(standing_figure.pose(PENN), (5, 1, 1))
    clip[..., 0] += 30 * np.arange(5)[:, None]
    sequence = features(clip, length=3)
    # 120 px in all: at the first, middle and last frame 0, 1 and 2 torsos.
    np.testing.assert_allclose(sequence[:, -2:], [[0, 0], [1, 0], [2, 0]])
    assert np.ptp(sequence[:, :-2], axis=0).max() < 1e-6


def test_gaps_are_interpolated_and_ends_rest():
    clip = np.tile(standing_figure.pose(PENN), (9, 1, 1))
    clip[:, HEAD, 1] = [
        np.nan,
        10,
        np.nan,
        np.nan,
        np.nan,
        50,
        60,
        *[np.nan] * 2,
    ]
    sequence = features(clip, length=9)
    expected = np.array([10, 10, 20, 30, 40, 50, 60, 60, 60])
    np.testing.assert_allclose(
        joint(sequence, HEAD)[:, 1], (expected - 120) / TORSO, rtol=1e-5
    )


def test_resampling_is_linear():
    clip = np.tile(standing_figure.pose(PENN), (3, 1, 1))
    clip[:, HEAD, 1] = [30, 40, 20]
    sequence = features(clip, length=5)
    expected = np.array([30, 35, 40, 30, 20])
    np.testing.assert_allclose(
        joint(sequence, HEAD)[:, 1], (expected - 120) / TORSO, rtol=1e-5
    )


def test_a_joint_that_is_never_visible_gets_the_other_sides_position():
    clip = jacks()
    clip[:, LEFT_WRIST] = np.nan
    sequence = features(clip)
    np.testing.assert_array_equal(
        joint(sequence, LEFT_WRIST), joint(sequence, RIGHT_WRIST)
    )
    clip[:, RIGHT_WRIST] = np.nan
    np.testing.assert_array_equal(joint(features(clip), LEFT_WRIST), 0)


@pytest.mark.parametrize("before, after", [(0, 7), (7, 0), (30, 120)])
def test_frames_without_anybody_around_the_clip_do_not_count(before, after):
    nobody = lambda number: np.full((number, 13, 2), np.nan)
    clip = np.concatenate([nobody(before), jacks(), nobody(after)])
    np.testing.assert_allclose(features(clip), features(jacks()), atol=1e-5)


def test_frames_beyond_num_frames_do_not_count():
    padded = np.concatenate([jacks(), 1e6 * np.ones((9, 13, 2))])
    np.testing.assert_allclose(
        features(padded, num_frames=40), features(jacks()), atol=1e-5
    )


def test_coordinates_of_invisible_joints_do_not_matter():
    clip, visibility = jacks(), np.ones((40, 13), bool)
    visibility[10:20, 3] = False
    wild = clip.copy()
    wild[10:20, 3] = [np.inf, 1e30]
    np.testing.assert_array_equal(
        features(clip, visibility), features(wild, visibility)
    )


def test_nobody_in_any_frame_gives_zeros():
    np.testing.assert_array_equal(features(np.full((20, 13, 2), np.nan)), 0)


def test_one_frame_is_held():
    sequence = features(jacks()[:1])
    assert np.ptp(sequence, axis=0).max() == 0


@hypothesis.given(
    place=st.tuples(*[st.floats(-1e3, 1e3)] * 2), size=st.floats(0.1, 10)
)
@hypothesis.settings(max_examples=20, deadline=None)
def test_place_and_size_do_not_matter(place, size):
    np.testing.assert_allclose(
        features(jacks() * size + place), features(jacks()), atol=2e-3
    )


def test_a_mirror_swaps_sides():
    sequence, mirrored = features(jacks()), features(jacks(), mirrored=True)
    np.testing.assert_allclose(
        joint(mirrored, LEFT_WRIST),
        joint(sequence, RIGHT_WRIST) * [-1, 1],
        atol=1e-5,
    )
    twice = features(
        np.stack([-jacks()[..., 0], jacks()[..., 1]], -1)[
            :, PENN.mirror_indices
        ],
        mirrored=True,
    )
    np.testing.assert_allclose(twice, sequence, atol=1e-5)


def test_a_clip_does_not_depend_on_its_batch():
    layer = MotionFeatures("penn_action")
    clips = np.stack([jacks(), jacks()[::-1], np.full((40, 13, 2), np.nan)])
    visibility = np.isfinite(clips).all(-1)
    together = layer(clips, visibility, tf.constant([40, 30, 40])).numpy()
    np.testing.assert_allclose(together[0], features(jacks()), atol=1e-6)
    np.testing.assert_allclose(
        together[1], features(jacks()[::-1][:30]), atol=1e-6
    )
    np.testing.assert_array_equal(together[2], 0)


def test_poses_in_space():
    layer = MotionFeatures("kinect_25", 16)
    poses = tf.random.stateless_normal((2, 9, 25, 3), (0, 0))
    sequence = layer(poses, tf.ones((2, 9, 25), bool), tf.constant([9, 9]))
    assert tuple(sequence.shape) == (2, 16, 78)
    assert np.isfinite(sequence).all()
