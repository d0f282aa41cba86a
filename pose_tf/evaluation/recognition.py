"""Measures how well, and how early, actions are recognized."""

import numpy as np

from pose_tf.evaluation import metrics

# Parts of a clip after which early recognition is measured, percent.
SEEN_PERCENTS = (10, 20, 30, 50, 75, 100)


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


def early_recognition(classify, batches, percents=SEEN_PERCENTS) -> dict:
    """Measures top-1 after the first part of every clip.

    The rest is not merely masked: it is missing when `classify` is called.

    Args:
        classify: As for `predictions`.
        batches: As for `predictions`.
        percents: Integers, above 0 and at most 100: how much of a clip is
            seen. Of a clip's frames it is rounded up.

    Returns:
        Dict of `top1_at_<percent>`, percent of the clips.

    Raises:
        ValueError: If one of `percents` is out of bounds.
    """
    if not all(0 < percent <= 100 for percent in percents):
        raise ValueError(
            "`percents` must be above 0 and at most 100. "
            f"Received: {tuple(percents)}"
        )
    hits, num_clips = dict.fromkeys(percents, 0), 0
    for batch in batches:
        poses, visibility, num_frames, actions = (
            np.asarray(batch[name])
            for name in ("poses", "visibility", "num_frames", "action")
        )
        num_clips += len(actions)
        for percent in percents:
            seen = -(-num_frames * percent // 100)
            known = np.arange(seen.max()) < seen[:, None]  # [B, T]
            probabilities = classify(
                np.where(
                    known[..., None, None], poses[:, : seen.max()], np.nan
                ),
                visibility[:, : seen.max()] & known[..., None],
                seen,
            )
            hits[percent] += int(
                (np.argmax(probabilities, axis=-1) == actions).sum()
            )
    return {
        f"top1_at_{percent}": 100 * number / max(num_clips, 1)
        for percent, number in hits.items()
    }
