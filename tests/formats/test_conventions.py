"""From what files hold to pixels, y down, and visibility."""

import numpy as np
import pytest

from pose_tf.formats import outputs, read
from pose_tf.pose import skeletons
from tests.support import standing_figure

COCO = skeletons.COCO_17
STANDING = np.tile(standing_figure.pose(COCO), (4, 1, 1))


def poses_of(tmp_path, poses, **arrays):
    outputs.write(tmp_path / "a.npz", {"poses": poses, **arrays})
    (clip,) = read.read(tmp_path / "a.npz")
    return clip.poses


def test_y_that_points_up_is_turned(tmp_path):
    """The frame is 240 high: what is 10 above its foot is 230 from its top."""
    up = STANDING * [1, -1] + [0, 240]
    with pytest.warns(UserWarning, match="point up.* in 4 of 4 frames"):
        turned = poses_of(tmp_path, up, frame_size=[320, 240])
    np.testing.assert_allclose(turned, STANDING)


def test_without_a_frame_the_highest_joint_is_at_the_top(tmp_path):
    with pytest.warns(UserWarning, match="point up"):
        turned = poses_of(tmp_path, STANDING * [1, -1])
    assert turned[..., 1].min() == 0
    np.testing.assert_allclose(np.ptp(turned, 1), np.ptp(STANDING, 1))


def test_who_bends_down_is_not_turned(tmp_path):
    """Head and shoulders hang below the hips, the feet are lower yet."""
    poses = STANDING.copy()
    hips = poses[:, list(COCO.indices(COCO.hips)), 1].mean()
    upper = list(range(11))  # All that is above the hips.
    poses[:, upper, 1] = 2 * hips - poses[:, upper, 1] - 20
    np.testing.assert_allclose(poses_of(tmp_path, poses), poses)


def test_shares_of_the_frame_need_its_size(tmp_path):
    shares = STANDING / [320, 240]
    with pytest.raises(ValueError, match="`frame_size` must be given"):
        poses_of(tmp_path, shares)
    with pytest.warns(UserWarning, match="320 x 240 pixels"):
        poses = poses_of(tmp_path, shares, frame_size=[320, 240])
    np.testing.assert_allclose(poses, STANDING, rtol=1e-5)


@pytest.mark.parametrize("least", [np.nan, -0.1, 11, "high", True])
def test_the_least_confidence_is_a_number_of_the_scale(tmp_path, least):
    outputs.write(tmp_path / "a.npz", {"poses": STANDING})
    with pytest.raises(ValueError, match="`min_confidence` must be"):
        read.read(tmp_path / "a.npz", min_confidence=least)
