"""Runs of aeon's MiniRocket and MultiRocketHydra on the draws of few labels.

Clips are resampled to 64 frames of root-centred poses in torso lengths and the
root's path.
"""

import importlib

import numpy as np
import tensorflow as tf

from pose_tf.evaluation import recognition
from pose_tf.pipeline import single_poses, windows
from studies.embedding.classification import classifiers
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = "rockets"
VERSION = 1
REQUIRES = ("aeon", "torch")
MODELS = {
    "MiniRocket": "MiniRocketClassifier",
    "MultiRocketHydra": "MultiRocketHydraClassifier",
}
MODULE = "aeon.classification.convolution_based"
FRAMES = 64
CLIPS_PER_BATCH = 64


def runs(plan) -> list[Run]:
    """Returns each model per share and seed; with all labels, of one seed."""
    if not plan.rockets:
        return []
    return [
        Run(
            experiment=NAME,
            options={"arm": name, "length": 0, "labels": labels},
            seed=seed,
        )
        for name in MODELS
        for labels in plan.fractions
        for seed in range(plan.few_seeds if labels < 100 else 1)
    ]


def execute(run, context) -> dict:
    """Fits a model to the labelled clips; see `recognition.scores`."""
    clips = context.clips
    labelled = classifiers.labelled_clips(
        clips, run.split_protocol, run.options["labels"], run.seed
    )
    transform = single_poses.fit_transform(clips.train, clips.skeleton)
    name = MODELS[run.options["arm"]]
    model = getattr(importlib.import_module(MODULE), name)(
        random_state=run.seed, n_jobs=1
    )
    model.fit(*series(labelled, transform, clips.skeleton))
    inputs, actions = series(clips.test, transform, clips.skeleton)
    predictions = model.predict(inputs)
    return recognition.scores(np.eye(len(clips.actions))[predictions], actions)


def series(clips_ds, transform, skeleton):
    """Returns clips as `(N, channels, FRAMES)`, for aeon, and actions `(N,)`."""
    clips, actions = [], []
    for batch in windows.clip_batches(
        clips_ds, batch_size=CLIPS_PER_BATCH, skeleton=skeleton
    ):
        frames, _ = transform(batch["poses"], batch["visibility"], causal=False)
        pose = frames["pose"]
        flat = tf.reshape(pose, (*pose.shape[:2], -1))
        values = tf.concat([flat, frames["path"]], -1).numpy()
        for clip, num_frames in zip(values, batch["num_frames"].numpy()):
            clips.append(_resampled(clip[:num_frames]).T)
        actions.append(batch["action"].numpy())
    return np.stack(clips), np.concatenate(actions)


def _resampled(values):
    """Interpolates `(T, channels)` linearly to `(FRAMES, channels)`."""
    position = np.linspace(0, len(values) - 1, FRAMES)
    frames = np.arange(len(values))
    columns = [np.interp(position, frames, column) for column in values.T]
    return np.stack(columns, -1).astype(np.float32)


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
    requires=REQUIRES,
)
