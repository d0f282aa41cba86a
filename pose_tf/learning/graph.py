"""Spreads labels over a graph in which similar motions are neighbours.

Zhou, Bousquet, Lal, Weston and Schölkopf, "Learning with Local and Global
Consistency", NIPS 2003. The kernel that spreads is `(1 - a) (I - a S)^-1`,
where `S` is the symmetrically normalized matrix of the graph's weights.
"""

import numpy as np
import scipy.sparse
import sklearn.cluster
import sklearn.neighbors

NUM_NEIGHBORS = 10
SHARPNESS = 8  # Power of the cosine that is the weight of two neighbours.
ALPHA = 0.99  # Share of a motion's scores that comes from its neighbours.
TOLERANCE = 1e-10  # Residual over the right side, at which the solver stops.
MAX_STEPS = 2_000
# Up to here all pairs are compared. Above, motions are dealt into cells, and
# each is compared with those of the nearest cells only.
MAX_EXACT = 20_000
MOTIONS_PER_CELL = 2_000
NUM_PROBED = 5  # Cells in which a motion's neighbours are looked for.


class MotionGraph:
    """Connects each motion to its nearest ones, and spreads labels over them.

    Two motions are connected if one is among the `NUM_NEIGHBORS` nearest of the
    other, by the cosine of their embeddings; its eighth power is the weight.
    Memory grows with `N` (some 5 kB per motion), never with its square. Up to
    `MAX_EXACT` motions the neighbours are exact. Above they are approximate:
    k-means deals the motions into cells of about `MOTIONS_PER_CELL`, and the
    neighbours of a motion are looked for in the `NUM_PROBED` nearest cells.

    Args:
        embeddings: Float array `[N, Z]`, of unit length.

    Example:

    >>> angles = np.array([0.0, 0.1, 3.0, 3.1])
    >>> graph = MotionGraph(np.stack([np.cos(angles), np.sin(angles)], -1))
    >>> scores = graph.spread(np.array([[1, 0], [0, 0], [0, 1], [0, 0]]))
    >>> scores.argmax(-1).tolist()
    [0, 0, 1, 1]
    """

    def __init__(self, embeddings):
        weights = _weights(np.asarray(embeddings, np.float32))
        degrees = np.asarray(weights.sum(1)).ravel()
        # A motion without neighbours has no weights, and keeps its own label.
        roots = 1 / np.sqrt(np.where(degrees > 0, degrees, 1))
        scaling = scipy.sparse.diags(roots)
        self._smoother = (scaling @ weights @ scaling).tocsr()

    def __len__(self):
        return self._smoother.shape[0]

    def spread(self, labels) -> np.ndarray:
        """Returns the scores that labels give to all motions.

        Args:
            labels: Float array `[N, C]`, such as 1 where a motion is labelled
                with an action and 0 elsewhere.

        Returns:
            Float64 `[N, C]`, `(1 - a) (I - a S)^-1 labels`; not negative if
            the labels are not.
        """
        labels = np.asarray(labels, np.float64)
        scores = _solve(
            lambda x: x - ALPHA * (self._smoother @ x), (1 - ALPHA) * labels
        )
        return np.maximum(scores, 0) if (labels >= 0).all() else scores


def _solve(matrix, right):
    """Solves symmetric positive definite systems by conjugate gradients.

    All columns of `right` `[N, C]` are solved side by side, which is faster
    than SciPy's solver of one column: a sparse matrix is read once for all.
    """
    solution = np.zeros_like(right)
    residual = right.copy()
    direction = residual.copy()
    squared = (residual**2).sum(0)
    enough = TOLERANCE**2 * squared
    for _ in range(MAX_STEPS):
        if (squared <= enough).all():
            break
        image = matrix(direction)
        step = _divided(squared, (direction * image).sum(0))
        solution += step * direction
        residual -= step * image
        before, squared = squared, (residual**2).sum(0)
        direction = residual + _divided(squared, before) * direction
    return solution


def _divided(a, b):
    """`a / b`, 0 where `b` is: of a column that is solved."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)


def _weights(embeddings):
    """The symmetric weights of neighbours, sparse `[N, N]`."""
    num = len(embeddings)
    if num <= MAX_EXACT:
        rows, columns = _nearest(np.arange(num), np.arange(num), embeddings)
    else:
        rows, columns = _nearest_by_cells(embeddings)
    others = rows != columns
    rows, columns = rows[others], columns[others]
    cosines = np.einsum("nz,nz->n", embeddings[rows], embeddings[columns])
    values = np.maximum(cosines, 0).astype(np.float64) ** SHARPNESS
    weights = scipy.sparse.csr_array((values, (rows, columns)), (num, num))
    return weights.maximum(weights.T)


def _nearest(queries, candidates, embeddings):
    """Index pairs of queries and their nearest candidates, and themselves."""
    # A motion finds itself too: one more than the neighbours that it needs.
    number = min(NUM_NEIGHBORS + 1, len(candidates))
    search = sklearn.neighbors.NearestNeighbors(
        n_neighbors=number, algorithm="brute"
    ).fit(embeddings[candidates])
    # Of unit vectors the nearest are those with the greatest cosine.
    found = search.kneighbors(embeddings[queries], return_distance=False)
    return np.repeat(queries, number), candidates[found].ravel()


def _nearest_by_cells(embeddings):
    """Index pairs as `_nearest` gives them, found in the nearest cells."""
    num_cells = -(-len(embeddings) // MOTIONS_PER_CELL)
    means = sklearn.cluster.MiniBatchKMeans(
        num_cells, random_state=0, n_init=1, batch_size=MOTIONS_PER_CELL
    )
    cells = means.fit_predict(embeddings)
    members = [np.flatnonzero(cells == cell) for cell in range(num_cells)]
    centers = means.cluster_centers_
    near = (centers @ centers.T - (centers**2).sum(-1) / 2).argsort(-1)
    pairs = []
    for cell, queries in enumerate(members):
        probed = near[cell][::-1][:NUM_PROBED]
        candidates = np.concatenate([members[other] for other in probed])
        if len(queries):
            pairs.append(_nearest(queries, candidates, embeddings))
    rows, columns = zip(*pairs, strict=True)
    return np.concatenate(rows), np.concatenate(columns)
