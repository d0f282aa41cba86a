"""Part 5, long rollouts: raw poses against embeddings, protocol `forecast`.

The error of an embedded arm is measured three times: of its rollout against
the true poses (the total), of the true poses encoded and decoded against
the true poses (reconstruction), and of its rollout against the true poses
encoded and decoded (dynamics: what is left when nothing can be lost by
decoding).
"""

import numpy as np

from pose_tf.evaluation import forecasts, motion_health
from pose_tf.pipeline import single_poses, windows
from studies.embedding.generation import generators, page, rollouts
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = "generation"
VERSION = 1
PREFIX, HORIZON, STRIDE = 10, 30, 5
LONG_HORIZON = 50  # Over which freezing and drifting are measured.
# The measures of `motion_health` that there were when the runs were made.
HEALTH = (
    "energy_ratio",
    "frozen",
    "root_ratio",
    "out_of_frame",
    "real_out_of_frame",
    "limb_change",
    "real_limb_change",
    "nearest",
    "real_nearest",
    "npss",
    "num_windows",
)
BANK_POSES = 2000
BANK_CLIPS = 64  # Per batch.


def runs(plan) -> list[Run]:
    """Returns both baselines, and raw and embedded generators per seed."""
    baseline_runs = [
        generators.baseline_run(NAME, b) for b in generators.BASELINES
    ]
    return baseline_runs + [
        generator_run(plan, latent_dim, seed)
        for seed in range(plan.generation_seeds)
        for latent_dim in (0, *plan.generation_dimensions)
    ]


def generator_run(plan, latent_dim, seed) -> Run:
    """Returns the run of a generator; `latent_dim` is 0 for raw poses."""
    config = {
        "units": plan.generator_dim,
        "num_epochs": plan.generator_epochs,
        "prefix": PREFIX,
        "horizon": HORIZON,
        "stride": plan.generator_stride,
        # Rollouts are deterministic here: the likelihood would only cost time.
        "nll_weight": 0.0,
    }
    return generators.model_run(NAME, plan, latent_dim, seed, config=config)


def execute(run, context):
    """Trains an arm and measures it on the official test clips.

    Returns:
        Dict of lists over the horizons: `pck` (percent), and `mpjpe`,
        `reconstruction`, `dynamics`, `corrected` (percent of the box; see the
        module); their means as `mean_...`; `num_windows`; and `health`, the
        metrics of `motion_health.evaluate` over `LONG_HORIZON` frames.
    """
    predictor = generators.predictor(run, context)
    cut = test_windows(context.clips, HORIZON)
    prefix = cut["poses"][:, :PREFIX], cut["visibility"][:, :PREFIX]
    rollout = predictor.rollout(*prefix, HORIZON)
    metrics = _scores(rollout.poses, cut)
    if run.options["arm"] == "embedding":
        decoded = predictor.decoded(cut["poses"], cut["visibility"], PREFIX)
        reconstructed = np.concatenate(
            [cut["poses"][:, :PREFIX], decoded], axis=1
        )
        parts = {
            "reconstruction": _scores(decoded, cut),
            "dynamics": _scores(rollout.poses, {**cut, "poses": reconstructed}),
            "corrected": _scores(rollout.corrected, cut),
        }
        for name, scores in parts.items():
            metrics[name] = scores["mpjpe"]
            metrics[f"mean_{name}"] = scores["mean_mpjpe"]
        metrics["corrected_pck"] = parts["corrected"]["pck"]
        metrics["mean_corrected_pck"] = parts["corrected"]["mean_pck"]
    return {**metrics, "health": _health(predictor, context)}


def test_windows(clips, horizon):
    """Returns all windows of the official test clips, as one batch."""
    return rollouts.gather(
        windows.window_batches(
            clips.test,
            length=PREFIX + horizon,
            stride=STRIDE,
            batch_size=rollouts.WINDOWS_PER_BATCH,
            skeleton=clips.skeleton,
        )
    )


def _scores(predicted, cut):
    return forecasts.evaluate_forecast(
        lambda *_: predicted, [cut], PREFIX, HORIZON
    )


def _health(predictor, context):
    clips = context.clips
    transform, bank = context.shared("bank", lambda: _bank(clips))
    scores = motion_health.evaluate(
        lambda poses, visibility: (
            predictor.rollout(poses, visibility, LONG_HORIZON).poses
        ),
        [test_windows(clips, LONG_HORIZON)],
        clips.skeleton,
        PREFIX,
        LONG_HORIZON,
        transform=transform,
        bank=bank,
    )
    return {name: scores[name] for name in HEALTH}


def _bank(clips):
    """Returns a transform of the training clips, and some of their poses."""
    transform = single_poses.fit_transform(
        clips.train, clips.skeleton, use_occluded=True
    )
    batches = windows.clip_batches(
        clips.train, batch_size=BANK_CLIPS, skeleton=clips.skeleton
    )
    return transform, motion_health.pose_bank(batches, transform, BANK_POSES)


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
    section=page.section,
    conclusion=page.conclusion,
    front_rows=page.front_rows,
)
