"""Scores of labels of recordings, worked by hand."""

import numpy as np
import pytest

from pose_tf.evaluation import recordings as scoring
from pose_tf.pipeline.recordings import NONE, UNSCORED, Recording

# Two actions of ten frames with three frames between that are not scored.
TRUTH = np.array([0] * 10 + [UNSCORED] * 3 + [1] * 10)


def test_unscored_frames_do_not_count():
    scores = scoring.scores([np.where(TRUTH == UNSCORED, 7, TRUTH)], [TRUTH])
    assert scores == {
        "frame_accuracy": 100,
        "f1_10": 100,
        "f1_25": 100,
        "f1_50": 100,
        "edit": 100,
        "delay": 0,
    }


def test_none_is_the_background():
    truth = np.array([0] * 6 + [NONE] * 4)
    scores = scoring.scores([np.full(10, NONE)], [truth])
    assert scores["frame_accuracy"] == 40
    assert scores["f1_10"] == scores["edit"] == 0
    assert scores["delay"] == np.inf


def test_frame_accuracy_is_over_all_frames():
    predicted = [np.array([0, 0, 1]), np.array([1])]
    truth = [np.array([0, 0, 0]), np.array([1])]
    assert scoring.scores(predicted, truth)["frame_accuracy"] == 75


@pytest.mark.parametrize(
    ("first", "expected"), [(0, 100), (2, 100), (5, 50), (6, 50)]
)
def test_a_segment_that_starts_late_is_right_up_to_its_overlap(first, expected):
    # 20 frames of action 0 and 10 of action 1; the second segment begins
    # `first` frames late: an overlap of (10 - first) / 10 with its truth.
    truth = [(0, 0, 20), (1, 20, 30)]
    predicted = [(0, 0, 20), (1, 20 + first, 30)]
    assert scoring.segmental_f1([(predicted, truth)], 60) == expected


def test_f1_of_a_segment_in_two_pieces():
    # One of two pieces has enough overlap: 1 right of 2 predicted and 1 true.
    pair = [(0, 0, 7), (0, 8, 10)], [(0, 0, 10)]
    assert scoring.segmental_f1([pair], 50) == pytest.approx(200 / 3)
    # With little overlap asked for, the second finds it taken.
    assert scoring.segmental_f1([pair], 10) == pytest.approx(200 / 3)


def test_f1_needs_the_same_action():
    assert scoring.segmental_f1([([(1, 0, 10)], [(0, 0, 10)])], 10) == 0


def test_f1_pools_recordings():
    right = [(0, 0, 10)], [(0, 0, 10)]
    missed = [], [(0, 0, 10)]
    assert scoring.segmental_f1([right, missed], 50) == pytest.approx(200 / 3)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("abc", "abc", 100),
        ("abc", "abd", 200 / 3),
        ("ab", "abab", 50),
        ("ba", "ab", 0),
        ("", "", 100),
    ],
)
def test_edit_score(ours, theirs, expected):
    pair = ([(action, 0, 1) for action in order] for order in (ours, theirs))
    assert scoring.edit_score(*pair) == pytest.approx(expected)


def test_delays_are_until_an_action_stays_named():
    truth = np.array([0] * 30 + [1] * 30 + [NONE] * 30)
    named = truth.copy()
    named[:3] = 1  # Named after 3 frames ...
    named[32:36] = 0  # ... named at once, but for good only after 6 ...
    late = scoring.delays([named], [truth])
    np.testing.assert_allclose(late, [0.1, 0.2])
    named[59] = NONE  # ... and not named at its end.
    assert scoring.delays([named], [truth])[1] == np.inf


def test_a_model_is_scored_by_its_timeline_and_its_stream():
    """Frames 4 and 5 of 60 say another action, but not for long enough."""
    labels = np.zeros(60, int)
    recording = Recording(np.zeros((60, 13, 2), np.float32), labels)
    probabilities = np.tile([0.9, 0.1], (1, 60, 1))
    probabilities[0, 4:6] = [0.1, 0.9]

    def classify_frames(poses, visibility, num_frames):
        assert poses.shape == (1, 60, 13, 2)
        assert visibility.all()
        assert num_frames.tolist() == [60]
        return probabilities

    scores = scoring.evaluate(classify_frames, [recording])
    assert scores["frame_accuracy"] == scores["f1_50"] == scores["edit"] == 100
    assert scores["delay"] == pytest.approx(6 / 30)
