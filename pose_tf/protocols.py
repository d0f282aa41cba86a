"""The protocols by which models are measured, pooled over batches.

`house` and `tprnn` measure continued motion, `seed` the next frame, samples
the diversity of futures, and early recognition the labels of unfinished
clips. Each takes a function that predicts, so that models and baselines are
measured alike, and reads its batches once, one at a time.
"""

import numpy as np

from pose_tf.evaluation import metrics

# Boxes with a longer side below this many pixels are broken annotations.
MIN_BOX_SIDE = 16.0
# Chiu et al. count a hit within a tenth of half the clip's box. Labels on whole
# pixels put joints at that distance exactly, where rounding would decide: the
# margin makes all of them hits.
TPRNN_THRESHOLD = 0.1 + 1e-6
# Half of the longer side of a clip's box in windows of the `tprnn` protocol.
TPRNN_UNIT = 100.0
SEED_PREFIX = 5
SEED_SKIPS = (1, 2, 4)
CLIP_SHARES = tuple(tenth / 10 for tenth in range(1, 11))


def house_unit(boxes):
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


def evaluate_house(predict, batches, prefix=10, horizon=30):
    """The `house` protocol of generation.

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
        unit, scored = house_unit(boxes[:, :prefix])
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


def evaluate_tprnn(predict, batches, horizon=16, hide_missing=False):
    """The `tprnn` protocol of Chiu et al. (WACV 2019), one pose observed.

    Their code lays a pose out as x0…x12, y0…y12 and measures `diff[::2]`
    against `diff[1::2]`, so that it pairs x with x; `as_coded` repeats that.

    Args:
        predict: Function of `(poses, visibility)`, float `(B, 1, J, 2)`,
            where half of the longer side of the clip's box is `TPRNN_UNIT`,
            and bool `(B, 1, J)`, that gives poses `(B, H, J, 2)`.
        batches: Iterable of dicts with `poses` `(B, 1 + H, J, 2)` and
            `visibility` `(B, 1 + H, J)`, as `windows.tprnn_batches` gives.
        horizon: Integer, `H`.
        hide_missing: Whether `predict` gets NaN for joints that the batches
            mark as `missing`, as a transform expects; else what stands in
            the files, as the published baselines do.

    Returns:
        Dict: `correct` and `as_coded`, float `(H,)`, percent of joints;
        `mean_correct`; `num_windows`.
    """
    correct, as_coded = metrics.PerFrame(), metrics.PerFrame()
    num_windows = 0
    for batch in batches:
        poses, visibility = read(batch, 1 + horizon, "poses", "visibility")
        num_windows += len(poses)
        observed = poses[:, :1]
        if hide_missing:
            missing = np.asarray(batch["missing"])[:, :1, :, None]
            observed = np.where(missing, np.nan, observed)
        predicted = check_predicted(
            predict(observed, visibility[:, :1]), horizon
        )
        target, visible = poses[:, 1:], visibility[:, 1:]
        apart = metrics.distances(predicted, target, visible, TPRNN_UNIT)
        correct.add(apart < TPRNN_THRESHOLD, visible)
        difference = np.subtract(predicted, target, dtype=np.float64)
        difference /= TPRNN_UNIT
        flat = np.concatenate([difference[..., 0], difference[..., 1]], -1)
        paired = np.hypot(flat[..., ::2], flat[..., 1::2])
        as_coded.add(paired < TPRNN_THRESHOLD, visible)
    check_any(num_windows)
    return {
        "correct": 100 * correct.mean(),
        "as_coded": 100 * as_coded.mean(),
        "mean_correct": 100 * float(correct.mean().mean()),
        "num_windows": num_windows,
    }


def evaluate_seed(predict, batches, skip=1, unit=1.0):
    """The `seed` protocol: mean absolute error of the next frame from five.

    Over `J * (D + 1)` numbers a frame: coordinates over the frame's size, and
    visibility as 0 or 1. Nothing is masked: hidden joints count as annotated,
    so the place that stands for a missing one and the visibilities can
    outweigh all motion. `visible_mae` leaves both out.

    Args:
        predict: Function of `(poses, visibility)`, float `(B, 5, J, D)` and
            bool `(B, 5, J)`, that gives `(poses, visibility)`, float
            `(B, 1, J, D)` and `(B, 1, J)`.
        batches: Iterable of dicts with `poses` `(B, 5 * skip + 1, J, D)` and
            `visibility`, windows at every `skip`-th frame of the clips.
        skip: Integer; every `skip`-th frame is kept.
        unit: Float, length of the frame's sides in the unit of `poses`; None
            takes the `frame_size` `(B, D)` of the batches.

    Returns:
        Dict: `mae`, float; `visible_mae`, of the coordinates of visible
        joints alone; `num_windows`.

    Raises:
        ValueError: If no window is given, or frames have not as many sides as
            poses have coordinates.
    """
    total, count, num_windows = 0.0, 0, 0
    visible = metrics.PerFrame()
    for batch in batches:
        poses, visibility = (
            values[:, ::skip]
            for values in read(
                batch, SEED_PREFIX * skip + 1, "poses", "visibility"
            )
        )
        num_windows += len(poses)
        predicted, seen = predict(
            poses[:, :SEED_PREFIX], visibility[:, :SEED_PREFIX]
        )
        predicted = check_predicted(predicted, 1)
        target, shown = poses[:, SEED_PREFIX:], visibility[:, SEED_PREFIX:]
        sides = _sides(batch, poses) if unit is None else unit
        apart = np.abs(predicted - target.astype(np.float64)) / sides
        wrong = np.abs(seen - shown.astype(np.float64))
        total += apart.sum() + wrong.sum()
        count += apart.size + wrong.size
        visible.add(apart.mean(-1), shown)
    check_any(num_windows)
    return {
        "mae": float(total / count),
        "visible_mae": float(visible.mean()[0]),
        "num_windows": num_windows,
    }


def _sides(batch, poses):
    """Sides of the frames, `(B, 1, 1, D)`, in the unit of the poses."""
    (frame_size,) = read(batch, None, "frame_size")
    if frame_size.shape[-1] != poses.shape[-1]:
        raise ValueError(
            f"`batches` must give poses of {frame_size.shape[-1]} coordinates, "
            f"as many as a frame has sides. Received: {poses.shape[-1]}"
        )
    return frame_size[:, None, None]


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
        poses, visibility, num_frames, action = read(
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


def evaluate_samples(sample, batches, prefix=10, horizon=30):
    """Best-of-K errors and diversity of sampled futures, on `house` windows.

    Args:
        sample: Function of `(poses, visibility)`, as for `evaluate_house`,
            that gives `K` futures of each window, `(B, K, H, J, D)`.
        batches, prefix, horizon: As for `evaluate_house`.

    Returns:
        Dict: `best_ade`, `best_fde` and `apd`, means over the windows in
        percent of the box; `num_windows` scored.
    """
    rows = []
    for batch in batches:
        poses, visibility, boxes = read(
            batch, prefix + horizon, "poses", "visibility", "boxes"
        )
        unit, scored = house_unit(boxes[:, :prefix])
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
        batches: As for `evaluate_house`, with `clip_id` `(B,)` too.
        prefix, horizon: As for `evaluate_house`.
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
        unit, scored = house_unit(boxes[:, :prefix])
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
