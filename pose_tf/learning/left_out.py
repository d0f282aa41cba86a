"""Leaves labelled motions out, to see which action they are given then.

A motion can be left out if its action has another labelled one. Equal clips are
left out together, or one would give away the other.
"""

import dataclasses

import numpy as np

from pose_tf.learning import head

# Motions that are left out at most; of more, these many are drawn.
MAX_LEFT_OUT = 200
# Without unlabelled motions new heads are fitted, to so many motions in all;
# how many heads that is depends on how many motions there are.
NUM_FITTED = 6_000
MIN_PARTS, MAX_PARTS = 5, 50
COLUMNS_PER_SOLVE = 32  # Bounds the memory of the solver.
Z_95 = 1.96  # Standard deviations of a 95 % interval.


@dataclasses.dataclass(frozen=True, eq=False)
class LeftOut:
    """Holds what became of labelled motions that were left out.

    Attributes:
        motions: Int array `[M]`, indices of the motions.
        actions: Int array `[M]`, the actions that they were given.

    Example:

    >>> LeftOut(np.array([0, 3]), np.array([1, 1])).right(np.array([1, 0, 0, 0]))
    array([ True, False])
    """

    motions: np.ndarray
    actions: np.ndarray

    def right(self, labels) -> np.ndarray:
        """Returns whether they were given their own actions, bool `[M]`.

        Args:
            labels: Int array `[L]`, the actions of all labelled motions.
        """
        return self.actions == labels[self.motions]


def choose(labels, groups) -> np.ndarray:
    """Returns which motions are left out, indices in order.

    Args:
        labels: Int array `[L]`, their actions.
        groups: Int array `[L]`, the same for equal clips.
    """
    pairs = np.unique(np.stack([labels, groups]), axis=1)
    actions, counts = np.unique(pairs[0], return_counts=True)
    several = np.flatnonzero(np.isin(labels, actions[counts > 1]))
    if len(several) > MAX_LEFT_OUT:
        rng = np.random.default_rng(0)
        several = rng.choice(several, MAX_LEFT_OUT, replace=False)
    return np.sort(several)


def by_spreading(motions, kernel, labels, groups, chosen) -> LeftOut:
    """Leaves out each motion alone, and spreads the labels of all others.

    Scores are linear in the labels, so this is exact without solving again.

    Args:
        motions: `graph.MotionGraph`, the `L` labelled motions first.
        kernel: Float array `[M, L]`, `kernel` of the chosen motions.
        labels: Int array `[L]`, their actions.
        groups: Int array `[L]`, the same for equal clips.
        chosen: Int array `[M]`, the motions that are left out.
    """
    one_hot = np.eye(labels.max() + 1)[labels]
    # What each label gives to all motions: the sum of its column.
    given = motions.spread(np.ones((len(motions), 1)))[: len(labels), 0]
    actions = []
    for row, motion in zip(kernel, chosen, strict=True):
        known = one_hot * (groups != groups[motion])[:, None]
        shares = head.balanced((row @ known)[None], given @ known)
        actions.append(shares.actions[0])
    return LeftOut(chosen, np.array(actions, int))


def kernel(motions, chosen, num_labelled) -> np.ndarray:
    """Returns how much labels of chosen motions give to labelled ones.

    Args:
        motions: `graph.MotionGraph`, the labelled motions first.
        chosen: Int array `[M]`.
        num_labelled: Integer, `L`.

    Returns:
        Float64 `[M, L]`, rows of the symmetric kernel that spreads labels.
    """
    rows = [np.zeros((0, num_labelled))]
    for start in range(0, len(chosen), COLUMNS_PER_SOLVE):
        part = chosen[start : start + COLUMNS_PER_SOLVE]
        ones = np.zeros((len(motions), len(part)))
        ones[part, np.arange(len(part))] = 1
        rows.append(motions.spread(ones)[:num_labelled].T)
    return np.concatenate(rows)


def by_refitting(embeddings, labels, groups, chosen) -> LeftOut:
    """Leaves out parts, and fits heads to the labelled motions of the others.

    With few motions, a part is one group of equal clips; with many, there are
    fewer parts, so that this takes seconds.

    Args:
        embeddings: Float array `[L, Z]`, of unit length.
        labels: Int array `[L]`, their actions.
        groups: Int array `[L]`, the same for equal clips.
        chosen: Int array `[M]`, the motions that are left out.
    """
    # One after another by action, so that no part holds all of an action.
    order = chosen[np.lexsort((groups[chosen], labels[chosen]))]
    _, firsts = np.unique(groups[order], return_index=True)
    ranks = {groups[order[f]]: rank for rank, f in enumerate(np.sort(firsts))}
    num_parts = np.clip(NUM_FITTED // len(labels), MIN_PARTS, MAX_PARTS)
    parts = np.array([ranks[groups[i]] % num_parts for i in chosen], int)
    actions = np.zeros(len(chosen), int)
    for part in np.unique(parts):
        out = chosen[parts == part]
        rest = ~np.isin(groups, groups[out])
        # Clips of an action that is left out as a whole have no right answer.
        known, relabelled = np.unique(labels[rest], return_inverse=True)
        fitted = head.fit(embeddings[rest], relabelled, None, len(known))
        given = fitted.probabilities(embeddings[out]).argmax(-1)
        actions[parts == part] = known[given]
    return LeftOut(chosen, actions)


def interval(num_right, num) -> tuple[float, float]:
    """Returns Wilson's 95 % interval of a share, by which small counts differ.

    Wilson, "Probable Inference, the Law of Succession, and Statistical
    Inference", JASA 1927.

    Example:

    >>> [round(end, 3) for end in interval(9, 10)]
    [0.596, 0.982]
    """
    share, square = num_right / num, Z_95**2
    middle = (share + square / (2 * num)) / (1 + square / num)
    spread = share * (1 - share) / num + square / (4 * num**2)
    half = Z_95 * np.sqrt(spread) / (1 + square / num)
    return float(middle - half), float(middle + half)


def nearest_strangers(similarities, labels, least) -> list[tuple[int, int]]:
    """Returns motions that lie among those of another action.

    Args:
        similarities: Float array `[M, M]`, 0 to 1.
        labels: Int array `[M]`, their actions.
        least: Similarity from which on two motions lie together.

    Returns:
        Pairs of the index of a motion and of its most similar one, which has
        another action and is more similar than any of its own.
    """
    same = labels[:, None] == labels
    strangers = np.where(same, -1, similarities)
    itself = np.eye(len(labels), dtype=bool)
    friends = np.where(same & ~itself, similarities, -1)
    nearest = strangers.argmax(-1)
    greatest = strangers.max(-1)
    found = (greatest >= least) & (greatest > friends.max(-1))
    return [(int(i), int(nearest[i])) for i in np.flatnonzero(found)]
