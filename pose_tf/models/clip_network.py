"""Residual convolutions and an LSTM each way, over whole clips."""

import keras
import tensorflow as tf

from pose_tf.models.motion_features import MotionFeatures
from pose_tf.pose import geometry

STEM_KERNEL, BLOCK_KERNEL = 7, 5  # Frames.
WIDENING = 1.5  # Channels of the second block, over those of the first.
# Brings the steps between two frames to about the size of the poses.
VELOCITY_SCALE = 8.0


@keras.saving.register_keras_serializable("pose_tf")
class ClipNetwork(keras.Model):
    """Maps whole clips to vectors, whatever is made of them.

    A clip is resampled to `features.num_frames` frames, `L`. The network sees
    root-centred poses, the root's path, and the velocities of both, per frame
    of the sequence and per frame of the clip; what its residual convolutions
    and two LSTMs make of it is pooled over time.

    Args:
        features: A `MotionFeatures` layer: clips to sequences.
        num_outputs: Integer, `O`.
        filters: Integer, channels of the first convolutions.
        units: Integer, units of each of the two LSTMs.
        dropout_rate: Float, of what is pooled over time.

    Call arguments:
        sequences: Float tensor `(B, L, F + 1)`: those of the `features` layer,
            and the logarithm of how many frames of a clip one of them covers.

    Returns:
        Float tensor `(B, O)`.

    Example:

    >>> from pose_tf.models.motion_features import MotionFeatures
    >>> features = MotionFeatures("penn_action", num_frames=16)
    >>> network = ClipNetwork(features, 3, filters=8, units=8)
    >>> tuple(network(tf.zeros((4, 16, 29))).shape)
    (4, 3)
    """

    def __init__(
        self,
        features,
        num_outputs,
        filters=48,
        units=64,
        dropout_rate=0.3,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.features: MotionFeatures = features
        self.num_outputs = num_outputs
        self.filters = filters
        self.units = units
        self.dropout_rate = dropout_rate
        self.stem = _convolution(filters, STEM_KERNEL, strides=2)
        self.norm = keras.layers.LayerNormalization()
        self.blocks = [
            ResidualBlock(filters),
            ResidualBlock(round(WIDENING * filters), strides=2),
        ]
        # As many steps as there are, always: unrolled, they take half the time.
        self.lstms = keras.layers.Bidirectional(
            keras.layers.LSTM(units, return_sequences=True, unroll=True)
        )
        self.dropout = keras.layers.Dropout(dropout_rate)
        self.head = keras.layers.Dense(num_outputs)
        self.build()

    @property
    def skeleton(self):
        """The `Skeleton` of the poses."""
        return self.features.skeleton

    @property
    def num_inputs(self):
        """Width of what the convolutions see."""
        return 3 * self.features.num_channels

    def build(self):
        """Makes the weights; their sizes are those of the features."""
        frames = self.features.num_frames
        shape = (None, frames, self.num_inputs)
        for layer in (self.stem, self.norm, *self.blocks, self.lstms):
            layer.build(shape)
            if layer is not self.norm:
                shape = layer.compute_output_shape(shape)
        self.head.build((None, 2 * shape[-1]))

    def call(self, sequences, training=False):
        return self.head(self.embed(sequences, training), training=training)

    def embed(self, sequences, training=False):
        """Returns what the head classifies, float `(B, 4 * units)`.

        Args:
            sequences: Float tensor `(B, L, F + 1)`, as for a call.
            training: Whether dropout is applied.
        """
        x = self.inputs(sequences)
        x = tf.nn.gelu(self.norm(self.stem(x)))  # [B, L / 2, filters]
        for block in self.blocks:
            x = block(x)
        x = self.lstms(x)  # [B, L / 4, 2 * units]
        x = tf.concat([tf.reduce_mean(x, 1), tf.reduce_max(x, 1)], -1)
        return self.dropout(x, training=training)

    def inputs(self, sequences):
        """Returns what the convolutions see, float `(B, L, num_inputs)`."""
        sequences, tempo = sequences[..., :-1], sequences[..., -1:]
        steps = sequences[:, 1:] - sequences[:, :-1]
        steps = tf.pad(VELOCITY_SCALE * steps, [[0, 0], [0, 1], [0, 0]])
        return tf.concat([sequences, steps, steps * tf.exp(-tempo)], -1)

    def sequences(self, poses, visibility, num_frames, tempo, mirrored=False):
        """Returns the network's sequences `(B, L, F + 1)` of clips.

        Args:
            poses: Float tensor `(B, T, J, D)`, pixels.
            visibility: Bool tensor `(B, T, J)`.
            num_frames: Int tensor `(B,)`; later frames are padding.
            tempo: Float tensor `(B,)`, how many frames of the recording are
                from one of these frames to the next.
            mirrored: Whether to mirror the clips.
        """
        steps = tf.cast(_visible_steps(visibility, num_frames), tf.float32)
        covered = tempo * steps + 1
        length = self.features.num_frames
        tempo = tf.math.log(covered / length)
        tempo = tf.tile(tempo[:, None, None], [1, length, 1])
        x = self.features(poses, visibility, num_frames, mirrored=mirrored)
        return tf.concat([x, tempo], -1)

    def get_config(self):
        return {
            **super().get_config(),
            "features": keras.saving.serialize_keras_object(self.features),
            "num_outputs": self.num_outputs,
            "filters": self.filters,
            "units": self.units,
            "dropout_rate": self.dropout_rate,
        }

    @classmethod
    def from_config(cls, config):
        features = keras.saving.deserialize_keras_object(config.pop("features"))
        return cls(features, **config)


@keras.saving.register_keras_serializable("pose_tf")
class ResidualBlock(keras.layers.Layer):
    """Two convolutions over time, added to what they are given.

    Args:
        filters: Integer, channels of the result.
        strides: Integer, frames per step of the result.

    Call arguments:
        x: Float tensor `(B, T, F)`.

    Returns:
        Float tensor `(B, ceil(T / strides), filters)`.

    Example:

    >>> block = ResidualBlock(8, strides=2)
    >>> tuple(block(tf.zeros((3, 10, 4))).shape)
    (3, 5, 8)
    """

    def __init__(self, filters, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides = filters, strides
        self.first = _convolution(filters, BLOCK_KERNEL, strides)
        self.second = _convolution(filters, BLOCK_KERNEL)
        self.shortcut = _convolution(filters, 1, strides)
        self.norms = [keras.layers.LayerNormalization() for _ in range(2)]

    def build(self, input_shape):
        self.first.build(input_shape)
        self.shortcut.build(input_shape)
        inner = (None, None, self.filters)
        for layer in (self.second, *self.norms):
            layer.build(inner)

    def compute_output_shape(self, input_shape):
        return self.first.compute_output_shape(input_shape)

    def call(self, x):
        inner = tf.nn.gelu(self.norms[0](self.first(x)))
        inner = self.norms[1](self.second(inner))
        return tf.nn.gelu(inner + self.shortcut(x))

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "strides": self.strides,
        }


def _visible_steps(visibility, num_frames):
    """Counts the steps from the first to the last frame with a visible joint.

    Args:
        visibility: Bool tensor `(B, T, J)`.
        num_frames: Int tensor `(B,)`; later frames are padding.

    Returns:
        Int tensor `(B,)`; 0 if nobody is visible.
    """
    mask = tf.sequence_mask(num_frames, tf.shape(visibility)[1])
    visibility &= mask[..., None]
    first, last = geometry.visible_span(visibility)
    return tf.where(tf.reduce_any(visibility, (1, 2)), last - first, 0)


def _convolution(filters, kernel_size, strides=1):
    return keras.layers.Conv1D(
        filters, kernel_size, strides, padding="same", use_bias=False
    )
