"""Lists the arms of part 9, and trains them.

All arms share data, augmentation, optimizer, budget and seeds, and, but for the
one that goes frame by frame, the network: they differ in what they see and
predict. Options of these runs have the present names of the config's fields.
"""

import dataclasses
import shutil

import keras

from pose_tf import presets, run_files
from pose_tf.trainers.generator import GeneratorTrainer
from studies.embedding import vaes
from studies.engine.run import Run

NAME = "continuations"
ZERO_VELOCITY = "zero_velocity"
RECURRENT, RAW = "recurrent", "chunks"
POSES, MOTION = "pose_embedding", "motion_embedding"
TRAINED = (RECURRENT, RAW, POSES, MOTION)
PREFIX = 10


def arm_run(plan, arm, seed) -> Run:
    """Returns the run of an arm of `TRAINED`."""
    needs: tuple[Run, ...] = ()
    config = settings(plan)
    options = {"arm": arm, **measured(plan), "config": config}
    if arm == RECURRENT:
        config |= {"model": "recurrent"}
    if arm == POSES:
        options["latent_dim"] = plan.continuation_dimension
        needs = (vae_run(plan, seed),)
    if arm == MOTION:
        options["latent_dim"] = plan.chunk_dimension
        config |= {
            "chunk_dim": plan.chunk_dimension,
            "chunk_beta": plan.chunk_beta,
        }
    return Run(experiment=NAME, options=options, seed=seed, needs=needs)


def settings(plan) -> dict:
    """Returns fields of `GeneratorConfig` that all arms share."""
    return {
        "model": "chunks",
        "prefix": PREFIX,
        "horizon": plan.continuation_rollout,
        "rollout": plan.continuation_rollout,
        "stride": plan.continuation_stride,
        "units": plan.continuation_units,
        "hidden_units": plan.continuation_units,
        "batch_size": plan.continuation_batch_size,
        "learning_rate": 1.5e-3,
        "weight_decay": 1e-4,
        "ema_momentum": 0.98,
        "num_epochs": plan.continuation_epochs,
    }


def measured(plan) -> dict:
    """Returns the options that say what is measured."""
    return {
        "num_samples": plan.continuation_samples,
        "test_stride": plan.continuation_test_stride,
    }


def vae_run(plan, seed) -> Run:
    """Returns the run of a VAE of poses, hidden joints as annotated."""
    return Run(
        experiment=vaes.NAME,
        options={
            "preset": "default",
            "latent_dim": plan.continuation_dimension,
            "beta": plan.beta,
            "num_epochs": plan.continuation_vae_epochs,
            "use_occluded": True,
        },
        seed=seed,
    )


def config_of(run, context):
    """Returns the `GeneratorConfig` of a run with a `config` among its options."""
    config = dataclasses.replace(
        presets.get("generator", "recurrent"),
        dataset=context.dataset,
        split_protocol=run.split_protocol,
        seed=run.seed,
        **run.options["config"],
    )
    if run.needs:
        folder = context.folder_of(run.needs[0])
        config = dataclasses.replace(
            config, inputs="embedding", vae=str(folder)
        )
    return config


def trained(run, context) -> keras.Model:
    """Trains and keeps the generator of a run."""
    with context.workdir() as workdir:
        trainer = GeneratorTrainer(
            config_of(run, context),
            workdir,
            clips=context.clips,
            resumable=False,
            verbose=0,
        )
        trainer.fit()
        shutil.copy(workdir / run_files.MODEL, context.folder / run_files.MODEL)
        return trainer.load_or_get_model()


def title(options) -> str:
    """Returns the name of an arm in tables and plots."""
    size = options.get("latent_dim")
    return {
        ZERO_VELOCITY: "zero velocity",
        RECURRENT: "frame by frame, raw",
        RAW: "chunks, raw",
        POSES: f"chunks of embedded poses ({size})",
        MOTION: f"chunks, embedded ({size})",
    }[options["arm"]]
