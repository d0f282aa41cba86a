"""Measures forecasts: the `forecast` protocol, samples, and their diversity.

Each function takes one that predicts, so that models and baselines are
measured in the same way, and reads its batches once, one at a time.
"""

import numpy as np

from pose_tf.evaluation import metrics

# Boxes with a longer side below this many pixels are broken annotations.
MIN_BOX_SIDE = 16.0


def box_size(boxes):
    """Longer side of the last observed box, and whether it can be trusted.

    Below `MIN_BOX_SIDE` pixels the largest of the prefix is taken; a window
    in which that is too small as well is not scored.

    Args:
        boxes: Float array `(B, P, 4)`, pixels, x1 y1 x2 y2, of the prefix.

    Returns:
        `(unit, scored)`: float64 `(B,)` in pixels, at least `MIN_BOX_SIDE`,
        and bool `(B,)`.
    """
    boxes = np.asarray(boxes, np.float64)
    side = (boxes[..., 2:] - boxes[..., :2]).max(-1)
    last = side[:, -1]
    unit = np.where(last < MIN_BOX_SIDE, side.max(1), last)
    return np.maximum(unit, MIN_BOX_SIDE), unit >= MIN_BOX_SIDE


def evaluate_forecast(predict, batches, prefix=10, horizon=30):
    """The `forecast` protocol of generation.

    Args:
        predict: Function of `(poses, visibility)`, float `(B, P, J, D)` in
            pixels and bool `(B, P, J)`, that gives poses `(B, H, J, D)`.
        batches: Iterable of dicts with `poses` `(B, L, J, D)`, `visibility`
            `(B, L, J)` and `boxes` `(B, L, 4)`, of windows that lie wholly
            inside a clip, `L >= prefix + horizon`.
        prefix: Integer, `P`.
        horizon: Integer, `H`.

    Returns:
        Dict: `pck` and `mpjpe`, float `(H,)`, percent of joints and percent
        of the box; `mean_pck` and `mean_mpjpe`, their means over all
        horizons; `num_windows` scored and `num_left_out`.
    """
    hits, errors = metrics.PerFrame(), metrics.PerFrame()
    num_windows = num_left_out = 0
    for batch in batches:
        poses, visibility, boxes = read(
            batch, prefix + horizon, "poses", "visibility", "boxes"
        )
        unit, scored = box_size(boxes[:, :prefix])
        num_windows += int(scored.sum())
        num_left_out += int((~scored).sum())
        predicted = check_predicted(
            predict(poses[:, :prefix], visibility[:, :prefix]), horizon
        )
        visible = visibility[:, prefix:] & scored[:, None, None]
        apart = metrics.distances(predicted, poses[:, prefix:], visible, unit)
        hits.add(apart < metrics.PCK_THRESHOLD, visible)
        errors.add(apart, visible)
    check_any(num_windows)
    return {
        "pck": 100 * hits.mean(),
        "mpjpe": 100 * errors.mean(),
        "mean_pck": 100 * float(hits.mean().mean()),
        "mean_mpjpe": 100 * float(errors.mean().mean()),
        "num_windows": num_windows,
        "num_left_out": num_left_out,
    }


def evaluate_samples(sample, batches, prefix=10, horizon=30):
    """Best-of-K errors and diversity of sampled futures, on `forecast` windows.

    Args:
        sample: Function of `(poses, visibility)`, as for `evaluate_forecast`,
            that gives `K` futures of each window, `(B, K, H, J, D)`.
        batches, prefix, horizon: As for `evaluate_forecast`.

    Returns:
        Dict: `best_ade`, `best_fde` and `apd`, means over the windows in
        percent of the box; `num_windows` scored.
    """
    rows = []
    for batch in batches:
        poses, visibility, boxes = read(
            batch, prefix + horizon, "poses", "visibility", "boxes"
        )
        unit, scored = box_size(boxes[:, :prefix])
        samples = np.asarray(sample(poses[:, :prefix], visibility[:, :prefix]))
        ade, fde = metrics.best_of_k(
            samples, poses[:, prefix:], visibility[:, prefix:], unit
        )
        diversity = metrics.apd(samples, unit)
        rows.append(np.stack([ade, fde, diversity], -1)[scored])
    rows = np.concatenate(rows) if rows else np.zeros((0, 3))
    check_any(len(rows))
    ade, fde, diversity = 100 * np.nanmean(rows, axis=0)
    return {
        "best_ade": float(ade),
        "best_fde": float(fde),
        "apd": float(diversity),
        "num_windows": len(rows),
    }


def real_diversity(batches, prefix=10, horizon=30, radius=0.05):
    """APD of real futures: of windows that look alike when they begin.

    Two windows of different clips look alike if their last observed poses,
    each about its own middle and in units of its box, lie within `radius` on
    average over joints. Only windows with all joints visible from then on are
    compared. After the multi-modal ground truth of
    [Yuan and Kitani, 2020](https://arxiv.org/abs/2003.08386).

    Args:
        batches: As for `evaluate_forecast`, with `clip_id` `(B,)` too.
        prefix, horizon: As for `evaluate_forecast`.
        radius: Float, share of the box.

    Returns:
        Dict: `apd`, mean over all pairs in percent of the box (NaN without
        any), and `num_pairs`.
    """
    motions, clips = [], []
    for batch in batches:
        poses, visibility, boxes, clip_id = read(
            batch, prefix + horizon, "poses", "visibility", "boxes", "clip_id"
        )
        unit, scored = box_size(boxes[:, :prefix])
        chosen = scored & visibility[:, prefix - 1 :].all((1, 2))
        motion = poses[chosen, prefix - 1 :]
        middle = motion[:, :1].mean(2, keepdims=True)
        motions.append((motion - middle) / unit[chosen, None, None, None])
        clips.append(clip_id[chosen])
    motions, clips = np.concatenate(motions), np.concatenate(clips)
    total, num_pairs = 0.0, 0
    for i in range(1, len(motions)):
        start = np.linalg.norm(motions[:i, 0] - motions[i, 0], axis=-1).mean(-1)
        alike = (start < radius) & (clips[:i] != clips[i])
        futures = motions[:i][alike, 1:] - motions[i, 1:]
        total += np.linalg.norm(futures, axis=-1).mean((1, 2)).sum()
        num_pairs += int(alike.sum())
    return {
        "apd": 100 * float(total) / num_pairs if num_pairs else float("nan"),
        "num_pairs": num_pairs,
    }


def read(batch, num_frames, *keys):
    """Arrays of a batch; those over time are cut to `num_frames`.

    Raises:
        ValueError: If a key is missing or the windows are too short.
    """
    if missing := [key for key in ("poses", *keys) if key not in batch]:
        raise ValueError(
            f"`batches` must give dicts with {', '.join(keys)}. "
            f"Received: {sorted(batch)}, without {', '.join(missing)}"
        )
    shape = np.shape(batch["poses"])
    if len(shape) != 4 or (num_frames or 0) > shape[1]:
        raise ValueError(
            "`batches` must give poses (B, L, J, D) with at least "
            f"{num_frames or 1} frames. Received: {shape}"
        )
    arrays = [np.asarray(batch[key]) for key in keys]
    return [a[:, :num_frames] if a.ndim > 2 else a for a in arrays]


def check_predicted(poses, horizon):
    """Poses `(B, H, J, D)` as an array.

    Raises:
        ValueError: If they have another rank or horizon.
    """
    poses = np.asarray(poses)
    if poses.ndim != 4 or poses.shape[1] != horizon:
        raise ValueError(
            f"`predict` must give poses (B, {horizon}, J, D). "
            f"Received: {poses.shape}"
        )
    return poses


def check_any(num_windows):
    """Raises ValueError if nothing was scored."""
    if not num_windows:
        raise ValueError(
            "`batches` must give at least one window that can be scored. "
            "Received: none"
        )
