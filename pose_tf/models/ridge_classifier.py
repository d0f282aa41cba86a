"""Classifies sequences by ridge regression of random convolutions."""

import keras
import numpy as np
import tensorflow as tf

from pose_tf.models.random_convolutions import RandomConvolutions

# Of the squares of weights, per sequence that is fitted to. Between 0.03 and 1,
# accuracy on left-out training clips of JHMDB-14 changes by less than two points.
PENALTY = 0.3
SEQUENCES_PER_BATCH = 256


@keras.saving.register_keras_serializable("pose_tf")
class RidgeClassifier(keras.layers.Layer):
    """Scores actions by a linear map of random convolutions.

    The map is the one of least squares to 1 for a sequence's action and -1 for
    the others, with a penalty on its weights (ridge regression), as Dempster,
    Schmidt and Webb use it for MiniRocket (arXiv:2012.08791). `fit` finds it in
    closed form; nothing is trained by gradients.

    Args:
        num_actions: Integer, `A`.
        num_frames: Frames per sequence, `T`, at least 9.
        num_features: Random convolutions' features, `F`, at least 84.
        seed: Seed of the random convolutions.

    Call arguments:
        sequences: Float tensor `(B, T, C)`.

    Returns:
        Scores `(B, A)`, about 1 for the action and -1 for others; all 0 before
        `fit`.

    Raises:
        ValueError: For fewer than 9 frames or 84 features.

    Example:

    >>> classifier = RidgeClassifier(2, num_frames=16, num_features=84)
    >>> sequences = np.random.default_rng(0).normal(size=(6, 16, 3))
    >>> classifier.fit(sequences, [0, 1, 0, 1, 0, 1])
    >>> tuple(classifier(tf.zeros((5, 16, 3))).shape)
    (5, 2)
    """

    def __init__(
        self, num_actions, num_frames=64, num_features=9_996, seed=0, **kwargs
    ):
        super().__init__(**kwargs)
        self.num_actions = num_actions
        self.convolutions = RandomConvolutions(num_frames, num_features, seed)

    def build(self, input_shape):
        self.convolutions.build(input_shape)
        self.kernel, self.bias = (
            self.add_weight(
                name=name, shape=shape, initializer="zeros", trainable=False
            )
            for name, shape in (
                ("kernel", (self.convolutions.num_features, self.num_actions)),
                ("bias", (self.num_actions,)),
            )
        )

    def fit(self, sequences, labels):
        """Fits thresholds of the convolutions, and the linear map.

        Features are standardized first. Takes `2 N` numbers of `F`, and a system
        of `N` equations.

        Args:
            sequences: Float array `(N, T, C)`.
            labels: Int array `(N,)`, the actions of the sequences.
        """
        sequences = np.asarray(sequences, np.float32)
        if not self.built:
            self.build(sequences.shape)
        self.convolutions.adapt(sequences)
        features = self._features(sequences)
        mean, stddev = features.mean(0), features.std(0)
        weight = np.divide(
            1, stddev, out=np.zeros_like(stddev), where=stddev > 0
        )
        features = (features - mean) * weight
        targets = np.where(np.eye(self.num_actions)[labels] > 0, 1.0, -1.0)
        products = (features @ features.T).astype(np.float64)
        products[np.diag_indices_from(products)] += PENALTY * len(products)
        kernel = features.T @ np.linalg.solve(products, targets)
        kernel *= weight[:, None]
        self.kernel.assign(kernel)
        # No action is preferred because it has more clips.
        self.bias.assign(-mean @ kernel)

    def _features(self, sequences):
        # Traced, the layer is several times as fast.
        describe = tf.function(
            self.convolutions, autograph=False, reduce_retracing=True
        )
        starts = range(0, len(sequences), SEQUENCES_PER_BATCH)
        return np.concatenate(
            [
                describe(sequences[i : i + SEQUENCES_PER_BATCH]).numpy()
                for i in starts
            ]
        )

    def call(self, sequences):
        return self.convolutions(sequences) @ self.kernel + self.bias

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.num_actions)

    def get_config(self):
        return {
            **super().get_config(),
            "num_actions": self.num_actions,
            "num_frames": self.convolutions.num_frames,
            "num_features": self.convolutions.num_features,
            "seed": self.convolutions.seed,
        }
