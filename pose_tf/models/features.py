"""What classifiers and generators see of a frame: raw, or embedded by a VAE."""

import keras
import tensorflow as tf

from pose_tf.pose.transform import PoseTransform


@keras.saving.register_keras_serializable("pose_tf")
class PoseFeatures(keras.layers.Layer):
    """Turns raw pixels into features, through the transform that it holds.

    Raw: the standardised pose, its visibility, and the root's velocity and
    path. Embedded: the mean of the VAE's posterior in place of the first two.
    Nothing else differs between the two.

    Args:
        transform: A fitted `PoseTransform`, for raw features; else None.
        vae: A trained `PoseVAE`, whose own transform is used; else None.
        fine_tune: Whether the VAE's weights train along.

    Call arguments:
        poses: Float tensor `(B, T, J, D)`, pixels.
        visibility: Bool tensor `(B, T, J)`.
        state: From an earlier call, for a stream; else None.

    Returns:
        `(features, state)`: `(B, T, F)`, and the transform's state.

    Example:

    >>> from pose_tf.models import PoseFeatures
    >>> from pose_tf.pose.transform import PoseTransform
    >>> features = PoseFeatures(PoseTransform("penn_action"))
    >>> poses = tf.random.normal((4, 9, 13, 2))
    >>> given, state = features(poses, tf.ones((4, 9, 13), tf.bool))
    >>> tuple(given.shape) == (4, 9, features.num_features)
    True
    """

    def __init__(self, transform=None, vae=None, fine_tune=False, **kwargs):
        super().__init__(**kwargs)
        if (transform is None) == (vae is None):
            raise ValueError(
                "One of `transform` and `vae` must be given. "
                f"Received: transform={transform}, vae={vae}"
            )
        self.vae = vae
        self.fine_tune = fine_tune
        if vae is None:
            self._transform = transform
        else:
            vae.trainable = fine_tune
        self.build()

    def build(self):
        """Makes nothing: transform and VAE have weights already."""

    @property
    def transform(self) -> PoseTransform:
        """The transform, the VAE's own if there is one."""
        return self._transform if self.vae is None else self.vae.transform

    @property
    def num_pose_features(self):
        """Width of the part of the features that describes the pose."""
        if self.vae is None:
            return self.transform.num_pose_features
        return self.vae.latent_dim

    @property
    def num_features(self):
        """Width `F` of the features."""
        return (
            self.num_pose_features + 2 * self.transform.skeleton.num_coordinates
        )

    def call(self, poses, visibility, state=None):
        frames, state = self.transform(poses, visibility, state)
        return self.of_frames(frames), state

    def of_frames(self, frames):
        """Returns the features `(B, T, F)` of transformed frames."""
        pose = self.transform.standardize_pose(frames)
        if self.vae is not None:
            pose = self.vae.encode(pose).mean()
        return tf.concat([pose, self.transform.standardize_root(frames)], -1)

    def get_config(self):
        held = self._transform if self.vae is None else self.vae
        key = "transform" if self.vae is None else "vae"
        return {
            **super().get_config(),
            key: keras.saving.serialize_keras_object(held),
            "fine_tune": self.fine_tune,
        }

    @classmethod
    def from_config(cls, config):
        for key in ("transform", "vae"):
            if key in config:
                held = keras.saving.deserialize_keras_object(config[key])
                config = {**config, key: held}
        return cls(**config)
