"""Trains and measures the VAEs that all parts share.

A run's folder holds `config.json` and `model.keras`, what trainers read of a
VAE's workdir.
"""

import dataclasses
import shutil

from pose_tf import presets, run_files
from pose_tf.trainers import trainer
from pose_tf.trainers import vae as trainers
from studies.embedding import recorded
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = "vae"
VERSION = 1
BOUND_SAMPLES = 64
BOUND_CLIPS = 8  # The bound is measured on every 8th test clip.


def vae_run(
    plan, latent_dim, *, seed=0, beta=None, split_protocol="official", **options
) -> Run:
    """Returns the run of a VAE.

    Args:
        plan: `plan.Plan`.
        latent_dim: Integer, `Z`.
        seed: Integer.
        beta: Float, weight of the rate; the plan's if None.
        split_protocol: How clips are split; see `configs`.
        options: Other fields of `VAEConfig`, and `preset`.
    """
    return Run(
        experiment=NAME,
        options={
            "preset": "default",
            "latent_dim": latent_dim,
            "beta": plan.beta if beta is None else beta,
            "num_epochs": plan.vae_epochs,
            **recorded.options(**options),
        },
        seed=seed,
        split_protocol=split_protocol,
    )


def runs(plan) -> list[Run]:
    """Returns none: the other parts name the VAEs that they need."""
    del plan
    return []


class StudyVAETrainer(trainers.VAETrainer):
    """Measures the costly bound on some of the clips."""

    def measure(self, clips_ds):
        """Measures the model on test clips.

        Returns:
            Dict: `rate`, `distortion`, `elbo`, nats per pose; `mpjpe` and
            `pca_mpjpe`, torso lengths; `active_units`; and `bound`, by
            `BOUND_SAMPLES` importance samples, with `bound_elbo`, the ELBO,
            both of the poses of every `BOUND_CLIPS`-th clip.
        """
        some = trainers.embedding_scores(
            self.model,
            self.batches(clips_ds.shard(BOUND_CLIPS, 0)),
            BOUND_SAMPLES,
        )
        return {
            **trainers.embedding_scores(
                self.model, self.batches(clips_ds), bound_samples=0
            ),
            **trainer.Trainer.measure(self, clips_ds),
            "bound": some["bound"],
            "bound_elbo": some["elbo"],
        }


def execute(run, context) -> dict:
    """Trains a VAE, and measures it if its split has test clips."""
    options = dict(run.options)
    config = dataclasses.replace(
        presets.get("vae", options.pop("preset")),
        dataset=context.dataset,
        split_protocol=run.split_protocol,
        seed=run.seed,
        **recorded.fields(options),
    )
    with context.workdir() as workdir:
        training = StudyVAETrainer(
            config, workdir, clips=context.clips, resumable=False, verbose=0
        )
        training.fit()
        for name in (run_files.CONFIG, run_files.MODEL):
            shutil.copy(workdir / name, context.folder / name)
        if run.split_protocol != "official":
            return {}
        return training.measure(context.clips.test)


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
)
