"""Leaving labelled motions out."""

import numpy as np
import pytest

from pose_tf import novelty
from pose_tf.learning import graph, head, left_out
from tests.learning.test_graph import clouds


def test_only_actions_with_two_different_clips_are_left_out():
    labels = np.array([0, 0, 1, 2, 2])
    groups = np.array([0, 1, 2, 3, 3])  # The clips of action 2 are equal.
    assert left_out.choose(labels, groups).tolist() == [0, 1]


def test_of_many_some_are_drawn(monkeypatch):
    monkeypatch.setattr(left_out, "MAX_LEFT_OUT", 10)
    chosen = left_out.choose(np.zeros(50, int), np.arange(50))
    assert len(set(chosen.tolist())) == 10
    assert chosen.tolist() == sorted(chosen.tolist())


def labelled_first(num_labelled, num):
    embeddings, which = clouds(num, num_clouds=4, seed=3)
    rng = np.random.default_rng(0)
    noisy = embeddings + rng.normal(scale=0.2, size=embeddings.shape)
    labels = which[:num_labelled].copy()
    labels[:2] = 3 - labels[:2]  # Two wrong ones.
    return novelty.unit_length(noisy), labels


def test_spreading_without_a_motion_is_the_same_as_solving_again():
    embeddings, labels = labelled_first(24, 120)
    groups = np.arange(24)
    groups[5] = groups[4]  # Equal clips: neither tells of the other.
    labels[5] = labels[4]
    motions = graph.MotionGraph(embeddings)
    chosen = left_out.choose(labels, groups)
    kernel = left_out.kernel(motions, chosen, 24)
    result = left_out.by_spreading(motions, kernel, labels, groups, chosen)
    for motion, given in zip(result.motions, result.actions, strict=True):
        known = np.zeros((120, 4))
        rest = np.flatnonzero(groups != groups[motion])
        known[rest, labels[rest]] = 1
        scores = motions.spread(known)
        spread = head.balanced(scores, scores.sum(0))
        assert spread.actions[motion] == given
    assert not result.right(labels)[:2].any()
    assert result.right(labels).mean() > 0.8


def test_the_kernel_is_what_one_label_gives():
    embeddings, _ = clouds(60)
    motions = graph.MotionGraph(embeddings)
    one = np.zeros((60, 1))
    one[3] = 1
    kernel = left_out.kernel(motions, np.array([3, 7]), 10)
    np.testing.assert_allclose(
        kernel[0], motions.spread(one)[:10, 0], atol=1e-9
    )
    np.testing.assert_allclose(kernel[0, 7], kernel[1, 3], rtol=1e-3)


@pytest.mark.parametrize("num_fitted", [6_000, 24])
def test_refitting_finds_the_wrong_labels(monkeypatch, num_fitted):
    monkeypatch.setattr(left_out, "NUM_FITTED", num_fitted)
    fitted = []
    fit = head.fit

    def counting(*arguments):
        fitted.append(arguments)
        return fit(*arguments)

    monkeypatch.setattr(head, "fit", counting)
    embeddings, labels = labelled_first(24, 24)
    groups = np.arange(24)
    chosen = left_out.choose(labels, groups)
    result = left_out.by_refitting(embeddings, labels, groups, chosen)
    assert not result.right(labels)[:2].any()
    assert result.right(labels).mean() > 0.75
    assert len(fitted) == (24 if num_fitted > 24 else left_out.MIN_PARTS)


def test_equal_clips_are_left_out_together():
    """Else each clip would be recognized by its twin."""
    twins = np.repeat(np.eye(12), 2, 0)  # No motion is like another.
    labels = np.repeat(np.arange(12) % 3, 2)
    groups = np.repeat(np.arange(12), 2)
    chosen = left_out.choose(labels, groups)
    right = left_out.by_refitting(twins, labels, groups, chosen).right(labels)
    assert right.mean() < 0.5
    alone = left_out.by_refitting(twins, labels, np.arange(24), chosen)
    assert alone.right(labels).all()


def test_the_interval_is_wilsons():
    """9 of 10: centre 1.0921 / 1.3841 = 0.7889, half width 0.1931."""
    low, high = left_out.interval(9, 10)
    assert low == pytest.approx(0.5958, abs=1e-3)
    assert high == pytest.approx(0.9821, abs=1e-3)
    assert left_out.interval(5, 5)[1] == pytest.approx(1)


def test_a_stranger_is_nearer_to_another_action_than_to_its_own():
    similarities = np.array(
        [
            [1.0, 0.2, 0.6, 0.0],
            [0.2, 1, 0.1, 0.0],
            [0.6, 0.1, 1, 0.7],
            [0, 0, 0.7, 1],
        ]
    )
    labels = np.array([0, 0, 1, 1])
    found = left_out.nearest_strangers(similarities, labels, least=0.5)
    assert found == [(0, 2)]
    assert left_out.nearest_strangers(similarities, labels, least=0.65) == []
