"""The rule for blessing generators: precise predictions, samples that move.

    predictions  PCK, by the protocol of the windows, at every horizon above
                 that of zero and of constant velocity
    samples      motion about as large as that of real people at every
                 horizon, and few that freeze; see `motion_health`

`blessing` says what a rule takes and returns.
"""

import numpy as np

from pose_tf.evaluation import forecasts, motion_health, tprnn
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
        sample: Function of `(poses, visibility, horizon, num_samples)` that
            returns sampled futures `(B, num_samples, horizon, J, D)`.
        train: Not used: the baselines are not fitted.
        test: Dataset of clips to score.
        config: The trainer's config.

    Returns:
        `(scores, baseline, conditions)`; `baseline` maps the name of each
        baseline to its `score_windows`.
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
    health = sample_health(sample, test, config)
    scores |= {f"samples_{name}": value for name, value in health.items()}
    return scores, rows, [*conditions, *_compare_motion(health)]


def sample_health(sample, clips_ds, config):
    """Measures how sampled futures move; see `motion_health`.

    Args:
        sample: As for `evaluate_generator`.
        clips_ds: Dataset of clips. If none is long enough for
            `HEALTH_HORIZON` frames after the prefix, the horizon is that of
            the config.
        config: The generator's config.

    Returns:
        Dict of `lag_energy` `(H,)`, `jitter`, `seam`, `frozen`, `out_of_frame`
        and `limb_change` (percent, at the last horizon), and `num_windows`.
    """
    horizon, stride = HEALTH_HORIZON, HEALTH_STRIDE
    if not windows.num_windows(
        clips_ds, length=config.prefix + horizon, stride=stride
    ):
        horizon, stride = config.horizon, config.stride
    skeleton = skeletons.get(config.skeleton)
    scores = motion_health.evaluate(
        lambda poses, visibility: sample(
            poses, visibility, horizon, HEALTH_SAMPLES
        ),
        windows.window_batches(
            clips_ds,
            length=config.prefix + horizon,
            stride=stride,
            batch_size=WINDOWS_PER_BATCH,
            skeleton=skeleton,
            frame_normalized=config.normalization == "frame",
        ),
        skeleton,
        config.prefix,
        horizon,
    )
    return {
        "lag_energy": scores["lag_energy_ratio"],
        **{name: scores[name] for name in ("jitter", "seam")},
        **{
            name: float(scores[name][-1])
            for name in ("frozen", "out_of_frame", "limb_change")
        },
        "num_windows": scores["num_windows"],
    }


def _compare_motion(health):
    """Compares how much samples move with how much real people do."""
    energy = health["lag_energy"][np.isfinite(health["lag_energy"])]
    if not len(energy):
        return []  # Real people do not move either.
    least, most = energy.min(), energy.max()
    moves = (
        f"Samples move {least:.2f} to {most:.2f} times as much as real people, "
        f"over {motion_health.LAG} frames; it must be {LEAST_ENERGY} to "
        f"{MOST_ENERGY}."
    )
    frozen = (
        f"{health['frozen']:.1f} % of the samples are frozen at the end; it "
        f"must be at most {MOST_FROZEN:g} %."
    )
    return [
        (LEAST_ENERGY <= least and most <= MOST_ENERGY, moves),
        (health["frozen"] <= MOST_FROZEN, frozen),
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
