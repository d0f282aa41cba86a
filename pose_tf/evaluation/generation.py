"""The rule for blessing generators: precise predictions, samples that move.

    predictions  PCK, by the protocol of the windows, at every horizon above
                 that of zero and of constant velocity
    samples      motion about as large as that of real people at every
                 horizon, and few that freeze; see `motion_health`

`blessing` says what a rule takes and returns.
"""

import numpy as np

from pose_tf.evaluation import (
    forecasts,
    health_table,
    motion_health,
    tprnn,
)
from pose_tf.models import baselines
from pose_tf.pipeline import windows
from pose_tf.pose import skeletons

WINDOWS_PER_BATCH = 512
# Sampled motion, over the real motion: freezing below, and wild above.
LEAST_ENERGY, MOST_ENERGY = 0.4, 2.0
# Percent of sampled futures, at the last horizon. Of real ones it is 5.
MOST_FROZEN = 25.0
HEALTH_HORIZON, HEALTH_STRIDE = 50, 10  # Frames.
# All windows share the noise of a sample, so one would not be enough.
HEALTH_SAMPLES = 8


def evaluate_generator(predict, sample, train, test, config):
    """Evaluates a generator by its rule.

    Args:
        predict: Function of `(poses, visibility)`, float `(B, P, J, D)` in
            pixels and bool `(B, P, J)`, that returns the deterministic
            prediction `(B, H, J, D)`.
        sample: Function of `(poses, visibility, horizon, num_samples,
            temperature)` that returns sampled futures
            `(B, num_samples, horizon, J, D)`.
        train: Not used: the baselines are not fitted.
        test: Dataset of clips to score.
        config: The trainer's config.

    Returns:
        `(scores, baseline, conditions)`; `baseline` maps the name of each
        baseline to its `score_windows`. `scores` holds, as `health`, the rows
        of `health_table`, unless the windows are `tprnn`.
    """
    del train
    scores = score_windows(predict, test, config)
    known = {"zero_velocity": baselines.zero_velocity}
    if config.prefix > 1:
        known["constant_velocity"] = baselines.constant_velocity
    rows = {
        name: max(
            # Trusting the guessed positions of hidden joints may be better.
            (
                score_windows(_without_model(f, config, trust), test, config)
                for trust in (True, False)
            ),
            key=lambda row: row["mean_pck"],
        )
        for name, f in known.items()
    }
    better = np.max([row["pck"] for row in rows.values()], axis=0)
    conditions = _compare_horizons(np.asarray(scores["pck"]), better)
    if config.windows == "tprnn":  # Its frames do not follow one another.
        return scores, rows, conditions
    batches, horizon = health_windows(test, config)
    moved = health(sample, batches, horizon, config)
    conditions += _compare_motion(moved["samples"])
    return {**scores, "health": moved}, rows, conditions


def health_windows(clips_ds, config, most=None):
    """Returns the windows on which `health_table` measures.

    Args:
        clips_ds: Dataset of clips. If none is long enough for
            `HEALTH_HORIZON` frames after the prefix, the horizon is that of
            the config.
        config: The generator's config.
        most: Largest number of windows, evenly chosen; None for all.

    Returns:
        `(batches, horizon)`: an iterable of dicts, and the number of frames
        after the prefix. With `most`, a list that holds only windows that can
        be scored, and may be empty.
    """
    horizon, stride = HEALTH_HORIZON, HEALTH_STRIDE
    count = windows.num_windows(
        clips_ds, length=config.prefix + horizon, stride=stride
    )
    if not count:
        horizon, stride = config.horizon, config.stride
        count = windows.num_windows(
            clips_ds, length=config.prefix + horizon, stride=stride
        )
    batches = windows.window_batches(
        clips_ds,
        length=config.prefix + horizon,
        stride=stride,
        batch_size=WINDOWS_PER_BATCH,
        skeleton=skeletons.get(config.skeleton),
        frame_normalized=config.normalization == "frame",
    )
    if most is None:
        return batches, horizon
    return _chosen(batches, count, most, config.prefix), horizon


def _chosen(batches, count, most, prefix):
    """Returns the batches with at most `most` of their `count` windows."""
    indices = np.linspace(0, count - 1, min(count, most)).astype(int)
    kept, first = [], 0
    for batch in batches:
        batch = {key: np.asarray(batch[key]) for key in motion_health.KEYS}
        size = len(batch["poses"])
        _, scored = forecasts.box_size(batch["boxes"][:, :prefix])
        rows = indices[(indices >= first) & (indices < first + size)] - first
        rows = rows[scored[rows]]
        if len(rows):
            kept.append({key: values[rows] for key, values in batch.items()})
        first += size
    return kept


def health(sample, batches, horizon, config, num_samples=HEALTH_SAMPLES):
    """Returns the rows of `health_table` on `health_windows`."""
    return health_table.measure(
        sample,
        batches,
        skeletons.get(config.skeleton),
        config.prefix,
        horizon,
        num_samples,
    )


def _compare_motion(row):
    """Compares how much samples move with how much real people do."""
    energy = row["lag_energy"][np.isfinite(row["lag_energy"])]
    if not len(energy):
        return []  # Real people do not move either.
    least, most = energy.min(), energy.max()
    moves = (
        f"Samples move {least:.2f} to {most:.2f} times as much as real people, "
        f"over {motion_health.LAG} frames; it must be {LEAST_ENERGY} to "
        f"{MOST_ENERGY}."
    )
    frozen = (
        f"{row['frozen']:.1f} % of the samples are frozen at the end; it "
        f"must be at most {MOST_FROZEN:g} %."
    )
    return [
        (LEAST_ENERGY <= least and most <= MOST_ENERGY, moves),
        (row["frozen"] <= MOST_FROZEN, frozen),
    ]


def _without_model(baseline, config, trust):
    def predict(poses, visibility):
        return baseline(poses, None if trust else visibility, config.horizon)

    return predict


def score_windows(predict, clips_ds, config):
    """Scores a predictor by the protocol of the config's windows.

    Args:
        predict: As for `evaluate_generator`.
        clips_ds: Dataset of clips.
        config: The generator's config.

    Returns:
        Dict: `pck`, float `(H,)`, percent; `mean_pck`; `num_windows`; and other
        results of the protocol.
    """
    skeleton = skeletons.get(config.skeleton)
    if config.windows == "tprnn":
        row = tprnn.evaluate_tprnn(
            predict,
            windows.tprnn_batches(
                clips_ds,
                batch_size=WINDOWS_PER_BATCH,
                skeleton=skeleton,
                horizon=config.horizon,
            ),
            horizon=config.horizon,
        )
        return {
            "pck": row["correct"],
            "mean_pck": row["mean_correct"],
            "pck_as_coded": row["as_coded"],
            "num_windows": row["num_windows"],
        }
    return forecasts.evaluate_forecast(
        predict,
        windows.window_batches(
            clips_ds,
            length=config.prefix + config.horizon,
            stride=config.stride,
            batch_size=WINDOWS_PER_BATCH,
            skeleton=skeleton,
            frame_normalized=config.normalization == "frame",
        ),
        prefix=config.prefix,
        horizon=config.horizon,
    )


def _compare_horizons(pck, better):
    """Compares PCK `(H,)`, percent, with that of the better baseline."""
    known = np.isfinite(pck) & np.isfinite(better)
    mean, baseline = pck[known].mean(), better[known].mean()
    margin = np.where(known, pck - better, np.inf)
    worst = int(np.argmin(margin))
    overall = (
        f"Mean PCK over all horizons is {mean:.1f} %, that of the better "
        f"baseline at each is {baseline:.1f} %."
    )
    everywhere = (
        "The smallest margin over the better baseline is "
        f"{margin[worst]:+.2f} points of PCK, at horizon {worst + 1}; it must "
        "be positive."
    )
    return [(mean > baseline, overall), (margin[worst] > 0, everywhere)]
