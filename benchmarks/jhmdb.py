"""Scores the classifier and `learn` on JHMDB-14, a second data set.

The folder that `POSE_TF_JHMDB_DIR` names holds `clips.csv`, with the action of
each clip and its part in three splits, and `clips/*.npz`, poses of 15 joints.
For each split, a classifier and a motion VAE are trained with the settings of
Penn Action (preset `default`) for as many steps as there, and a classifier with
those for some hundred clips (preset `small`); with few labels, the other training
clips are given without labels. Means over the splits, and over draws by seed.
"""

import os
import pathlib
import tempfile

import numpy as np

from benchmarks.table import Row
from studies.motion.jhmdb import clips as jhmdb

LABELS_PER_ACTION = (1, 2, 5)
NUM_DRAWS = 5
SEED = 0
# Of the presets on Penn Action's 1,258 training clips: an epoch of fewer clips
# has fewer steps.
STEPS = {"classifier": 2_500, "motion_vae": 1_500}
# Of aeon 1.6's classifiers on the same clips, mean of the splits.
PEER = "MiniRocket 79.5 %, MultiRocketHydra 79.5 %"


PRESETS = ("default", "small")


def trained(kind, clips, folder, preset="default", **settings):
    """Returns a trainer that has trained one of its presets on clips.

    Args:
        kind: Kind of the model, a key of `STEPS`.
        clips: `example_gen.Clips`.
        folder: Folder for the trainer's files.
        preset: `default`, for `STEPS`; or another, for its own epochs.
        settings: Fields of the config that differ from the preset.
    """
    import dataclasses

    from pose_tf import presets, trainers

    config = dataclasses.replace(
        presets.get(kind, preset),
        split_protocol="official",
        seed=SEED,
        **settings,
    )
    trainer_class = trainers.get(kind)
    options = {"clips": clips, "resumable": False, "verbose": 0}
    workdir = folder / f"{kind}_{preset}"
    if preset == "default":
        steps = trainer_class(config, workdir, **options).steps_per_epoch()
        epochs = round(STEPS[kind] / steps)
        config = dataclasses.replace(config, num_epochs=epochs)
    trainer = trainer_class(config, workdir, **options)
    trainer.fit()
    return trainer


def classified(clips, folder, preset):
    """Returns the top-1 of a classifier with all labels, percent."""
    from pose_tf.evaluation import metrics, recognition

    trainer = trained("classifier", clips, folder, preset)
    predictions = recognition.predictions(
        trainer.classify, trainer.batches(clips.test)
    )
    return metrics.top1(*predictions)


def _learned(clips, folder):
    """Returns the top-1 of `learn`, percent: a list per number of labels."""
    import pose_tf
    from pose_tf.evaluation import few_labels

    path = trained("motion_vae", clips, folder).export()
    train, test = (
        list(part.as_numpy_iterator()) for part in (clips.train, clips.test)
    )
    labels, truth = (
        np.array([clip["action"] for clip in part]) for part in (train, test)
    )
    scores = []
    for number in LABELS_PER_ACTION:
        row = []
        for seed in range(NUM_DRAWS):
            drawn = few_labels.draw(labels, number, seed)
            rest = np.setdiff1d(np.arange(len(train)), drawn)
            recognizer = pose_tf.learn(
                path,
                [train[i] for i in drawn],
                [clips.actions[labels[i]] for i in drawn],
                [train[i] for i in rest],
            )
            known = [clips.actions.index(name) for name in recognizer.actions]
            given = recognizer.predict(test).argmax(-1)
            row.append(100 * np.mean(np.array(known)[given] == truth))
        scores.append(row)
    return scores


def rows():
    """Yields a row for all labels, and one for each number of few labels."""
    if not os.environ.get(jhmdb.DIR_VARIABLE):
        yield Row(
            what="JHMDB-14", value=f"skipped: {jhmdb.DIR_VARIABLE} is not set"
        )
        return
    source = pathlib.Path(os.environ[jhmdb.DIR_VARIABLE])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        splits = {split: jhmdb.read(source, split) for split in jhmdb.SPLITS}
        for preset in PRESETS:
            top1 = [
                classified(clips, folder / f"{split}", preset)
                for split, clips in splits.items()
            ]
            yield Row(
                what=f"JHMDB-14, all labels, preset `{preset}`, top-1, mean of "
                "three splits",
                value=f"{np.mean(top1):.1f} % ({_listed(top1)})",
                peer=PEER,
                aim="at least 86 %",
            )
        learned = [
            _learned(clips, folder / f"{split}")
            for split, clips in splits.items()
        ]
    for index, number in enumerate(LABELS_PER_ACTION):
        scores = [split[index] for split in learned]
        yield Row(
            what=f"JHMDB-14, {number} labelled per action, {NUM_DRAWS} draws",
            value=f"{np.mean(scores):.1f} % "
            f"({_listed(np.mean(scores, axis=1))})",
        )


def _listed(scores):
    return ", ".join(f"{score:.1f}" for score in scores)
