"""Stacks LSTMs in one recurrent layer."""

import keras


@keras.saving.register_keras_serializable("pose_tf")
class StackedLSTMCell(keras.layers.Layer):
    """Computes one step of several LSTMs, each fed by the one before.

    Run by one `keras.layers.RNN`, the LSTMs can work on different frames in
    parallel; stacked recurrent layers cannot.

    Args:
        units: Integer, units of each LSTM.
        num_lstms: Integer, number of LSTMs.

    Call arguments:
        inputs: Float tensor `(B, F)` or `(B, F + (num_lstms - 1) * units)`:
            what follows the features multiplies the outputs of all LSTMs but
            the last. It is the noise of dropout.
        states: List of `h` and `c` of each LSTM, `(B, units)`.

    Example:

    >>> layer = keras.layers.RNN(StackedLSTMCell(units=8, num_lstms=2))
    >>> tuple(layer(keras.ops.zeros((4, 10, 5))).shape)
    (4, 8)
    """

    def __init__(self, units, num_lstms, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.num_lstms = num_lstms
        self.state_size = [units] * (2 * num_lstms)
        self.output_size = units
        self.cells = [keras.layers.LSTMCell(units) for _ in range(num_lstms)]

    def build(self, input_shape):
        width = input_shape[-1]
        self.width = width
        for cell in self.cells:
            cell.build((None, width))
            width = self.units

    def call(self, inputs, states):
        x, after = inputs, []
        noisy = inputs.shape[-1] > self.width
        if noisy:
            x, noise = inputs[:, : self.width], inputs[:, self.width :]
        for i, cell in enumerate(self.cells):
            x, state = cell(x, states[2 * i : 2 * i + 2])
            after += state
            if noisy and i + 1 < self.num_lstms:
                x *= noise[:, i * self.units : (i + 1) * self.units]
        return x, after

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "num_lstms": self.num_lstms,
        }
