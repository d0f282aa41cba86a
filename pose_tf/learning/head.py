"""Learns to tell actions apart by embeddings, few of them labelled.

Labels spread over the graph of all motions, labelled or not; logistic
regression learns what they became, each motion weighted by how clear that is.
"""

import dataclasses

import numpy as np
import sklearn.linear_model
import threadpoolctl

# Inverse strength of the penalty: the embeddings have unit length.
REGULARIZATION = 10.0
MAX_ITERATIONS = 500
MIN_WEIGHT = 1e-3  # Motions that count less are left out, to save time.


@dataclasses.dataclass(frozen=True, eq=False)
class Head:
    """Gives probabilities of actions, the softmax of a linear map.

    Attributes:
        weights: Float32 `[Z, C]`.

    Example:

    >>> head = Head(np.eye(2, dtype=np.float32))
    >>> head.probabilities(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    """

    weights: np.ndarray

    def probabilities(self, embeddings) -> np.ndarray:
        """Returns float32 `[N, C]` for embeddings `[N, Z]` of unit length."""
        logits = embeddings @ self.weights
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        return (powers / powers.sum(-1, keepdims=True)).astype(np.float32)


@dataclasses.dataclass(frozen=True, eq=False)
class Spread:
    """Holds what the labels of a few motions say about all of them.

    Attributes:
        shares: Float64 `[N, C]`: of each motion, the actions' shares, which
            sum to 1; all 0 if no labelled motion is connected to it.

    Example:

    >>> Spread(np.array([[0.75, 0.25], [0.0, 0.0]])).margins.tolist()
    [0.5, 0.0]
    """

    shares: np.ndarray

    @property
    def actions(self) -> np.ndarray:
        """Index of the action with the greatest share, int64 `[N]`."""
        return self.shares.argmax(-1)

    @property
    def margins(self) -> np.ndarray:
        """How far the greatest share is above the next, `[N]`, 0 to 1."""
        first, second = np.sort(self.shares, -1)[:, :-3:-1].T
        return first - second


def balanced(scores, masses) -> Spread:
    """Returns the shares of actions, all of which weigh the same in total.

    The scores of an action are divided by its mass, their sum over all
    motions: an action with more labelled clips, or with clips in denser
    places, has no advantage. Zhu, Ghahramani and Lafferty, "Semi-Supervised
    Learning Using Gaussian Fields and Harmonic Functions", ICML 2003 (class
    mass normalization, here with equal priors).

    Args:
        scores: Float array `[N, C]`, not negative.
        masses: Float array `[C]`, the sums of scores over all motions.
    """
    scores = np.divide(
        scores, masses, out=np.zeros_like(scores), where=masses > 0
    )
    totals = scores.sum(-1, keepdims=True)
    return Spread(
        np.divide(scores, totals, out=np.zeros_like(scores), where=totals > 0)
    )


def spread(motions, labels, num_actions) -> Spread:
    """Spreads the labels of the first motions over all.

    Args:
        motions: `graph.MotionGraph` of `N` motions.
        labels: Int array `[L]`, the actions of the first `L` of them.
        num_actions: Integer, `C`.
    """
    known = np.zeros((len(motions), num_actions))
    known[np.arange(len(labels)), labels] = 1
    scores = motions.spread(known)
    return balanced(scores, scores.sum(0))


def fit(embeddings, labels, spread, num_actions) -> Head:
    """Fits a head to labels, and to what they became by spreading.

    Args:
        embeddings: Float array `[N, Z]`, of unit length, those of the `L`
            labelled motions first.
        labels: Int array `[L]`; each action has one at least.
        spread: `Spread` over the `N` motions; not looked at if all of them are
            labelled.
        num_actions: Integer, `C`, at least 2.
    """
    num = len(labels)
    actions, weights = labels, np.ones(num)
    if len(embeddings) > num:
        actions = np.concatenate([labels, spread.actions[num:]])
        weights = np.concatenate([weights, spread.margins[num:]])
    kept = weights >= MIN_WEIGHT
    # Whatever the clips of an action weigh together, it is as likely as others.
    model = sklearn.linear_model.LogisticRegression(
        C=REGULARIZATION,
        max_iter=MAX_ITERATIONS,
        class_weight="balanced",
        fit_intercept=False,
    )
    # The matrices are small: threads would spend their time waiting.
    with threadpoolctl.threadpool_limits(1):
        model.fit(embeddings[kept], actions[kept], sample_weight=weights[kept])
    weights = model.coef_.T
    if num_actions == 2:  # scikit-learn keeps the difference of the two.
        weights = np.concatenate([-weights, weights], -1) / 2
    return Head(weights.astype(np.float32))
