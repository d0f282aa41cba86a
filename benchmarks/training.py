"""Times the training of a classifier of whole clips beside aeon's best.

Both sides get the same prepared clips of Penn Action, official split, with the
same missing joints (`MotionFeatures`), and have nothing in memory but their
libraries. Ours is the preset `default` with fewer epochs; the peer is
MultiRocketHydra, the most accurate of aeon's that trains within minutes.
"""

import os
import tempfile
import time

import numpy as np

from benchmarks import sides
from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

NUM_EPOCHS = 75  # Of the 125 of the preset.
SEED = 0
CLIPS_PER_BATCH = 64
AIM_SECONDS = 60


def _clips(folder):
    from pose_tf.pipeline import example_gen

    return example_gen.load(
        "penn_action",
        data_dir=folder,
        manual_dir=os.environ.get(MANUAL_DIR_VARIABLE),
    )


def pose_tf(folder):
    """Returns the measure `score`: seconds of training, and top-1 in percent."""
    import dataclasses

    from pose_tf import presets
    from pose_tf.evaluation import metrics, recognition
    from pose_tf.trainers.classifier import ClassifierTrainer

    clips = _clips(folder)
    config = dataclasses.replace(
        presets.get("classifier", "default"),
        split_protocol="official",
        num_epochs=NUM_EPOCHS,
        seed=SEED,
    )

    def score():
        start = time.perf_counter()
        trainer = ClassifierTrainer(
            config,
            tempfile.mkdtemp(dir=folder),
            clips=clips,
            resumable=False,
            verbose=0,
        )
        trainer.fit()
        seconds = time.perf_counter() - start
        scored = recognition.predictions(
            trainer.classify, trainer.batches(clips.test)
        )
        return [seconds, metrics.top1(*scored)]

    return {"score": score}


def aeon(folder):
    """Returns the same measure of MultiRocketHydra."""
    from aeon.classification.convolution_based import MultiRocketHydraClassifier

    clips = _clips(folder)

    def score():
        start = time.perf_counter()
        model = MultiRocketHydraClassifier(
            random_state=SEED, n_jobs=os.cpu_count()
        )
        model.fit(*_series(clips.train, clips.skeleton))
        seconds = time.perf_counter() - start
        series, actions = _series(clips.test, clips.skeleton)
        hits = model.predict(series) == actions
        return [seconds, 100 * float(np.mean(hits))]

    return {"score": score}


def _series(clips_ds, skeleton):
    """Returns clips as `(N, channels, frames)`, and actions `(N,)`."""
    from pose_tf.models.motion_features import MotionFeatures
    from pose_tf.pipeline import windows

    features = MotionFeatures(skeleton.name)
    series, actions = [], []
    for batch in windows.clip_batches(
        clips_ds, batch_size=CLIPS_PER_BATCH, skeleton=skeleton
    ):
        sequences = features(
            batch["poses"], batch["visibility"], batch["num_frames"]
        )
        series.append(sequences.numpy().swapaxes(1, 2))
        actions.append(batch["action"].numpy())
    return np.concatenate(series), np.concatenate(actions)


def rows():
    """Yields a row for the first training of a process, and for the second."""
    if not os.environ.get(MANUAL_DIR_VARIABLE):
        what = "training a classifier"
        yield Row(what=what, value=f"skipped: {MANUAL_DIR_VARIABLE} is not set")
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        sides.both(pose_tf, aeon, folder) as (ours, peer),
    ):
        for which in ("first", "second"):
            seconds, top1 = ours.measure("score")
            their_seconds, their_top1 = peer.measure("score")
            yield Row(
                what=f"training a classifier of clips, {which} in its process",
                value=f"{seconds:.0f} s, top-1 {top1:.2f} %",
                peer=f"MultiRocketHydra {their_seconds:.0f} s, "
                f"{their_top1:.2f} %",
                ratio=f"{seconds / their_seconds:.2f}",
                aim=f"98.5 % within {AIM_SECONDS} s",
            )
