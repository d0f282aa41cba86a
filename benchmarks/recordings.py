"""Scores what is under way in recordings beside a sliding-window MiniRocket.

The 100 recordings are made of official test clips, by seed. Ours is the
committed causal classifier: segments as in a timeline, delays as in a stream.
The peer sees windows of 64 frames, every 8 frames, as `MotionFeatures` gives
them, is trained on recordings that are made of the training clips in the same
way, with a class for none, and is smoothed by a median filter: of each label's
votes, which is the majority. It sees 32 frames ahead. Its ridge classifier has
one penalty, since choosing it by leaving out single windows, as aeon does, takes
half an hour; penalty and filter were chosen on the split `validation`. Ours is
scored as well on the recordings as a detector would have given them.
"""

import functools
import os
import pathlib
import tempfile

import numpy as np

from benchmarks import sides
from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

SEED = 0
MODEL = "penn_action_causal_classifier"
MODELS = pathlib.Path(__file__).parents[1] / "saved_models"
NUM_TRAINED, TRAINED_SEED = 100, 1000  # Of the peer's recordings.
WINDOW, STRIDE = 64, 8  # Frames.
PENALTY = 1000.0
SMOOTHED = 65  # Frames.
# Name of each score, its unit and what it should be.
SCORES = {
    "frame_accuracy": ("frames named rightly", "%", "5 above the peer"),
    "f1_10": ("segmental F1@10", "%", "5 above the peer"),
    "f1_25": ("segmental F1@25", "%", "5 above the peer"),
    "f1_50": ("segmental F1@50", "%", "at least 80, 5 above the peer"),
    "edit": ("edit score", "%", "5 above the peer"),
    "delay": ("median delay until named for good", "s", "at most 1.5 s"),
}

DETECTORS = {
    "moderate": "a moderate detector",
    "strong": "a strongly disturbed detector",
}


def _clips(folder):
    from pose_tf.pipeline import example_gen

    return example_gen.load(
        "penn_action",
        data_dir=folder,
        manual_dir=os.environ.get(MANUAL_DIR_VARIABLE),
    )


def _scored(clips):
    from pose_tf.pipeline import recordings

    return recordings.of_clips(clips.test, clips.skeleton, seed=SEED)


def pose_tf(folder):
    """Returns the measures of the committed model.

    They are `score` and, for each of `detection.DETECTORS`, its name.
    """
    import pose_tf
    from pose_tf.evaluation import detection
    from pose_tf.evaluation import recordings as scoring

    model = pose_tf.load(MODELS / MODEL)
    scored = _scored(_clips(folder))

    def score(detector=None):
        seen = [
            _detected(recording, model.skeleton, detector, number)
            for number, recording in enumerate(scored)
        ]
        scores = scoring.evaluate(model.classify_frames, seen)
        return [scores[name] for name in SCORES]

    return {"score": score} | {
        name: functools.partial(score, detector)
        for name, detector in detection.DETECTORS.items()
    }


def aeon(folder):
    """Returns the measure `score` of MiniRocket on windows."""
    from aeon.classification.convolution_based import MiniRocketClassifier
    from sklearn.linear_model import RidgeClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from pose_tf.evaluation import recordings as scoring
    from pose_tf.models.motion_features import MotionFeatures
    from pose_tf.pipeline import recordings

    clips = _clips(folder)
    features = MotionFeatures(clips.skeleton.name, WINDOW)
    model = MiniRocketClassifier(
        estimator=make_pipeline(StandardScaler(), RidgeClassifier(PENALTY)),
        random_state=SEED,
        n_jobs=os.cpu_count(),
    )

    def score():
        trained = recordings.of_clips(
            clips.train, clips.skeleton, NUM_TRAINED, TRAINED_SEED
        )
        seen, labels = [], []
        for recording in trained:
            middles, series = _windows(features, recording)
            counts = recording.labels[middles] != recordings.UNSCORED
            seen.append(series[counts])
            labels.append(recording.labels[middles][counts])
        model.fit(np.concatenate(seen), np.concatenate(labels))
        scored = _scored(clips)
        named = []
        for recording in scored:
            _, series = _windows(features, recording)
            frames = np.repeat(model.predict(series), STRIDE)
            named.append(_smoothed(frames[: len(recording.labels)]))
        scores = scoring.scores(named, [r.labels for r in scored])
        return [scores[name] for name in SCORES]

    return {"score": score}


def _detected(recording, skeleton, detector, number):
    """Returns a recording as a detector gives it; as it is without one."""
    from pose_tf.evaluation import detection
    from pose_tf.pipeline import recordings

    if detector is None:
        return recording
    poses, _ = detection.detected(
        recording.poses,
        recording.visibility,
        skeleton,
        detector,
        np.random.default_rng([SEED, number]),
    )
    return recordings.Recording(poses, recording.labels)


def _windows(features, recording):
    """Returns the middle frames `(N,)` of windows, and `(N, F, WINDOW)`."""
    num_frames = len(recording.labels)
    middles = np.arange(0, num_frames, STRIDE)
    frames = middles[:, None] + np.arange(WINDOW) - WINDOW // 2
    frames = np.clip(frames, 0, num_frames - 1)
    series = features(
        np.nan_to_num(recording.poses)[frames],
        recording.visibility[frames],
        np.full(len(middles), WINDOW, np.int32),
    )
    return middles, series.numpy().swapaxes(1, 2)


def _smoothed(labels):
    """Returns the majority of the labels around each frame."""
    names = np.unique(labels)
    votes = [
        np.convolve(labels == name, np.ones(SMOOTHED), "same") for name in names
    ]
    return names[np.argmax(votes, axis=0)]


def rows():
    """Yields a row per score, then a row per kind of detector."""
    if not os.environ.get(MANUAL_DIR_VARIABLE):
        what = "recordings of several actions"
        yield Row(what=what, value=f"skipped: {MANUAL_DIR_VARIABLE} is not set")
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        sides.both(pose_tf, aeon, folder) as (ours, peer),
    ):
        values = ours.measure("score"), peer.measure("score")
        degraded = {name: ours.measure(name) for name in DETECTORS}
    for (what, unit, aim), mine, theirs in zip(SCORES.values(), *values):
        yield Row(
            what=what,
            value=f"{mine:.2f} {unit}",
            peer=f"MiniRocket {theirs:.2f} {unit}",
            aim=aim,
        )
    for name, numbers in degraded.items():
        scores = dict(zip(SCORES, numbers))
        yield Row(
            what=f"by {DETECTORS[name]}: frames, F1@50, edit score, delay",
            value=f"{scores['frame_accuracy']:.2f} %, {scores['f1_50']:.2f} %, "
            f"{scores['edit']:.2f} %, {scores['delay']:.2f} s",
        )
