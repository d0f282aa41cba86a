"""The recurrent generator, by hand."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import recurrent_generator as models
from pose_tf.models.features import PoseFeatures
from pose_tf.models.recurrent_generator import RecurrentGenerator
from pose_tf.pose.transform import PoseTransform
from tests.models.conftest import shake
from tests.models.test_continuation import generate


@pytest.fixture
def generator(features):
    return shake(RecurrentGenerator(features, units=7), seed=3)


def standing_still(residual=True):
    """A raw generator that is sure that nothing moves."""
    model = RecurrentGenerator(
        PoseFeatures(PoseTransform("penn_action")), 4, residual=residual
    )
    for variable in model.trainable_variables:
        variable.assign(tf.zeros_like(variable))
    return model


def test_without_velocity_it_repeats_the_last_frame(clips):
    poses, visibility = clips[0], tf.ones_like(clips[1])
    given = generate(standing_still(), (poses, visibility))["poses"][:, 0]
    np.testing.assert_allclose(
        given, np.repeat(poses[:, -1:], 6, axis=1), atol=1e-3
    )


def test_a_zero_decoder_keeps_the_visibility_of_joints(
    clips,
):
    model = RecurrentGenerator(PoseFeatures(PoseTransform("penn_action")), 8)
    model.head.kernel.assign(tf.zeros_like(model.head.kernel))
    given = generate(model, clips, horizon=20)["visibility"][:, 0]
    seen = np.asarray(clips[1])[:, -1:]
    assert 0 < seen.mean() < 1
    # sigmoid(4) is 0.982, and 0.979 stays where it is.
    expected = np.where(seen, 0.979, 0.021)
    np.testing.assert_allclose(given, np.tile(expected, (1, 20, 1)), atol=5e-3)


def test_log_prob_by_hand(clips):
    model = standing_still()
    # Laplace at its median: -log(2 b) for each of 26 numbers and each frame;
    # b = 0.1 softplus(0) + 0.001.
    scale = 0.1 * np.log(2) + models.MIN_MOTION_SCALE
    given = generate(model, clips, horizon=3)["log_prob"]
    np.testing.assert_allclose(given, -3 * 26 * np.log(2 * scale), rtol=1e-4)


def test_error_of_the_loss_by_hand():
    model = standing_still()
    rng = np.random.default_rng(0)
    pose = rng.normal(0, 50, (1, 1, 13, 2)) + 100
    shift = np.array([0, 0, 3.0, 6.0])[None, :, None, None]
    poses = tf.constant(pose + shift * [1.0, 0.0], tf.float32)
    visibility = np.ones((1, 4, 13), bool)
    visibility[0, 3, 4:] = False
    batch = {"poses": poses, "visibility": tf.constant(visibility)}
    state, _ = model.observe(poses[:, :2], batch["visibility"][:, :2])
    scale = float(state["anchor"]["scale"][0])
    _, figures = model.compute_loss(
        batch,
        prefix=2,
        horizon=2,
        teacher_forcing=False,
        nll_weight=0.0,
    )
    # 13 joints 3 px off, then 4 joints 6 px off.
    expected = (13 * 3 + 4 * 6) / 17 / scale
    assert float(figures["error"]) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("teacher_forcing", [False, True])
def test_hidden_targets_do_not_matter(generator, clips, teacher_forcing):
    poses, visibility = clips

    def loss(poses):
        return float(
            generator.compute_loss(
                {"poses": poses, "visibility": visibility},
                prefix=4,
                horizon=5,
                teacher_forcing=teacher_forcing,
                nll_weight=0.5,
            )[0]
        )

    poses = tf.where(visibility[..., None], poses, 0.0)
    other = tf.where(visibility[..., None], poses, np.nan)
    assert loss(poses) == pytest.approx(loss(other), rel=1e-5)


def test_teacher_forcing_sees_the_true_past(generator, clips):
    poses, visibility = clips
    state, _ = generator.observe(poses[:, :4], visibility[:, :4])
    frames, _ = generator.transform(poses, visibility)
    future = {key: value[:, 4:] for key, value in frames.items()}
    truth = generator.space.of_frames(future, state["anchor"])
    following, _ = generator.follow(state, truth, visibility[:, 4:])
    one, _, _ = generator.step(state)
    np.testing.assert_allclose(
        following.loc[:, 0], one["coordinates"], rtol=1e-4, atol=1e-4
    )
    changed = tf.concat([truth[:, :2], truth[:, 2:] + 1.0], axis=1)
    other, _ = generator.follow(state, changed, visibility[:, 4:])
    np.testing.assert_allclose(
        following.loc[:, :3], other.loc[:, :3], atol=1e-5
    )
    assert np.abs(following.loc[:, 3] - other.loc[:, 3]).max() > 1e-3


def test_coordinates_and_pixels_are_inverse_for_raw_features(clips):
    model = standing_still()
    poses, visibility = clips
    frames, _ = model.transform(poses, visibility)
    anchor = {k: frames[k][:, -1] for k in ("root", "scale", "path")}
    again = model.space.pixels(model.space.of_frames(frames, anchor), anchor)
    apart = np.abs(again - poses)[visibility.numpy()]
    assert apart.max() < 1e-3


def test_its_loss_is_traced_for_any_number_of_windows(generator):
    batch = {
        "poses": tf.TensorSpec((None, 7, 13, 2)),
        "visibility": tf.TensorSpec((None, 7, 13), tf.bool),
    }

    @tf.function(autograph=False)
    def loss(batch):
        return generator.compute_loss(
            batch, prefix=4, horizon=3, teacher_forcing=False, nll_weight=1.0
        )[0]

    assert loss.get_concrete_function(batch).output_shapes == ()
