"""Describes clips by random convolutions, for all arms of a seed.

A run's folder holds, of `N` training and `M` test clips in file order:

    train.npz, test.npz  `components` (N, 2, K), whitened, of the clips and of
                         their mirror images; `random` (N, R), their average
                         random features, rotated: no component is left out
                         that training clips differ in; `actions` (N,)
    stddev.npy           (K,), deviations of the components
    views/               augmented views of the training clips; see `motions`
"""

import numpy as np
import tensorflow as tf

from pose_tf.models import motion_vae
from pose_tf.models.principal_components import PrincipalComponents
from pose_tf.pipeline import example_gen, motions, windows
from pose_tf.trainers.motion_vae import AUGMENTATION, CLIPS_PER_BATCH
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = "motion_features"
VERSION = 1


def features_run(plan, seed) -> Run:
    """Returns the run of the random convolutions of a seed."""
    return Run(experiment=NAME, options=sizes(plan), seed=seed)


def sizes(plan) -> dict:
    """Returns the sizes of features, fields of `MotionVAEConfig`."""
    return {
        "num_features": plan.motion_features,
        "num_components": plan.motion_components,
        "num_views": plan.motion_views,
    }


def runs(plan) -> list[Run]:
    """Returns none: the arms name the features that they need."""
    del plan
    return []


def execute(run, context) -> dict:
    """Describes the clips of the study; see `describe`."""
    return describe(run, context.clips, context.folder)


def describe(run, clips, folder) -> dict:
    """Fits features to training clips without labels, and describes all clips.

    Args:
        run: A `Run` with the sizes of `features_run` in its options.
        clips: `example_gen.Clips`.
        folder: Folder to write; see above.

    Returns:
        Dict of `explained`, the percentage of the variance of the random
        features of training clips that the components explain.
    """
    options = run.options
    model = motion_vae.MotionVAE(
        clips.skeleton.name,
        latent_dim=1,
        num_features=options["num_features"],
        num_components=options["num_components"],
        bank_size=0,
        seed=run.seed,
    )
    parts = example_gen.split(clips, run.split_protocol)
    sequences, actions = {}, {}
    for name in ("train", "test"):
        of_part = batches(parts[name], clips.skeleton)
        sequences[name] = motion_vae.sequences(model, of_part)
        actions[name] = actions_of(of_part)
    model.convolutions.adapt(sequences["train"])
    features = {
        name: motion_vae.features_of(model.convolutions, values)
        for name, values in sequences.items()
    }
    model.components.adapt(features["train"])
    _save(folder, model.components, features, actions)
    look = tf.function(model.describe, autograph=False, reduce_retracing=True)
    motions.store(
        parts["train"],
        look,
        look,
        folder / "views",
        num_views=options["num_views"],
        amounts=AUGMENTATION,
        skeleton=clips.skeleton,
        seed=run.seed,
    )
    total = features["train"].var(0, ddof=1).sum()
    kept = features["train"].shape[0], model.components.num_components
    explained = (model.components.stddev.numpy()[: min(kept)] ** 2).sum()
    return {"explained": 100 * min(explained / total, 1.0)}


def batches(clips_ds, skeleton) -> list:
    """Returns all clips in batches, in file order."""
    return list(
        windows.clip_batches(
            clips_ds, batch_size=CLIPS_PER_BATCH, skeleton=skeleton
        )
    )


def actions_of(batches) -> np.ndarray:
    """Returns the actions of clips, int `(N,)`."""
    return np.concatenate([batch["action"].numpy() for batch in batches])


def _save(folder, components, features, actions):
    np.save(folder / "stddev.npy", components.stddev.numpy())
    averages = {
        name: _sides(values).mean(1) for name, values in features.items()
    }
    rotation = PrincipalComponents(min(averages["train"].shape))
    rotation.adapt(averages["train"])
    for name, values in features.items():
        np.savez(
            folder / f"{name}.npz",
            components=_sides(components(values).numpy()),
            random=(rotation(averages[name]) * rotation.stddev).numpy(),
            actions=actions[name],
        )


def _sides(values):
    """Clips, then their mirror images `(2 * N, F)`, as `(N, 2, F)`."""
    return np.stack(np.split(values, 2), axis=1)


EXPERIMENT = Experiment(name=NAME, version=VERSION, runs=runs, execute=execute)
