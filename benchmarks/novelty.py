"""Measures how well `novelty` finds actions that nobody trained on.

The official split of Penn Action, in five folds: the actions in alphabetical
order, three by three, are left out: a new motion VAE and a new classifier are
trained without them. AUROC between the test clips of the twelve known and of the
three unknown actions. Peers, on the same clips: the distance to the nearest
training clip in features by random convolutions; and one minus the greatest
softmax, of logistic regression on these features and of the classifier.
"""

import dataclasses
import os
import pathlib
import tempfile

import numpy as np
from sklearn import linear_model, metrics, neighbors

from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

ACTIONS_PER_FOLD = 3
SEED = 0
# Of whitened components, most of which are noise.
INVERSE_REGULARIZATION = 0.01


def _without(clips, actions):
    """Returns clips whose training clips are of other actions."""
    import tensorflow as tf

    known = [key.action not in actions for key in clips.train_index]
    kept = tf.constant(known)
    train = (
        clips.train.enumerate()
        .filter(lambda index, _: kept[index])
        .map(lambda _, clip: clip)
        .apply(tf.data.experimental.assert_cardinality(sum(known)))
    )
    return dataclasses.replace(clips, train=train)


def _described(trainer, clips_ds):
    """Returns whitened components `(N, K)` of clips, and their actions."""
    import tensorflow as tf

    describe = tf.function(trainer.model.describe, reduce_retracing=True)
    components, actions = [], []
    for batch in trainer.batches(clips_ds):
        clip = batch["poses"], batch["visibility"], batch["num_frames"]
        components.append(describe(*clip).numpy())
        actions.append(batch["action"].numpy())
    return np.concatenate(components), np.concatenate(actions)


def _trained(kind, clips, folder):
    """Returns a trainer that has trained its preset `default`."""
    from pose_tf import presets, trainers

    config = dataclasses.replace(
        presets.get(kind, "default"), split_protocol="official", seed=SEED
    )
    trainer = trainers.get(kind)(
        config, folder / kind, clips=clips, resumable=False, verbose=0
    )
    trainer.fit()
    return trainer


def _of_motions(clips, actions, folder):
    """Yields the score of a motion VAE, and those of features."""
    trainer = _trained("motion_vae", _without(clips, actions), folder)
    yield trainer.embed_clips(clips.test)["novelty"]
    train, labels = _described(trainer, trainer.train_clips())
    test, _ = _described(trainer, clips.test)
    scale = trainer.model.components.stddev.numpy()  # Features, not whitened.
    nearest = neighbors.NearestNeighbors(n_neighbors=1).fit(train * scale)
    yield nearest.kneighbors(test * scale)[0][:, 0]
    softmax = linear_model.LogisticRegression(
        C=INVERSE_REGULARIZATION, max_iter=1000
    ).fit(train, labels)
    yield 1 - softmax.predict_proba(test).max(1)


def _of_classifier(clips, actions, folder):
    """Yields the score of a classifier, and that of its softmax."""
    from pose_tf.evaluation import recognition
    from pose_tf.serving import saved_model
    from pose_tf.trainers import classifier

    trainer = _trained("classifier", _without(clips, actions), folder)
    train, test = (
        classifier.embed(trainer.model, trainer.batches(clips_ds))
        for clips_ds in (trainer.train_clips(), clips.test)
    )
    yield saved_model.novelty_of(train)(test)
    probabilities, _ = recognition.predictions(
        trainer.classify, trainer.batches(clips.test)
    )
    yield 1 - probabilities.max(1)


def _fold(clips, actions, folder):
    """Returns AUROCs for one fold: both of ours, then those of the peers."""
    unknown = np.isin([key.action for key in clips.test_index], actions)
    ours, nearest, softmax = _of_motions(clips, actions, folder)
    classifier, greatest = _of_classifier(clips, actions, folder)
    return [
        metrics.roc_auc_score(unknown, score)
        for score in (ours, classifier, nearest, softmax, greatest)
    ]


def rows():
    """Yields a row per model: means over the folds."""
    from pose_tf.pipeline import example_gen

    what = "AUROC of `novelty`, unknown actions, mean of five folds"
    manual_dir = os.environ.get(MANUAL_DIR_VARIABLE)
    if not manual_dir:
        yield Row(what=what, value=f"skipped: {MANUAL_DIR_VARIABLE} is not set")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        clips = example_gen.load(
            "penn_action", data_dir=folder / "data", manual_dir=manual_dir
        )
        folds = np.split(
            np.arange(len(clips.actions)),
            range(ACTIONS_PER_FOLD, len(clips.actions), ACTIONS_PER_FOLD),
        )
        scores = [
            _fold(clips, actions, folder / f"fold_{number}")
            for number, actions in enumerate(folds)
        ]
    *means, nearest, softmax, greatest = np.mean(scores, axis=0)
    peers = (
        f"nearest in features {nearest:.3f}, their softmax {softmax:.3f}",
        f"its softmax {greatest:.3f}",
    )
    for index, kind in enumerate(("motion VAE", "classifier")):
        folds = ", ".join(f"{fold[index]:.3f}" for fold in scores)
        yield Row(
            what=f"{what}: {kind}",
            value=f"{means[index]:.3f} ({folds})",
            peer=peers[index],
            aim="at least 0.92",
        )
