"""Compares the encoders of the motion VAE by few labels, on training clips.

Penn Action's training clips in four folds, every fourth clip of each action: both
presets are trained on three folds without labels and score the fourth, with the
plain head and with the one of `pose_tf.learn`. No test clip is looked at.
"""

import dataclasses
import os
import pathlib
import tempfile

import numpy as np

from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

PRESETS = ("default", "learned")
NUM_FOLDS, FOLD = 4, 0
SHARES = (1, 5, 10)  # Percent of each action's clips that are labelled.
NUM_DRAWS = 10
SEED = 0


def folded(clips):
    """Returns clips whose test clips are one fold of the training clips."""
    import tensorflow as tf

    actions = np.array([key.action for key in clips.train_index])
    places = np.zeros(len(actions), int)
    for action in np.unique(actions):
        places[actions == action] = np.arange((actions == action).sum())
    held = places % NUM_FOLDS == FOLD

    def part(mask):
        kept = tf.constant(mask)
        return (
            clips.train.enumerate()
            .filter(lambda index, _: kept[index])
            .map(lambda _, clip: clip)
            .apply(tf.data.experimental.assert_cardinality(int(mask.sum())))
            .cache()
        )

    return dataclasses.replace(clips, train=part(~held), test=part(held))


def _scores(preset, clips, folder):
    """Returns the top-1 of both heads, one per share, percent."""
    from pose_tf import presets, trainers
    from studies.motion import heads

    config = dataclasses.replace(
        presets.get("motion_vae", preset), split_protocol="official", seed=SEED
    )
    trainer = trainers.get("motion_vae")(
        config, folder / preset, clips=clips, resumable=False, verbose=0
    )
    trainer.fit()
    embedded = (
        (
            trainer.embed_clips(part)["mean"],
            np.array([key.action for key in index]),
        )
        for part, index in (
            (clips.train, clips.train_index),
            (clips.test, clips.test_index),
        )
    )
    (known, actions), (scored, truth) = embedded
    scores = heads.scores(known, actions, scored, truth, SHARES, NUM_DRAWS)
    return [
        [scores[f"{head}_{share}"] for share in SHARES] for head in heads.HEADS
    ]


def rows():
    """Yields a row per encoder."""
    if not os.environ.get(MANUAL_DIR_VARIABLE):
        what = "encoders of motions"
        yield Row(what=what, value=f"skipped: {MANUAL_DIR_VARIABLE} is not set")
        return
    from pose_tf.pipeline import example_gen

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        clips = example_gen.load(
            "penn_action",
            data_dir=folder / "data",
            manual_dir=os.environ[MANUAL_DIR_VARIABLE],
        )
        clips = folded(clips)
        for preset in PRESETS:
            plain, spread = _scores(preset, clips, folder)
            yield Row(
                what=f"motion VAE, preset {preset}, labels of "
                f"{_listed(SHARES)} % spread, top-1 of a fold",
                value=f"{_listed(spread)} %",
                peer=f"plain head {_listed(plain)} %",
            )


def _listed(numbers):
    return ", ".join(f"{number:.3g}" for number in numbers)
