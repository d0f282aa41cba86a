"""The VAE of chunks: densities by hand, principal components, chunks by hand."""

import math

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import chunk_vae as models
from pose_tf.models.chunk_vae import ChunkVAE, chunks_of
from pose_tf.models.motion_space import JointSpace
from pose_tf.pose.transform import PoseTransform

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
SEED = tf.constant([0, 1])


def silenced():
    """A VAE of 2 frames of 3 numbers that encodes and decodes to 0."""
    vae = ChunkVAE(2, 3, latent_dim=2, hidden_dim=4)
    for variable in vae.trainable_variables:
        variable.assign(tf.zeros_like(variable))
    return vae


def test_loss_by_hand():
    vae = silenced()
    vae.log_stddev.assign(
        tf.fill((6,), math.log(0.5 - models.MIN_LIKELIHOOD_STDDEV))
    )
    motion = np.ones((3, 2, 3), np.float32)
    known = np.zeros((3, 2, 3), bool)
    known[0, 0] = known[1] = True  # Of the third chunk nothing is known.
    motion[2] = np.nan
    _, metrics = vae.compute_loss(motion, known, SEED, beta=1.0)
    # Nine numbers, two standard deviations of 1/2 off, in two chunks.
    each = 2 + math.log(0.5) + HALF_LOG_2PI
    assert float(metrics["distortion"]) == pytest.approx(9 / 2 * each, rel=1e-5)
    # softplus(0) = log 2. KL[N(0, s^2) || N(0, 1)] = (s^2 - 1) / 2 - log s.
    stddev = math.log(2) + models.MIN_POSTERIOR_STDDEV
    rate = 2 * ((stddev**2 - 1) / 2 - math.log(stddev))
    assert float(metrics["rate"]) == pytest.approx(rate, rel=1e-5)
    for beta in (0.0, 0.5):
        loss, same = vae.compute_loss(motion, known, SEED, beta=beta)
        expected = same["distortion"] + beta * same["rate"]
        assert float(loss) == pytest.approx(float(expected), rel=1e-6)


def test_training_starts_from_principal_components():
    rng = np.random.default_rng(0)
    # Two directions hold all but little noise.
    directions = np.linalg.qr(rng.normal(size=(6, 2)))[0]
    clean = rng.normal(size=(4000, 2)) * [5, 2] @ directions.T + 3
    motion = (clean + rng.normal(0, 0.01, clean.shape)).reshape(-1, 2, 3)
    vae = ChunkVAE(2, 3, latent_dim=2)
    vae.start_linear(motion)
    z = vae.encode(motion.astype(np.float32))
    np.testing.assert_allclose(np.std(z.mean(), 0), 1, rtol=1e-3)
    np.testing.assert_allclose(
        z.stddev()[0], [0.01 / 5, 0.01 / 2], rtol=0.1, atol=2e-4
    )
    error = vae(motion.astype(np.float32)) - motion
    assert np.sqrt(np.mean(error**2)) < 0.01
    # And likewise where there are more dimensions than the motion has.
    wide = ChunkVAE(2, 3, latent_dim=9)
    wide.start_linear(motion)
    error = wide(motion.astype(np.float32)) - motion
    assert np.abs(error).max() < 1e-3


def test_a_latent_needs_dimensions():
    with pytest.raises(ValueError, match="`latent_dim` must be.*Received: 0"):
        ChunkVAE(2, 3, latent_dim=0)


def test_chunks_by_hand():
    space = JointSpace(PoseTransform("penn_action"), 4.0)
    poses = np.zeros((1, 6, 13, 2), np.float32)
    poses[0, :, :, 0] = np.array([9, 0, 1, 3, 6, 10])[:, None]
    visibility = np.ones((1, 6, 13), bool)
    visibility[0, 4, 2] = False
    frames = {
        "pose": tf.constant(poses),
        "root": tf.zeros((1, 6, 2)),
        "scale": tf.ones((1, 6)),
        "visibility": tf.constant(visibility),
    }
    anchor = {"root": tf.zeros((1, 2)), "scale": tf.ones((1,))}
    motion, known = (x.numpy() for x in chunks_of(frames, space, anchor, 2))
    # Five steps: the first fills no chunk. A motion unit is 0.1.
    np.testing.assert_allclose(
        motion.reshape(2, 2, 13, 2)[..., 0],
        np.tile(np.array([[10, 20], [30, 40]])[..., None], 13),
        rtol=1e-5,
    )
    hidden = ~known.reshape(2, 2, 13, 2)
    assert hidden[1, :, 2].all()
    assert hidden.sum() == 4
