"""Clips: sizes of frames, and joints that are missing."""

import numpy as np
import pytest

from pose_tf.pose import clip


@pytest.mark.parametrize(
    "size", [[640, 480], (640.0, 480), np.array([640, 480], np.uint16)]
)
def test_whole_sizes_become_int32(size):
    checked = clip.checked_frame_size(size)
    assert checked.tolist() == [640, 480]
    assert checked.dtype == np.int32


@pytest.mark.parametrize(
    "size",
    [
        [True, 480],
        np.array([True, True]),
        [640.5, 480],
        [2**31, 480],
        [np.nan, 480],
        [np.inf, 480],
        [0, 480],
        [-640, 480],
        [640],
        [[640, 480]],
        ["640", "480"],
        "640x480",
        None,
        {},
    ],
)
def test_other_sizes_are_refused(size):
    with pytest.raises(ValueError, match="frame_size must be a width and"):
        clip.checked_frame_size(size)


def test_only_joints_at_exactly_zero_are_missing():
    poses = np.array([[[0, 0], [0, 1], [-0.0, 0]]], np.float32)
    marked, visibility = clip.mark_missing(poses)
    np.testing.assert_array_equal(
        marked, [[[np.nan] * 2, [0, 1], [np.nan] * 2]]
    )
    np.testing.assert_array_equal(visibility, [[False, True, False]])
    assert marked.dtype == np.float32


def test_a_joint_that_lacks_one_coordinate_loses_the_other():
    poses = [[5, np.nan], [np.inf, 5], [5, 1e300], [5, 6]]
    marked, visibility = clip.mark_missing(poses)
    np.testing.assert_array_equal(marked, [[np.nan] * 2] * 3 + [[5, 6]])
    np.testing.assert_array_equal(visibility, [False, False, False, True])


def test_visibility_decides_about_zero():
    poses = np.zeros((3, 2))
    poses[2] = 7  # Occluded: a guess.
    visibility = np.array([True, False, False])
    marked, same = clip.mark_missing(poses, visibility)
    np.testing.assert_array_equal(marked, [[0, 0], [np.nan] * 2, [7, 7]])
    np.testing.assert_array_equal(same, visibility)


@pytest.mark.parametrize("dtype", [np.float64, np.int16])
def test_a_masked_coordinate_is_missing(dtype):
    poses = np.ma.masked_array(
        np.array([[3, 4], [5, 6]], dtype), [[False, True], [False, False]]
    )
    marked, visibility = clip.mark_missing(poses)
    np.testing.assert_array_equal(marked, [[np.nan] * 2, [5, 6]])
    np.testing.assert_array_equal(visibility, [False, True])


def test_a_masked_flag_is_not_visible():
    flags = np.ma.masked_array([1, 1], [True, False])
    np.testing.assert_array_equal(clip.flags(flags), [False, True])


def test_checked_poses_keep_guesses_and_mark_what_is_missing():
    poses, visibility = clip.checked_poses(
        [[[1, 1], [0, 0], [9, 9]]], [[0, 0, 1]]
    )
    # Nothing but NaN says that a joint is missing: (1, 1) is a place.
    np.testing.assert_array_equal(poses, [[[1, 1], [np.nan] * 2, [9, 9]]])
    np.testing.assert_array_equal(visibility, [[False, False, True]])
