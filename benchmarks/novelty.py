"""Measures how well `novelty` finds actions that nobody trained on.

The official split of Penn Action, in five folds: the actions in alphabetical
order, three by three, are left out: a new motion VAE is trained without them.
AUROC between the test clips of the twelve known and of the three unknown actions.
Peers, on the same clips: the distance to the nearest training clip in features by
random convolutions, and one minus the greatest softmax of logistic regression on
these features.
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


def _fold(clips, actions, folder):
    """Returns the AUROC of `novelty` and of both peers, for one fold."""
    from pose_tf import presets, trainers

    config = dataclasses.replace(
        presets.get("motion_vae", "default"),
        split_protocol="official",
        seed=SEED,
    )
    trainer = trainers.get("motion_vae")(
        config,
        folder,
        clips=_without(clips, actions),
        resumable=False,
        verbose=0,
    )
    trainer.fit()
    train, labels = _described(trainer, trainer.train_clips())
    test, truth = _described(trainer, clips.test)
    scale = trainer.model.components.stddev.numpy()  # Features, not whitened.
    nearest = neighbors.NearestNeighbors(n_neighbors=1).fit(train * scale)
    softmax = linear_model.LogisticRegression(
        C=INVERSE_REGULARIZATION, max_iter=1000
    ).fit(train, labels)
    unknown = np.isin(truth, actions)
    return [
        metrics.roc_auc_score(unknown, score)
        for score in (
            trainer.embed_clips(clips.test)["novelty"],
            nearest.kneighbors(test * scale)[0][:, 0],
            1 - softmax.predict_proba(test).max(1),
        )
    ]


def rows():
    """Yields a row: means over the folds."""
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
    ours, nearest, softmax = np.mean(scores, axis=0)
    lowest = min(fold[0] for fold in scores)
    yield Row(
        what=what,
        value=f"{ours:.3f} (lowest fold {lowest:.3f})",
        peer=f"nearest in features {nearest:.3f}, softmax {softmax:.3f}",
        aim="at least 0.92",
    )
