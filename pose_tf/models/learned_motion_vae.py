"""A motion VAE whose encoder is learned from the sequences themselves."""

import keras
import tensorflow as tf

from pose_tf.models.clip_network import ClipNetwork
from pose_tf.models.motion_vae import MotionVAE

MAX_LENGTHS = 1000.0  # Torso lengths: half precision holds them.


@keras.saving.register_keras_serializable("pose_tf")
class LearnedMotionVAE(MotionVAE):
    """A `MotionVAE` with a `ClipNetwork` as encoder: convolutions and an LSTM.

    Targets, loss and endpoints are those of a `MotionVAE`; random convolutions
    describe the clips that the decoder is to give, and are not needed to embed.
    A `ClipClassifier` can start from the encoder's weights.

    Args:
        skeleton: Name in `skeletons.SKELETONS`.
        latent_dim: Size `Z` of the latent.
        num_frames: Frames to which a clip is resampled; see `MotionFeatures`.
        filters: Channels of the encoder's first convolutions.
        units: Units of each of its two LSTMs.
        **kwargs: The other arguments of a `MotionVAE`.

    Example:

    >>> from pose_tf.models import LearnedMotionVAE
    >>> sizes = {"num_frames": 16, "num_features": 84, "filters": 8, "units": 8}
    >>> vae = LearnedMotionVAE("penn_action", latent_dim=8, **sizes)
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
        *,
        filters=48,
        units=64,
        **kwargs,
    ):
        self._sizes = {"filters": filters, "units": units}
        super().__init__(skeleton, latent_dim, num_frames, **kwargs)

    def new_encoder(self):
        return ClipNetwork(
            self.motion_features,
            2 * self.latent_dim,
            dropout_rate=0.0,  # Every view is another one, and z has noise.
            **self._sizes,
        )

    @property
    def view_shape(self):
        """Shape of what the encoder sees of a clip: `(L, C + 1)`."""
        features = self.motion_features
        return features.num_frames, features.num_channels + 1

    def look(self, poses, visibility, num_frames, mirrored=False):
        """Returns what the encoder sees of clips; see the function `look`."""
        return look(self.encoder, poses, visibility, num_frames, mirrored)

    def encoded(self, views):
        return self.encoder(views)

    def get_config(self):
        return {**super().get_config(), **self._sizes}


def look(encoder, poses, visibility, num_frames, mirrored=False):
    """Returns the encoder's sequences of whole clips, none of them too large.

    Where one joint alone is visible, there is no scale but the least one, and a
    path may be a million times as long.
    """
    sequences = encoder.sequences(
        poses, visibility, num_frames, tf.ones(tf.shape(num_frames)), mirrored
    )
    return tf.clip_by_value(sequences, -MAX_LENGTHS, MAX_LENGTHS)
