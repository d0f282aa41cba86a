"""The inference halves of motion VAEs, small enough to ship."""

import keras
import numpy as np
import tensorflow as tf

from pose_tf import novelty
from pose_tf.models import learned_motion_vae, motion_vae


class MotionEmbedder(keras.layers.Layer):
    """Embeds motions as a trained `MotionVAE` does, with a fifth of its size.

    Principal components, their scaling and the linear encoder are one matrix
    here, in half precision; the decoder and what only training needs is gone.

    Args:
        vae: A trained `MotionVAE`.

    Example:

    >>> from pose_tf.models import MotionVAE
    >>> vae = MotionVAE("penn_action", latent_dim=8, num_features=84)
    >>> embedder = MotionEmbedder(vae)
    >>> clip = tf.ones((1, 30, 13, 2)), tf.ones((1, 30, 13), tf.bool)
    >>> tuple(embedder.embed_motion(*clip, tf.constant([30]))["mean"].shape)
    (1, 8)
    """

    def __init__(self, vae, **kwargs):
        super().__init__(**kwargs)
        self.motion_features = vae.motion_features
        self.convolutions = vae.convolutions
        self.latent_dim = vae.latent_dim
        components = vae.components
        scale = components.stddev.numpy() ** (motion_vae.INPUT_POWER - 1)
        kernel = components.directions.numpy() * scale
        kernel = (kernel @ vae.encoder.kernel.numpy()).astype(np.float16)
        # Of the rounded kernel, so that its error is only that of what
        # differs from the mean.
        bias = vae.encoder.bias.numpy() - components.mean.numpy() @ kernel
        bias[: self.latent_dim] -= vae.center.numpy()
        self.kernel = _constant(self, "kernel", kernel)
        self.bias = _constant(self, "bias", np.float32(bias))
        _keep_references(self, vae)
        self.built = True

    @property
    def skeleton(self):
        """The skeleton of the poses."""
        return self.motion_features.skeleton

    def embed_motion(self, poses, visibility, num_frames):
        """Embeds clips; see `MotionVAE.embed_motion`."""
        sides = [
            self.motion_features(
                poses, visibility, num_frames, mirrored=mirrored
            )
            for mirrored in (False, True)
        ]
        features = self.convolutions(tf.concat(sides, 0))
        outputs = features @ tf.cast(self.kernel, tf.float32) + self.bias
        loc, log_variance = tf.split(outputs, 2, axis=-1)
        mean, variance = (
            tf.reduce_mean(tf.stack(tf.split(values, 2)), 0)
            for values in (loc, tf.exp(log_variance))
        )
        return _embedding(self, mean, variance)


def encoder_of(kernel, bias, components):
    """Returns the encoder of a `MotionVAE` that maps as a `MotionEmbedder` does.

    The principal components may be others than those that the `MotionEmbedder`
    was made of: whatever of its map lies in their span is kept.

    Args:
        kernel, bias: Arrays `(F, 2 * Z)` and `(2 * Z,)` of the embedder.
        components: `PrincipalComponents` that are fitted to some clips.

    Returns:
        `(kernel, bias)`: `(K, 2 * Z)` and `(2 * Z,)`, float32.
    """
    kernel = kernel.astype(np.float32)
    stddev = components.stddev.numpy()[:, None]
    projected = components.directions.numpy().T @ kernel
    return (
        stddev ** (1 - motion_vae.INPUT_POWER) * projected,
        bias + components.mean.numpy() @ kernel,
    )


class LearnedEmbedder(keras.layers.Layer):
    """Embeds motions as a trained `LearnedMotionVAE` does: its encoder alone.

    Args:
        vae: A trained `LearnedMotionVAE`.

    Example:

    >>> from pose_tf.models import LearnedMotionVAE
    >>> sizes = {"num_frames": 16, "num_features": 84, "filters": 8, "units": 8}
    >>> vae = LearnedMotionVAE("penn_action", latent_dim=8, **sizes)
    >>> embedder = LearnedEmbedder(vae)
    >>> clip = tf.ones((1, 30, 13, 2)), tf.ones((1, 30, 13), tf.bool)
    >>> tuple(embedder.embed_motion(*clip, tf.constant([30]))["mean"].shape)
    (1, 8)
    """

    def __init__(self, vae, **kwargs):
        super().__init__(**kwargs)
        self.encoder = vae.encoder
        self.center = _constant(self, "center", vae.center.numpy())
        _keep_references(self, vae)
        self.built = True

    @property
    def skeleton(self):
        """The skeleton of the poses."""
        return self.encoder.skeleton

    def embed_motion(self, poses, visibility, num_frames):
        """Embeds clips; see `MotionVAE.embed_motion`."""
        sides = [
            learned_motion_vae.look(
                self.encoder, poses, visibility, num_frames, mirrored
            )
            for mirrored in (False, True)
        ]
        outputs = self.encoder(tf.concat(sides, 0))
        loc, log_variance = tf.split(outputs, 2, axis=-1)
        mean, variance = (
            tf.reduce_mean(tf.stack(tf.split(values, 2)), 0)
            for values in (loc, tf.exp(log_variance))
        )
        return _embedding(self, mean - self.center, variance)


def _constant(layer, name, value):
    return layer.add_weight(
        name=name,
        shape=value.shape,
        dtype=value.dtype.name,
        initializer=lambda shape, dtype: tf.constant(value, dtype),
        trainable=False,
        autocast=False,
    )


def _keep_references(layer, vae):
    number = int(vae.num_references.numpy())
    references = vae.references.numpy()[:number].astype(np.float16)
    layer.references = _constant(layer, "references", references)
    distances = np.float32(vae.distances.numpy()[:number])
    layer.distances = _constant(layer, "distances", distances)


def _embedding(layer, mean, variance):
    return {
        "mean": mean,
        "stddev": tf.sqrt(variance),
        "novelty": novelty.share_likelier(
            mean,
            tf.cast(layer.references, tf.float32),
            layer.distances,
            num_neighbors=motion_vae.NUM_NEIGHBORS,
        ),
    }
