"""Variational autoencoder over single poses.

    z ~ N(0, I)                                       prior
    pose_j | z ~ N(decoder(z)_j, scale_j^2)           where joint j is visible
    visibility_j | z ~ Bernoulli(decoder(z)_{J*D+j})

`rate` is KL[q(z|x) || p(z)] and `distortion` is -E_q[log p(x|z)], in nats per
pose; the loss is `distortion + beta * rate`, the negative ELBO at `beta=1`
(Kingma and Welling, 2014, https://arxiv.org/abs/1312.6114).
"""

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from pose_tf.models import draws, losses
from pose_tf.pose.transform import PoseTransform

tfd = tfp.distributions

# Keeps standard deviations from collapsing to 0, where log densities end.
MIN_POSTERIOR_STDDEV = 1e-4
MIN_LIKELIHOOD_STDDEV = 5e-3
INITIAL_LIKELIHOOD_STDDEV = 0.5
MIN_NOISE = 1e-4


@keras.saving.register_keras_serializable("pose_tf")
class PoseVAE(keras.Model):
    """Encodes a pose into a Gaussian posterior and decodes it back.

    Encoder and decoder are multilayer perceptrons with a linear path beside
    them, so that a probabilistic PCA is where training starts from, not where
    it must get to.

    Args:
        skeleton: Name in `skeletons.SKELETONS`.
        latent_dim: Integer, size `Z` of the latent.
        hidden_dim: Integer, units of each hidden layer.
        num_layers: Integer, hidden layers of encoder and decoder each.
        normalization: See `PoseTransform`.
        use_occluded: See `PoseTransform`.

    Call arguments:
        poses: Float tensor `(B, T, J, D)`, pixels.
        visibility: Bool tensor `(B, T, J)`.

    Returns:
        Dict of reconstructed `poses` `(B, T, J, D)`, pixels, and of
        `visibility` `(B, T, J)`, probabilities.

    Example:

    >>> from pose_tf.models import PoseVAE
    >>> vae = PoseVAE("penn_action", latent_dim=8)
    >>> poses = tf.random.normal((4, 7, 13, 2))
    >>> visibility = tf.ones((4, 7, 13), tf.bool)
    >>> tuple(vae.embed(poses, visibility)["mean"].shape)
    (4, 7, 8)
    >>> tuple(vae(poses, visibility)["poses"].shape)
    (4, 7, 13, 2)
    """

    def __init__(
        self,
        skeleton,
        latent_dim,
        hidden_dim=256,
        num_layers=2,
        normalization="torso",
        use_occluded=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if latent_dim <= 0:
            raise ValueError(
                "`latent_dim` must be a positive integer. "
                f"Received: {latent_dim}"
            )
        self.latent_dim = latent_dim
        self.hidden_dim = hidden_dim
        self.num_layers = num_layers
        self.transform = PoseTransform(skeleton, normalization, use_occluded)
        self.encoder = _mlp(hidden_dim, num_layers, 2 * latent_dim)
        self.linear_encoder = keras.layers.Dense(latent_dim, use_bias=False)
        num_outputs = self.transform.num_pose_features
        self.decoder = _mlp(hidden_dim, num_layers, num_outputs)
        self.linear_decoder = keras.layers.Dense(num_outputs, use_bias=False)
        self.build()

    def build(self):
        """Makes the weights; their sizes are those of skeleton and latent."""
        num_features = self.transform.num_pose_features
        self.log_stddev = self.add_weight(
            name="log_stddev",
            shape=(self.transform.num_coordinates,),
            initializer=keras.initializers.Constant(
                keras.ops.log(INITIAL_LIKELIHOOD_STDDEV)
            ),
        )
        _build(self.encoder, num_features)
        _build([self.linear_encoder], num_features)
        _build(self.decoder, self.latent_dim)
        _build([self.linear_decoder], self.latent_dim)

    @property
    def skeleton(self):
        """The skeleton of the poses."""
        return self.transform.skeleton

    def start_linear(self, features):
        """Sets the weights to the probabilistic PCA of training features.

        The closed form of Tipping and Bishop, 1999
        (https://doi.org/10.1111/1467-9868.00196): with eigenvalues `l` of the
        covariance and noise `s^2`, the mean of those left out, directions are
        scaled by `sqrt(l - s^2)` and the posterior has variance `s^2 / l`.
        The perceptrons start from 0 and add what is not linear.

        Args:
            features: Float array `(N, F)`, `transform.standardize_pose`.
        """
        split = self.transform.num_coordinates
        pose = np.asarray(features, np.float64)[:, :split]
        values, vectors = np.linalg.eigh(np.cov(pose, rowvar=False))
        values, vectors = values[::-1], vectors[:, ::-1]
        kept = min(self.latent_dim, split)
        noise = max(np.mean(values[kept:]) if kept < split else 0, MIN_NOISE)
        kept = min(kept, int((values > noise).sum()))
        values, vectors = values[:kept], vectors[:, :kept]
        loading = np.sqrt(values - noise)
        encode = np.zeros(self.linear_encoder.kernel.shape)
        encode[:split, :kept] = vectors * (loading / values)
        decode = np.zeros(self.linear_decoder.kernel.shape)
        decode[:kept, :split] = (vectors * loading).T
        self.linear_encoder.kernel.assign(encode)
        self.linear_decoder.kernel.assign(decode)
        stddev = np.ones(self.latent_dim)
        stddev[:kept] = np.sqrt(noise / values)
        head = self.encoder[-1]
        head.kernel.assign(tf.zeros_like(head.kernel))
        head.bias.assign(
            np.concatenate([np.zeros_like(stddev), np.log(np.expm1(stddev))])
        )
        head = self.decoder[-1]
        head.kernel.assign(tf.zeros_like(head.kernel))
        residual = pose - pose @ (encode @ decode)[:split, :split]
        self.log_stddev.assign(
            np.log(np.sqrt(np.mean(residual**2, axis=0) + noise))
        )

    def encode(self, features):
        """Returns the posterior q(z|x).

        Args:
            features: Float tensor `(..., F)`, `transform.standardize_pose`.

        Returns:
            Distribution of batch shape `(...)` and event shape `(Z,)`.
        """
        loc, raw_scale = tf.split(_apply(self.encoder, features), 2, axis=-1)
        loc += self.linear_encoder(features)
        stddev = tf.nn.softplus(raw_scale) + MIN_POSTERIOR_STDDEV
        return tfd.MultivariateNormalDiag(loc, stddev)

    def decode_pose(self, z):
        """Returns the mean of p(pose|z) and the logits of p(visibility|z).

        Args:
            z: Float tensor `(..., Z)`.

        Returns:
            `(pose, logits)`: root-centred, torso lengths, `(..., J, D)`; and
            `(..., J)`.
        """
        outputs = _apply(self.decoder, z) + self.linear_decoder(z)
        split = self.transform.num_coordinates
        shape = (self.skeleton.num_joints, self.skeleton.num_coordinates)
        pose = tf.reshape(
            outputs[..., :split], tf.concat([tf.shape(z)[:-1], shape], 0)
        )
        pose = pose * self.transform.stddev_pose + self.transform.mean_pose
        return pose, outputs[..., split:]

    def likelihood(self, z):
        """Returns the distributions p(pose|z), event `()`, and p(visibility|z).

        The first has batch shape `(..., J, D)`, in torso lengths, the second
        `(..., J)`: independent joints, so that hidden ones can be left out.
        """
        pose, logits = self.decode_pose(z)
        stddev = tf.reshape(
            tf.exp(self.log_stddev), self.transform.stddev_pose.shape
        )
        stddev = (stddev + MIN_LIKELIHOOD_STDDEV) * self.transform.stddev_pose
        return tfd.Normal(pose, stddev), tfd.Bernoulli(logits)

    def log_likelihood(self, frames, z):
        """Returns log p(x|z), `(...)`, nats, without hidden joints' positions."""
        pose, visibility = self.likelihood(z)
        seen = frames["visibility"]
        log_prob = tf.reduce_sum(pose.log_prob(frames["pose"]), axis=-1)
        log_prob = tf.reduce_sum(tf.where(seen, log_prob, 0.0), axis=-1)
        seen = tf.cast(seen, log_prob.dtype)
        return log_prob + tf.reduce_sum(visibility.log_prob(seen), axis=-1)

    def prior(self):
        """Returns the distribution p(z), event shape `(Z,)`."""
        return tfd.MultivariateNormalDiag(tf.zeros(self.latent_dim))

    def call(self, poses, visibility, training=False):
        del training  # Reconstruction is by the posterior's mean.
        return self.reconstruct(poses, visibility)

    def embed(self, poses, visibility):
        """Returns the posterior of each pose, given the frames up to it.

        For streams, and for whatever follows clips while they go on: later
        frames change nothing. `embed_clip` knows the whole clip.

        Returns:
            Dict of `mean` and `stddev` `(B, T, Z)`, `root` `(B, T, D)` in
            pixels, and `scale` `(B, T)`, pixels per torso length.
        """
        return self._embed(poses, visibility, causal=True)

    def embed_clip(self, poses, visibility):
        """Returns the posterior of each pose, given all frames of the clip.

        All poses are divided by one scale, the mean torso length of the clip.

        Returns:
            Dict of `mean` and `stddev` `(B, T, Z)`, `root` `(B, T, D)` in
            pixels, and `scale` `(B,)`, pixels per torso length.
        """
        embedded = self._embed(poses, visibility, causal=False)
        return {**embedded, "scale": embedded["scale"][:, -1]}

    def _embed(self, poses, visibility, causal):
        frames, _ = self.transform(poses, visibility, causal=causal)
        posterior = self.encode(self.transform.standardize_pose(frames))
        return {
            "mean": posterior.mean(),
            "stddev": posterior.stddev(),
            "root": frames["root"],
            "scale": frames["scale"],
        }

    def decode(self, z, root, scale):
        """Returns poses in pixels `(B, T, J, D)` and visibility `(B, T, J)`.

        Args:
            z: Float tensor `(B, T, Z)`.
            root: Float tensor `(B, T, D)`, pixels.
            scale: Float tensor, pixels per torso length: `(B,)` or `(B, T)`.
        """
        pose, logits = self.decode_pose(z)
        # (B, 1) of one scale per clip, (B, T) of one per frame.
        missing_axes = tf.ones([2 - tf.rank(scale)], tf.int32)
        scale = tf.reshape(scale, tf.concat([tf.shape(scale), missing_axes], 0))
        poses = self.transform.inverse(pose, root, scale)
        return {"poses": poses, "visibility": tf.sigmoid(logits)}

    def reconstruct(self, poses, visibility):
        """Returns `decode` of the means of `embed_clip`."""
        embedded = self.embed_clip(poses, visibility)
        return self.decode(
            embedded["mean"], embedded["root"], embedded["scale"]
        )

    def sample(self, num_samples, seed):
        """Returns poses `(N, J, D)` of prior latents.

        They are root-centred, in torso lengths. The first one does not depend
        on `num_samples`.
        """
        z = draws.normal(num_samples, (self.latent_dim,), seed)
        return {"poses": self.decode_pose(z)[0]}

    def compute_loss(
        self, batch, step, seed, *, beta, free_bits, beta_warmup_steps
    ):
        """Returns the negative ELBO of a batch of poses, and metrics.

        Args:
            batch: Dict of `pose` `(N, J, D)`, `visibility` `(N, J)` and
                `features` `(N, F)`.
            step: Int scalar; beta rises to its value over `beta_warmup_steps`.
            seed: Int tensor `(2,)`, of the posterior's noise.
            beta: Float, weight of the rate; 0 makes it an autoencoder.
            free_bits: Float, nats per latent dimension that cost nothing.
            beta_warmup_steps: Integer.

        Returns:
            `(loss, metrics)`: a scalar; `rate`, `distortion` and `elbo`, nats
            per pose.
        """
        features = batch["features"]
        shape = (tf.shape(features)[0], self.latent_dim)
        # An autoencoder has no rate, and no noise either.
        noise = (
            tf.random.stateless_normal(shape, seed) if beta else tf.zeros(shape)
        )
        rate, distortion = elbo_terms(self, batch, features, noise)
        weight = beta * tf.minimum(
            1.0, tf.cast(step + 1, tf.float32) / max(beta_warmup_steps, 1)
        )
        loss = tf.reduce_mean(distortion)
        loss += weight * losses.free_bits_rate(rate, free_bits)
        rate, distortion = tf.reduce_sum(rate, -1), tf.reduce_mean(distortion)
        rate = tf.reduce_mean(rate)
        return loss, {
            "rate": rate,
            "distortion": distortion,
            "elbo": -(rate + distortion),
        }

    def get_config(self):
        return {
            **super().get_config(),
            "skeleton": self.skeleton.name,
            "latent_dim": self.latent_dim,
            "hidden_dim": self.hidden_dim,
            "num_layers": self.num_layers,
            "normalization": self.transform.normalization,
            "use_occluded": self.transform.use_occluded,
        }


def elbo_terms(vae, frames, features, noise):
    """Returns rate and distortion of one posterior sample.

    Args:
        vae: A `PoseVAE`.
        frames: Dict of `pose` `(..., J, D)` and `visibility` `(..., J)`.
        features: Float tensor `(..., F)`, what the encoder sees.
        noise: Standard normal `(..., Z)` that moves the mean to the sample.

    Returns:
        `(rate, distortion)`: nats, `(..., Z)`, per latent dimension, and
        `(...)`.
    """
    posterior = vae.encode(features)
    mean, stddev = posterior.mean(), posterior.stddev()
    rate = tfd.kl_divergence(tfd.Normal(mean, stddev), tfd.Normal(0.0, 1.0))
    return rate, -vae.log_likelihood(frames, mean + stddev * noise)


def importance_weighted_bound(vae, frames, features, num_samples, seed):
    """Returns a lower bound of log p(x), `(...)`, nats, by K samples.

    Burda et al., 2016, https://arxiv.org/abs/1509.00519, equation 8.
    """
    posterior = vae.encode(features)
    shape = tf.concat([[num_samples], tf.shape(posterior.mean())], 0)
    noise = tf.random.stateless_normal(shape, seed)
    z = posterior.mean() + posterior.stddev() * noise
    weights = (
        vae.log_likelihood(frames, z)
        + vae.prior().log_prob(z)
        - posterior.log_prob(z)
    )
    return tf.reduce_logsumexp(weights, axis=0) - tf.math.log(
        tf.cast(num_samples, weights.dtype)
    )


def _mlp(hidden_dim, num_layers, num_outputs):
    hidden = [
        keras.layers.Dense(hidden_dim, activation="gelu")
        for _ in range(num_layers)
    ]
    return [*hidden, keras.layers.Dense(num_outputs)]


def _build(layers, width):
    for layer in layers:
        layer.build((None, width))
        width = layer.units


def _apply(layers, x):
    # Not a Sequential: that insists on the rank which it was built for.
    for layer in layers:
        x = layer(x)
    return x
