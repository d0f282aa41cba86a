"""Scores the committed classifiers on actions that are repeated.

Test clips of actions that people repeat are played to and fro several times, as
if they went on for longer than in the data set, whose clips mostly show one to
three repetitions. The classifier of whole clips was trained on clips that are
played like that, up to six times. Of the one for streams, `classify_frames` was
trained on longer stretches, too, and the mean over its last half counts here;
its `classify`, the peer, was not.
"""

import os
import tempfile

import numpy as np

from benchmarks import rates
from benchmarks.actions import MODELS
from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

TIMES = (1, 2, 3, 5, 8)
REPEATED = (
    "bench_press",
    "jump_rope",
    "jumping_jacks",
    "pullup",
    "pushup",
    "situp",
    "squat",
)
EVERY = 4  # Of the test clips of these actions, one in so many.


def rows():
    """Yields a row per number of repetitions."""
    if not os.environ.get(MANUAL_DIR_VARIABLE):
        what = "repeated actions"
        yield Row(what=what, value=f"skipped: {MANUAL_DIR_VARIABLE} is not set")
        return
    import pose_tf

    whole = pose_tf.load(MODELS / rates.NAMES["whole clips"])
    causal = pose_tf.load(MODELS / rates.NAMES["streams"])
    with tempfile.TemporaryDirectory() as folder:
        clips, actions = rates.test_clips(folder)
    known = [whole.actions.index(action) for action in REPEATED]
    chosen = np.flatnonzero(np.isin(actions, known))[::EVERY]
    for times in TIMES:
        longer = [_repeated(clips[index], times) for index in chosen]
        yield Row(
            what=f"top-1 of {len(chosen)} clips, played {times} times",
            value=f"whole clips {_top1(whole.classify, longer, actions[chosen])}"
            f" %, under way {_top1(_under_way(causal), longer, actions[chosen])}"
            " %",
            peer=f"clips so far {_top1(causal.classify, longer, actions[chosen])}"
            " %",
        )


def _repeated(clip, times):
    """Returns poses and visibility of a clip, played forward and back."""
    return tuple(
        np.concatenate([array[:: (-1) ** turn] for turn in range(times)])
        for array in (clip.poses, clip.visibility)
    )


def _under_way(causal):
    """Returns a function to the mean probabilities of the last half."""

    def classify(poses, visibility):
        answers = causal.classify_frames(poses, visibility)
        return np.nanmean(answers[len(answers) // 2 :], 0)

    return classify


def _top1(classify, clips, actions):
    right = [
        classify(*clip).argmax() == action
        for clip, action in zip(clips, actions, strict=True)
    ]
    return f"{100 * np.mean(right):.1f}"
