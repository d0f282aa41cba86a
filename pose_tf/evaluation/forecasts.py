"""Measures forecasts by the `forecast` protocol, and reads windows for others.

Predictions come from a function, so that models and baselines are measured in
the same way. Batches are read once, one at a time.
"""

import numpy as np

from pose_tf.evaluation import metrics

# Boxes with a longer side below this many pixels are broken annotations.
MIN_BOX_SIDE = 16.0


def box_size(boxes):
    """Returns the longer side of the last observed box, and if it is usable.

    If it is below `MIN_BOX_SIDE` pixels, the largest one of the prefix is
    taken. If that is below as well, the window is not scored.

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
    """Evaluates predictions by the `forecast` protocol.

    Args:
        predict: Function of `(poses, visibility)`, float `(B, P, J, D)` in
            pixels and bool `(B, P, J)`, that returns poses `(B, H, J, D)`.
        batches: Iterable of dicts with `poses` `(B, L, J, D)`, `visibility`
            `(B, L, J)` and `boxes` `(B, L, 4)`, of windows inside a clip,
            `L >= prefix + horizon`.
        prefix: Number of observed frames, `P`.
        horizon: Number of predicted frames, `H`.

    Returns:
        Dict: `pck` and `mpjpe`, float `(H,)`, percent of joints and percent
        of the box; `mean_pck` and `mean_mpjpe`, their means over all
        horizons; `num_windows` scored and `num_left_out`.

    Raises:
        ValueError: If batches or predictions have wrong shapes, or no window
            can be scored.
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
        error = metrics.distances(predicted, poses[:, prefix:], visible, unit)
        hits.add(error < metrics.PCK_THRESHOLD, visible)
        errors.add(error, visible)
    check_any(num_windows)
    return {
        "pck": 100 * hits.mean(),
        "mpjpe": 100 * errors.mean(),
        "mean_pck": 100 * float(hits.mean().mean()),
        "mean_mpjpe": 100 * float(errors.mean().mean()),
        "num_windows": num_windows,
        "num_left_out": num_left_out,
    }


def read(batch, num_frames, *keys):
    """Returns arrays of a batch; those over time are cut to `num_frames`.

    Args:
        batch: Dict of tensors or arrays.
        num_frames: Number of frames, or None for all.
        *keys: Names of the arrays.

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
    """Returns predicted poses `(B, H, J, D)` as an array.

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
    """Checks that something was scored.

    Raises:
        ValueError: If there is no window.
    """
    if not num_windows:
        raise ValueError(
            "`batches` must give at least one window that can be scored. "
            "Received: none"
        )
