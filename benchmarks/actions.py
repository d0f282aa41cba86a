"""Scores the committed classifiers beside aeon's, trained on the same clips.

Official split of Penn Action: whole clips, clips as a detector would have
given them, and beginnings of clips. MultiRocketHydra is trained once;
MiniRocket, for beginnings, once for each part of a clip. All of aeon's models
see the sequences that ours see, with the same missing joints.
"""

import os
import pathlib
import tempfile

import numpy as np

from benchmarks import sides
from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

SEED = 0
CLIPS_PER_BATCH = 64
MODELS = pathlib.Path(__file__).parents[1] / "saved_models"


def _clips(folder):
    from pose_tf.pipeline import example_gen

    return example_gen.load(
        "penn_action",
        data_dir=folder,
        manual_dir=os.environ.get(MANUAL_DIR_VARIABLE),
    )


def _batches(clips_ds, skeleton):
    from pose_tf.pipeline import windows

    return windows.clip_batches(
        clips_ds, batch_size=CLIPS_PER_BATCH, skeleton=skeleton
    )


def _scores(classify, clips):
    """Returns top-1 of whole and of degraded test clips, percent."""
    from pose_tf.evaluation import detection, metrics, recognition

    batches = list(_batches(clips.test, clips.skeleton))
    degraded = detection.top1(classify, batches, clips.skeleton, SEED)
    clean = metrics.top1(*recognition.predictions(classify, batches))
    return [clean, *degraded.values()]


def pose_tf(folder):
    """Returns the measures `whole` and `early` of the committed models."""
    import pose_tf
    from pose_tf.evaluation import evaluator, recognition

    clips = _clips(folder)

    def classifier(name):
        (classify,) = evaluator.CLASSIFIER.functions(
            pose_tf.load(MODELS / name), None
        )
        return classify

    def early():
        scores = recognition.early_recognition(
            classifier("penn_action_causal_classifier"),
            _batches(clips.test, clips.skeleton),
        )
        return list(scores.values())

    return {
        "whole": lambda: _scores(classifier("penn_action_classifier"), clips),
        "early": early,
    }


def aeon(folder):
    """Returns the same measures of MultiRocketHydra, and of MiniRocket."""
    from aeon.classification import convolution_based as rockets

    from pose_tf.evaluation import recognition
    from pose_tf.models.motion_features import MotionFeatures

    clips = _clips(folder)
    features = MotionFeatures(clips.skeleton.name)

    def whole():
        model = rockets.MultiRocketHydraClassifier(
            random_state=SEED, n_jobs=os.cpu_count()
        )
        return _scores(_fitted(model, features, clips), clips)

    def early():
        scores = []
        for percent in recognition.SEEN_PERCENTS:
            model = rockets.MiniRocketClassifier(
                random_state=SEED, n_jobs=os.cpu_count()
            )
            scores += recognition.early_recognition(
                _fitted(model, features, clips, percent),
                _batches(clips.test, clips.skeleton),
                percents=(percent,),
            ).values()
        return scores

    return {"whole": whole, "early": early}


def _fitted(model, features, clips, percent=100):
    """Fits a model of aeon's to the first part of every training clip.

    Returns:
        Its `classify`, as `recognition.predictions` takes it.
    """

    def series(poses, visibility, num_frames):
        """Returns `(N, channels, frames)`, which aeon takes."""
        return features(poses, visibility, num_frames).numpy().swapaxes(1, 2)

    inputs, actions = [], []
    for batch in _batches(clips.train, clips.skeleton):
        seen = -(-batch["num_frames"] * percent // 100)
        inputs.append(series(batch["poses"], batch["visibility"], seen))
        actions.append(batch["action"].numpy())
    model.fit(np.concatenate(inputs), np.concatenate(actions))
    return lambda *clip: np.eye(len(clips.actions))[
        model.predict(series(*clip))
    ]


def rows():
    """Yields a row per kind of test clips."""
    from pose_tf.evaluation.recognition import SEEN_PERCENTS

    if not os.environ.get(MANUAL_DIR_VARIABLE):
        what = "actions of clips"
        yield Row(what=what, value=f"skipped: {MANUAL_DIR_VARIABLE} is not set")
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        sides.both(pose_tf, aeon, folder) as (ours, peer),
    ):
        for measure, name, kinds in (
            (
                "whole",
                "MultiRocketHydra",
                (
                    "whole clips",
                    "clips by a moderate detector",
                    "clips by a strongly disturbed detector",
                ),
            ),
            (
                "early",
                "MiniRocket",
                [
                    f"the first {percent} % of clips"
                    for percent in SEEN_PERCENTS
                ],
            ),
        ):
            for what, mine, theirs in zip(
                kinds, ours.measure(measure), peer.measure(measure), strict=True
            ):
                yield Row(
                    what=f"top-1 on {what}",
                    value=f"{mine:.2f} %",
                    peer=f"{name} {theirs:.2f} %",
                )
