"""The head: labels that spread, and the regression on what they became."""

import numpy as np

from pose_tf.learning import graph, head
from tests.learning.test_graph import on_circle


def test_all_actions_weigh_the_same_in_total():
    """Masses 2 and 1: the scores 0.4 and 0.3 are shares 0.2 and 0.3."""
    spread = head.balanced(np.array([[0.4, 0.3], [0, 0]]), np.array([2.0, 1.0]))
    np.testing.assert_allclose(spread.shares, [[0.4, 0.6], [0, 0]])
    assert spread.actions.tolist() == [1, 0]
    np.testing.assert_allclose(spread.margins, [0.2, 0])


def test_an_action_without_mass_gets_nothing():
    spread = head.balanced(np.array([[0.4, 0.0]]), np.array([2.0, 0.0]))
    assert spread.shares.tolist() == [[1, 0]]


def test_labels_of_the_first_motions_spread_to_their_like():
    embeddings = on_circle(0, 180, 5, 175, 10, 90)
    motions = graph.MotionGraph(embeddings)
    spread = head.spread(motions, np.array([0, 1]), 2)
    assert spread.actions[:5].tolist() == [0, 1, 0, 1, 0]


def fitted(embeddings, labels, num_actions):
    motions = graph.MotionGraph(embeddings)
    spread = head.spread(motions, labels, num_actions)
    return head.fit(embeddings, labels, spread, num_actions)


def test_unlabelled_motions_move_the_border():
    """Motions lie from 0 to 80 and from 110 to 170 degrees, labelled at ends.

    The border between the labels, at 55 degrees, is wrong.
    """
    rest = np.concatenate([np.arange(2, 82, 2), np.arange(112, 172, 2)])
    alone = fitted(on_circle(0, 110), np.array([0, 1]), 2)
    learnt = fitted(on_circle(0, 110, *rest), np.array([0, 1]), 2)
    asked = on_circle(70, 120)
    assert alone.probabilities(asked).argmax(-1).tolist() == [1, 1]
    assert learnt.probabilities(asked).argmax(-1).tolist() == [0, 1]


def test_probabilities_of_two_actions_sum_to_one_and_tell_them_apart():
    model = fitted(on_circle(0, 90), np.array([0, 1]), 2)
    probabilities = model.probabilities(on_circle(10, 45, 80))
    np.testing.assert_allclose(probabilities.sum(-1), 1, rtol=1e-6)
    assert probabilities[:, 0].argsort().tolist() == [2, 1, 0]
    np.testing.assert_allclose(probabilities[1], 0.5, atol=1e-3)
    assert probabilities.dtype == np.float32


def test_an_action_with_many_clips_is_no_likelier():
    embeddings = on_circle(0, 88, 89, 90, 91, 92)
    model = fitted(embeddings, np.array([0, 1, 1, 1, 1, 1]), 2)
    probabilities = model.probabilities(on_circle(45))
    np.testing.assert_allclose(probabilities, 0.5, atol=0.02)
