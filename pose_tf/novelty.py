"""How novel motions are, beside those that a model was trained on."""

import numpy as np
import tensorflow as tf

ROWS_PER_BLOCK = 1024  # Of the matrix of all similarities, computed at once.


class Novelty(tf.Module):
    """Says how novel motions are, by their embeddings.

    Args:
        embeddings: Float array `(N, Z)`, of the training motions. They are
            kept in half precision.
        most: Integer; of more motions, these many are drawn.
        num_neighbors: Integer, nearest motions that a distance is to.

    Call arguments:
        embeddings: Float tensor `(B, Z)`.

    Returns:
        Float tensor `(B,)`; see `share_likelier`.

    Example:

    >>> novelty = Novelty(np.eye(3), most=100, num_neighbors=1)
    >>> novelty(tf.constant([[1.0, 0.0, 0.0], [-1.0, -1.0, -1.0]])).numpy()
    array([0., 1.], dtype=float32)
    """

    def __init__(self, embeddings, *, most, num_neighbors):
        super().__init__()
        unit, distances = references(
            embeddings, most=most, num_neighbors=num_neighbors
        )
        self.num_neighbors = num_neighbors
        self.references = tf.Variable(np.float16(unit), trainable=False)
        self.distances = tf.Variable(distances, trainable=False)

    def __call__(self, embeddings):
        return share_likelier(
            embeddings,
            tf.cast(self.references, tf.float32),
            self.distances,
            num_neighbors=self.num_neighbors,
        )


def references(embeddings, *, most, num_neighbors, seed=0):
    """Returns what `share_likelier` compares with.

    Args:
        embeddings: Float array `(N, Z)`, of the training motions.
        most: Integer; of more motions, these many are drawn.
        num_neighbors: Integer, nearest motions that a distance is to.
        seed: Integer that decides which are drawn.

    Returns:
        `(references, distances)`: embeddings of unit length `(R, Z)` and the
        distance of each to the others `(R,)`, both float32.
    """
    embeddings = np.asarray(embeddings, np.float32)
    if len(embeddings) > most:
        rng = np.random.default_rng(seed)
        drawn = rng.choice(len(embeddings), most, replace=False)
        embeddings = embeddings[np.sort(drawn)]
    unit = unit_length(embeddings)
    number = max(min(num_neighbors, len(embeddings) - 1), 1)
    distances = []
    for start in range(0, len(embeddings), ROWS_PER_BLOCK):
        similarity = unit[start : start + ROWS_PER_BLOCK] @ unit.T
        rows = np.arange(len(similarity))
        similarity[rows, start + rows] = -1  # Nothing is its own neighbour.
        distances.append(_distance(tf.constant(similarity), number))
    return unit, np.concatenate(distances)


def share_likelier(embeddings, references, distances, *, num_neighbors):
    """Returns the share of training motions that are likelier than motions.

    A motion is the less likely, the larger its mean cosine distance to its
    `num_neighbors` nearest references is.

    Args:
        embeddings: Float tensor `(B, Z)`.
        references, distances: `(R, Z)` and `(R,)`, see `references`.
        num_neighbors: Integer, as there.

    Returns:
        Float tensor `(B,)`, 0 to 1; NaN without references, and for motions
        whose embedding is NaN.
    """
    unit = tf.math.l2_normalize(embeddings, axis=-1)
    similarity = unit @ tf.transpose(references)
    number = tf.minimum(num_neighbors, tf.shape(similarity)[1])
    distance = _distance(similarity, number)
    larger = distance[:, None] > distances[None]
    share = tf.reduce_mean(tf.cast(larger, tf.float32), -1)
    return tf.where(tf.math.is_nan(distance), distance, share)


def unit_length(vectors) -> np.ndarray:
    """Returns vectors `(..., Z)` scaled to length 1, float32; those of 0 stay."""
    vectors = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def _distance(similarity, number):
    """Returns the mean cosine distance `(B,)` to the nearest of `(B, R)`."""
    nearest, _ = tf.math.top_k(similarity, number)
    return 1 - tf.reduce_mean(nearest, -1)
