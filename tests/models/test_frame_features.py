"""What a model of frames sees: causal, forgetful, free of place and size."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import frame_features
from pose_tf.models.frame_features import MAX_AGE, FrameFeatures
from pose_tf.pose import skeletons
from tests.models.conftest import moving

PENN = skeletons.PENN_ACTION
J = PENN.num_joints
HIPS = list(PENN.indices(PENN.hips))
SHOULDERS = list(PENN.indices(PENN.shoulders))


def seen_by(poses, visibility, state=None):
    """Features `(B, T, F)` of arrays."""
    layer = FrameFeatures("penn_action")
    poses = tf.constant(poses, tf.float32)
    state = state or layer.initial_state(len(poses))
    return layer(poses, tf.constant(visibility), state)[0].numpy()


def parts(features):
    """The parts of features: pose, its steps, the root's, its way, freshness."""
    sizes = [2 * J, 2 * J, 2, 2, J]
    assert features.shape[-1] == sum(sizes)
    pose, steps, path, way, fresh = np.split(
        features, np.cumsum(sizes)[:-1], -1
    )
    shape = (*pose.shape[:-1], J, 2)
    return pose.reshape(shape), steps.reshape(shape), path, way, fresh


def figure():
    """Somebody at (50, 80) with a torso of 20 pixels, `[J, 2]`."""
    pose = np.tile([50.0, 80.0], (J, 1))
    pose[SHOULDERS] = [50.0, 60.0]
    pose[0] = [54.0, 50.0]
    return pose


def test_numbers_of_somebody_who_walks():
    poses = figure() + np.arange(2)[:, None, None] * [5.0, 0.0]
    pose, steps, path, way, fresh = parts(
        seen_by(poses[None], np.ones((1, 2, J), bool))
    )
    # In torso lengths of 20 pixels, from the hips.
    np.testing.assert_allclose(pose[0, :, 0], [[0.2, -1.5]] * 2, rtol=1e-5)
    np.testing.assert_allclose(pose[0, :, HIPS], 0, atol=1e-6)
    np.testing.assert_allclose(steps, 0, atol=1e-5)
    scale = frame_features.VELOCITY_SCALE
    np.testing.assert_allclose(path[0], [[0, 0], [scale * 0.25, 0]], rtol=1e-5)
    # The mean place weighs the frame before by e^(-1/30).
    before = np.exp(-1 / frame_features.MEAN_SCALE)
    expected = 0.25 * before / (1 + before)
    np.testing.assert_allclose(way[0], [[0, 0], [expected, 0]], atol=1e-5)
    np.testing.assert_array_equal(fresh, 1)


def test_steps_of_a_joint_are_relative_to_the_root():
    poses = np.repeat(figure()[None], 2, 0)
    poses[1, 0] += [2.0, 0.0]
    _, steps, path, _, _ = parts(seen_by(poses[None], np.ones((1, 2, J), bool)))
    scale = frame_features.VELOCITY_SCALE
    np.testing.assert_allclose(steps[0, 1, 0], [scale * 0.1, 0], rtol=1e-5)
    assert not steps[0, 1, 1:].any()
    assert not path.any()


def test_neither_place_nor_size_matters():
    poses, visibility = (x.numpy() for x in moving(2, 30))
    ours = seen_by(poses, visibility)
    other = seen_by(3 * poses + [1000.0, -500.0], visibility)
    np.testing.assert_allclose(other, ours, atol=2e-3)


def test_a_hidden_joint_keeps_its_last_place_for_a_while():
    num_frames = MAX_AGE + 5
    poses = np.repeat(figure()[None], num_frames, 0)
    visibility = np.ones((1, num_frames, J), bool)
    wrist = PENN.joints.index("left_wrist")
    other = PENN.joints.index("right_wrist")
    poses[0, wrist] = [90.0, 80.0]
    poses[:, other] = [20.0, 80.0]
    visibility[0, 1:, wrist] = False
    poses[1:, wrist] = np.nan
    pose, _, _, _, fresh = parts(seen_by(poses[None], visibility))
    np.testing.assert_allclose(pose[0, : MAX_AGE + 1, wrist, 0], 2, rtol=1e-5)
    # Then it has the place of the other side's.
    np.testing.assert_allclose(pose[0, MAX_AGE + 1 :, wrist, 0], -1.5)
    expected = np.exp(-np.arange(MAX_AGE + 1) / frame_features.AGE_SCALE)
    np.testing.assert_allclose(
        fresh[0, : MAX_AGE + 1, wrist], expected, rtol=1e-5
    )


def test_hidden_places_do_not_matter():
    poses, visibility = (x.numpy() for x in moving())
    hidden = np.where(visibility[..., None], poses, 1e9)
    gone = np.where(visibility[..., None], poses, np.nan)
    np.testing.assert_array_equal(
        seen_by(hidden, visibility), seen_by(gone, visibility)
    )


def test_without_hips_the_rest_carries_on():
    poses, visibility = (x.numpy() for x in moving(1, 40))
    visibility[:, 5:, HIPS] = False
    features = seen_by(poses, visibility)
    assert np.isfinite(features).all()
    assert np.abs(features).max() <= frame_features.MAX_FEATURE


def test_nobody_at_all_is_zeros_but_finite():
    features = seen_by(
        np.full((1, 40, J, 2), np.nan), np.zeros((1, 40, J), bool)
    )
    np.testing.assert_allclose(features[..., :-J], 0)
    assert (features[..., -J:] < 0.01).all()


@pytest.mark.parametrize("cut", [1, 7, 19])
def test_parts_give_what_the_whole_gives(cut):
    poses, visibility = moving(3, 20)
    layer = FrameFeatures("penn_action")
    whole, end = layer(poses, visibility, layer.initial_state(3))
    first, state = layer(
        poses[:, :cut], visibility[:, :cut], layer.initial_state(3)
    )
    second, after = layer(poses[:, cut:], visibility[:, cut:], state)
    np.testing.assert_allclose(tf.concat([first, second], 1), whole, atol=1e-5)
    for name, value in end.items():
        np.testing.assert_allclose(after[name], value, atol=1e-4)


def test_what_is_older_than_its_reach_is_forgotten():
    reach = FrameFeatures.reach
    poses, visibility = (x.numpy() for x in moving(1, reach + 5))
    other = poses.copy()
    other[:, :5] = 7 * other[:, :5] - 900
    ours, theirs = (seen_by(x, visibility) for x in (poses, other))
    np.testing.assert_allclose(ours[:, -1], theirs[:, -1], atol=1e-6)
    # Mean place and size still hold it after 60 frames.
    assert np.abs(ours[:, 65] - theirs[:, 65]).max() > 1e-3
