"""Tests of the heads of part 7."""

import numpy as np
import pytest

from studies.motion import heads


@pytest.fixture
def crescents():
    """Two actions, each most of a half circle, and test clips at their ends.

    The gaps between them are wider than ten neighbours of an end reach.
    """
    first = np.linspace(0, 2.6, 60)
    angles = np.concatenate([first, np.pi + first])
    known = np.stack([np.cos(angles), np.sin(angles)], -1)
    actions = np.repeat([0, 1], 60)
    ends = np.array([0.05, 2.55, 3.2, 5.7])
    scored = np.stack([np.cos(ends), np.sin(ends)], -1)
    return known, actions, scored, np.array([0, 0, 1, 1])


def test_spreading_finds_what_a_plain_head_cannot_know(crescents):
    scores = heads.scores(*crescents, shares=(1,), num_draws=5)
    assert scores["draws"]["spread"]["1"] == [100] * 5
    assert scores["plain_1"] < scores["spread_1"]


def test_with_all_labels_nothing_is_spread(crescents):
    scores = heads.scores(*crescents, shares=(100,), num_draws=5)
    assert scores["draws"] == {"plain": {"100": [100]}, "spread": {}}


def test_a_draw_of_indices_becomes_one_of_bools():
    draw = heads.masked(lambda actions, number, seed: np.array([seed, number]))
    assert draw(np.zeros(4), 3, 1).tolist() == [False, True, False, True]
