"""Runs of aeon's classifiers on the same sequences as the embeddings of motions.

Unlike `few_labels.rockets` they see missing joints filled in as the motion VAE
does, and learn from labelled clips and their mirror images.
"""

import importlib

import numpy as np

from pose_tf.models import motion_vae
from pose_tf.pipeline import example_gen
from studies.embedding.classification.classifiers import draw
from studies.embedding.few_labels.rockets import MODELS, MODULE, REQUIRES
from studies.engine.experiment import Experiment
from studies.engine.run import Run
from studies.motion import features

NAME = "motion_rockets"
VERSION = 1


def runs(plan) -> list[Run]:
    """Returns each model per share and draw; with all labels, of one seed."""
    return [
        Run(
            experiment=NAME,
            options={"arm": name, "labels": labels},
            seed=seed,
        )
        for name in plan.motion_rockets
        for labels in plan.fractions
        for seed in range(plan.motion_draws if labels < 100 else 1)
    ]


def execute(run, context) -> dict:
    """Fits a model to labelled clips; see `score`."""
    pairs = context.shared(
        (NAME, run.split_protocol),
        lambda: sequences(context.clips, run.split_protocol),
    )
    return score(run, pairs, draw)


def score(run, pairs, draw) -> dict:
    """Fits a model to labelled clips and returns the `top1` of test clips.

    Args:
        run: A `Run` whose options name the model and the share of labels.
        pairs: What `sequences` returns.
        draw: Function that draws labelled clips; see `heads.scores`.
    """
    (known, actions), (scored, truth) = pairs
    chosen = draw(actions, run.options["labels"], run.seed)
    both = np.concatenate([chosen, chosen])  # The clip, and its mirror image.
    name = MODELS[run.options["arm"]]
    model = getattr(importlib.import_module(MODULE), name)(
        random_state=run.seed, n_jobs=1
    )
    model.fit(known[both], np.concatenate([actions, actions])[both])
    predictions = model.predict(scored[: len(truth)])
    return {"top1": 100 * float(np.mean(predictions == truth))}


def sequences(clips, split_protocol) -> list:
    """Returns pairs of sequences and actions, of training and of test clips.

    Sequences are `(2 * N, channels, frames)`, of clips and then of their mirror
    images, and actions `(N,)`.
    """
    parts = example_gen.split(clips, split_protocol)
    # Only its `motion_features` are used, so that it may be small.
    model = motion_vae.MotionVAE(
        clips.skeleton.name, latent_dim=1, num_features=84, num_components=1
    )
    pairs = []
    for name in ("train", "test"):
        batches = features.batches(parts[name], clips.skeleton)
        of_part = motion_vae.sequences(model, batches)
        pairs.append((of_part.swapaxes(1, 2), features.actions_of(batches)))
    return pairs


EXPERIMENT = Experiment(
    name=NAME, version=VERSION, runs=runs, execute=execute, requires=REQUIRES
)
