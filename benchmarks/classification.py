"""Scores the baselines of classification on Penn Action, official split.

Nearest neighbors and logistic regression, per frame and per clip, on raw
coordinates and on transformed poses. They have no peer, since they are
themselves what the classifier is compared with.
"""

import contextlib
import os
import tempfile
import time

from benchmarks import sides
from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

FRAMES_PER_BATCH, CLIPS_PER_BATCH = 4096, 64
CLIP_FRAMES = 16  # Frames to which clips are resampled.

# Unit, features, number of neighbors (None: logistic regression).
BASELINES = (
    ("frame", "raw", 1),
    ("frame", "raw", 5),
    ("frame", "pose", 1),
    ("frame", "pose", 5),
    ("frame", "pose", None),
    ("clip", "pose", 1),
    ("clip", "pose", 5),
    ("clip", "pose", None),
)


def baseline(per, features, n_neighbors, folder):
    """Returns the measure of one baseline, `score`.

    It returns top-1 and macro-F1 of the test split, in percent, and the
    seconds that fitting and classifying took.

    Args:
        per: `frame` or `clip`.
        features: `raw` or `pose`.
        n_neighbors: Integer, or None for logistic regression.
        folder: Folder of prepared datasets.
    """
    from pose_tf.models import baselines
    from pose_tf.pipeline import example_gen, single_poses

    clips = example_gen.load(
        "penn_action",
        data_dir=folder,
        manual_dir=os.environ.get(MANUAL_DIR_VARIABLE),
    )
    model: baselines.NearestNeighbor | baselines.LogisticRegression
    transform = None
    if features == "pose":
        transform = single_poses.fit_transform(clips.train, clips.skeleton)
    num_frames = 1 if per == "frame" else CLIP_FRAMES
    if n_neighbors is None:
        model = baselines.LogisticRegression(transform, num_frames)
    else:
        model = baselines.NearestNeighbor(transform, num_frames, n_neighbors)
    return {"score": lambda: _score(model, clips, per)}


def _score(model, clips, per):
    from pose_tf.evaluation import metrics, recognition

    start = time.perf_counter()
    model.fit(_batches(clips, "train", per), len(clips.actions))
    scored = recognition.predictions(
        model.classify, _batches(clips, "test", per)
    )
    seconds = time.perf_counter() - start
    return [metrics.top1(*scored), metrics.macro_f1(*scored), seconds]


def _batches(clips, split, per):
    """Returns batches of single frames or of whole clips of a split."""
    from pose_tf.pipeline import windows

    cut, batch_size = {
        "frame": (windows.frame_batches, FRAMES_PER_BATCH),
        "clip": (windows.clip_batches, CLIPS_PER_BATCH),
    }[per]
    return cut(
        getattr(clips, split), batch_size=batch_size, skeleton=clips.skeleton
    )


def rows():
    """Yields a row per baseline."""
    if not os.environ.get(MANUAL_DIR_VARIABLE):
        what = "baselines of classification"
        yield Row(what=what, value=f"skipped: {MANUAL_DIR_VARIABLE} is not set")
        return
    with tempfile.TemporaryDirectory() as folder:
        for per, features, n_neighbors in BASELINES:
            side = sides.Side(baseline, per, features, n_neighbors, folder)
            with contextlib.closing(side):
                top1, macro_f1, seconds = side.measure("score")
            name = "logistic regression"
            if n_neighbors is not None:
                name = f"nearest neighbors, {n_neighbors}"
            yield Row(
                what=f"{name}, per {per}, on {features} coordinates",
                value=f"top-1 {top1:.2f} %, macro-F1 {macro_f1:.2f} %, "
                f"{seconds:.1f} s",
            )
