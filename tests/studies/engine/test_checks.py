"""Tests of reruns."""

import functools

import pytest

from studies.engine import checks


@pytest.mark.slow
def test_check_finds_the_run_whose_metrics_differ(finished, tmp_path):
    kept, runs, options, _, _ = finished
    records = kept.records(runs)
    rerun = functools.partial(
        checks.rerun, records, runs, options=options, count=10, seed=0, jobs=1
    )
    assert rerun(tmp_path / "same") == 0
    records[0]["metrics"]["top1"] += 1e-9
    lines = []
    assert rerun(tmp_path / "other", tell=lines.append) == 1
    verdicts = [line.split(":")[0] for line in lines[-2:]]
    assert sorted(verdicts) == ["DIFFERS", "same"]


def test_records_of_other_runs_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Received: 1 runs of others"):
        checks.rerun(
            [{"digest": "0"}], [], tmp_path, {}, count=1, seed=0, jobs=1
        )
