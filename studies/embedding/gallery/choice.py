"""Which test windows the gallery shows: by rank of a measure, never by hand.

Windows are eligible if the `house` protocol scores them, if they show most
joints, and if their real motion has at least the median energy: a figure that
stands still is easy, and dull. Of a clip no kind shows more than one window.
"""

import numpy as np

from pose_tf.evaluation import forecasts, metrics, motion_health
from pose_tf.models import baselines

KINDS = ("realistic", "frozen", "drifting", "typical")
MIN_VISIBLE = 0.9  # Share of the joints of a window.
BEST_SHARE = 0.1  # Of the eligible windows, among which realistic ones are.
TINY = 1e-9


def measure(rollout, cut, skeleton, prefix) -> dict[str, np.ndarray]:
    """Measures of predicted windows, each an array `(N,)`.

    Args:
        rollout: Predicted poses `(N, H, J, D)`, pixels.
        cut: Windows of `prefix + H` frames, as `rollouts.gather` gives them.
        skeleton: `Skeleton` of the poses.
        prefix: Integer.

    Returns:
        Dict: `energy_ratio`, motion energy over the real one's; `drift`, how
        much farther the root is from where it was than the real one, mean over
        the frames, in percent of the box; `error`, mean distance of the joints
        from the truth, in percent of the box; `error_ratio`, that over the
        error of the last pose repeated; `eligible`, bool.
    """
    real, shown = cut["poses"], cut["visibility"]
    unit, scored = forecasts.box_size(cut["boxes"][:, :prefix])
    after = slice(prefix - 1, None)
    made = np.concatenate([real[:, :prefix], rollout], axis=1)
    energy, real_energy = (
        _mean(motion_health.motion_energy(m[:, after], shown[:, after], unit))
        for m in (made, real)
    )
    root, real_root = (
        _mean(
            motion_health.root_displacement(
                m[:, after], shown[:, after], skeleton, unit
            )
        )
        for m in (made, real)
    )
    still = baselines.zero_velocity(
        real[:, :prefix], None, real.shape[1] - prefix
    )
    error, still_error = (
        metrics.ade_fde(future, real[:, prefix:], shown[:, prefix:], unit)[0]
        for future in (rollout, still)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        measures = {
            "energy_ratio": energy / real_energy,
            "drift": 100 * (root - real_root),
            "error": 100 * error,
            "error_ratio": error / still_error,
        }
    eligible = scored & (shown.mean((1, 2)) >= MIN_VISIBLE)
    eligible &= np.all([np.isfinite(x) for x in measures.values()], axis=0)
    if eligible.any():
        eligible &= real_energy >= np.median(real_energy[eligible])
    return {**measures, "eligible": eligible}


def choose(measures, clip_ids, kind, count) -> list[int]:
    """Positions of the `count` first windows of a kind, of different clips.

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
    """Mean over the frames `(N, H)` that are known; NaN without any."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0).sum(1) / known.sum(1)
