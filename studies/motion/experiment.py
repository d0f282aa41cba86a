"""Part 7: embeddings of motions, of which few are labelled."""

import dataclasses

import numpy as np
import tensorflow as tf

from pose_tf import presets
from pose_tf.models.motion_vae import INPUT_POWER
from pose_tf.pipeline import motions
from pose_tf.trainers.motion_vae import MotionVAETrainer
from studies.embedding.classification.classifiers import draw
from studies.engine.experiment import Experiment
from studies.engine.run import Run
from studies.motion import features, heads, page

NAME = "motion"
VERSION = 1
SIZES = ("num_features", "num_components", "num_views")


def runs(plan) -> list[Run]:
    """Returns each arm per seed; dimensions and betas of fewer seeds."""
    arms = [
        vae_options(plan),
        {"arm": "pca", "latent_dim": plan.motion_dimension},
        {"arm": "pca", "latent_dim": plan.motion_components},
        vae_options(plan, beta=0.0),
        vae_options(plan, contrastive_weight=0.0),
        {"arm": "random"},
    ]
    varied = [
        *(vae_options(plan, beta=beta) for beta in plan.motion_betas),
        *(vae_options(plan, latent_dim=dim) for dim in plan.motion_dimensions),
        *({"arm": "pca", "latent_dim": dim} for dim in plan.motion_dimensions),
    ]
    varied = [options for options in varied if options not in arms]
    return [
        _run(plan, options, seed)
        for some, seeds in (
            (arms, plan.motion_seeds),
            (varied, plan.motion_varied_seeds),
        )
        for seed in range(seeds)
        for options in some
    ]


def vae_options(plan, **changes) -> dict:
    """Returns the options of a motion VAE, with these changes."""
    return {
        "arm": "vae",
        "latent_dim": plan.motion_dimension,
        "beta": plan.motion_beta,
        "contrastive_weight": plan.motion_contrastive_weight,
        "num_epochs": plan.motion_epochs,
        **changes,
    }


def _run(plan, options, seed):
    sizes = {"labels": list(plan.fractions), "num_draws": plan.motion_draws}
    return Run(
        experiment=NAME,
        options={**options, **sizes},
        seed=seed,
        needs=(features.features_run(plan, seed),),
    )


class DescribedTrainer(MotionVAETrainer):
    """Trains on views of clips that were described before.

    Args:
        described: Folder of a run of `features`.
        args, options: See `Trainer`.
    """

    def __init__(self, described, *args, **options):
        super().__init__(*args, resumable=False, verbose=0, **options)
        self.described = described

    def build(self):
        model = self.new_model()
        model.components.stddev.assign(np.load(self.described / "stddev.npy"))
        self.stored = motions.Views(self.described / "views")
        return model

    def finish(self):
        """Does nothing: clips are embedded by their descriptions."""


def execute(run, context) -> dict:
    """Embeds the clips of the study and scores the embedding; see `score`."""
    return score(run, context, context.clips, draw)


def score(run, context, clips, draw) -> dict:
    """Embeds all clips by an arm and scores the embedding; see `heads`.

    Args:
        run: A `Run` that needs that of its features.
        context: `Context`.
        clips: `example_gen.Clips`, those that the features describe.
        draw: Function that draws labelled clips; see `heads.scores`.
    """
    options, folder = run.options, context.folder_of(run.needs[0])
    train, test = (
        dict(np.load(folder / f"{name}.npz")) for name in ("train", "test")
    )
    embed = EMBEDDINGS[options["arm"]](run, context, clips, folder)
    known, scored = embed(train), embed(test)
    return heads.scores(
        known - known.mean(0),
        train["actions"],
        scored - known.mean(0),
        test["actions"],
        options["labels"],
        options["num_draws"],
        draw,
    )


def _random(run, context, clips, folder):
    del run, context, clips, folder
    return lambda clips: clips["random"]


def _pca(run, context, clips, folder):
    del context, clips
    dim = run.options["latent_dim"]
    scale = np.load(folder / "stddev.npy")[:dim] ** INPUT_POWER
    return lambda clips: clips["components"].mean(1)[:, :dim] * scale


def _trained(run, context, clips, folder):
    described = run.needs[0].options
    names = ("latent_dim", "beta", "contrastive_weight", "num_epochs")
    config = dataclasses.replace(
        presets.get("motion_vae", "default"),
        dataset=context.dataset,
        split_protocol=run.split_protocol,
        seed=run.seed,
        **{name: described[name] for name in SIZES},
        **{name: run.options[name] for name in names},
    )
    with context.workdir() as workdir:
        training = DescribedTrainer(folder, config, workdir, clips=clips)
        training.fit()

    def embed(clips):
        first, second = np.moveaxis(clips["components"], 1, 0)
        means = [
            training.model.encode(tf.constant(side)).mean().numpy()
            for side in (first, second)
        ]
        return (means[0] + means[1]) / 2

    return embed


EMBEDDINGS = {"random": _random, "pca": _pca, "vae": _trained}

EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
    section=page.section,
    conclusion=page.conclusion,
    front_rows=page.front_rows,
    front_text=page.front_text,
)
