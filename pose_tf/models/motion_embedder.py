"""The inference half of a `MotionVAE`, small enough to ship."""

import keras
import numpy as np
import tensorflow as tf

from pose_tf import novelty
from pose_tf.models import motion_vae


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
        number = int(vae.num_references.numpy())
        self.kernel = self._constant("kernel", kernel)
        self.bias = self._constant("bias", np.float32(bias))
        references = vae.references.numpy()[:number].astype(np.float16)
        self.references = self._constant("references", references)
        distances = np.float32(vae.distances.numpy()[:number])
        self.distances = self._constant("distances", distances)
        self.built = True

    def _constant(self, name, value):
        return self.add_weight(
            name=name,
            shape=value.shape,
            dtype=value.dtype.name,
            initializer=lambda shape, dtype: tf.constant(value, dtype),
            trainable=False,
            autocast=False,
        )

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
        return {
            "mean": mean,
            "stddev": tf.sqrt(variance),
            "novelty": novelty.share_likelier(
                mean,
                tf.cast(self.references, tf.float32),
                self.distances,
                num_neighbors=motion_vae.NUM_NEIGHBORS,
            ),
        }
