"""The transform: by hand, by properties, and on every real clip."""

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pose_tf.pipeline import windows
from pose_tf.pose import skeletons
from pose_tf.pose.transform import (
    MIN_TORSO_SHARE,
    REFERENCE_SIZE,
    PoseTransform,
)

SKELETON = skeletons.PENN_ACTION
J = SKELETON.num_joints
HEAD, LEFT_HIP, RIGHT_HIP = SKELETON.indices(("head", "left_hip", "right_hip"))
STANDING = {
    "head": (0, -2),
    "left_shoulder": (0.5, -1),
    "right_shoulder": (-0.5, -1),
    "left_hip": (0.25, 0),
    "right_hip": (-0.25, 0),
    "left_ankle": (0.25, 2),
    "right_ankle": (-0.25, 2),
}


def standing(root=(100.0, 50.0), scale=10.0):
    """A pose `(J, 2)` in pixels and what of it is visible."""
    poses = np.full((J, 2), np.nan, np.float32)
    visibility = np.zeros(J, bool)
    for name, place in STANDING.items():
        j = SKELETON.joints.index(name)
        poses[j] = np.array(place) * scale + root
        visibility[j] = True
    return poses, visibility


def clip(*frames):
    poses, visibility = zip(*frames, strict=True)
    return tf.constant([poses]), tf.constant([visibility])


def run(transform, *frames, **kwargs):
    frames, _ = transform(*clip(*frames), **kwargs)
    return {key: value.numpy()[0] for key, value in frames.items()}


@pytest.fixture
def transform():
    layer = PoseTransform("penn_action", use_occluded=True)
    layer.fit([dict(zip(("poses", "visibility"), clip(standing())))])
    return layer


def test_root_scale_and_pose_by_hand(transform):
    frames = run(transform, standing((100, 50), 10), standing((110, 50), 10))
    np.testing.assert_allclose(
        frames["root"], [[100, 50], [110, 50]], rtol=1e-6
    )
    np.testing.assert_allclose(frames["scale"], [10, 10], rtol=1e-6)
    np.testing.assert_allclose(frames["velocity"], [[0, 0], [1, 0]], atol=1e-5)
    np.testing.assert_allclose(frames["path"], [[0, 0], [1, 0]], atol=1e-5)
    np.testing.assert_allclose(frames["pose"][0, HEAD], (0, -2), atol=1e-5)


def test_scale_is_the_running_mean_of_torso_lengths(transform):
    small, large = standing(scale=10), standing(scale=30)
    np.testing.assert_allclose(
        run(transform, small, large)["scale"], [10, 20], rtol=1e-6
    )
    np.testing.assert_allclose(
        run(transform, small, large, causal=False)["scale"], [20, 20], rtol=1e-6
    )


def test_a_hidden_joint_keeps_its_last_offset(transform):
    poses, visibility = standing((120, 50))
    visibility[HEAD] = False
    poses[HEAD] = np.nan
    frames = run(transform, standing((100, 50)), (poses, visibility))
    np.testing.assert_allclose(frames["pose"][1, HEAD], (0, -2), atol=1e-5)
    assert not frames["visibility"][1, HEAD]


def test_an_occluded_joint_is_where_it_was_guessed_but_not_visible(transform):
    poses, visibility = standing((120, 50))
    visibility[HEAD] = False
    poses[HEAD] = (125, 40)
    frames = run(transform, standing((100, 50)), (poses, visibility))
    np.testing.assert_allclose(frames["pose"][1, HEAD], (0.5, -1), atol=1e-5)
    assert not frames["visibility"][1, HEAD]


def test_without_guesses_an_invisible_joint_is_missing_anywhere():
    layer = PoseTransform("penn_action")
    poses, visibility = standing((120, 50))
    visibility[HEAD] = False
    poses[HEAD] = (125, 40)
    frames = run(layer, standing((100, 50)), (poses, visibility))
    np.testing.assert_allclose(frames["pose"][1, HEAD], (0, -2), atol=1e-5)


@pytest.mark.parametrize("place", [(np.nan, np.nan), (np.inf, 5)])
def test_a_missing_joint_keeps_its_last_offset(transform, place):
    poses, visibility = standing((120, 50))
    visibility[HEAD] = False
    poses[HEAD] = place
    frames = run(transform, standing((100, 50)), (poses, visibility))
    np.testing.assert_allclose(frames["pose"][1, HEAD], (0, -2), atol=1e-5)


@pytest.mark.parametrize("corner", [(0, 0), (1, 1), (1, -3)])
def test_the_corner_of_the_picture_is_a_place_like_any_other(transform, corner):
    poses, visibility = standing((120, 50))
    visibility[HEAD] = False
    poses[HEAD] = corner
    frames = run(transform, standing((100, 50)), (poses, visibility))
    # Torso lengths of 10 px, from the root.
    np.testing.assert_allclose(
        frames["pose"][1, HEAD],
        (np.array(corner) - frames["root"][1]) / frames["scale"][1],
        atol=1e-5,
    )


@pytest.mark.parametrize("guessed", [False, True])
def test_frames_before_anybody_is_visible_change_nothing(transform, guessed):
    poses, visibility = standing((100, 50))
    empty = np.full_like(poses, np.nan)
    if guessed:  # Of a joint that is not visible, so of nobody.
        empty[HEAD] = (300, 200)
    clip = standing((100, 50)), standing((120, 60)), standing((90, 70))
    late = [(empty, visibility & False)] * 3
    alone, after = run(transform, *clip), run(transform, *late, *clip)
    for key in alone:
        np.testing.assert_array_equal(after[key][3:], alone[key])


def test_a_joint_never_seen_has_the_mean_training_pose(transform):
    poses, visibility = standing(scale=20)
    visibility[HEAD] = False
    poses[HEAD] = np.nan
    frames = run(transform, (poses, visibility))
    np.testing.assert_allclose(
        frames["pose"][0, HEAD], transform.mean_pose[HEAD], atol=1e-6
    )


def test_one_hip_tells_the_root_by_the_other_ones_last_offset(transform):
    poses, visibility = standing((110, 50))
    visibility[RIGHT_HIP] = False
    poses[RIGHT_HIP] = np.nan
    frames = run(transform, standing((100, 50)), (poses, visibility))
    np.testing.assert_allclose(frames["root"][1], (110, 50), rtol=1e-6)


def test_without_hips_the_root_follows_the_other_joints(transform):
    poses, visibility = standing((130, 40))
    visibility[[LEFT_HIP, RIGHT_HIP]] = False
    poses[[LEFT_HIP, RIGHT_HIP]] = np.nan
    frames = run(transform, standing((100, 50)), (poses, visibility))
    np.testing.assert_allclose(frames["root"][1], (130, 40), rtol=1e-5)


def test_hips_never_seen_are_told_by_the_mean_training_pose(transform):
    poses, visibility = standing((130, 40), 10)
    visibility[[LEFT_HIP, RIGHT_HIP]] = False
    poses[[LEFT_HIP, RIGHT_HIP]] = np.nan
    frames = run(transform, (poses, visibility))
    np.testing.assert_allclose(frames["root"][0], (130, 40), rtol=1e-5)
    np.testing.assert_allclose(frames["scale"], [10], rtol=1e-5)


def test_a_torso_seen_from_its_end_does_not_make_the_scale_collapse(transform):
    poses, visibility = standing(scale=10)
    shoulders = SKELETON.indices(SKELETON.shoulders)
    hips = SKELETON.indices(SKELETON.hips)
    poses[list(shoulders)] = poses[list(hips)]
    scale = run(transform, (poses, visibility))["scale"][0]
    assert scale > 10 * MIN_TORSO_SHARE * 0.8


def test_nothing_visible_gives_the_mean_pose_at_root_0_and_scale_1(transform):
    poses, _ = standing()
    frames = run(transform, (poses * np.nan, np.zeros(J, bool)))
    np.testing.assert_allclose(frames["pose"][0], transform.mean_pose)
    np.testing.assert_allclose(frames["root"], [[0, 0]])
    np.testing.assert_allclose(frames["scale"], [1])


def test_frame_normalisation_divides_by_the_reference_size():
    layer = PoseTransform("penn_action", "frame")
    frames = run(layer, standing((240, 120), 0))
    np.testing.assert_allclose(frames["pose"][0, HEAD], (0.5, 0.25), atol=1e-6)
    np.testing.assert_allclose(frames["scale"], [REFERENCE_SIZE])
    np.testing.assert_allclose(frames["root"], [[0, 0]])


def test_fit_takes_visible_joints_alone():
    layer = PoseTransform("penn_action")
    batches = [dict(zip(("poses", "visibility"), clip(standing(), standing())))]
    layer.fit(batches)
    for name, place in STANDING.items():
        j = SKELETON.joints.index(name)
        np.testing.assert_allclose(layer.mean_pose[j], place, atol=1e-5)
    assert float(layer.stddev_pose[HEAD, 0]) == pytest.approx(1e-3)
    elbow = SKELETON.joints.index("left_elbow")
    np.testing.assert_allclose(layer.mean_pose[elbow], (0, 0))
    np.testing.assert_allclose(layer.stddev_pose[elbow], (1, 1))


def test_fit_needs_a_visible_torso():
    layer = PoseTransform("penn_action")
    hidden = {
        "poses": tf.zeros((1, 2, J, 2)),
        "visibility": tf.zeros((1, 2, J), tf.bool),
    }
    with pytest.raises(ValueError, match="visible shoulder and hip"):
        layer.fit([hidden])


@hypothesis.given(
    poses=hnp.arrays(
        np.float32,
        (2, 4, J, 2),
        elements=st.floats(-2000, 2000, width=32),
    ),
    visibility=hnp.arrays(bool, (2, 4, J)),
)
@hypothesis.settings(max_examples=200)
def test_the_inverse_is_exact_for_visible_joints(poses, visibility):
    layer = PoseTransform("penn_action")
    frames, _ = layer(tf.constant(poses), tf.constant(visibility))
    again = layer.inverse(frames["pose"], frames["root"], frames["scale"])
    assert np.isfinite(frames["pose"]).all()
    apart = np.abs(again.numpy() - poses)[visibility]
    assert apart.max(initial=0.0) <= 1e-3


@hypothesis.given(
    visibility=hnp.arrays(bool, (1, 6, J)), seed=st.integers(0, 2**31 - 1)
)
@hypothesis.settings(max_examples=20)
def test_a_stream_gives_what_the_whole_clip_gives(visibility, seed):
    layer = PoseTransform("penn_action")
    layer.mean_pose.assign(np.random.default_rng(1).normal(size=(J, 2)))
    poses = np.random.default_rng(seed).normal(200, 50, (1, 6, J, 2))
    poses = tf.constant(poses, tf.float32)
    whole, _ = layer(poses, tf.constant(visibility))
    state = layer.initial_state(1)
    for t in range(6):
        one, state = layer(
            poses[:, t : t + 1], tf.constant(visibility[:, t : t + 1]), state
        )
        for key, value in one.items():
            np.testing.assert_allclose(
                value[0, 0], whole[key][0, t], rtol=1e-3, atol=1e-2, err_msg=key
            )


def test_missing_coordinates_never_matter(transform):
    rng = np.random.default_rng(0)
    poses = rng.normal(100, 30, (1, 8, J, 2)).astype(np.float32)
    visibility = rng.uniform(size=(1, 8, J)) > 0.4
    other = np.where(visibility[..., None], poses, np.inf).astype(np.float32)
    poses = np.where(visibility[..., None], poses, np.nan).astype(np.float32)
    first, _ = transform(tf.constant(poses), tf.constant(visibility))
    second, _ = transform(tf.constant(other), tf.constant(visibility))
    for key in first:
        np.testing.assert_array_equal(first[key], second[key])


def test_every_real_clip_comes_back(penn_clips):
    layer = PoseTransform("penn_action")
    run_batch = tf.function(layer, reduce_retracing=True)
    worst = 0.0
    for clips_ds in (penn_clips.train, penn_clips.test):
        for batch in windows.clip_batches(
            clips_ds, batch_size=128, skeleton=SKELETON
        ):
            frames, _ = run_batch(batch["poses"], batch["visibility"])
            again = layer.inverse(
                frames["pose"], frames["root"], frames["scale"]
            )
            assert np.isfinite(frames["pose"].numpy()).all()
            apart = np.abs(again - batch["poses"])[batch["visibility"].numpy()]
            worst = max(worst, apart.max(initial=0.0))
    assert worst <= 1e-3
