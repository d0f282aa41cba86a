"""Few labels: draws, and accuracies of embeddings that are known."""

import numpy as np

from pose_tf.evaluation import few_labels

ACTIONS = np.array([0, 1, 0, 2, 1, 0, 2, 0])


def test_draws_take_as_many_of_each_action_and_contain_smaller_ones():
    for seed in range(5):
        one = few_labels.draw(ACTIONS, 1, seed)
        assert sorted(ACTIONS[one]) == [0, 1, 2]
        three = few_labels.draw(ACTIONS, 3, seed)
        assert sorted(ACTIONS[three]) == [0, 0, 0, 1, 1, 2, 2]
        assert set(one) <= set(three)
    draws = {tuple(few_labels.draw(ACTIONS, 1, seed)) for seed in range(20)}
    assert len(draws) > 1


def test_actions_that_lie_apart_are_told_apart():
    known = np.eye(3)[ACTIONS]
    scored, truth = np.eye(3), np.array([0, 1, 1])
    accuracies = few_labels.accuracy(known, ACTIONS, scored, truth, 1)
    np.testing.assert_allclose(accuracies, np.full(10, 200 / 3))


def test_a_single_known_action_is_always_taken():
    accuracies = few_labels.accuracy(
        np.eye(2), np.array([4, 4]), np.eye(2), np.array([4, 3]), 1
    )
    np.testing.assert_array_equal(accuracies, np.full(10, 50))


def test_embeddings_are_scaled_to_length_one():
    class Labels:
        def numpy(self):
            return np.array([3])

    batch = {
        "poses": np.ones((1, 2)),
        "visibility": None,
        "num_frames": None,
        "action": Labels(),
    }
    embedded, actions = few_labels.embedded_clips(
        lambda poses, *_: poses * [3, 4], [batch, batch]
    )
    np.testing.assert_allclose(embedded, [[0.6, 0.8], [0.6, 0.8]])
    assert actions.tolist() == [3, 3]
