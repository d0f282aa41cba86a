"""Graphs of similar motions, and how labels spread over them."""

import numpy as np
import pytest

from pose_tf import novelty
from pose_tf.learning import graph


def on_circle(*degrees):
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], -1).astype(np.float32)


def test_scores_are_those_of_the_formula():
    """Three motions in a row, 60 degrees apart: weights 1/256, 0, 1/256.

    120 degrees have a cosine below 0: no weight. The degrees are 1/256, 1/128,
    1/256, so S holds (1/256) / sqrt(1/256 * 1/128) = 1/sqrt(2).
    """
    motions = graph.MotionGraph(on_circle(0, 60, 120))
    s = 1 / np.sqrt(2)
    matrix = np.array([[0, s, 0], [s, 0, s], [0, s, 0]])
    labels = np.array([[1.0, 0], [0, 0], [0, 1]])
    expected = 0.01 * np.linalg.solve(np.eye(3) - 0.99 * matrix, labels)
    np.testing.assert_allclose(motions.spread(labels), expected, rtol=1e-4)
    assert len(motions) == 3


def test_a_motion_without_neighbours_keeps_its_own_score():
    motions = graph.MotionGraph(on_circle(0, 10, 180))
    scores = motions.spread(np.eye(3))
    np.testing.assert_allclose(scores[2], [0, 0, 0.01])
    assert scores[0, 1] > 0.1


def test_neighbours_are_mutual_and_ten_at_most_are_looked_for(monkeypatch):
    monkeypatch.setattr(graph, "NUM_NEIGHBORS", 1)
    # 20's nearest is 15; 15's is 10: 20 is connected all the same.
    scores = graph.MotionGraph(on_circle(10, 15, 22)).spread(np.eye(3))
    assert scores[2, 1] > 0
    direct = graph._weights(on_circle(10, 15, 22)).toarray() > 0
    assert direct.tolist() == [
        [False, True, False],
        [True, False, True],
        [False, True, False],
    ]


def test_equal_motions_are_neighbours_but_not_their_own():
    weights = graph._weights(np.tile(on_circle(30), (40, 1))).toarray()
    assert not weights.diagonal().any()
    np.testing.assert_allclose(weights[weights > 0], 1, rtol=1e-5)
    assert ((weights > 0).sum(1) >= graph.NUM_NEIGHBORS).all()


def clouds(num, num_clouds=8, seed=0):
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(num_clouds, 16))
    which = rng.integers(num_clouds, size=num)
    spread = rng.normal(scale=0.3, size=(num, 16))
    return novelty.unit_length(centers[which] + spread), which


def test_cells_find_nearly_the_same_neighbours(monkeypatch):
    embeddings, _ = clouds(3000)
    exact = graph._weights(embeddings) > 0
    monkeypatch.setattr(graph, "MAX_EXACT", 100)
    monkeypatch.setattr(graph, "MOTIONS_PER_CELL", 200)
    found = graph._weights(embeddings) > 0
    both = exact.multiply(found)
    assert both.sum() > 0.9 * exact.sum()


@pytest.mark.slow
def test_a_hundred_thousand_motions_fit_into_bounded_memory():
    """Pairs of all would take 40 GB; here labels spread to their clouds."""
    import resource

    embeddings, which = clouds(100_000)
    labels = np.zeros((len(which), 8))
    for cloud in range(8):
        labels[np.flatnonzero(which == cloud)[0], cloud] = 1
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scores = graph.MotionGraph(embeddings).spread(labels)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * 1024 < 1e9
    shares = scores / scores.sum(0)
    assert (shares.argmax(-1) == which).mean() > 0.95
