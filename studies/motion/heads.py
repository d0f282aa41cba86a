"""Scores an embedding of clips by few labels, with a graph and without.

`plain` is logistic regression on the labelled clips; `spread` is the same on
labels that have spread over the graph of all training clips, as in
`pose_tf.learn`. No test clip is seen before it is scored, each on its own.
"""

import numpy as np

from pose_tf import novelty
from pose_tf.learning import graph, head
from studies.embedding.classification.classifiers import draw

PLAIN, SPREAD = HEADS = ("plain", "spread")


def masked(draw):
    """Returns a draw of indices as one of bools, as `scores` takes it.

    Args:
        draw: Function of actions `(N,)`, a number and a seed that returns the
            indices of labelled clips.
    """

    def chosen(actions, number, seed):
        mask = np.zeros(len(actions), bool)
        mask[draw(actions, number, seed)] = True
        return mask

    return chosen


def scores(known, actions, scored, truth, shares, num_draws, draw=draw) -> dict:
    """Returns the top-1 of test clips, for each head, share and draw.

    Args:
        known: Float array `(N, Z)`, embeddings of the training clips.
        actions: Int array `(N,)`, their actions, of which some are looked at.
        scored: Float array `(M, Z)`, embeddings of the test clips.
        truth: Int array `(M,)`, their actions.
        shares: Percentages of each action's training clips that are labelled.
        num_draws: Draws of labelled clips, by seeds from 0 on; with all
            labels there is one.
        draw: Function of `actions`, one of `shares` and a seed that returns
            which clips are labelled, bool `(N,)`. What `shares` are is its
            matter, but for 100, which are all.

    Returns:
        Dict of `draws`, top-1 in percent by head and share, a list each; and
        of `plain_5` and so on, their means.
    """
    known, scored = (
        novelty.unit_length(embeddings) for embeddings in (known, scored)
    )
    number = int(max(actions.max(), truth.max())) + 1
    draws: dict[str, dict[str, list[float]]] = {name: {} for name in HEADS}
    for share in shares:
        for seed in range(num_draws if share < 100 else 1):
            chosen = draw(actions, share, seed)
            heads = _heads(known, actions, chosen, number)
            for name, fitted in heads.items():
                top1 = fitted.probabilities(scored).argmax(-1) == truth
                values = draws[name].setdefault(f"{share:g}", [])
                values.append(100 * float(top1.mean()))
    means = {
        f"{name}_{share}": float(np.mean(values))
        for name, by_share in draws.items()
        for share, values in by_share.items()
    }
    return {"draws": draws, **means}


def _heads(known, actions, chosen, number):
    labelled, others = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    labels = actions[labelled]
    plain = head.fit(known[labelled], labels, None, number)
    if not len(others):
        return {PLAIN: plain}
    known = known[np.concatenate([labelled, others])]
    spread = head.spread(graph.MotionGraph(known), labels, number)
    return {PLAIN: plain, SPREAD: head.fit(known, labels, spread, number)}
