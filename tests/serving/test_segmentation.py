"""Segments: decoded by hand, and the best of all sequences of labels."""

import itertools

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies
from hypothesis.extra import numpy as arrays

from pose_tf.serving import segmentation

E = np.e


@pytest.mark.parametrize(
    ("seconds", "labels"),
    [
        # A likelihood ratio of e³: twice the cost of 1.5 is reached after 1 s.
        (0.9, "a" * 10 + "a" * 9 + "a" * 10),
        (1.1, "a" * 10 + "b" * 11 + "a" * 10),
    ],
)
@pytest.mark.parametrize("repeats", [1, 3])  # 10 and 30 frames per second.
def test_cut_needs_evidence_for_both_of_its_ends(seconds, labels, repeats):
    likely, unlikely = E**3 / (1 + E**3), 1 / (1 + E**3)
    one = [[likely, unlikely]] * 10
    other = [[unlikely, likely]] * round(10 * seconds)
    probabilities = np.repeat(one + other + one, repeats, 0)
    found = segmentation.decode(probabilities, 10 * repeats, change_cost=1.5)
    expected = "".join(label * repeats for label in labels)
    assert "".join("ab"[label] for label in found) == expected


def test_no_frame_says_more_than_seven_nats():
    """ln 1000 for one second, against twice 3.5 and twice 3.4."""
    probabilities = [[1, 0]] * 5 + [[0, 1]] + [[1, 0]] * 5
    assert segmentation.decode(probabilities, 1, change_cost=3.5).sum() == 0
    assert segmentation.decode(probabilities, 1, change_cost=3.4).sum() == 1


def integral(labels, probabilities, fps, cost):
    gains = np.log(np.maximum(probabilities, segmentation.MIN_PROBABILITY))
    total = gains[np.arange(len(labels)), list(labels)].sum() / fps
    return total - cost * np.count_nonzero(np.diff(labels))


@hypothesis.given(
    arrays.arrays(
        float,
        strategies.tuples(strategies.integers(1, 6), strategies.integers(1, 3)),
        elements=strategies.floats(0, 1),
    ),
    strategies.floats(1, 4),
    strategies.floats(0, 3),
)
def test_no_other_labels_are_better(probabilities, fps, cost):
    num_frames, num_labels = probabilities.shape
    found = segmentation.decode(probabilities, fps, cost)
    best = max(
        integral(labels, probabilities, fps, cost)
        for labels in itertools.product(range(num_labels), repeat=num_frames)
    )
    assert integral(found, probabilities, fps, cost) == pytest.approx(best)


def test_cut_counts_from_the_start_of_the_recording():
    """At 10 frames per second: 2 s of squats, 1 s of nothing, 2 s of bowling."""
    probabilities = np.concatenate(
        [
            np.tile([0.1, 0.9], (20, 1)),
            np.tile([0.02, 0.02], (10, 1)),
            np.tile([0.96, 0.0], (20, 1)),
        ]
    )
    found = segmentation.cut(
        probabilities, ["bowl", "squat"], 10, person=3, start=50
    )
    assert [(s.action, s.start, s.end) for s in found] == [
        ("squat", 5, 7),
        (None, 7, 8),
        ("bowl", 8, 10),
    ]
    assert [(s.start_frame, s.end_frame) for s in found] == [
        (50, 70),
        (70, 80),
        (80, 100),
    ]
    assert [s.confidence for s in found] == pytest.approx([0.9, 0.96, 0.96])
    assert {s.person for s in found} == {3}


def test_nothing_known_is_none():
    (found,) = segmentation.cut(np.full((7, 2), np.nan), ["a", "b"], 30)
    assert (found.action, found.confidence, found.end_frame) == (None, 1, 7)


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        (np.ones((5, 3)), r"\[frames, 2\].*\[5, 3\]"),
        (np.ones((0, 2)), r"\[0, 2\]"),
        (np.ones(2), r"\[2\]"),
        ([[0.5, 0.5], [0.6, 0.6]], "sum at most 1.*in frame 1"),
        ([[-0.5, 0.5]], "in 0 to 1.*in frame 0"),
    ],
)
def test_what_are_no_probabilities(probabilities, message):
    with pytest.raises(ValueError, match=message):
        segmentation.cut(probabilities, ["a", "b"], 30)


@pytest.mark.parametrize("cost", [-1, np.nan])
def test_cost_must_not_be_negative(cost):
    with pytest.raises(ValueError, match="`change_cost` must not be negative"):
        segmentation.cut([[1]], ["a"], 30, change_cost=cost)
