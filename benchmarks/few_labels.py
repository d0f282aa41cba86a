"""Scores what few labels are worth on Penn Action's official test clips.

`pose_tf.learn` on the committed motion model, which was trained without labels:
one, five or ten per cent of each action's training clips are labelled, at least
one, drawn by seed; the other training clips are given without labels. Its peers
get the same labelled clips, with missing joints filled in as ours are. Nothing
sees a test clip before it is scored.
"""

import contextlib
import os
import pathlib
import statistics
import tempfile
import warnings

import numpy as np

from benchmarks import sides
from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

MODEL = pathlib.Path("saved_models/penn_action_motion_vae")
SHARES = (0.01, 0.05, 0.1)
NUM_DRAWS = 10
PEERS = ("MiniRocket", "MultiRocketHydra")
SECONDS_AIM = 20


def draw(actions, share, seed) -> np.ndarray:
    """Returns indices of labelled clips: a share of each action, at least one.

    Args:
        actions: Int array `[N]`.
        share: Number between 0 and 1.
        seed: Seed of the draw.
    """
    rng = np.random.default_rng(seed)
    drawn = []
    for action in np.unique(actions):
        clips = np.flatnonzero(actions == action)
        number = max(1, round(share * len(clips)))
        drawn.append(rng.choice(clips, number, replace=False))
    return np.sort(np.concatenate(drawn))


def read(folder):
    """Returns training and test clips, dicts of arrays, and actions' names.

    A training clip in which nobody is visible is left out: it can be neither
    labelled nor learnt from. Test clips are all scored.
    """
    from pose_tf.pipeline import example_gen

    loaded = example_gen.load(
        "penn_action",
        data_dir=folder,
        manual_dir=os.environ.get(MANUAL_DIR_VARIABLE),
    )
    train, test = (
        list(part.as_numpy_iterator()) for part in (loaded.train, loaded.test)
    )
    train = [clip for clip in train if clip["visibility"].any()]
    return train, test, loaded.actions


def labels(clips) -> np.ndarray:
    """Returns the actions of clips, int `[N]`."""
    return np.array([clip["action"] for clip in clips])


def learn(folder, unlabelled=True):
    """Returns our measures, one per share: accuracies, then seconds.

    The seconds are the medians of embedding the training clips, and of all
    else that learning does.

    Args:
        folder: Folder of prepared datasets.
        unlabelled: Whether the other training clips are given without labels.
    """
    import pose_tf

    train, test, actions = read(folder)
    truth = np.array(actions)[labels(test)]

    def measure(share):
        scores, reports = [], []
        for seed in range(NUM_DRAWS):
            drawn = draw(labels(train), share, seed)
            rest = np.setdiff1d(np.arange(len(train)), drawn)
            recognizer = pose_tf.learn(
                MODEL,
                [train[i] for i in drawn],
                [actions[train[i]["action"]] for i in drawn],
                [train[i] for i in rest] if unlabelled else None,
            )
            given = recognizer.predict(test).argmax(-1)
            right = np.array(recognizer.actions)[given] == truth
            scores.append(100 * right.mean())
            reports.append(recognizer.report)
        embedding = [report.seconds_embedding for report in reports]
        solving = [report.seconds_solving for report in reports]
        return [
            *scores,
            statistics.median(embedding),
            statistics.median(solving),
        ]

    return {
        f"{share:g}": lambda share=share: measure(share) for share in SHARES
    }


def sequences(clips, skeleton) -> np.ndarray:
    """Returns what aeon's classifiers see of clips, `[N, channels, frames]`.

    Args:
        clips: List of dicts of arrays.
        skeleton: Name of their skeleton.
    """
    import tensorflow as tf

    from pose_tf.models.motion_features import MotionFeatures

    features = MotionFeatures(skeleton)
    return np.stack(
        [
            features(
                tf.constant(clip["poses"][None]),
                tf.constant(clip["visibility"][None]),
                tf.constant([len(clip["poses"])]),
            )[0].numpy()
            for clip in clips
        ]
    ).transpose(0, 2, 1)


def fitted(name, known, actions, seed):
    """Returns one of `PEERS`, fitted to sequences of labelled clips."""
    import importlib

    # On joints that never move.
    warnings.simplefilter("ignore", UserWarning)
    module = importlib.import_module("aeon.classification.convolution_based")
    model = getattr(module, f"{name}Classifier")(random_state=seed)
    return model.fit(known, actions)


def rocket(folder, name):
    """Returns the measures of one of `PEERS`, one per share: accuracies."""
    from pose_tf.pose import skeletons

    train, test, _ = read(folder)
    known, scored = (
        sequences(clips, skeletons.PENN_ACTION.name) for clips in (train, test)
    )

    def measure(share):
        scores = []
        for seed in range(NUM_DRAWS):
            drawn = draw(labels(train), share, seed)
            model = fitted(name, known[drawn], labels(train)[drawn], seed)
            scores.append(100 * np.mean(model.predict(scored) == labels(test)))
        return scores

    return {
        f"{share:g}": lambda share=share: measure(share) for share in SHARES
    }


def rows():
    """Yields a row per share of labels."""
    what = "few labels"
    if not os.environ.get(MANUAL_DIR_VARIABLE):
        yield Row(what=what, value=f"skipped: {MANUAL_DIR_VARIABLE} is not set")
        return
    with tempfile.TemporaryDirectory() as folder:
        for share in SHARES:
            *scores, embedding, solving = _measured(share, learn, folder)
            *alone, _, _ = _measured(share, learn, folder, False)
            peers = [f"ours without unlabelled clips {_told(alone)}"]
            peers += [
                f"{name} {_told(_measured(share, rocket, folder, name))}"
                for name in PEERS
            ]
            yield Row(
                what=f"{share:.0%} of training clips labelled, one per action "
                f"or more, mean of {NUM_DRAWS} draws (worst)",
                value=f"{_told(scores)}, {embedding + solving:.1f} s "
                f"({embedding:.1f} s of it embedding)",
                peer=", ".join(peers),
                aim=f"more; < {SECONDS_AIM} s",
            )


def _measured(share, make, *arguments):
    with contextlib.closing(sides.Side(make, *arguments)) as side:
        return side.measure(f"{share:g}")


def _told(scores):
    return f"{np.mean(scores):.1f} % ({min(scores):.1f} %)"
