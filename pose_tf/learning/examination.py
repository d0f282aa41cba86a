"""Examines what was learnt: how well actions are known, what looks wrong."""

import numpy as np

from pose_tf.learning import left_out
from pose_tf.learning.report import ActionReport

# Similarity, by the kernel that spreads labels, from which on clips of two
# actions lie together.
TOGETHER = 0.3


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
    kernel = left_out.kernel(motions, looked_at, num)
    if memory.num_unlabelled:
        result = left_out.by_spreading(
            motions, kernel[: len(chosen)], labels, groups, chosen
        )
    else:
        result = left_out.by_refitting(
            memory.embeddings, labels, groups, chosen
        )
    strangers = _strangers(memory, kernel[:, looked_at], looked_at, num_before)
    return _by_action(memory, result, spread), strangers


def _strangers(memory, kernel, looked_at, num_before):
    own = np.sqrt(kernel.diagonal())
    labels = memory.labels[looked_at]
    pairs = left_out.nearest_strangers(
        kernel / np.outer(own, own), labels, TOGETHER
    )
    told = []
    for pair in pairs:
        i, j = looked_at[list(pair)]
        if max(i, j) >= num_before:
            first, second = (
                memory.names[k] + " (learnt before)" * int(k < num_before)
                for k in (i, j)
            )
            ours, theirs = (memory.actions[memory.labels[k]] for k in (i, j))
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
