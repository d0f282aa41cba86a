"""Baselines of classification on Penn Action, official split.

python -m benchmarks.classification [--data_dir DIR]

Prints top-1 of nearest neighbours per frame, on raw coordinates and on
transformed poses, and of nearest neighbours and logistic regression per clip.
Builds the dataset from POSE_TF_PENN_ACTION_DIR if `data_dir` has none yet.
"""

import argparse
import os
import time

import numpy as np

from pose_tf.evaluation import metrics
from pose_tf.models import baselines
from pose_tf.pipeline import example_gen, single_poses, windows

FRAME_BATCH = 4096
CLIP_BATCH = 64
CLIP_FRAMES = 16


def batches(clips_ds, skeleton, batch_size, per_frame=False):
    """Whole clips, or single frames, as the baselines take them."""
    cut = windows.frame_batches if per_frame else windows.clip_batches
    return cut(clips_ds, batch_size=batch_size, skeleton=skeleton)


def score(baseline, clips, per_frame):
    """Top-1 and macro-F1 on test, in percent, and seconds for all."""
    start = time.perf_counter()
    size = FRAME_BATCH if per_frame else CLIP_BATCH
    train = batches(clips.train, clips.skeleton, size, per_frame)
    baseline.fit(train, len(clips.actions))
    probabilities, actions = [], []
    for batch in batches(clips.test, clips.skeleton, size, per_frame):
        probabilities.append(
            baseline.classify(
                batch["poses"], batch["visibility"], batch["num_frames"]
            )
        )
        actions.append(batch["action"].numpy())
    given = np.concatenate(probabilities), np.concatenate(actions)
    return (
        metrics.top1(*given),
        metrics.macro_f1(*given),
        time.perf_counter() - start,
    )


def main(argv=None):
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data_dir")
    arguments = parser.parse_args(argv)
    clips = example_gen.load(
        "penn_action",
        data_dir=arguments.data_dir,
        manual_dir=os.environ.get("POSE_TF_PENN_ACTION_DIR"),
    )
    transform = single_poses.fit_transform(clips.train, clips.skeleton)
    print("| per | features | baseline | top-1 | macro-F1 | seconds |")
    print("| --- | --- | --- | --- | --- | --- |")
    for per, name, features, baseline in (
        ("frame", "1 neighbour", "raw", _neighbours(None, 1, 1)),
        ("frame", "5 neighbours", "raw", _neighbours(None, 1, 5)),
        ("frame", "1 neighbour", "pose", _neighbours(transform, 1, 1)),
        ("frame", "5 neighbours", "pose", _neighbours(transform, 1, 5)),
        ("frame", "regression", "pose", _regression(transform, 1)),
        ("clip", "1 neighbour", "pose", _neighbours(transform, CLIP_FRAMES, 1)),
        (
            "clip",
            "5 neighbours",
            "pose",
            _neighbours(transform, CLIP_FRAMES, 5),
        ),
        ("clip", "regression", "pose", _regression(transform, CLIP_FRAMES)),
    ):
        top1, macro_f1, seconds = score(baseline, clips, per == "frame")
        print(
            f"| {per} | {features} | {name} | {top1:.2f} | {macro_f1:.2f} | "
            f"{seconds:.1f} |",
            flush=True,
        )


def _neighbours(transform, num_frames, n_neighbors):
    return baselines.NearestNeighbor(transform, num_frames, n_neighbors)


def _regression(transform, num_frames):
    return baselines.LogisticRegression(transform, num_frames)


if __name__ == "__main__":
    main()
