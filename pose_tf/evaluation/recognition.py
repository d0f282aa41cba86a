"""Measures how well actions are recognized."""

import numpy as np

from pose_tf.evaluation import metrics


def predictions(classify, batches):
    """Classifies all clips, or windows, of some batches.

    Args:
        classify: Function of `(poses, visibility, num_frames)` that returns
            probabilities `(B, C)`.
        batches: Iterable of dicts of tensors with `poses` `(B, T, J, D)`,
            `visibility` `(B, T, J)`, `num_frames` `(B,)` and `action` `(B,)`.

    Returns:
        `(probabilities, labels)`: float `(N, C)` and integer `(N,)`.
    """
    probabilities, labels = [], []
    for batch in batches:
        probabilities.append(
            classify(batch["poses"], batch["visibility"], batch["num_frames"])
        )
        labels.append(batch["action"].numpy())
    return np.concatenate(probabilities), np.concatenate(labels)


def scores(probabilities, labels) -> dict:
    """Scores the predictions for some clips or windows.

    Args:
        probabilities: Float array `(N, C)`.
        labels: Integer array `(N,)`, the true actions.

    Returns:
        Dict: `top1` and `macro_f1`, percent; `confusion`, counts as a list of
        `C` lists, true actions in rows; `num_windows`, `N`.
    """
    return {
        "top1": metrics.top1(probabilities, labels),
        "macro_f1": metrics.macro_f1(probabilities, labels),
        "confusion": metrics.confusion(probabilities, labels).tolist(),
        "num_windows": len(labels),
    }
