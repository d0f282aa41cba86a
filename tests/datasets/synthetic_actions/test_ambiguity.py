"""The measure of ambiguity: on frames worked by hand, then on the clips."""

import numpy as np
import pytest

from pose_tf.datasets.synthetic_actions import ambiguity

HEAD, SHOULDERS, HIPS, WRIST = 0, [1, 2], [7, 8], 5
MOST = 0.7  # Above this share a frame would give its clip's action away.
README_SHARE = 0.383  # "38.3 %", of all test frames.


def test_normalized():
    poses = np.full((1, 13, 2), 1e6)
    visibility = np.zeros((1, 13), bool)
    poses[0, [HEAD, *SHOULDERS, *HIPS]] = [
        [30, 10], [20, 20], [40, 20], [25, 60], [35, 60],
    ]  # fmt: skip
    visibility[0, [HEAD, *SHOULDERS, *HIPS]] = True
    scaled, shown = ambiguity.normalized(poses, visibility)
    # The root is (30, 60), a torso 40 pixels long.
    np.testing.assert_allclose(scaled[0, HEAD], [0, -1.25])
    np.testing.assert_allclose(scaled[0, 1], [-0.25, -1])
    np.testing.assert_allclose(scaled[0, WRIST], 0)  # It was invisible.
    np.testing.assert_array_equal(shown, visibility)


def test_frames_without_a_scale_are_left_out():
    poses = np.arange(78.0).reshape(3, 13, 2)
    visibility = np.ones((3, 13), bool)
    visibility[0, HIPS] = False
    visibility[1, SHOULDERS] = False
    visibility[2, [SHOULDERS[0], HIPS[0]]] = False  # The other side suffices.
    scaled, _ = ambiguity.normalized(poses, visibility)
    assert len(scaled) == 1
    np.testing.assert_allclose(scaled[0, HIPS[1]], 0)


def test_nearest_compares_joints_that_both_show():
    poses = np.zeros((3, 13, 2), np.float32)
    poses[:, WRIST] = [[1, 0], [2, 0], [0, 0]]
    shown = np.ones((3, 13), bool)
    shown[2, WRIST] = False
    poses[2, HEAD] = 0.2
    train = poses, shown, np.array([4, 5, 6])
    asked = np.zeros((3, 13, 2), np.float32)
    asked[:, WRIST] = [[1.1, 0], [1.8, 0], [0, 0]]
    seen = np.ones((3, 13), bool)
    seen[2, WRIST] = False  # Only the head tells: the first two are nearer.
    # 0.01 / 13 and 0.04 / 13 against 0.08 / 12.
    found = ambiguity.nearest(train, (asked, seen, None))
    np.testing.assert_array_equal(found, [4, 5, 4])


def test_a_frame_of_an_unseen_clip_does_not_determine_the_action():
    """All training frames of `default`, and every 40th of its test frames."""
    train = ambiguity.frames("train", 640)
    test = tuple(part[::40] for part in ambiguity.frames("test", 320))
    hits = ambiguity.nearest(train, test) == test[2]
    assert hits.mean() < MOST
    # Two standard errors of a share of 600 frames.
    assert hits.mean() == pytest.approx(README_SHARE, abs=0.04)


def test_main_prints_a_share_for_every_action(capsys):
    ambiguity.main(["--num_train=32", "--num_test=16"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + 16
    assert all(line.endswith("%") for line in lines[1:])
