"""Scores what was named in recordings of several actions, frame by frame.

Labels of frames are `[T]`: the index of an action or `recordings.NONE`. In the
truth, frames may be `recordings.UNSCORED`; they are left out of everything but
delays. Segments are stretches of one action; none is the background, as in the
scores of [Lea et al., 2017](https://arxiv.org/abs/1611.05267), after which F1
and the edit score are made.
"""

import itertools

import numpy as np

from pose_tf.pipeline.recordings import FPS, NONE, UNSCORED
from pose_tf.serving import segmentation

OVERLAPS = (10, 25, 50)  # Percent, intersection over union of two segments.


def evaluate(classify_frames, recordings) -> dict:
    """Scores a model of frames on recordings.

    Segments are those that a timeline shows (`segmentation`), of the model's
    answers moved by as much as they are late; delays are of the likeliest
    label at each frame, as a stream gives it.

    Args:
        classify_frames: Function of `(poses, visibility, num_frames)` that
            returns probabilities `(B, T, C)`.
        recordings: List of `recordings.Recording`.

    Returns:
        See `scores`.
    """
    decoded: list[np.ndarray] = []
    live: list[np.ndarray] = []
    for recording in recordings:
        probabilities = classify_frames(
            np.nan_to_num(recording.poses)[None],
            recording.visibility[None],
            np.array([len(recording.labels)], np.int32),
        )
        labeled = segmentation.with_none(probabilities[0])
        none = labeled.shape[1] - 1
        moved = segmentation.in_time(labeled, FPS)
        for found, labels in (
            (decoded, segmentation.decode(moved, FPS)),
            (live, labeled.argmax(1)),
        ):
            found.append(np.where(labels == none, NONE, labels))
    return scores(decoded, [r.labels for r in recordings], live)


def scores(predicted, truth, live=None) -> dict:
    """Scores labels of recordings.

    Args:
        predicted: List of labels `[T]`.
        truth: List of true labels `[T]`.
        live: List of labels `[T]` whose delay is measured; those of
            `predicted` if not given.

    Returns:
        Dict: `frame_accuracy`, percent of the scored frames; `f1_10`, `f1_25`
        and `f1_50`, segmental F1, percent; `edit`, the mean edit score; and
        `delay`, the median of `delays`, seconds.
    """
    kept = [labels != UNSCORED for labels in truth]
    hits = [p[k] == t[k] for p, t, k in zip(predicted, truth, kept)]
    pairs = [
        (stretches(p[k]), stretches(t[k]))
        for p, t, k in zip(predicted, truth, kept)
    ]
    late = delays(predicted if live is None else live, truth)
    return {
        "frame_accuracy": 100 * float(np.concatenate(hits).mean()),
        **{f"f1_{o}": segmental_f1(pairs, o) for o in OVERLAPS},
        "edit": float(np.mean([edit_score(*pair) for pair in pairs])),
        "delay": float(np.median(late)),
    }


def stretches(labels) -> list[tuple[int, int, int]]:
    """Returns the segments of actions, `(action, first, end)`.

    >>> stretches(np.array([2, 2, NONE, 2, 0]))
    [(2, 0, 2), (2, 3, 4), (0, 4, 5)]
    """
    changes = np.flatnonzero(np.diff(labels)) + 1
    edges = [0, *changes.tolist(), len(labels)]
    return [
        (int(labels[first]), first, end)
        for first, end in itertools.pairwise(edges)
        if labels[first] >= 0
    ]


def segmental_f1(pairs, overlap) -> float:
    """Returns the F1 of segments over all recordings, percent.

    A segment is right if one of the true ones of its action has an intersection
    over union of at least `overlap` with it, and no segment before it had this
    one.

    Args:
        pairs: List of predicted and true segments of a recording, as
            `stretches` returns them.
        overlap: Percent.
    """
    num_right = num_all = 0
    for predicted, truth in pairs:
        taken: set[int] = set()
        for action, first, end in predicted:
            unions = [
                _overlap((first, end), place) if other == action else 0.0
                for other, *place in truth
            ]
            best = int(np.argmax(unions)) if unions else -1
            if best >= 0 and 100 * unions[best] >= overlap:
                taken.add(best)
        num_right += len(taken)
        num_all += len(predicted) + len(truth)
    return 100 * 2 * num_right / max(num_all, 1)


def edit_score(predicted, truth) -> float:
    """Returns the similarity of two sequences of actions, 0 to 100.

    It is one less the Levenshtein distance, as a share of the longer order.

    Args:
        predicted, truth: Segments as `stretches` returns them.

    Example:

    >>> edit_score([(0, 0, 5), (1, 5, 9)], [(0, 0, 9)])
    50.0
    """
    ours, theirs = ([action for action, *_ in x] for x in (predicted, truth))
    row = list(range(len(theirs) + 1))
    for i, action in enumerate(ours, 1):
        before, row = row, [i]
        for j, other in enumerate(theirs, 1):
            change = before[j - 1] + (action != other)
            row.append(min(row[-1] + 1, before[j] + 1, change))
    return 100 * (1 - row[-1] / max(len(ours), len(theirs), 1))


def delays(named, truth) -> np.ndarray:
    """Returns how long after its start each action is named and stays named.

    Args:
        named: List of labels `[T]`.
        truth: List of true labels `[T]`.

    Returns:
        Seconds, for each true segment of an action: until the first frame from
        which on it is named up to its end; infinite if its last frame is not.
    """
    late = []
    for labels, true in zip(named, truth):
        for action, first, end in stretches(true):
            wrong = np.flatnonzero(labels[first:end] != action)
            frames = wrong[-1] + 1 if len(wrong) else 0
            late.append(frames / FPS if first + frames < end else np.inf)
    return np.array(late)


def _overlap(ours, theirs):
    """Returns the intersection over union of two stretches `(first, end)`."""
    both = min(ours[1], theirs[1]) - max(ours[0], theirs[0])
    either = max(ours[1], theirs[1]) - min(ours[0], theirs[0])
    return max(both, 0) / either
