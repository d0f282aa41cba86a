"""Geometry by hand-worked numbers."""

import math

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.pose import geometry, skeletons

SKELETON = skeletons.PENN_ACTION


def test_joint_mean_leaves_hidden_joints_out():
    poses = tf.constant([[[0.0, 0.0], [4.0, 2.0], [100.0, np.inf]]])
    visibility = tf.constant([[True, True, False]])
    mean, known = geometry.joint_mean(poses, visibility, (0, 1, 2))
    np.testing.assert_allclose(mean, [[2.0, 1.0]])
    assert bool(known[0])


def test_joint_mean_of_nothing_is_unknown():
    mean, known = geometry.joint_mean(
        tf.ones((1, 3, 2)), tf.zeros((1, 3), tf.bool), (0, 1)
    )
    np.testing.assert_allclose(mean, [[0.0, 0.0]])
    assert not bool(known[0])


def _pose(**joints):
    poses = np.full((1, SKELETON.num_joints, 2), 7.0, np.float32)
    visibility = np.zeros((1, SKELETON.num_joints), bool)
    for name, place in joints.items():
        poses[0, SKELETON.joints.index(name)] = place
        visibility[0, SKELETON.joints.index(name)] = True
    return tf.constant(poses), tf.constant(visibility)


def test_torso_length_from_the_middle_of_shoulders_to_that_of_hips():
    poses, visibility = _pose(
        left_shoulder=(0, 0),
        right_shoulder=(2, 0),
        left_hip=(3, 4),
        right_hip=(5, 4),
    )
    length, known = geometry.torso_length(poses, visibility, SKELETON)
    assert float(length[0]) == pytest.approx(5.0)  # (1, 0) to (4, 4)
    assert bool(known[0])


def test_torso_length_from_the_side_needs_one_shoulder_and_one_hip():
    poses, visibility = _pose(left_shoulder=(0, 0), right_hip=(0, 8))
    length, known = geometry.torso_length(poses, visibility, SKELETON)
    assert float(length[0]) == pytest.approx(8.0)
    assert bool(known[0])
    poses, visibility = _pose(left_shoulder=(0, 0), right_shoulder=(0, 8))
    assert not bool(geometry.torso_length(poses, visibility, SKELETON)[1][0])


def test_spread_is_the_root_mean_square_distance_from_the_mean():
    poses = tf.constant([[[0.0, 0.0], [6.0, 8.0], [50.0, 50.0]]])
    visibility = tf.constant([[True, True, False]])
    assert float(geometry.spread(poses, visibility)[0]) == pytest.approx(5.0)


def test_mirror_negates_x_and_swaps_left_and_right():
    poses, visibility = _pose(left_wrist=(3, 1), head=(2, 5))
    mirrored, seen = geometry.mirror(poses, visibility, SKELETON)
    right = SKELETON.joints.index("right_wrist")
    np.testing.assert_allclose(mirrored[0, right], (-3, 1))
    assert bool(seen[0, right])
    assert not bool(seen[0, SKELETON.joints.index("left_wrist")])
    np.testing.assert_allclose(mirrored[0, 0], (-2, 5))


def test_rotate_by_a_quarter_turn_takes_x_to_y():
    turned = geometry.rotate(
        tf.constant([[2.0, 1.0]]), math.pi / 2, tf.constant([1.0, 1.0])
    )
    np.testing.assert_allclose(turned, [[1.0, 2.0]], atol=1e-6)


def test_rotate_leaves_depth_alone():
    turned = geometry.rotate(
        tf.constant([[1.0, 0.0, 9.0]]), math.pi, tf.zeros((3,))
    )
    np.testing.assert_allclose(turned, [[-1.0, 0.0, 9.0]], atol=1e-6)


def test_scale_about_a_centre():
    scaled = geometry.scale(
        tf.constant([[3.0, 5.0]]), 2.0, tf.constant([1.0, 1.0])
    )
    np.testing.assert_allclose(scaled, [[5.0, 9.0]])


def test_fill_forward_takes_the_last_known_and_before_it_the_initial():
    values = tf.constant([[[[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]]]])
    known = tf.constant([[[False], [True], [False], [False], [True]]])
    filled, ever = geometry.fill_forward(
        values, known, tf.constant([[[9.0]]]), tf.constant([[False]])
    )
    np.testing.assert_allclose(filled[0, :, 0, 0], [9, 2, 2, 2, 5])
    assert ever[0, :, 0].numpy().tolist() == [False, True, True, True, True]


def test_the_latest_frame_that_is_known():
    known = tf.constant([[0, 1, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0]]) > 0
    np.testing.assert_array_equal(
        geometry.latest(known), [[-1, 1, 1, 1, 4, 4], [-1] * 6]
    )
    np.testing.assert_array_equal(  # Time is the second axis of any shape.
        geometry.latest(tf.tile(known[:, :, None], (1, 1, 3)))[..., 2],
        geometry.latest(known),
    )


def test_the_visible_span_is_from_the_first_to_the_last_frame_with_a_joint():
    visibility = np.zeros((3, 6, 2), bool)
    visibility[0, [1, 4], [0, 1]] = True
    visibility[1, 3, 0] = True  # One frame; and the third clip has none.
    first, last = geometry.visible_span(tf.constant(visibility))
    assert first.numpy().tolist() == [1, 3, 0]
    assert last.numpy().tolist() == [4, 3, 5]
