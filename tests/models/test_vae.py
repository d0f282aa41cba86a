"""The VAE: densities by hand, shapes, saving, errors."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import losses
from pose_tf.models import vae as models
from pose_tf.models.vae import PoseVAE

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def silenced(latent_dim=2):
    """A VAE whose perceptrons and linear paths all give 0."""
    model = PoseVAE("penn_action", latent_dim=latent_dim, hidden_dim=4)
    for variable in model.trainable_variables:
        variable.assign(tf.zeros_like(variable))
    return model


def frames(num_poses=1, visible=13, value=0.0):
    pose = tf.fill((num_poses, 13, 2), value)
    visibility = tf.tile(tf.range(13)[None] < visible, (num_poses, 1))
    return {"pose": pose, "visibility": visibility}


def test_log_likelihood_by_hand():
    model = silenced()
    model.log_stddev.assign(
        tf.fill((26,), math.log(0.5 - models.MIN_LIKELIHOOD_STDDEV))
    )
    # Three visible joints one torso length off in x and y, standard deviation
    # 1/2: each coordinate has -2 - log(1/2) - log(2 pi) / 2; each of the 13
    # visibilities log(1/2).
    log_prob = model.log_likelihood(frames(1, 3, 1.0), tf.zeros((1, 2)))
    expected = 6 * (-2 - math.log(0.5) - HALF_LOG_2PI) + 13 * math.log(0.5)
    assert float(log_prob[0]) == pytest.approx(expected, rel=1e-5)


def test_rate_by_hand():
    model = silenced()
    # softplus(0) = log 2. KL[N(0, s^2) || N(0, 1)] = (s^2 - 1) / 2 - log s.
    stddev = math.log(2) + models.MIN_POSTERIOR_STDDEV
    rate, _ = models.elbo_terms(
        model, frames(), tf.zeros((1, 39)), tf.zeros((1, 2))
    )
    expected = (stddev**2 - 1) / 2 - math.log(stddev)
    np.testing.assert_allclose(rate, [[expected] * 2], rtol=1e-5)


def test_beta_warms_up():
    model = silenced()
    options = {"free_bits": 0.0, "beta_warmup_steps": 4}
    batch = {**frames(), "features": tf.zeros((1, 39))}
    values = [
        float(
            model.compute_loss(
                batch,
                tf.constant(step),
                tf.constant([0, 0]),
                beta=2.0,
                **options,
            )[0]
        )
        for step in (0, 1, 3, 9)
    ]
    _, figures = model.compute_loss(
        batch, tf.constant(0), tf.constant([0, 0]), beta=2.0, **options
    )
    rate = float(figures["rate"])
    steps = np.diff(values) / rate
    np.testing.assert_allclose(steps, [0.5, 1.0, 0.0], atol=1e-4)
    assert float(figures["elbo"]) == pytest.approx(
        -rate - float(figures["distortion"])
    )


def test_free_bits_cost_nothing_below_the_threshold():
    rate = tf.constant([[0.1, 2.0], [0.3, 4.0]])  # Means 0.2 and 3.
    assert float(losses.free_bits_rate(rate, 0.5)) == pytest.approx(3.5)
    assert float(losses.free_bits_rate(rate, 0.0)) == pytest.approx(3.2)


def test_importance_weighted_bound_lies_between_elbo_and_evidence():
    model = silenced(1)
    # With a decoder that ignores z, log p(x) is log p(x|z) for any z.
    evidence = float(model.log_likelihood(frames(), tf.zeros((1, 1)))[0])
    bounds = [
        float(
            models.importance_weighted_bound(
                model, frames(), tf.zeros((1, 39)), k, tf.constant([1, 2])
            )[0]
        )
        for k in (1, 4096)
    ]
    rate, distortion = models.elbo_terms(
        model, frames(), tf.zeros((1, 39)), tf.zeros((1, 1))
    )
    elbo = -float(rate[0, 0] + distortion[0])
    assert elbo < evidence
    assert bounds[1] == pytest.approx(evidence, abs=0.02)


def test_start_linear_reconstructs_as_pca_does(clips):
    rng = np.random.default_rng(0)
    low = rng.normal(size=(500, 3)) * (3, 2, 1)
    pose = low @ rng.normal(size=(3, 26)) + 0.01 * rng.normal(size=(500, 26))
    features = np.concatenate([pose, np.ones((500, 13))], 1).astype("float32")
    model = PoseVAE("penn_action", latent_dim=3, hidden_dim=4)
    model.start_linear(features)
    again, _ = model.decode_pose(model.encode(tf.constant(features)).mean())
    residual = np.abs(again.numpy().reshape(-1, 26) - (pose - pose.mean(0) * 0))
    mean = np.abs(pose.mean(0)).max()
    assert residual.max() < 0.1 + 2 * mean
    posterior = model.encode(tf.constant(features))
    np.testing.assert_allclose(posterior.mean().numpy().std(0), 1, atol=0.1)


@pytest.mark.parametrize("batch, length", [(1, 1), (3, 9)])
def test_embed_decode_shapes_and_reconstruct(vae, batch, length, clips):
    poses, visibility = (x[:batch, :length] for x in clips)
    for embed, scales in (
        (vae.embed, (batch, length)),
        (vae.embed_clip, (batch,)),
    ):
        embedded = embed(poses, visibility)
        assert embedded["mean"].shape == (batch, length, 3)
        assert embedded["root"].shape == (batch, length, 2)
        assert embedded["scale"].shape == scales
        assert (embedded["stddev"].numpy() > 0).all()
        decoded = vae.decode(
            embedded["mean"], embedded["root"], embedded["scale"]
        )
        assert decoded["poses"].shape == (batch, length, 13, 2)
    again = vae.reconstruct(poses, visibility)
    np.testing.assert_array_equal(decoded["poses"], again["poses"])
    assert again["poses"].shape == (batch, length, 13, 2)
    assert again["visibility"].shape == (batch, length, 13)


def test_decode_undoes_the_transform(vae):
    z, root = tf.zeros((1, 1, 3)), tf.constant([[[100.0, 50.0]]])
    small = vae.decode(z, root, tf.constant([1.0]))["poses"]
    large = vae.decode(z, root, tf.constant([10.0]))["poses"]
    np.testing.assert_allclose(
        (large - root[:, :, None]), 10 * (small - root[:, :, None]), atol=1e-3
    )


def test_later_frames_change_no_embedding_but_that_of_the_clip(vae, clips):
    poses, visibility = clips
    later = tf.concat([poses[:, :4], 2 * poses[:, 4:]], axis=1)
    for embed, is_causal in ((vae.embed, True), (vae.embed_clip, False)):
        first = embed(poses[:, :4], visibility[:, :4])
        whole = embed(later, visibility)
        differences = [
            np.abs(first[name] - whole[name][:, :4]).max()
            for name in ("mean", "stddev", "root")
        ]
        assert (max(differences) < 1e-4) == is_causal


def test_decode_takes_a_scale_per_frame(vae):
    z, root = tf.ones((1, 2, 3)), tf.zeros((1, 2, 2))
    poses = vae.decode(z, root, tf.constant([[1.0, 10.0]]))["poses"]
    np.testing.assert_allclose(poses[:, 1], 10 * poses[:, 0], rtol=1e-5)


def test_the_first_of_several_samples_is_that_of_one(vae):
    one = vae.sample(1, tf.constant([1, 2]))["poses"]
    three = vae.sample(3, tf.constant([1, 2]))["poses"]
    np.testing.assert_allclose(three[:1], one, rtol=1e-6)
    assert np.abs(three[0] - three[1]).max() > 1e-3


def test_sample_is_a_function_of_the_seed(vae):
    first = vae.sample(5, tf.constant([1, 2]))["poses"]
    again = vae.sample(5, tf.constant([1, 2]))["poses"]
    other = vae.sample(5, tf.constant([1, 3]))["poses"]
    assert first.shape == (5, 13, 2)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3


def test_saved_and_loaded_it_gives_the_same(vae, clips, tmp_path):
    vae.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")
    np.testing.assert_array_equal(
        vae.reconstruct(*clips)["poses"], loaded.reconstruct(*clips)["poses"]
    )


@pytest.mark.parametrize("latent_dim", [0, -1])
def test_latent_dim_must_be_positive(latent_dim):
    with pytest.raises(ValueError, match="`latent_dim`.*Received"):
        PoseVAE("penn_action", latent_dim=latent_dim)


def test_unknown_skeleton_lists_the_known():
    with pytest.raises(ValueError, match="penn_action"):
        PoseVAE("octopus", latent_dim=2)
