"""Chooses the test windows of the gallery by rank of a measure, not by hand.

Windows are eligible if the protocol `forecast` scores them, if they show most
joints, and if their real motion has at least the median energy: people who
hardly move are easy to predict. No kind shows two windows of a clip.
"""

import numpy as np

from pose_tf.evaluation import forecasts, metrics
from pose_tf.evaluation.motion_measures import lag_energy, root_displacement
from pose_tf.models import baselines

MEASURES = ("energy_ratio", "drift", "error", "error_ratio")
KINDS = ("realistic", "frozen", "drifting", "typical")
MIN_VISIBLE = 0.9  # Share of the joints of a window.
BEST_SHARE = 0.1  # Of the eligible windows, among which realistic ones are.
TINY = 1e-9


def measure(rollout, cut, skeleton, prefix, lag=1) -> dict[str, np.ndarray]:
    """Measures predicted windows.

    Args:
        rollout: Predicted poses `(N, H, J, D)`, pixels.
        cut: Windows of `prefix + H` frames, as `rollouts.gather` returns them.
        skeleton: `Skeleton` of the poses.
        prefix: Integer, at least `lag`.
        lag: Integer, frames over which motion is measured.

    Returns:
        Dict of arrays `(N,)`: `energy_ratio`, motion energy over that of the
        real motion; `drift`, how much farther the root has moved than the real
        one, mean over the frames, percent of the box; `error`, mean distance
        of the joints from the truth, percent of the box; `error_ratio`, that
        over the error of repeating the last pose; `eligible`, bool.
    """
    real, visibility = cut["poses"], cut["visibility"]
    unit, has_box = forecasts.box_size(cut["boxes"][:, :prefix])
    after, before = slice(prefix - 1, None), slice(prefix - lag, None)
    predicted = np.concatenate([real[:, :prefix], rollout], axis=1)
    energy, real_energy = (
        _mean(lag_energy(m[:, before], visibility[:, before], lag, unit))
        for m in (predicted, real)
    )
    root, real_root = (
        _mean(
            root_displacement(m[:, after], visibility[:, after], skeleton, unit)
        )
        for m in (predicted, real)
    )
    still = baselines.zero_velocity(
        real[:, :prefix], None, real.shape[1] - prefix
    )
    error, still_error = (
        metrics.ade_fde(future, real[:, prefix:], visibility[:, prefix:], unit)[
            0
        ]
        for future in (rollout, still)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        measures = {
            "energy_ratio": energy / real_energy,
            "drift": 100 * (root - real_root),
            "error": 100 * error,
            "error_ratio": error / still_error,
        }
    eligible = has_box & (visibility.mean((1, 2)) >= MIN_VISIBLE)
    eligible &= np.all([np.isfinite(x) for x in measures.values()], axis=0)
    if eligible.any():
        eligible &= real_energy >= np.median(real_energy[eligible])
    return {**measures, "eligible": eligible}


def choose(measures, clip_ids, kind, count) -> list[int]:
    """Returns positions of the `count` first windows of a kind.

    `realistic` has, of the tenth with the lowest `error_ratio`, the energy
    nearest the real one; `frozen` the lowest `energy_ratio`; `drifting` the
    highest `drift`; `typical` the `error_ratio` nearest the median.

    Raises:
        ValueError: For an unknown kind.
    """
    eligible = measures["eligible"]
    ratio = measures["error_ratio"]
    if kind == "realistic":
        if eligible.any():
            limit = np.quantile(ratio[eligible], BEST_SHARE)
            eligible = eligible & (ratio <= limit)
        rank = np.abs(np.log(np.maximum(measures["energy_ratio"], TINY)))
    elif kind == "frozen":
        rank = measures["energy_ratio"]
    elif kind == "drifting":
        rank = -measures["drift"]
    elif kind == "typical":
        rank = ratio
        if eligible.any():
            rank = np.abs(ratio - np.median(ratio[eligible]))
    else:
        raise ValueError(
            f"`kind` must be one of {', '.join(KINDS)}. Received: {kind!r}"
        )
    chosen: dict[bytes, int] = {}
    for i in np.argsort(rank, kind="stable"):
        if eligible[i] and len(chosen) < count:
            chosen.setdefault(clip_ids[i], int(i))
    return list(chosen.values())


def _mean(values):
    """Returns the mean over finite frames of `(N, H)`; NaN if there are none."""
    finite = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.where(finite, values, 0).sum(1) / finite.sum(1)
