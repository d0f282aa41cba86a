"""Measures how well, and how early, actions are recognized."""

import numpy as np

from pose_tf.evaluation import forecasts, metrics

CLIP_SHARES = tuple(tenth / 10 for tenth in range(1, 11))


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


def early_recognition(classify, batches, shares=CLIP_SHARES):
    """Top-1 after the first part of every clip, for each of `shares`.

    The rest is not merely masked: it is cut off before `classify` sees it.

    Args:
        classify: Function of `(poses, visibility, num_frames)`, as a
            classifier's, that gives probabilities `(B, C)`.
        batches: Iterable of dicts with `poses` `(B, T, J, D)`, `visibility`,
            `num_frames` `(B,)` and `action` `(B,)`.
        shares: Float array `(S,)`, each in (0, 1].

    Returns:
        Float array `(S,)`, percent.
    """
    shares = np.asarray(shares, np.float64)
    if not ((shares > 0) & (shares <= 1)).all():
        raise ValueError(
            f"`shares` must lie in (0, 1]. Received: {shares.tolist()}"
        )
    hits, num_clips = np.zeros(len(shares)), 0
    for batch in batches:
        poses, visibility, num_frames, action = forecasts.read(
            batch, None, "poses", "visibility", "num_frames", "action"
        )
        num_clips += len(action)
        for i, share in enumerate(shares):
            # Rounding: 0.7 * 10 is 7.000000000000001 and must not give 8.
            seen = np.ceil(np.round(share * num_frames, 6)).astype(np.int32)
            known = np.arange(poses.shape[1]) < seen[:, None]
            probabilities = classify(
                np.where(known[..., None, None], poses, np.nan),
                visibility & known[..., None],
                seen,
            )
            predicted = np.argmax(probabilities, axis=-1)
            hits[i] += (predicted == action).sum()
    return 100 * hits / max(num_clips, 1)
