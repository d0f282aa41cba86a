"""Variational autoencoder of the motion of a few frames, a chunk.

    z ~ N(0, I)                                     prior
    motion_i | z ~ N(decoder(z)_i, stddev_i^2)      of every number that is known

Motion is what `motion_space` calls so: velocities of the coordinates, in motion
units. `rate`, `distortion` and the loss are those of `vae`, per chunk.
"""

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from pose_tf.models.motion_space import MOTION_UNIT

tfd = tfp.distributions

# Keeps standard deviations from collapsing to 0, where log densities end.
MIN_POSTERIOR_STDDEV = 1e-4
MIN_LIKELIHOOD_STDDEV = 1e-2
MIN_NOISE = 1e-6  # Variance.


@keras.saving.register_keras_serializable("pose_tf")
class ChunkVAE(keras.Model):
    """Encodes the motion of a chunk into a Gaussian posterior, and decodes it.

    Encoder and decoder are linear maps with perceptrons beside them: training
    starts from principal components.

    Args:
        num_frames: Integer, frames of a chunk, `N`.
        size: Integer, numbers of the motion of a frame, `C`.
        latent_dim: Integer, size `Z` of the latent.
        hidden_dim: Integer, units of the two hidden layers of both sides.

    Call arguments:
        motion: Float tensor `(..., N, C)`, motion units.

    Returns:
        The motion `(..., N, C)`, encoded and decoded.

    Example:

    >>> vae = ChunkVAE(num_frames=5, size=26, latent_dim=8)
    >>> motion = tf.random.normal((4, 5, 26))
    >>> tuple(vae.encode(motion).mean().shape), tuple(vae(motion).shape)
    ((4, 8), (4, 5, 26))
    """

    def __init__(self, num_frames, size, latent_dim, hidden_dim=256, **kwargs):
        super().__init__(**kwargs)
        if latent_dim <= 0:
            raise ValueError(
                "`latent_dim` must be a positive integer. "
                f"Received: {latent_dim}"
            )
        self.num_frames, self.size = num_frames, size
        self.latent_dim, self.hidden_dim = latent_dim, hidden_dim
        dense = keras.layers.Dense
        self.encoder = _mlp(hidden_dim, 2 * latent_dim)
        self.linear_encoder = dense(latent_dim, use_bias=False)
        self.decoder = _mlp(hidden_dim, num_frames * size)
        self.linear_decoder = dense(num_frames * size, use_bias=False)
        self.build()

    def build(self):
        """Makes the weights; their sizes are those of chunk and latent."""
        width = self.num_frames * self.size
        self.mean = self.add_weight(
            name="mean", shape=(width,), initializer="zeros", trainable=False
        )
        self.log_stddev = self.add_weight(
            name="log_stddev", shape=(width,), initializer="zeros"
        )
        for layers, size in (
            (self.encoder, width),
            ([self.linear_encoder], width),
            (self.decoder, self.latent_dim),
            ([self.linear_decoder], self.latent_dim),
        ):
            for layer in layers:
                layer.build((None, size))
                size = layer.units

    def start_linear(self, motion):
        """Sets the weights to the probabilistic PCA of motions.

        It is that of `PoseVAE.start_linear`: directions scaled by
        `sqrt(l - s^2)`, a posterior of variance `s^2 / l`.

        Args:
            motion: Float array `(M, N, C)`, 0 where it is not known.
        """
        motion = np.asarray(motion, np.float64).reshape(len(motion), -1)
        mean = motion.mean(0)
        values, vectors = np.linalg.eigh(
            np.cov(motion, rowvar=False, bias=True)
        )
        values, vectors = values[::-1], vectors[:, ::-1]
        kept = min(self.latent_dim, len(values))
        noise = max(
            np.mean(values[kept:]) if kept < len(values) else 0, MIN_NOISE
        )
        kept = min(kept, int((values > noise).sum()))
        values, vectors = values[:kept], vectors[:, :kept]
        loading = np.sqrt(values - noise)
        encode = np.zeros(self.linear_encoder.kernel.shape)
        encode[:, :kept] = vectors * (loading / values)
        decode = np.zeros(self.linear_decoder.kernel.shape)
        decode[:kept] = (vectors * loading).T
        stddev = np.ones(self.latent_dim)
        stddev[:kept] = np.sqrt(noise / values)
        self.mean.assign(mean)
        self.linear_encoder.kernel.assign(encode)
        self.linear_decoder.kernel.assign(decode)
        for layers in (self.encoder, self.decoder):
            layers[-1].kernel.assign(tf.zeros_like(layers[-1].kernel))
        self.encoder[-1].bias.assign(
            np.concatenate([np.zeros_like(stddev), np.log(np.expm1(stddev))])
        )
        residual = (motion - mean) @ (np.eye(len(encode)) - encode @ decode)
        self.log_stddev.assign(
            np.log(np.sqrt(np.mean(residual**2, axis=0) + noise))
        )

    def encode(self, motion):
        """Returns the posterior q(z|motion).

        Args:
            motion: Float tensor `(..., N, C)`; 0 where it is not known.

        Returns:
            Distribution of batch shape `(...)` and event shape `(Z,)`.
        """
        centered = self._flat(motion) - self.mean
        loc, raw_scale = tf.split(_apply(self.encoder, centered), 2, axis=-1)
        loc += self.linear_encoder(centered)
        stddev = tf.nn.softplus(raw_scale) + MIN_POSTERIOR_STDDEV
        return tfd.MultivariateNormalDiag(loc, stddev)

    def decode(self, z):
        """Returns the mean motion `(..., N, C)` of latents `(..., Z)`."""
        motion = _apply(self.decoder, z) + self.linear_decoder(z) + self.mean
        shape = (self.num_frames, self.size)
        return tf.reshape(motion, tf.concat([tf.shape(z)[:-1], shape], 0))

    def likelihood(self, z):
        """Returns p(motion|z) of single numbers, batch shape `(..., N, C)`."""
        stddev = tf.exp(self.log_stddev) + MIN_LIKELIHOOD_STDDEV
        return tfd.Normal(
            self.decode(z), tf.reshape(stddev, (self.num_frames, self.size))
        )

    def prior(self):
        """Returns the distribution p(z), event shape `(Z,)`."""
        return tfd.MultivariateNormalDiag(tf.zeros(self.latent_dim))

    def call(self, motion, training=False):
        del training  # It is decoded from the posterior's mean.
        return self.decode(self.encode(motion).mean())

    def compute_loss(self, motion, known, seed, *, beta):
        """Returns the negative ELBO of chunks, and metrics.

        Args:
            motion: Float tensor `(B, N, C)`.
            known: Bool tensor `(B, N, C)`; what is not known costs nothing.
            seed: Int tensor `(2,)`, of the posterior's noise.
            beta: Float, weight of the rate.

        Returns:
            `(loss, metrics)`: a scalar; `rate` and `distortion`, nats per chunk
            of which anything is known.
        """
        motion = tf.where(known, motion, 0.0)
        posterior = self.encode(motion)
        mean = posterior.mean()
        noise = tf.random.stateless_normal(tf.shape(mean), seed)
        log_prob = self.likelihood(mean + posterior.stddev() * noise).log_prob(
            motion
        )
        log_prob = tf.reduce_sum(tf.where(known, log_prob, 0.0), (1, 2))
        rate = tfd.kl_divergence(posterior, self.prior())
        any_known = tf.cast(tf.reduce_any(known, (1, 2)), rate.dtype)
        count = tf.maximum(tf.reduce_sum(any_known), 1.0)
        rate = tf.reduce_sum(any_known * rate) / count
        distortion = -tf.reduce_sum(log_prob) / count
        return distortion + beta * rate, {
            "rate": rate,
            "distortion": distortion,
        }

    def _flat(self, motion):
        shape = tf.concat([tf.shape(motion)[:-2], [-1]], 0)
        return tf.ensure_shape(
            tf.reshape(motion, shape),
            (*motion.shape[:-2], self.num_frames * self.size),
        )

    def get_config(self):
        config = super().get_config()
        # Keras leaves the layers of a model that is made untrainable trainable.
        del config["trainable"]
        return {
            **config,
            "num_frames": self.num_frames,
            "size": self.size,
            "latent_dim": self.latent_dim,
            "hidden_dim": self.hidden_dim,
        }


def chunks_of(frames, space, anchor, num_frames):
    """Returns the motion of all chunks of frames, and what is known of it.

    Frames that do not fill a chunk are left out at the front.

    Args:
        frames: Transformed frames, `(B, T, ...)`; see `PoseTransform`.
        space: A `motion_space.MotionSpace`.
        anchor: Its anchor, dict of `root`, `scale`.
        num_frames: Integer, frames of a chunk, `N`.

    Returns:
        `(motion, known)`: float and bool `(B * T // N, N, C)`, motion units.
    """
    coordinates = space.of_frames(frames, anchor)
    motion = (coordinates[:, 1:] - coordinates[:, :-1]) / MOTION_UNIT
    seen = space.known(frames["visibility"])
    known = seen[:, 1:] & seen[:, :-1]
    first = tf.shape(motion)[1] % num_frames
    shape = (-1, num_frames, space.size)
    return (
        tf.reshape(motion[:, first:], shape),
        tf.reshape(known[:, first:], shape),
    )


def _mlp(hidden_dim, num_outputs):
    dense = keras.layers.Dense
    hidden = [dense(hidden_dim, activation="gelu") for _ in range(2)]
    return [*hidden, dense(num_outputs)]


def _apply(layers, x):
    for layer in layers:
        x = layer(x)
    return x
