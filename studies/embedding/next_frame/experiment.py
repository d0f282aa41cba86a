"""Part 5, the original's measure: the next frame from five.

The error is the mean absolute one over the numbers of a frame: coordinates
over the frame's size, and visibility as 0 or 1. A joint that is missing in the
last observed frame is predicted to stay missing, as repeating that frame does,
although our models predict a position for every joint.
"""

import numpy as np

from pose_tf.evaluation import next_frame
from pose_tf.pipeline import windows
from pose_tf.trainers import generator
from studies.embedding.generation import generators, rollouts
from studies.embedding.next_frame import page
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = "next_frame"
VERSION = 1
PREFIX = next_frame.PREFIX
OVER_TIME = ("poses", "visibility", "boxes")


def runs(plan) -> list[Run]:
    """Returns both baselines, and raw and embedded generators, for each skip."""
    all_runs: list[Run] = []
    for skip in plan.skips:
        all_runs += [
            generators.baseline_run(NAME, name, skip=skip)
            for name in generators.BASELINES
        ]
        for seed in range(plan.next_frame_seeds):
            all_runs += [
                _model_run(plan, latent_dim, seed, skip, residual)
                for residual, dimensions in (
                    (True, plan.generation_dimensions),
                    (False, plan.pose_dimensions),
                )
                for latent_dim in (0, *dimensions)
            ]
    return all_runs


def _model_run(plan, latent_dim, seed, skip, residual):
    config = {
        "units": plan.generator_dim,
        "num_epochs": plan.next_frame_epochs,
        "prefix": PREFIX,
        "horizon": 1,
        "stride": plan.next_frame_stride,
        "residual": residual,
        "nll_weight": 0.0,
    }
    return generators.model_run(
        NAME, plan, latent_dim, seed, skip=skip, config=config
    )


def trainer_of(skip):
    """Returns a trainer of windows with every `skip`-th frame kept."""

    class SkippingTrainer(generator.GeneratorTrainer):
        @property
        def length(self):
            return PREFIX * skip + 1

        def batches(self, clips_ds, **options):
            return super().batches(clips_ds, **options).map(_keep)

    def _keep(batch):
        frames = {key: batch[key][:, ::skip] for key in OVER_TIME}
        return {**batch, **frames}

    return SkippingTrainer


def execute(run, context):
    """Trains an arm and measures it on the official test clips.

    Returns:
        Dict: `mae`, over all numbers of a frame; `visible_mae`, over the
        coordinates of visible joints, of which for embeddings also
        `reconstruction`, `dynamics` (as in `generation`) and `corrected`;
        `num_windows`.
    """
    skip = run.options["skip"]
    predictor = generators.predictor(run, context, trainer_of(skip))
    cut = _test_windows(context.clips, skip)
    poses, visibility = cut["poses"], cut["visibility"]
    rollout = predictor.rollout(poses[:, :PREFIX], visibility[:, :PREFIX], 1)
    last = poses[:, PREFIX - 1 : PREFIX]

    def scores(predicted, target=poses):
        return next_frame.evaluate_next_frame(
            lambda *_: (predicted, rollout.visibility),
            [{**cut, "poses": target}],
            unit=None,
        )

    metrics = scores(np.where(np.isnan(last), np.nan, rollout.poses))
    if run.options["arm"] == "embedding":
        decoded = predictor.decoded(poses, visibility, PREFIX)
        reconstructed = np.concatenate([poses[:, :PREFIX], decoded], axis=1)
        parts = {
            "reconstruction": scores(decoded),
            "dynamics": scores(rollout.poses, reconstructed),
            "corrected": scores(rollout.corrected),
        }
        metrics |= {name: row["visible_mae"] for name, row in parts.items()}
    return metrics


def _test_windows(clips, skip):
    """Returns six frames each, every `skip`-th, of official test clips."""
    cut = rollouts.gather(
        windows.window_batches(
            clips.test,
            length=PREFIX * skip + 1,
            stride=skip,
            batch_size=rollouts.WINDOWS_PER_BATCH,
            skeleton=clips.skeleton,
        )
    )
    return cut | {key: cut[key][:, ::skip] for key in OVER_TIME}


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
    section=page.section,
    conclusion=page.conclusion,
)
