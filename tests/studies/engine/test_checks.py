"""Tests of reruns."""

import functools

import pytest

from studies.engine import checks

VERSIONS = {"python": "3.11", "numpy": "2.3"}


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
    assert rerun(tmp_path / "other", log=lines.append) == 1
    verdicts = [line.split(":")[0] for line in lines[-2:]]
    assert sorted(verdicts) == ["DIFFERS", "same"]


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        (None, "NOT FINISHED"),
        ({"metrics": {"top1": 3.0}}, "same"),
        ({"metrics": {"top1": 3.1}, "versions": VERSIONS}, "DIFFERS"),
        (
            {
                "metrics": {"top1": 3.1},
                "versions": {**VERSIONS, "numpy": "2.4"},
            },
            "DIFFERS, with numpy 2.4 instead of 2.3",
        ),
        (  # Older records do not name the processor.
            {
                "metrics": {"top1": 3.1},
                "versions": {**VERSIONS, "processor": "x"},
            },
            "DIFFERS, with processor x instead of unknown",
        ),
    ],
)
def test_a_verdict_names_versions_that_have_changed(record, verdict):
    before = {"metrics": {"top1": 3.0}, "versions": VERSIONS}
    assert checks.verdict(record, before) == verdict


def test_records_of_other_runs_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Received: 1 runs of other plans"):
        checks.rerun(
            [{"digest": "0"}], [], tmp_path, {}, count=1, seed=0, jobs=1
        )
