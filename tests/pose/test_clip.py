"""Clips: sizes of frames, and joints that detectors lack."""

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
    without = clip.without_zeros(poses)
    np.testing.assert_array_equal(
        without, [[[np.nan] * 2, [0, 1], [np.nan] * 2]]
    )
    assert without.dtype == np.float32
