"""Scores the committed classifiers on test clips at other frame rates.

Penn Action's clips, at about 30 frames per second, are resampled to another
rate as if a camera had been slower or faster. They are classified as they then
are, and resampled to 30 frames per second, as `pose-tf` does with files that
say their rate.
"""

import os
import tempfile

import numpy as np

from benchmarks.actions import MODELS
from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

RATES = (60, 24, 15, 10, 5)
OWN_RATE = 30
NAMES = {
    "whole clips": "penn_action_classifier",
    "streams": "penn_action_causal_classifier",
}
CLIPS_PER_BATCH = 32


def rows():
    """Yields a row per model and rate."""
    if not os.environ.get(MANUAL_DIR_VARIABLE):
        what = "clips at other rates"
        yield Row(what=what, value=f"skipped: {MANUAL_DIR_VARIABLE} is not set")
        return
    import pose_tf
    from pose_tf.serving import under_way

    with tempfile.TemporaryDirectory() as folder:
        clips, actions = test_clips(folder)
        for kind, name in NAMES.items():
            classifier = pose_tf.load(MODELS / name)
            as_filmed = _top1(classifier, clips, actions)
            for rate in RATES:
                slow = [clip.at(rate) for clip in clips]
                again = [under_way.at_model_rate(clip) for clip in slow]
                yield Row(
                    what=f"top-1 of {rate} frames per second, by the model "
                    f"for {kind}",
                    value=f"resampled to 30: "
                    f"{_top1(classifier, again, actions):.2f} %",
                    peer=f"as they are {_top1(classifier, slow, actions):.2f} %"
                    f", at 30 {as_filmed:.2f} %",
                )


def test_clips(folder):
    """Returns the test clips, `Clip`s, and their actions `[N]`."""
    from pose_tf.pipeline import example_gen
    from pose_tf.pose.clip import Clip

    dataset = example_gen.load(
        "penn_action",
        data_dir=folder,
        manual_dir=os.environ.get(MANUAL_DIR_VARIABLE),
    )
    clips, actions = [], []
    for example in dataset.test.as_numpy_iterator():
        clips.append(
            Clip(
                poses=example["poses"],
                visibility=example["visibility"],
                skeleton=dataset.skeleton,
                fps=OWN_RATE,
            )
        )
        actions.append(example["action"])
    return clips, np.array(actions)


def _top1(classifier, clips, actions):
    """Returns the share of clips whose action is named, percent."""
    order = np.argsort([len(clip.poses) for clip in clips], kind="stable")
    named = np.empty(len(clips), int)
    for first in range(0, len(clips), CLIPS_PER_BATCH):
        chosen = order[first : first + CLIPS_PER_BATCH]
        poses, visibility, lengths = _padded([clips[i] for i in chosen])
        given = classifier.classify(poses, visibility, num_frames=lengths)
        named[chosen] = given.argmax(-1)
    return 100 * np.mean(named == actions)


def _padded(clips):
    """Returns poses `[N, T, J, D]`, visibility and lengths of clips."""
    lengths = np.array([len(clip.poses) for clip in clips])
    shape = (len(clips), lengths.max(), *clips[0].poses.shape[1:])
    poses = np.full(shape, np.nan, np.float32)
    visibility = np.zeros(shape[:-1], bool)
    for row, clip in enumerate(clips):
        poses[row, : len(clip.poses)] = clip.poses
        visibility[row, : len(clip.poses)] = clip.visibility
    return poses, visibility, lengths
