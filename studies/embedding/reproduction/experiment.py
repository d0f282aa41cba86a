"""Part 1: the original experiment as it was made, and what it confounded."""

import dataclasses
import shutil

from sklearn import linear_model, neighbors, pipeline, preprocessing

from pose_tf import presets, run_files
from pose_tf.evaluation import recognition
from studies.embedding import recorded
from studies.embedding.reproduction import frames, page
from studies.embedding.reproduction.conditions import (
    ALL,
    ALL_LONGER,
    ARMS,
    BASELINES,
    CONDITIONS,
    FIRST,
    LINEAR,
)
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = "reproduction"
VERSION = 1
REGRESSION_STEPS = 300


def runs(plan) -> list[Run]:
    """Returns both arms of each condition, and baselines of two of them."""
    arm_runs = [
        arm_run(plan, arm, condition, seed)
        for condition in CONDITIONS.values()
        for arm in ARMS
        for seed in range(plan.reproduction_seeds)
    ]
    arm_runs += [
        arm_run(plan, LINEAR, CONDITIONS[name], seed)
        for name in (ALL, ALL_LONGER)
        for seed in range(plan.reproduction_seeds)
    ]
    for name, arms in BASELINES.items():
        for condition in (FIRST, ALL):
            arm_runs += [
                arm_run(plan, arm, CONDITIONS[condition], 0, model=name)
                for arm in arms
            ]
    return arm_runs


def arm_run(plan, arm, condition, seed, model="LSTMs") -> Run:
    """Returns the run of an arm in a condition.

    Args:
        plan: `plan.Plan`.
        arm: `raw`, `embedding` or `LINEAR`.
        condition: One of the values of `CONDITIONS`.
        seed: Integer.
        model: `LSTMs`, or one of `BASELINES`.
    """
    options = {
        "arm": arm,
        "model": model,
        "shift": condition["shifts"][arm],
        "scaler": condition["scaler"],
        "every": plan.reproduction_every,
        "config": {
            "num_epochs": plan.reproduction_epochs * condition["times"],
            "batch_size": plan.reproduction_batch_size,
        },
    }
    needs: tuple[Run, ...] = ()
    if arm == "embedding":
        needs = (_embedding_run(plan, condition, seed),)
        options["is_vae"] = condition["is_vae"]
    return Run(
        experiment=NAME,
        options=options,
        seed=seed,
        split_protocol=condition["split_protocol"],
        needs=needs,
    )


def _embedding_run(plan, condition, seed):
    config = {
        "latent_dim": plan.reproduction_dimension,
        "num_epochs": plan.reproduction_vae_epochs,
        "batch_size": plan.reproduction_batch_size,
        "beta": plan.beta if condition["is_vae"] else 0.0,
    }
    return Run(
        experiment=NAME,
        options={
            "arm": "vae",
            "shift": condition["shifts"]["embedding"],
            "scaler": condition["scaler"],
            "every": plan.reproduction_every,
            "config": config,
        },
        seed=seed,
        split_protocol=condition["split_protocol"],
    )


def execute(run, context) -> dict:
    """Trains a VAE or an arm; an arm's metrics are `recognition.scores`."""
    options = run.options
    kind = "vae" if options["arm"] == "vae" else "classifier"
    config = dataclasses.replace(
        presets.get(kind, "original"),
        dataset=context.dataset,
        split_protocol=run.split_protocol,
        use_occluded=True,
        seed=run.seed,
        **recorded.fields(options["config"]),
    )
    with context.workdir() as workdir:
        frame_options = {
            "scaler": options["scaler"],
            "shift": options["shift"],
            "every": options["every"],
            "clips": context.clips,
            "parts": context.shared(
                ("frames", run.split_protocol),
                lambda: frames.parts(context.clips, run.split_protocol),
            ),
        }
        if options["arm"] == LINEAR:
            frame_options["whiten"] = True
        if kind == "vae":
            frames.FrameVAETrainer(config, workdir, **frame_options).fit()
            for name in (run_files.CONFIG, run_files.MODEL):
                shutil.copy(workdir / name, context.folder / name)
            return {}
        config = dataclasses.replace(
            config,
            inputs="embedding" if run.needs else "raw",
            vae=str(context.folder_of(run.needs[0])) if run.needs else "",
        )
        training = frames.FrameClassifierTrainer(
            config, workdir, **frame_options
        )
        if options["model"] in BASELINES:
            return _execute_baseline(options["model"], training)
        training.fit()
        return training.measure()


def _execute_baseline(name, training):
    estimator = neighbors.KNeighborsClassifier(1, algorithm="brute")
    if name == "logistic regression":
        estimator = pipeline.make_pipeline(
            preprocessing.StandardScaler(),
            linear_model.LogisticRegression(max_iter=REGRESSION_STEPS),
        )
    arrays = training.arrays()
    estimator.fit(*arrays["train"])
    features, actions = arrays["test"]
    return recognition.scores(estimator.predict_proba(features), actions)


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
    section=page.section,
    conclusion=page.conclusion,
    front_rows=page.front_rows,
)
