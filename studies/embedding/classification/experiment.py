"""Part 2: classification by raw poses and by embeddings, official split."""

import dataclasses

from pose_tf import presets
from pose_tf.evaluation import recognition
from pose_tf.models import baselines
from pose_tf.pipeline import single_poses
from studies.embedding import recorded, vaes
from studies.embedding.classification import classifiers, page
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = "classification"
VERSION = 1

BASELINES = {
    "nearest neighbour": baselines.NearestNeighbor,
    "logistic regression": baselines.LogisticRegression,
}
BASELINE_FRAMES = 16  # Frames to which windows are resampled.


def runs(plan) -> list[Run]:
    """Returns each arm per length and seed, and each baseline per length."""
    all_runs = []
    for length in plan.lengths:
        all_runs += [
            baseline_run(plan, name, length=length) for name in BASELINES
        ]
        for seed in range(plan.seeds):
            all_runs += arms(plan, length=length, labels=100, seed=seed)
    return all_runs


def arms(plan, **condition) -> list[Run]:
    """Returns the raw arm, and an embedded one per dimension."""
    return [
        arm_run(plan, "raw", **condition),
        *(
            arm_run(plan, "embedding", latent_dim=latent_dim, **condition)
            for latent_dim in plan.dimensions
        ),
    ]


def arm_run(
    plan,
    arm,
    *,
    length,
    labels,
    seed,
    latent_dim=None,
    split_protocol="official",
) -> Run:
    """Returns the run of a classifier.

    Args:
        plan: `plan.Plan`.
        arm: One of `classifiers.ARMS`.
        length: Frames per window; 0 for whole clips.
        labels: Percent of the training clips that are labelled.
        seed: Integer, also of the VAE and of the draw of labels.
        latent_dim: Latent dimensions of the embedding.
        split_protocol: How clips are split; see `configs`.
    """
    options = {
        "arm": arm,
        "length": length,
        "labels": labels,
        "stride": plan.stride,
        "config": recorded.options(
            num_epochs=plan.epochs_of(length),
            batch_size=plan.batch_of(length),
            window=plan.window,
            filters=plan.filters,
            num_convs=plan.num_convs,
            units=plan.units,
            num_lstms=plan.num_lstms,
        ),
    }
    needs: tuple[Run, ...] = ()
    if arm != "raw":
        options["latent_dim"] = latent_dim
        needs = (
            vaes.vae_run(
                plan, latent_dim, seed=seed, split_protocol=split_protocol
            ),
        )
    return Run(
        experiment=NAME,
        options=options,
        seed=seed,
        split_protocol=split_protocol,
        needs=needs,
    )


def baseline_run(plan, name, *, length, labels=100, seed=0) -> Run:
    """Returns the run of one of `BASELINES`, which see transformed poses."""
    return Run(
        experiment=NAME,
        options={
            "arm": name,
            "length": length,
            "labels": labels,
            "stride": plan.stride,
            "config": recorded.options(batch_size=plan.batch_of(length)),
        },
        seed=seed,
    )


def execute(run, context) -> dict:
    """Trains an arm and scores the test clips; see `recognition.scores`."""
    options = run.options
    arm = options["arm"]
    config = dataclasses.replace(
        presets.get("classifier", "frames"),
        dataset=context.dataset,
        split_protocol=run.split_protocol,
        seed=run.seed,
        inputs="raw" if not run.needs else "embedding",
        vae=str(context.folder_of(run.needs[0])) if run.needs else "",
        **recorded.fields(options["config"]),
    )
    with context.workdir() as workdir:
        training = classifiers.WindowClassifierTrainer(
            config,
            workdir,
            length=options["length"],
            stride=options["stride"],
            labels=options["labels"],
            sampled=arm == "sampled",
            clips=context.clips,
        )
        _, held_out = training.clips_of(
            "validation" if run.split_protocol == "validation" else "test"
        )
        if arm in BASELINES:
            return _execute_baseline(arm, training, held_out)
        training.fit()
        return training.measure(held_out)


def _execute_baseline(name, training, held_out):
    transform = single_poses.fit_transform(
        training.train_clips(), training.clips.skeleton
    )
    frames = min(training.length or BASELINE_FRAMES, BASELINE_FRAMES)
    baseline = BASELINES[name](transform, frames)
    baseline.fit(
        training.windows(training.labelled), len(training.clips.actions)
    )
    return recognition.scores(
        *recognition.predictions(baseline.classify, training.windows(held_out))
    )


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
    section=page.section,
    conclusion=page.conclusion,
    front_rows=page.front_rows,
)
