"""Principal components of wide features, as a layer."""

import keras
import numpy as np
from scipy import linalg


@keras.saving.register_keras_serializable("pose_tf")
class PrincipalComponents(keras.layers.Layer):
    """Projects features onto their first principal components.

    Every component has variance 1 on the features that `adapt` saw: they are
    whitened. Components beyond those that the features have are 0.

    Args:
        num_components: Number of components, `K`.

    Call arguments:
        features: Float tensor `(B, F)`.

    Returns:
        Float tensor `(B, K)`, in the order of falling variance.

    Example:

    >>> layer = PrincipalComponents(num_components=2)
    >>> layer.adapt(np.random.default_rng(0).normal(size=(50, 7)))
    >>> tuple(layer(np.zeros((3, 7), "float32")).shape)
    (3, 2)
    """

    def __init__(self, num_components, **kwargs):
        super().__init__(**kwargs)
        if num_components < 1:
            raise ValueError(
                "`num_components` must be at least 1. "
                f"Received: {num_components}"
            )
        self.num_components = num_components

    def build(self, input_shape):
        def weight(name, *shape):
            return self.add_weight(
                name=name, shape=shape, initializer="zeros", trainable=False
            )

        self.mean = weight("mean", input_shape[-1])
        self.directions = weight(
            "directions", input_shape[-1], self.num_components
        )
        self.stddev = weight("stddev", self.num_components)

    def adapt(self, features):
        """Sets mean, directions and deviations to those of features `(N, F)`.

        Raises:
            ValueError: If there are fewer than two, or all are equal.
        """
        features = np.asarray(features, np.float32)
        if len(features) < 2 or (features == features[0]).all():
            raise ValueError(
                "`features` must have at least two that differ. Received: "
                f"{len(features)}"
            )
        if not self.built:
            self.build(features.shape)
        mean = features.mean(0)
        values, directions = _components(features - mean, self.num_components)
        stddev = np.sqrt(values / (len(features) - 1))
        rest = [(0, self.num_components - len(values))]
        self.mean.assign(mean)
        self.directions.assign(np.pad(directions, [(0, 0), *rest]))
        self.stddev.assign(np.pad(stddev, rest, constant_values=1.0))

    def call(self, features):
        return (
            keras.ops.matmul(features - self.mean, self.directions)
            / self.stddev
        )

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.num_components)

    def get_config(self):
        return {
            **super().get_config(),
            "num_components": self.num_components,
        }


def _components(centered, most):
    """Returns eigenvalues `(k,)` and eigenvectors `(F, k)` of the scatter.

    From whichever is smaller, the scatter `(F, F)` or the Gram matrix `(N, N)`,
    which has the same eigenvalues: a hundred times faster than a general
    decomposition of a thousand clips of ten thousand features.

    Args:
        centered: Float array `(N, F)`.
        most: Integer; the `k` eigenvectors of largest values, at most as many
            as this and as the features span.
    """
    wide = centered.shape[1] > centered.shape[0]
    gram = centered @ centered.T if wide else centered.T @ centered
    size = len(gram)
    values, vectors = linalg.eigh(
        gram.astype(np.float64), subset_by_index=(max(size - most, 0), size - 1)
    )
    values, vectors = values[::-1], vectors[:, ::-1]
    real = values > values[0] * np.finfo(np.float32).eps * size
    values, vectors = values[real], vectors[:, real]
    if wide:
        vectors = centered.T @ vectors.astype(np.float32) / np.sqrt(values)
    # A direction or its opposite: the one whose largest entry is positive.
    largest = vectors[np.abs(vectors).argmax(0), range(len(values))]
    return values, vectors * np.sign(largest)
