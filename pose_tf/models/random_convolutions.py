"""Random convolutions: features of sequences that need no training.

MiniRocket: Dempster, Schmidt and Webb, "MiniRocket: A Very Fast (Almost)
Deterministic Transform for Time Series Classification", KDD 2021
(arXiv:2012.08791), for several channels.
"""

import itertools

import keras
import numpy as np
import tensorflow as tf

KERNEL_SIZE = 9
# Every kernel has weight 2 at three of its nine places and -1 at the others.
TWOS = np.array(list(itertools.combinations(range(KERNEL_SIZE), 3)))
NUM_KERNELS = len(TWOS)  # 84.
MAX_DILATIONS = 32
MAX_CHANNELS = 9  # That one kernel looks at.
GOLDEN_RATIO = (np.sqrt(5) + 1) / 2
# Thresholds are raised by this share of the largest result. Kernels give 0 for
# whatever rests, but for rounding, which differs from batch to batch, and many
# quantiles are 0: features would depend on the batch.
TIE_MARGIN = 1e-5


@keras.saving.register_keras_serializable("pose_tf")
class RandomConvolutions(keras.layers.Layer):
    """Describes sequences by how often random convolutions exceed thresholds.

    84 fixed kernels of nine frames are applied at several dilations, each to
    the sum of some channels that are drawn at random. A feature is the share
    of frames in which the result exceeds a threshold. The thresholds are
    quantiles of the results on example sequences; `adapt` sets them. The
    channels follow from `seed`, so the thresholds are the only weights.

    Args:
        num_frames: Frames per sequence, `T`, at least 9.
        num_features: Number of features, `F`; at least 84, and rounded down
            to a multiple of it.
        seed: Seed that draws the channels, and the examples in `adapt`.

    Call arguments:
        sequences: Float tensor `(B, T, C)`, in any unit.

    Returns:
        Float tensor `(B, F)`, between 0 and 1.

    Raises:
        ValueError: For fewer than 9 frames or 84 features.

    Example:

    >>> layer = RandomConvolutions(num_frames=16, num_features=84)
    >>> layer.adapt(np.random.default_rng(0).normal(size=(20, 16, 3)))
    >>> tuple(layer(tf.zeros((2, 16, 3))).shape)
    (2, 84)
    """

    def __init__(self, num_frames=64, num_features=9_996, seed=0, **kwargs):
        super().__init__(**kwargs)
        if num_frames < KERNEL_SIZE:
            raise ValueError(
                f"`num_frames` must be at least {KERNEL_SIZE}. "
                f"Received: {num_frames}"
            )
        if num_features < NUM_KERNELS:
            raise ValueError(
                f"`num_features` must be at least {NUM_KERNELS}. "
                f"Received: {num_features}"
            )
        self.num_frames = num_frames
        self.num_features = num_features // NUM_KERNELS * NUM_KERNELS
        self.seed = seed
        self.dilations, self.num_thresholds = _dilations(
            num_frames, self.num_features // NUM_KERNELS
        )

    def build(self, input_shape):
        self.channels = draw_channels(
            len(self.dilations), input_shape[-1], self.seed
        )
        self.thresholds = self.add_weight(
            name="thresholds",
            shape=(self.num_features,),
            initializer="zeros",
            trainable=False,
        )

    def adapt(self, sequences):
        """Sets the thresholds to quantiles of the results on examples.

        Args:
            sequences: Float array `(N, T, C)`; an example is drawn from it
                for each pair of a dilation and a kernel.
        """
        sequences = np.asarray(sequences, np.float32)
        if not self.built:
            self.build(sequences.shape)
        rng = np.random.default_rng(self.seed)
        # Multiples of the golden ratio modulo 1: spread evenly at any number.
        steps = np.arange(1, self.num_features + 1)
        levels = iter(np.split(steps * GOLDEN_RATIO % 1, self.num_features))
        thresholds = []
        for index, number in enumerate(self.num_thresholds):
            examples = sequences[rng.integers(len(sequences), size=NUM_KERNELS)]
            results = self._convolve(tf.constant(examples), index).numpy()
            margin = TIE_MARGIN * np.abs(results).max()
            for kernel in range(NUM_KERNELS):
                quantiles = np.concatenate(
                    [next(levels) for _ in range(number)]
                )
                thresholds.append(
                    np.quantile(results[kernel, :, kernel], quantiles) + margin
                )
        self.thresholds.assign(np.concatenate(thresholds))

    def call(self, sequences):
        sizes = [NUM_KERNELS * number for number in self.num_thresholds]
        features = []
        for index, thresholds in enumerate(tf.split(self.thresholds, sizes)):
            number = self.num_thresholds[index]
            thresholds = tf.reshape(thresholds, (NUM_KERNELS, number))
            counted = self._counted(index)  # [T, 84]
            results = self._convolve(sequences, index)  # [B, T, 84]
            results = tf.where(counted, results, -np.inf)
            # One threshold per kernel at a time: this stays in the cache,
            # [B, T, 84, number] at once does not and takes six times as long.
            above = [
                tf.reduce_sum(
                    tf.cast(results > thresholds[:, n], results.dtype), 1
                )
                for n in range(number)
            ]
            shares = tf.stack(above, -1) / counted.sum(0)[:, None]
            features.append(tf.reshape(shares, (-1, NUM_KERNELS * number)))
        return tf.concat(features, -1)

    def _convolve(self, sequences, index):
        """Returns the results of one dilation's kernels, `(B, T, 84)`."""
        kernels = np.full((NUM_KERNELS, KERNEL_SIZE), -1.0, np.float32)
        np.put_along_axis(kernels, TWOS, 2.0, axis=1)
        # The mask is a small constant of the graph; filters would be large.
        mask = tf.cast(tf.constant(self.channels[index]), sequences.dtype)
        filters = tf.constant(kernels.T)[:, None] * mask  # [9, C, 84]
        return tf.nn.conv1d(
            sequences, filters, 1, "SAME", dilations=self.dilations[index]
        )

    def _counted(self, index):
        """Returns the frames that count, bool array `(T, 84)`.

        By turns, kernels count all frames, or only those in which they lie
        wholly inside the sequence.
        """
        margin = KERNEL_SIZE // 2 * self.dilations[index]
        frames = np.arange(self.num_frames)
        inside = (frames >= margin) & (frames < self.num_frames - margin)
        padded = (index + np.arange(NUM_KERNELS)) % 2 == 0
        return inside[:, None] | padded

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.num_features)

    def get_config(self):
        return {
            **super().get_config(),
            "num_frames": self.num_frames,
            "num_features": self.num_features,
            "seed": self.seed,
        }


def draw_channels(num_dilations, num_channels, seed) -> np.ndarray:
    """Draws the channels of each kernel: bool `(num_dilations, C, 84)`.

    How many there are is log-uniform between 1 and 9.
    """
    rng = np.random.default_rng(seed)
    channels = np.zeros((num_dilations, num_channels, NUM_KERNELS), bool)
    most = np.log2(min(num_channels, MAX_CHANNELS) + 1)
    for index in range(num_dilations):
        for kernel in range(NUM_KERNELS):
            number = int(2 ** rng.uniform(0, most))
            chosen = rng.choice(num_channels, number, replace=False)
            channels[index, chosen, kernel] = True
    return channels


def _dilations(num_frames, per_kernel):
    """Returns dilations, and how many thresholds a kernel has at each."""
    number = min(per_kernel, MAX_DILATIONS)
    largest = np.log2((num_frames - 1) / (KERNEL_SIZE - 1))
    dilations, counts = np.unique(
        np.logspace(0, largest, number, base=2).astype(int), return_counts=True
    )
    counts = counts * per_kernel // number
    counts[: per_kernel - counts.sum()] += 1
    return dilations.tolist(), counts.tolist()
