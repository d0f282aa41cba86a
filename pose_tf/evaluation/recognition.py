"""Measures how early an action is recognized."""

import numpy as np

from pose_tf.evaluation import forecasts

CLIP_SHARES = tuple(tenth / 10 for tenth in range(1, 11))


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
                np.where(known[..., None, None], poses, 0),
                visibility & known[..., None],
                seen,
            )
            predicted = np.argmax(probabilities, axis=-1)
            hits[i] += (predicted == action).sum()
    return 100 * hits / max(num_clips, 1)
