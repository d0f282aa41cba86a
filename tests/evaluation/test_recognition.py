"""Tests of scores of actions, by hand."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.evaluation import recognition


def test_predictions_keep_the_order_of_all_batches():
    batches = [
        {
            "poses": tf.fill((len(labels), 3, 2, 2), float(labels[0])),
            "visibility": tf.ones((len(labels), 3, 2), tf.bool),
            "num_frames": tf.fill((len(labels),), 3),
            "action": tf.constant(labels),
        }
        for labels in ([0, 1], [2])
    ]

    def classify(poses, visibility, num_frames):
        assert visibility.shape[:2] == (len(num_frames), 3)
        return poses[:, 0, 0, 0].numpy()[:, None] + [0.0, 1.0]

    probabilities, labels = recognition.predictions(classify, batches)
    np.testing.assert_array_equal(probabilities, [[0, 1], [0, 1], [2, 3]])
    np.testing.assert_array_equal(labels, [0, 1, 2])


def test_scores_of_four_clips():
    probabilities = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]]
    scores = recognition.scores(np.array(probabilities), np.array([0, 1, 1, 0]))
    # Of action 0, 2 of 2 clips and 1 of the other; of action 1, 1 of 2.
    assert scores["confusion"] == [[2, 0], [1, 1]]
    assert scores["top1"] == 75
    # F1 is 4 / 5 and 2 / 3.
    assert scores["macro_f1"] == pytest.approx(100 * (4 / 5 + 2 / 3) / 2)
    assert scores["num_windows"] == 4


def test_early_recognition_sees_the_first_frames_only():
    """Clips of 4 and 10 frames, recognized after 2 and after 5 frames."""
    poses = np.ones((2, 10, 1, 2), np.float32)
    poses[0, 4:] = np.nan
    batch = {
        "poses": tf.constant(poses),
        "visibility": tf.constant(np.isfinite(poses[..., 0])),
        "num_frames": tf.constant([4, 10]),
        "action": tf.constant([1, 1]),
    }

    def classify(poses, visibility, num_frames):
        counts = visibility[..., 0].sum(1)
        np.testing.assert_array_equal(counts, num_frames)
        np.testing.assert_array_equal(
            np.isfinite(poses[..., 0, 0]).sum(1), num_frames
        )
        known = counts >= [2, 5]
        return np.stack([~known, known], -1).astype(float)

    early = recognition.early_recognition(
        classify, [batch], percents=(10, 26, 50, 100)
    )
    # 1 and 1 frame; 2 and 3; 2 and 5; all.
    assert early == {
        "top1_at_10": 0,
        "top1_at_26": 50,
        "top1_at_50": 100,
        "top1_at_100": 100,
    }


@pytest.mark.parametrize("percent", [0, 101])
def test_parts_of_a_clip_are_above_0_and_at_most_100(percent):
    with pytest.raises(ValueError, match=f"`percents`.*{percent}"):
        recognition.early_recognition(None, [], percents=(percent,))
