"""Measures how continuations freeze, jitter or drift, per frame to come.

Motion is measured over `LAG` frames: the energy of single steps mostly sees the
annotators' jitter. Generated motions are measured on the visible joints of the
real one, in units of the `forecast` protocol, by `motion_measures`.
"""

import numpy as np

from pose_tf.evaluation import forecasts, metrics
from pose_tf.evaluation.motion_measures import (
    jitter,
    lag_energy,
    limb_change,
    motion_energy,
    nearest_distance,
    out_of_frame,
    ratio,
    root_displacement,
)

LAG = 5  # Frames.
# A rollout with less energy than this percentile of real motion is frozen.
FROZEN_PERCENTILE = 5
KEYS = ("poses", "visibility", "boxes", "frame_size")


def frozen_share(energy, real_energy):
    """Returns the percentage of rollouts with less motion than real ones.

    The energy of a rollout up to a horizon is the mean over all frames so far.

    Args:
        energy: Float array `(N, H)`, of generated motion.
        real_energy: Float array `(M, H)`, of real motion.

    Returns:
        Float array `(H,)`: the percentage below the 5th percentile of real
        motion; 0 where that percentile is 0.
    """
    energy, real_energy = _so_far(energy), _so_far(real_energy)
    limit = np.nanpercentile(real_energy, FROZEN_PERCENTILE, axis=0)
    return 100 * _mean(np.where(np.isnan(energy), np.nan, energy < limit))


def evaluate(
    predict,
    batches,
    skeleton,
    prefix=10,
    horizon=50,
    transform=None,
    bank=None,
    classify=None,
):
    """Evaluates continuations by all measures of this file.

    Lengths are in units of the `forecast` protocol. Where neither 0 nor 1 is
    the goal, the score of the real motion is given too, as `real_...`.

    Args:
        predict: Function of `(poses, visibility)`, float `(B, P, J, D)` in
            pixels and bool `(B, P, J)`, that returns poses `(B, H, J, D)`, or
            samples `(B, K, H, J, D)`; motion is measured on all of them.
        batches: Iterable of dicts with `poses`, `visibility`, `boxes` and
            `frame_size` (with `action` for `classify`), windows of
            `prefix + horizon` frames, as `windows.window_batches` returns.
        skeleton: `Skeleton` of the poses.
        prefix: Number of observed frames, `P`.
        horizon: Number of predicted frames, `H`.
        transform: Fitted `PoseTransform`, for `bank`.
        bank: Float array `(M, J, D)` of transformed training poses; see
            `pose_bank`. None leaves `nearest` out.
        classify: Function of `(poses, visibility, num_frames)` that returns
            probabilities `(B, C)`, of a classifier trained on real clips.
            None leaves `accuracy` out.

    Returns:
        Dict of float arrays `(H,)`: `energy_ratio` of single steps and
        `lag_energy_ratio` over `LAG` frames (1 is right, below is freezing),
        `frozen` (percent), `root_ratio`, `out_of_frame` (percent),
        `limb_change` (percent), `nearest` (torso lengths); of floats: `jitter`
        over the real one; `seam`, see `seams`; `npss`; `accuracy` (percent);
        `ade` and `fde`, percent of the box, of the best of `K`; if there are
        several, `single_ade`, the mean of all, `apd`, the mean distance of two
        samples, and `calibration`, that over the former; `num_windows`.

    Raises:
        ValueError: If no window can be scored.
    """
    measured: dict[str, list] = {}
    spectra = np.zeros(2)
    num_windows = 0
    for batch in batches:
        real, visibility, boxes, frame_size = forecasts.read(
            batch, prefix + horizon, *KEYS
        )
        unit, scored = forecasts.box_size(boxes[:, :prefix])
        samples = _samples(predict(real[:, :prefix], visibility[:, :prefix]))
        errors = sample_errors(
            samples, real[:, prefix:], visibility[:, prefix:], unit
        )
        _add(measured, errors, scored)
        for k in range(samples.shape[1]):
            future = forecasts.check_predicted(samples[:, k], horizon)
            rollout = np.concatenate([real[:, :prefix], future], axis=1)
            motions = _Motions(rollout, real, visibility, prefix, unit)
            rows = motions.rows(skeleton, frame_size)
            if bank is not None:
                rows |= motions.nearest(transform, bank)
            if classify is not None:
                rows |= motions.accuracy(classify, np.asarray(batch["action"]))
            _add(measured, rows, scored)
            spectra += motions.npss_sums(scored)
        num_windows += int(scored.sum())
    forecasts.check_any(num_windows)
    scores = _pool({k: np.concatenate(v) for k, v in measured.items()})
    npss = float(ratio(*spectra))
    return {**scores, "npss": npss, "num_windows": num_windows}


def _add(measured, rows, scored):
    """Adds rows `(B, ...)` of the windows that are scored."""
    for name, values in rows.items():
        measured.setdefault(name, []).append(values[scored])


def _samples(predicted):
    """Returns predictions `(B, [K,] H, J, D)` as samples `(B, K, H, J, D)`."""
    predicted = np.asarray(predicted)
    return predicted[:, None] if predicted.ndim == 4 else predicted


def sample_errors(samples, target, visibility, unit):
    """Returns the errors of the best of `K` samples, and their diversity.

    The best sample is chosen separately for ADE and for FDE.

    Args:
        samples: Float array `(B, K, H, J, D)`, pixels.
        target: Float array `(B, H, J, D)`, pixels.
        visibility: Bool array `(B, H, J)`, of the target.
        unit: Float array `(B,)`, pixels.

    Returns:
        Dict of rows `(B,)`, in units: `ade`, `fde` of the best; if `K` is above
        1, `single_ade`, the mean of all, and `apd`, the average distance of a
        joint in two samples, after [Yuan and Kitani,
        2020](https://arxiv.org/abs/2003.08386).
    """
    errors = [
        metrics.ade_fde(samples[:, k], target, visibility, unit)
        for k in range(samples.shape[1])
    ]
    ade, fde = (np.stack(rows, axis=1) for rows in zip(*errors, strict=True))
    best = {"ade": ade.min(1), "fde": fde.min(1)}
    if samples.shape[1] == 1:
        return best
    return {**best, "single_ade": ade.mean(1), "apd": _apd(samples, unit)}


def _apd(samples, unit):
    """Returns the mean distance `(B,)` of a joint in two of the samples."""
    samples = np.asarray(samples, np.float64)
    num_samples = samples.shape[1]
    total = 0.0
    for k in range(1, num_samples):
        offset = samples[:, k:] - samples[:, :-k]
        total = total + np.linalg.norm(offset, axis=-1).mean((2, 3)).sum(1)
    return total / (num_samples * (num_samples - 1) / 2) / np.asarray(unit)


def seams(energy, real_energy):
    """Returns how much each frame moves more than the frames beside it.

    Both are medians over rollouts, relative to the real motion, in which a
    frame that sticks out shows where pieces were put together.

    Args:
        energy: Float array `(N, H)`, of single steps.
        real_energy: Float array `(M, H)`, of the real motion.

    Returns:
        Float array `(H,)`: a frame's energy over the mean of its neighbors';
        NaN for the first and the last, and where nothing moves.
    """
    relative = ratio(_median(energy), _median(real_energy))
    neighbors = (relative[:-2] + relative[2:]) / 2
    return np.pad(ratio(relative[1:-1], neighbors), 1, constant_values=np.nan)


def pose_bank(batches, transform, num_poses=10000):
    """Returns evenly chosen training poses, as `evaluate` takes them.

    Args:
        batches: Iterable of dicts with `poses`, `visibility`, `num_frames`,
            without augmentation.
        transform: Fitted `PoseTransform`.
        num_poses: Largest number of poses.

    Returns:
        Float32 array `(M, J, D)`, root-centred, torso lengths, without gaps.
    """
    kept = []
    for batch in batches:
        frames, _ = transform(batch["poses"], batch["visibility"])
        pose = np.asarray(frames["pose"])
        inside = (
            np.arange(pose.shape[1]) < np.asarray(batch["num_frames"])[:, None]
        )
        seen = np.asarray(batch["visibility"]).any(-1)
        kept.append(pose[inside & seen])
    poses = np.concatenate(kept)
    chosen = np.linspace(0, len(poses) - 1, min(num_poses, len(poses)))
    return poses[chosen.round().astype(int)]


class _Motions:
    """Measures rollouts and real windows `(B, P + H, J, D)`, in pixels.

    Methods return dicts of rows, one per window. Names of those of the real
    motion start with `real_`.
    """

    def __init__(self, rollout, real, visibility, prefix, unit):
        self.visibility = visibility
        self.prefix = prefix
        self.unit = unit
        self.pair = {"": rollout, "real_": real}

    def rows(self, skeleton, frame_size):
        """Measures what needs no model, `(B, H)`."""
        rows: dict[str, np.ndarray] = {}
        for name, poses in self.pair.items():
            motion, seen = self.since(1, poses)
            lagged, lagged_seen = self.since(LAG, poses)
            before, before_seen = self.since(2, poses)
            rows |= {
                name + "energy": motion_energy(motion, seen, self.unit),
                name + "lag_energy": lag_energy(
                    lagged, lagged_seen, LAG, self.unit
                ),
                name + "jitter": jitter(before, before_seen, self.unit),
                name + "root": root_displacement(
                    motion, seen, skeleton, self.unit
                ),
                name + "limb_change": limb_change(motion, seen, skeleton),
                name + "out_of_frame": out_of_frame(
                    motion[:, 1:], seen[:, 1:], frame_size
                ),
            }
        return rows

    def since(self, num_before, poses):
        """Returns poses and visibility from some observed frames on.

        Where the prefix is shorter, frames without a visible joint go ahead.
        """
        first = self.prefix - num_before
        short = max(-first, 0)
        first = max(first, 0)
        pad = [(0, 0), (short, 0), (0, 0)]
        return (
            np.pad(poses[:, first:], [*pad, (0, 0)]),
            np.pad(self.visibility[:, first:], pad),
        )

    def nearest(self, transform, bank):
        """Measures distances `(B, H)` to training poses, torso lengths."""
        rows = {}
        for name, poses in self.pair.items():
            frames, _ = transform(poses.astype(np.float32), self.visibility)
            pose = np.asarray(frames["pose"])[:, self.prefix :]
            flat = nearest_distance(pose.reshape(-1, *pose.shape[2:]), bank)
            rows[name + "nearest"] = flat.reshape(pose.shape[:2])
        return rows

    def accuracy(self, classify, action):
        """Returns hits `(B,)` of a classifier that sees only the horizon."""
        visibility = self.visibility[:, self.prefix :]
        rows = {}
        for name, poses in self.pair.items():
            future = poses[:, self.prefix :].astype(np.float32)
            num_frames = np.full(len(future), future.shape[1], np.int32)
            probabilities = classify(future, visibility, num_frames)
            hits = np.argmax(probabilities, axis=-1) == action
            rows[name + "accuracy"] = hits
        return rows

    def npss_sums(self, scored):
        """Returns `metrics.npss_sums` of displacements, in units.

        Displacements are relative to the last observed pose. The power of
        positions would be almost all in frequency 0.
        """
        unit = self.unit[scored, None, None, None]
        rollout, real = (
            (
                poses[scored, self.prefix :]
                - poses[scored, self.prefix - 1, None]
            )
            / unit
            for poses in self.pair.values()
        )
        return metrics.npss_sums(
            rollout, real, self.visibility[scored, self.prefix :]
        )


def _pool(rows):
    """Pools rows over all windows."""
    energy, real_energy = rows["energy"], rows["real_energy"]
    scores = {
        "energy_ratio": ratio(_mean(energy), _mean(real_energy)),
        "lag_energy_ratio": ratio(
            _mean(rows["lag_energy"]), _mean(rows["real_lag_energy"])
        ),
        "frozen": frozen_share(energy, real_energy),
        "real_frozen": frozen_share(real_energy, real_energy),
        "root_ratio": ratio(_mean(rows["root"]), _mean(rows["real_root"])),
        "jitter": float(
            ratio(np.nansum(rows["jitter"]), np.nansum(rows["real_jitter"]))
        ),
        "seam": _largest(seams(energy, real_energy)),
    }
    for name in ("out_of_frame", "limb_change"):
        scores[name] = 100 * _mean(rows[name])
        scores["real_" + name] = 100 * _mean(rows["real_" + name])
    for name in ("nearest", "real_nearest"):
        if name in rows:
            scores[name] = _mean(rows[name])
    for name in ("accuracy", "real_accuracy", "ade", "fde"):
        if name in rows:
            scores[name] = 100 * float(np.nanmean(rows[name]))
    if "apd" in rows:
        for name in ("single_ade", "apd"):
            scores[name] = 100 * float(np.nanmean(rows[name]))
        scores["calibration"] = scores["apd"] / scores["single_ade"]
    return scores


def _largest(values):
    """Returns the largest value that is not NaN, or NaN."""
    return float(np.nanmax(values)) if not np.isnan(values).all() else np.nan


def _median(values):
    """Returns the median over axis 0 of values that are not NaN."""
    return np.ma.median(np.ma.masked_invalid(values), axis=0).filled(np.nan)


def _so_far(energy):
    """Returns the mean over the frames up to each, except NaN."""
    energy = np.asarray(energy, np.float64)
    known = ~np.isnan(energy)
    return ratio(
        np.cumsum(np.where(known, energy, 0.0), -1), np.cumsum(known, -1)
    )


def _mean(values):
    """Returns the mean over axis 0 of values that are not NaN."""
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0.0).sum(0), known.sum(0))
