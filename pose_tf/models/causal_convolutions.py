"""Convolutions over time that are given the frames before, and give them on."""

import keras
import tensorflow as tf

BLOCK_KERNEL = 3  # Frames.


@keras.saving.register_keras_serializable("pose_tf")
class CausalConvolution(keras.layers.Layer):
    """A convolution over a frame and frames before it, some apart.

    Args:
        filters: Integer, channels of the result.
        kernel_size: Integer, frames that it sees.
        dilation: Integer, frames from one of these to the next.

    Call arguments:
        x: Float tensor `(B, T, F)`.
        history: Float tensor `(B, reach, F)`, the frames before.

    Returns:
        `(y, history)`: `(B, T, filters)`, and the last `reach` frames.

    Example:

    >>> layer = CausalConvolution(8, 3, dilation=4)
    >>> y, history = layer(tf.zeros((2, 5, 6)), tf.zeros((2, layer.reach, 6)))
    >>> tuple(y.shape), tuple(history.shape)
    ((2, 5, 8), (2, 8, 6))
    """

    def __init__(self, filters, kernel_size, dilation=1, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.dense = keras.layers.Dense(filters)

    @property
    def reach(self) -> int:
        """Frames that it sees beside the one in question."""
        return (self.kernel_size - 1) * self.dilation

    def build(self, input_shape):
        self.dense.build((None, self.kernel_size * input_shape[-1]))

    def call(self, x, history):
        num_frames = tf.shape(x)[1]
        x = tf.concat([history, x], 1)
        taps = [
            x[:, tap * self.dilation :][:, :num_frames]
            for tap in range(self.kernel_size)
        ]
        return self.dense(tf.concat(taps, -1)), x[:, num_frames:]

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "dilation": self.dilation,
        }


@keras.saving.register_keras_serializable("pose_tf")
class CausalBlock(keras.layers.Layer):
    """A `CausalConvolution` and a dense layer, added to what they are given.

    Args:
        filters: Integer, channels.
        dilation: Integer, of the convolution.
        dropout_rate: Float, of channels.

    Call arguments:
        x: Float tensor `(B, T, filters)`.
        history: Float tensor `(B, convolution.reach, filters)`.
        training: Whether dropout is applied.

    Returns:
        `(y, history)`, as of the convolution.

    Example:

    >>> block = CausalBlock(8, 2, 0.1)
    >>> y, _ = block(tf.zeros((2, 5, 8)), tf.zeros((2, 4, 8)))
    >>> tuple(y.shape)
    (2, 5, 8)
    """

    def __init__(self, filters, dilation, dropout_rate, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.dilation = dilation
        self.dropout_rate = dropout_rate
        self.convolution = CausalConvolution(filters, BLOCK_KERNEL, dilation)
        self.norm = keras.layers.LayerNormalization()
        self.dropout = keras.layers.SpatialDropout1D(dropout_rate)
        self.dense = keras.layers.Dense(filters)

    def build(self, input_shape):
        for layer in (self.convolution, self.norm, self.dense):
            layer.build((None, None, self.filters))

    def call(self, x, history, training=False):
        y, history = self.convolution(x, history)
        y = self.dropout(tf.nn.gelu(self.norm(y)), training=training)
        return x + self.dense(y), history

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "dilation": self.dilation,
            "dropout_rate": self.dropout_rate,
        }
