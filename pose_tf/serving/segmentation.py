"""Cuts recordings into segments, from probabilities per frame."""

import dataclasses
import itertools

import numpy as np

# Cost of a change, in nats times seconds: an action is cut out of another only
# if the sum over its time of how much likelier it is, in nats, is above twice
# this, once for each end. One that is e³ times as likely must last a second.
# Chosen among 1, 1.5 and 2 on recordings made of validation clips.
CHANGE_COST = 1.5
# Seconds by which models that see no later frame name an action late. Chosen
# among 0 to 8 frames, at 30 per second, on recordings made of validation clips.
LATE = 1 / 6
SLACK = 1e-3  # Of probabilities whose sum is 1 but for rounding.
MIN_PROBABILITY = 1e-3  # So that no frame says more than ln 1000, 7 nats.


@dataclasses.dataclass(frozen=True, kw_only=True)
class Segment:
    """Holds a stretch of a recording in which one action is under way.

    Attributes:
        person: Number of the person.
        action: Name of the action, or None: none of those that are known.
        start: When it begins, seconds from the start of the recording.
        end: When it ends, seconds: the start of the next segment.
        start_frame: Frame in which it begins, from the start of the recording.
        end_frame: The frame behind its last one.
        confidence: Mean probability of the action, or of none, over its
            frames.

    Example:

    >>> segment = Segment(
    ...     person=0,
    ...     action="bowl",
    ...     start=1.0,
    ...     end=2.0,
    ...     start_frame=30,
    ...     end_frame=60,
    ...     confidence=0.9,
    ... )
    >>> segment.end - segment.start
    1.0
    """

    person: int
    action: str | None
    start: float
    end: float
    start_frame: int
    end_frame: int
    confidence: float


def with_none(probabilities) -> np.ndarray:
    """Returns probabilities with those of none behind: float32 `[T, C + 1]`.

    Args:
        probabilities: `[T, C]`. What they lack to a sum of 1 is that of none;
            where they are NaN, it is 1.
    """
    known = np.nan_to_num(np.asarray(probabilities, np.float32), nan=0.0)
    none = np.maximum(1 - known.sum(1, keepdims=True), 0)
    return np.concatenate([known, none], 1)


def in_time(probabilities, fps, late=LATE) -> np.ndarray:
    """Returns what a model said a little later at each frame.

    Args:
        probabilities: `[T, C]`.
        fps: Frames per second.
        late: By how much, seconds; not negative. The last frames have what was
            said in the last one.

    Raises:
        ValueError: If `late` is negative or not finite.

    Example:

    >>> in_time(np.array([[0.1], [0.2], [0.3]]), fps=10, late=0.1).ravel()
    array([0.2, 0.3, 0.3])
    """
    if not 0 <= late < np.inf:
        raise ValueError(
            f"`late` must be finite and not negative. Received: {late!r}"
        )
    last = len(probabilities) - 1
    frames = np.arange(len(probabilities)) + round(late * fps)
    return np.asarray(probabilities)[np.minimum(frames, last)]


def decode(probabilities, fps, change_cost=CHANGE_COST) -> np.ndarray:
    """Returns the likeliest label of each frame if changes have a cost.

    Of all sequences of labels it is the one with the largest integral over time
    of the logarithm of the probabilities, less `change_cost` for each change
    (found by Viterbi's algorithm, 1967). The integral makes it independent of
    the frame rate.

    Args:
        probabilities: `[T, L]` of L labels, each in 0 to 1.
        fps: Frames per second.
        change_cost: Nats times seconds, not negative.

    Returns:
        int64 `[T]`, indices of labels.

    Example:

    >>> decode([[0.9, 0.1], [0.4, 0.6], [0.9, 0.1]], fps=1).tolist()
    [0, 0, 0]
    """
    gains = np.log(np.maximum(probabilities, MIN_PROBABILITY)) / fps
    gains = gains.astype(np.float64)
    num_frames, num_labels = gains.shape
    stays = np.ones((num_frames, num_labels), bool)
    best_before = np.zeros(num_frames, np.int64)
    totals = gains[0].copy()
    for t in range(1, num_frames):
        best = totals.argmax()
        changed = totals[best] - change_cost
        best_before[t] = best
        np.greater_equal(totals, changed, out=stays[t])
        np.maximum(totals, changed, out=totals)
        totals += gains[t]
    labels = np.empty(num_frames, np.int64)
    labels[-1] = totals.argmax()
    for t in range(num_frames - 1, 0, -1):
        label = labels[t]
        labels[t - 1] = label if stays[t, label] else best_before[t]
    return labels


def cut(
    probabilities, actions, fps, *, person=0, start=0, change_cost=CHANGE_COST
) -> list[Segment]:
    """Returns the segments of one person, which join one another.

    Args:
        probabilities: `[T, C]` of the action under way at each frame; what they
            lack to a sum of 1 is the probability of none, and so is NaN.
        actions: Names of the `C` actions.
        fps: Frames per second.
        person: Number of the person.
        start: Frame of the recording in which the probabilities begin.
        change_cost: See `decode`.

    Raises:
        ValueError: If `probabilities` are not `[T, C]`, with a frame at least
            and numbers in 0 to 1, or `change_cost` is negative.
    """
    probabilities = _checked(probabilities, actions)
    if not change_cost >= 0:
        raise ValueError(
            f"`change_cost` must not be negative. Received: {change_cost!r}"
        )
    probabilities = with_none(probabilities)
    labels = decode(probabilities, fps, change_cost)
    changes = np.flatnonzero(np.diff(labels)) + 1
    edges = [0, *changes.tolist(), len(labels)]
    names = [*actions, None]
    return [
        Segment(
            person=person,
            action=names[labels[first]],
            start=(start + first) / fps,
            end=(start + last) / fps,
            start_frame=start + first,
            end_frame=start + last,
            confidence=float(probabilities[first:last, labels[first]].mean()),
        )
        for first, last in itertools.pairwise(edges)
    ]


def _checked(probabilities, actions):
    probabilities = np.asarray(probabilities, np.float32)
    shape = probabilities.shape
    if len(shape) != 2 or not shape[0] or shape[1] != len(actions):
        raise ValueError(
            f"`probabilities` must be [frames, {len(actions)}], of the "
            f"{len(actions)} actions. Received: {list(shape)}"
        )
    wrong = (probabilities < 0) | (probabilities > 1 + SLACK)
    wrong |= probabilities.sum(1, keepdims=True) > 1 + SLACK
    if wrong.any():
        frame = int(np.argwhere(wrong)[0, 0])
        raise ValueError(
            "`probabilities` must be in 0 to 1, and their sum at most 1. "
            f"Received: {probabilities[frame].tolist()} in frame {frame}"
        )
    return probabilities
