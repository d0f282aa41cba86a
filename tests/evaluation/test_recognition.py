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
