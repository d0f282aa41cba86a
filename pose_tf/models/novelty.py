"""How novel an embedded motion is, beside those of training."""

import numpy as np
import tensorflow as tf

NUM_NEIGHBORS = 5  # Of a motion, among the references.


def references(mean):
    """Returns what `share_likelier` compares with.

    Args:
        mean: Float array `(R, Z)`, embeddings of training motions.

    Returns:
        `(references, distances)`: embeddings of unit length `(R, Z)`, and the
        distance of each to the others `(R,)`.
    """
    unit = unit_length(tf.constant(mean, tf.float32))
    similarity = unit @ tf.transpose(unit)
    # Nothing is its own neighbour.
    similarity = tf.linalg.set_diag(similarity, -tf.ones(len(mean)))
    return unit.numpy(), np.asarray(_distance(similarity))


def share_likelier(mean, references, distances):
    """Returns the share of training motions that are likelier than motions.

    A motion is the less likely, the larger its mean cosine distance to its
    `NUM_NEIGHBORS` nearest references is.

    Args:
        mean: Float tensor `(B, Z)`, embeddings.
        references, distances: `(R, Z)` and `(R,)`, see `references`.

    Returns:
        Float tensor `(B,)`, 0 to 1; NaN without references.
    """
    similarity = unit_length(mean) @ tf.transpose(references)
    larger = _distance(similarity)[:, None] > distances[None]
    return tf.reduce_mean(tf.cast(larger, tf.float32), -1)


def unit_length(vectors):
    """Returns vectors `(..., Z)` scaled to length 1; those of 0 stay."""
    return tf.math.l2_normalize(vectors, axis=-1)


def _distance(similarity):
    """Returns the mean cosine distance `(B,)` to the nearest of `(B, R)`."""
    number = tf.minimum(NUM_NEIGHBORS, tf.shape(similarity)[1])
    nearest, _ = tf.math.top_k(similarity, number)
    return 1 - tf.reduce_mean(nearest, -1)
