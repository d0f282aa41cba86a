"""Examines what was learnt: how well actions are known, what looks wrong."""

import numpy as np

from pose_tf.learning import left_out
from pose_tf.learning.report import ActionReport

# From which similarity on two clips lie together: by the graph if there are
# unlabelled clips and enough motions that not all are close on it, else by the
# cosine of the embeddings. On Penn Action's
# training clips, one of 15, 48 or 94 labels wrong, the first finds it in 80, 93
# or 100 % of draws, with 0.3, 0.9 or 1.3 other warnings; the second in 47, 80
# or 80 %, with 0, 0.8 or 2.1.
NEAR_ON_GRAPH = 0.2
NEAR_BY_COSINE = 0.5
MIN_ON_GRAPH = 100  # Motions.


def examine(memory, motions, spread, num_before=0):
    """Finds out how well actions are known, and which clips look wrong.

    Args:
        memory: `memory.Memory` of the motions.
        motions: `graph.MotionGraph` of them.
        spread: `head.Spread` over them.
        num_before: How many of the labelled clips had been learnt before: two
            of them are not compared again.

    Returns:
        `(actions, warnings)`: a tuple of an `ActionReport` per action, and a
        tuple of sentences about clips that lie among another action's.
    """
    num, labels = memory.num_labelled, memory.labels
    groups = np.unique(memory.digests[:num], return_inverse=True)[1]
    chosen = left_out.choose(labels, groups)
    looked_at = chosen
    if len(looked_at) < left_out.MAX_LEFT_OUT:
        others = np.setdiff1d(np.arange(num), chosen)
        room = left_out.MAX_LEFT_OUT - len(chosen)
        looked_at = np.concatenate([chosen, others[:room]])
    if memory.num_unlabelled:
        kernel = left_out.kernel(motions, looked_at, num)
        result = left_out.by_spreading(
            motions, kernel[: len(chosen)], labels, groups, chosen
        )
    else:
        result = left_out.by_refitting(
            memory.embeddings, labels, groups, chosen
        )
    if memory.num_unlabelled and len(motions) >= MIN_ON_GRAPH:
        own = np.sqrt(kernel[np.arange(len(looked_at)), looked_at])
        similarities = kernel[:, looked_at] / np.outer(own, own)
        least = NEAR_ON_GRAPH
    else:
        embeddings = memory.embeddings[looked_at]
        similarities, least = embeddings @ embeddings.T, NEAR_BY_COSINE
    pairs = left_out.nearest_strangers(similarities, labels[looked_at], least)
    strangers = _strangers(
        memory, looked_at[np.array(pairs, int).reshape(-1, 2)], num_before
    )
    return _by_action(memory, result, spread), strangers


def _strangers(memory, pairs, num_before):
    """Sentences about pairs of clips `[P, 2]` that lie together."""
    told = []
    for pair in pairs:
        if pair.max() < num_before:
            continue
        first, second = (
            memory.names[k] + " (learnt before)" * int(k < num_before)
            for k in pair
        )
        ours, theirs = (memory.actions[memory.labels[k]] for k in pair)
        told.append(
            f"{first}, labelled {ours!r}, lies among clips of {theirs!r}, "
            f"such as {second}: is its label right?"
        )
    return tuple(told)


def _by_action(memory, result, spread):
    num, labels = memory.num_labelled, memory.labels
    right = result.right(labels)
    given, margins = spread.actions[num:], spread.margins[num:]
    reports = []
    for index, action in enumerate(memory.actions):
        ours = labels[result.motions] == index
        taken = margins[(given == index) & (margins > 0)]
        reports.append(
            ActionReport(
                action=action,
                num_labelled=int((labels == index).sum()),
                num_left_out=int(ours.sum()),
                num_right=int(right[ours].sum()),
                num_unlabelled=len(taken),
                margin=float(taken.mean()) if len(taken) else float("nan"),
            )
        )
    return tuple(reports)
