"""Tests of the runs of aeon's classifiers, with another in their place."""

import dataclasses
import sys
import types
from typing import ClassVar

import numpy as np
import pytest

from studies.motion import rockets


class _First:
    """Remembers what it learns from, and predicts the first action of it."""

    seen: ClassVar[dict] = {}

    def __init__(self, random_state, n_jobs):
        self.seen["random_state"] = random_state
        del n_jobs

    def fit(self, sequences, actions):
        self.seen["sequences"], self.seen["actions"] = sequences, actions

    def predict(self, sequences):
        return np.full(len(sequences), self.seen["actions"][0])


@pytest.fixture
def planned(tiny_plan):
    """Runs of one model on one draw, and on all labels."""
    sizes = dataclasses.replace(tiny_plan, motion_rockets=("MiniRocket",))
    return rockets.runs(sizes)


def test_draws_are_those_of_the_plan_and_one_with_all_labels(planned):
    labels = [(run.options["labels"], run.seed) for run in planned]
    assert labels == [(5, 0), (100, 0)]


def test_a_model_learns_from_labelled_clips_and_their_mirror_images(
    planned, shared_context, monkeypatch
):
    module = types.ModuleType("no_aeon")
    module.MiniRocketClassifier = _First
    monkeypatch.setitem(sys.modules, "no_aeon", module)
    monkeypatch.setattr(rockets, "MODULE", "no_aeon")
    top1 = shared_context.perform(planned[0])["metrics"]["top1"]
    assert 0 <= top1 <= 100
    sequences, actions = _First.seen["sequences"], _First.seen["actions"]
    half = len(actions) // 2
    np.testing.assert_array_equal(actions[:half], actions[half:])
    # Of 13 joints and the root, by 64 frames; x of the root's path, mirrored.
    assert sequences.shape == (2 * half, 28, 64)
    np.testing.assert_allclose(
        sequences[:half, 26], -sequences[half:, 26], atol=1e-4
    )
