"""Variational autoencoder over whole motions: one latent per clip.

    c(x): whitened principal components of random convolutions of a clip x
    q(z|x) = N(linear(c(view of x)), linear(c(view of x)))  # MotionVAE
    q(z|x) = N(network(view of x), network(view of x))  # LearnedMotionVAE
    p(c(x)|z) = N(linear(z, mirrored), NOISE_VARIANCE)

The encoder sees an augmented view and the decoder must give the components of
the clip itself, mirrored if the view is. A contrastive term pulls a clip's
projection towards that of another view's nearest neighbour in a bank of
earlier projections (NNCLR: Dwibedi et al., 2021, arXiv:2104.14548) and away
from other clips; until the bank means something, towards the other view itself
(NT-Xent: Chen et al., 2020, arXiv:2002.05709).
"""

import functools

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from pose_tf import novelty
from pose_tf.models.motion_features import MotionFeatures
from pose_tf.models.principal_components import PrincipalComponents
from pose_tf.models.random_convolutions import RandomConvolutions

tfd = tfp.distributions

NOISE_VARIANCE = 0.3  # Of whitened components, given the latent.
# The encoder sees components of this power of their standard deviation: the
# first are the largest, but less so than without whitening.
INPUT_POWER = 0.5
PROJECTOR_DIM, PROJECTION_DIM = 128, 64
# Training motions that novelty is measured by, and how many of them, the
# nearest, are looked at.
MAX_REFERENCES, NUM_NEIGHBORS = 4096, 5


@keras.saving.register_keras_serializable("pose_tf")
class MotionVAE(keras.Model):
    """Embeds a motion, a clip of any length, in one latent.

    Encoder and decoder are linear; what is not is in the random convolutions,
    which are not trained. `adapt` fits these and the principal components,
    training the rest, and `set_references` what `embed_motion` subtracts and
    compares with.

    Args:
        skeleton: Name in `skeletons.SKELETONS`.
        latent_dim: Size `Z` of the latent.
        num_frames: Frames to which a clip is resampled; see `MotionFeatures`.
        num_features: Features `F`; see `RandomConvolutions`.
        num_components: Principal components `K` that the encoder sees.
        num_targets: Principal components `M` that the decoder gives.
        bank_size: Clips whose projections the contrastive term keeps; 0 makes
            the model without it.
        seed: Seed of the random convolutions.

    Call arguments:
        poses: Float tensor `(B, T, J, D)`, pixels.
        visibility: Bool tensor `(B, T, J)`.
        num_frames: Int tensor `(B,)`; frames beyond are padding.

    Returns:
        Float tensor `(B, Z)`, the `mean` of `embed_motion`.

    Example:

    >>> from pose_tf.models import MotionVAE
    >>> vae = MotionVAE("penn_action", latent_dim=8, num_features=84)
    >>> poses = tf.random.normal((4, 30, 13, 2))
    >>> visibility = tf.ones((4, 30, 13), tf.bool)
    >>> num_frames = tf.constant([30, 30, 20, 9])
    >>> embedded = vae.embed_motion(poses, visibility, num_frames)
    >>> tuple(embedded["mean"].shape)
    (4, 8)
    """

    def __init__(
        self,
        skeleton,
        latent_dim,
        num_frames=64,
        num_features=9_996,
        num_components=512,
        num_targets=256,
        bank_size=4096,
        seed=0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        for name, value, least in (
            ("latent_dim", latent_dim, 1),
            ("num_targets", num_targets, 1),
            ("bank_size", bank_size, 0),
        ):
            if value < least:
                raise ValueError(
                    f"`{name}` must be at least {least}. Received: {value}"
                )
        self.latent_dim, self.bank_size = latent_dim, bank_size
        self.num_targets = min(num_targets, num_components)
        self.motion_features = MotionFeatures(skeleton, num_frames)
        self.convolutions = RandomConvolutions(num_frames, num_features, seed)
        self.components = PrincipalComponents(num_components)
        self.encoder = self.new_encoder()
        self.decoder = keras.layers.Dense(self.num_targets)
        self.projector = [
            keras.layers.Dense(PROJECTOR_DIM, activation="relu"),
            keras.layers.Dense(PROJECTION_DIM),
        ]
        self.build()

    def build(self):
        """Makes the weights; the constructor's arguments decide their sizes."""
        channels = self.motion_features.num_channels
        shape = (None, self.motion_features.num_frames, channels)
        self.convolutions.build(shape)
        self.components.build((None, self.convolutions.num_features))
        if not self.encoder.built:
            self.encoder.build((None, self.components.num_components))
        self.decoder.build((None, self.latent_dim + 1))
        if self.bank_size:
            self.projector[0].build((None, self.latent_dim))
            self.projector[1].build((None, PROJECTOR_DIM))
            self.bank = self._kept("bank", self.bank_size, PROJECTION_DIM)
        self.center = self._kept("center", self.latent_dim)
        self.references = self._kept(
            "references", MAX_REFERENCES, self.latent_dim
        )
        self.distances = self._kept("distances", MAX_REFERENCES)
        self.num_references = self._kept("num_references")

    def _kept(self, name, *shape):
        return self.add_weight(
            name=name,
            shape=shape,
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )

    @property
    def skeleton(self):
        """The skeleton of the poses."""
        return self.motion_features.skeleton

    def adapt(self, sequences, keep_convolutions=False):
        """Fits the random convolutions and the principal components.

        Args:
            sequences: Float array `(N, L, C)` of `MotionFeatures`, of clips
                and of their mirror images.
            keep_convolutions: Whether the convolutions are fitted already.
        """
        if not keep_convolutions:
            self.convolutions.adapt(sequences)
        self.components.adapt(features_of(self.convolutions, sequences))

    def describe(self, poses, visibility, num_frames, mirrored=False):
        """Returns the whitened components `(B, K)` of clips."""
        sequences = self.motion_features(
            poses, visibility, num_frames, mirrored=mirrored
        )
        return self.components(self.convolutions(sequences))

    def new_encoder(self):
        """Returns the layer that gives `2 * Z` numbers per view."""
        return keras.layers.Dense(2 * self.latent_dim)

    @property
    def view_shape(self):
        """Shape of what the encoder sees of a clip: here `(K,)`."""
        return (self.components.num_components,)

    def look(self, poses, visibility, num_frames, mirrored=False):
        """Returns what the encoder sees of clips: here what `describe` does."""
        return self.describe(poses, visibility, num_frames, mirrored)

    def encoded(self, views):
        """Returns what the encoder makes of views, `(B, 2 * Z)`."""
        return self.encoder(views * self.components.stddev**INPUT_POWER)

    def encode(self, views):
        """Returns the posterior q(z|x) of views, `(B, *view_shape)`.

        Returns:
            Distribution of batch shape `(B,)` and event shape `(Z,)`.
        """
        loc, log_variance = tf.split(self.encoded(views), 2, axis=-1)
        return tfd.MultivariateNormalDiag(loc, tf.exp(log_variance / 2))

    def likelihood(self, z, mirrored):
        """Returns p(c(x)|z), the distribution of a clip's first components.

        Args:
            z: Float tensor `(B, Z)`.
            mirrored: Float tensor `(B,)`, 1 for the clip's mirror image and 0
                for the clip.

        Returns:
            Distribution of batch shape `(B,)` and event shape `(M,)`.
        """
        loc = self.decoder(tf.concat([z, mirrored[:, None]], -1))
        return tfd.MultivariateNormalDiag(
            loc, tf.fill(tf.shape(loc), NOISE_VARIANCE**0.5)
        )

    def prior(self):
        """Returns the distribution p(z), event shape `(Z,)`."""
        return tfd.MultivariateNormalDiag(tf.zeros(self.latent_dim))

    def call(self, poses, visibility, num_frames, training=False):
        del training
        return self.embed_motion(poses, visibility, num_frames)["mean"]

    def embed_motion(self, poses, visibility, num_frames):
        """Embeds clips, each together with its mirror image.

        Returns:
            Dict of `mean` and `stddev` `(B, Z)`: the average of both posterior
            means, without the training clips' average, and the root of the
            average of both variances; and of `novelty` `(B,)`.
        """
        posteriors = [
            self.encode(self.look(poses, visibility, num_frames, mirrored))
            for mirrored in (False, True)
        ]
        mean = sum(p.mean() for p in posteriors) / 2 - self.center
        variance = sum(p.variance() for p in posteriors) / 2
        return {
            "mean": mean,
            "stddev": tf.sqrt(variance),
            "novelty": novelty.share_likelier(
                mean,
                self.references[: tf.cast(self.num_references, tf.int32)],
                self.distances[: tf.cast(self.num_references, tf.int32)],
                num_neighbors=NUM_NEIGHBORS,
            ),
        }

    def set_references(self, mean, seed=0):
        """Sets what embeddings are centered by and novelty is measured by.

        Args:
            mean: Float array `(N, Z)`, `mean` of the training clips, as
                `embed_motion` gives it now. If there are more than
                `MAX_REFERENCES`, some are drawn as references.
            seed: Integer that decides which.
        """
        mean = np.asarray(mean, np.float32) + self.center.numpy()
        self.center.assign(mean.mean(0))
        unit, distances = novelty.references(
            mean - mean.mean(0),
            most=MAX_REFERENCES,
            num_neighbors=NUM_NEIGHBORS,
            seed=seed,
        )
        rest = [(0, MAX_REFERENCES - len(unit))]
        self.references.assign(np.pad(unit, [*rest, (0, 0)]))
        self.distances.assign(np.pad(distances, rest))
        self.num_references.assign(len(unit))

    def compute_loss(
        self,
        batch,
        step,
        seed,
        *,
        beta,
        contrastive_weight,
        temperature,
        bank_steps,
    ):
        """Returns the loss of pairs of views of clips, and metrics.

        `(distortion + beta * rate) / Z + contrastive_weight * contrastive`,
        without the constant of the distortion.

        Args:
            batch: Dict of `views` `(B, 2, *view_shape)`, as `look` gives them;
                `mirrored` `(B, 2)`, 1 for mirrored views and 0 for others;
                `targets` `(B, 2, K)`, components of the clip, mirrored as the
                view is; `index` `(B,)`, int, another for each clip.
            step: Int scalar, steps before this one.
            seed: Int tensor `(2,)`, of the posterior's noise.
            beta: Float, weight of the rate; 0 makes it an autoencoder.
            contrastive_weight: Float, weight of the contrastive term.
            temperature: Float, by which similarities are divided.
            bank_steps: Steps before neighbours come from the bank.

        Returns:
            `(loss, metrics)`: a scalar; `rate` and `distortion`, nats per
            motion; `contrastive`, nats per view.
        """
        views = tf.reshape(batch["views"], (-1, *self.view_shape))
        posterior = self.encode(views)
        noise = tf.random.stateless_normal(tf.shape(posterior.mean()), seed)
        z = posterior.mean() + posterior.stddev() * (noise if beta else 0.0)
        likelihood = self.likelihood(z, tf.reshape(batch["mirrored"], (-1,)))
        targets = batch["targets"][..., : self.num_targets]
        targets = tf.reshape(targets, (-1, self.num_targets))
        constant = likelihood.log_prob(likelihood.mean())
        distortion = tf.reduce_mean(constant - likelihood.log_prob(targets))
        rate = tf.reduce_mean(tfd.kl_divergence(posterior, self.prior()))
        loss = (distortion + beta * rate) / self.latent_dim
        contrastive = tf.constant(0.0)
        if contrastive_weight and self.bank_size:
            contrastive = self._contrast(
                posterior.mean(), batch["index"], temperature, step < bank_steps
            )
            loss += contrastive_weight * contrastive
        return loss, {
            "rate": rate,
            "distortion": distortion,
            "contrastive": contrastive,
        }

    def _contrast(self, mean, index, temperature, plain):
        """Returns the contrastive loss of means `(2 * B, Z)`, and keeps some.

        Each view must find, among all other clips' views, the other view of
        its clip (if `plain`) or what is nearest to it in the bank.
        """
        for layer in self.projector:
            mean = layer(mean)
        first, second = tf.unstack(
            tf.reshape(tf.math.l2_normalize(mean, -1), (-1, 2, PROJECTION_DIM)),
            axis=1,
        )
        slot = tf.cast(index, tf.int32) % self.bank_size
        bank = tf.convert_to_tensor(self.bank)
        self.bank.assign(
            tf.tensor_scatter_nd_update(bank, slot[:, None], first)
        )
        own = tf.one_hot(slot, self.bank_size, on_value=np.inf)
        labels = tf.range(tf.shape(first)[0])

        def loss(view, other):
            # Slots that were never filled are 0, and so never the nearest.
            found = tf.argmax(view @ tf.transpose(bank) - own, axis=1)
            nearest = tf.stop_gradient(tf.gather(bank, found))
            nearest = tf.where(plain, view, nearest)
            return tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels, nearest @ tf.transpose(other) / temperature
            )

        return tf.reduce_mean(loss(first, second) + loss(second, first)) / 2

    def get_config(self):
        return {
            **super().get_config(),
            "skeleton": self.skeleton.name,
            "latent_dim": self.latent_dim,
            "num_frames": self.motion_features.num_frames,
            "num_features": self.convolutions.num_features,
            "num_components": self.components.num_components,
            "num_targets": self.num_targets,
            "bank_size": self.bank_size,
            "seed": self.convolutions.seed,
        }


def sequences(vae, batches) -> np.ndarray:
    """Returns the sequences `(2 * N, L, C)` of clips and their mirror images.

    Args:
        vae: A `MotionVAE`.
        batches: Batches of `N` clips, as `windows.clip_batches` gives them.
    """
    clips = [
        (batch["poses"], batch["visibility"], batch["num_frames"])
        for batch in batches
    ]
    sides = []
    for mirrored in (False, True):
        call = tf.function(
            functools.partial(vae.motion_features, mirrored=mirrored),
            autograph=False,
            reduce_retracing=True,
        )
        sides += [call(*clip).numpy() for clip in clips]
    return np.concatenate(sides)


def features_of(convolutions, sequences, batch_size=64) -> np.ndarray:
    """Returns the features `(N, F)` of sequences `(N, L, C)`, by batches."""
    call = tf.function(convolutions, autograph=False, reduce_retracing=True)
    return np.concatenate(
        [
            call(tf.constant(sequences[start : start + batch_size])).numpy()
            for start in range(0, len(sequences), batch_size)
        ]
    )
