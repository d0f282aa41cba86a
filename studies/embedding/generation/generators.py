"""Lists the arms of the generation experiments, and trains them.

All arms of an experiment share data, augmentation, network, optimizer, budget
and seeds: only what the network sees and predicts differs. The VAEs take the
annotators' guesses of hidden joints, as the generators and baselines do.
"""

import dataclasses
import shutil

from pose_tf import presets, run_files
from pose_tf.trainers.generator import GeneratorTrainer
from pose_tf.trainers.pretrained import load_model
from studies.embedding import recorded, vaes
from studies.embedding.generation import rollouts
from studies.engine.run import Run

BASELINES = ("zero_velocity", "constant_velocity")


def model_run(experiment, plan, latent_dim, seed, *, config, **options) -> Run:
    """Returns the run of a trained arm.

    Args:
        experiment: Name of the experiment.
        plan: `plan.Plan`.
        latent_dim: Integer, latent dimensions; 0 for raw features.
        seed: Integer, seed of the generator and of its VAE.
        config: Dict of fields of `configs.GeneratorConfig`.
        options: What else distinguishes the arm.
    """
    needs: tuple[Run, ...] = ()
    if latent_dim:
        needs = (vaes.vae_run(plan, latent_dim, seed=seed, use_occluded=True),)
    arm = "embedding" if latent_dim else "raw"
    options = {
        "arm": arm,
        "latent_dim": latent_dim,
        "config": recorded.options(**config),
        **options,
    }
    return Run(experiment=experiment, options=options, seed=seed, needs=needs)


def baseline_run(experiment, name, **options) -> Run:
    """Returns the run of a baseline, which depends on no seed."""
    return Run(experiment=experiment, options={"arm": name, **options})


def predictor(run, context, trainer_class=GeneratorTrainer):
    """Returns a baseline, or trains and keeps a generator.

    Args:
        run: A run of `model_run` or `baseline_run`.
        context: `context.Context`.
        trainer_class: Trains the generator.

    Returns:
        `rollouts.Baseline` or `rollouts.Model`.
    """
    if run.options["arm"] in BASELINES:
        return rollouts.Baseline(run.options["arm"])
    config = dataclasses.replace(
        presets.get("generator", "recurrent"),
        dataset=context.dataset,
        split_protocol=run.split_protocol,
        seed=run.seed,
        **recorded.fields(run.options["config"]),
    )
    if run.needs:
        folder = context.folder_of(run.needs[0])
        config = dataclasses.replace(
            config, inputs="embedding", vae=str(folder)
        )
    with context.workdir() as workdir:
        trainer = trainer_class(config, workdir, clips=context.clips, verbose=0)
        trainer.fit()
        shutil.copy(workdir / run_files.MODEL, context.folder / run_files.MODEL)
    return rollouts.Model(trainer.load_or_get_model())


def trained(run, context):
    """Returns the predictor of a run, which is executed if it has not been."""
    if run.options["arm"] in BASELINES:
        return rollouts.Baseline(run.options["arm"])
    return rollouts.Model(load_model(context.folder_of(run)))


def title(options) -> str:
    """Returns the name of an arm in tables and plots."""
    if options["arm"] == "embedding":
        name = f"embedding, {options['latent_dim']} dimensions"
    else:
        name = options["arm"].replace("_", " ")
    if not is_residual(options):
        name += ", poses instead of velocities"
    return name


def is_residual(options) -> bool:
    """Returns whether an arm predicts velocities, not poses."""
    return options.get("config", {}).get("residual", True)
