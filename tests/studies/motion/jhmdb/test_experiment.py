"""Tests of the runs of part 8, on a folder of a few drawn clips."""

import dataclasses

import numpy as np
import pytest

from studies.engine import context, schedule, store
from studies.motion.jhmdb import clips, experiment, rockets


@pytest.fixture
def small(tiny_plan):
    """The tiny plan, with one model of aeon's."""
    return dataclasses.replace(tiny_plan, jhmdb_rockets=("MiniRocket",))


def test_arms_are_scored_on_the_split_by_labels_per_action(
    small, folder, tmp_path
):
    at_work = context.Context(store.Store(tmp_path / "runs"))
    runs = experiment.runs(small)
    for arm in ("vae", "random"):
        run = next(run for run in runs if run.options["arm"] == arm)
        draws = at_work.perform(run)["metrics"]["draws"]
        assert set(draws["plain"]) == {"1", "100"}
        assert set(draws["spread"]) == {"1"}
        assert len(draws["spread"]["1"]) == small.jhmdb_draws
        # Of four test clips.
        assert set(draws["plain"]["1"]) <= {0, 25, 50, 75, 100}
    train = np.load(at_work.folder_of(runs[0].needs[0]) / "train.npz")
    assert train["actions"].tolist() == [0] * 4 + [1] * 4


def test_a_draw_is_of_so_many_clips_per_action():
    actions = np.array([0, 0, 0, 1, 1])
    for number, expected in ((1, [1, 1]), (2, [2, 2]), (clips.ALL, [3, 2])):
        chosen = experiment.draw(actions, number, 0)
        assert np.bincount(actions[chosen]).tolist() == expected


def test_runs_are_left_out_without_the_folder(small, monkeypatch):
    monkeypatch.delenv(clips.DIR_VARIABLE, raising=False)
    (run, *_) = experiment.runs(small)
    assert schedule.missing_requirements(run) == [clips.DIR_VARIABLE]
    monkeypatch.setenv(clips.DIR_VARIABLE, "somewhere")
    assert schedule.missing_requirements(run) == []


def test_rockets_have_the_draws_of_the_embeddings_and_one_of_all(small):
    drawn = [(r.options["labels"], r.seed) for r in rockets.runs(small)]
    assert drawn == [(1, 0), (1, 1), (100, 0)]
