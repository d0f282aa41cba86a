"""Tests of schedules of tiny runs, in workers."""

import pytest

from studies.engine import schedule, store, workers


@pytest.mark.slow
def test_schedule_continues_after_a_run_that_fails(finished):
    kept, runs, _, outcome, lines = finished
    assert (outcome.finished, outcome.total) == (2, 3)
    assert len(kept.records(runs)) == 2
    ((failed, error),) = outcome.failures
    assert failed.options == {"arm": "none"}
    assert "KeyError" in error
    assert any("[2/3]" in line for line in lines)
    left = {path.name for path in kept.folder.iterdir()}
    assert left == {".lock", workers.LOG, *(run.digest() for run in runs)}


@pytest.mark.slow
def test_schedule_does_nothing_twice(finished):
    kept, runs, options, _, _ = finished
    lines = []
    given = schedule.Schedule(runs, kept, options, log=lines.append)
    assert given.execute().finished == 2
    assert not lines


@pytest.mark.slow
def test_nothing_is_left_when_time_is_up(finished, tmp_path):
    _, runs, options, _, _ = finished
    kept = store.Store(tmp_path)
    outcome = schedule.Schedule(runs, kept, options, minutes=1e-3).execute()
    assert (outcome.finished, outcome.failures) == (0, [])
    assert not kept.records(runs)
