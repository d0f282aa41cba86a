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
    verdicts = [line.split()[0].strip(":") for line in lines[-2:]]
    assert sorted(verdicts) == ["DIFFERS", "same"]


def record(top1, seed=0, **versions):
    return {
        "metrics": {"top1": top1, "confusion": [[top1]]},
        "versions": {**VERSIONS, **versions},
        "seed": seed,
    }


ARM = [record(3.0), record(3.5, 1), record(2.75, 2)]  # A spread of 0.75.


@pytest.mark.parametrize(
    ("again", "verdict"),
    [
        (None, "NOT FINISHED"),
        (record(3.0), "same"),
        (record(3.1), "DIFFERS (top1 3.1 instead of 3)"),
        (
            record(3.1, numpy="2.4"),
            (
                "same within the spread over seeds (top1 3.1 instead of 3), "
                "numpy 2.4 instead of 2.3"
            ),
        ),
        (
            record(3.8, numpy="2.4"),
            "DIFFERS (top1 3.8 instead of 3), numpy 2.4 instead of 2.3",
        ),
        (  # Older records do not name the processor.
            record(2.25, processor="x"),
            (
                "same within the spread over seeds (top1 2.25 instead of 3), "
                "processor x instead of unknown"
            ),
        ),
        (
            {"metrics": {"f1": 3.0}, "versions": {"numpy": "2.4"}},
            (
                "DIFFERS (no number to compare), python none instead of 3.11, "
                "numpy 2.4 instead of 2.3"
            ),
        ),
    ],
)
def test_another_seeds_spread_is_only_allowed_elsewhere(again, verdict):
    assert checks.verdict(again, record(3.0), ARM) == verdict


def test_a_single_seed_allows_a_hundredth():
    assert "same within" in checks.verdict(
        record(3.02, numpy="2.4"), record(3.0)
    )
    assert "DIFFERS" in checks.verdict(record(3.04, numpy="2.4"), record(3.0))


def test_what_rounding_leaves_of_zero_is_no_difference():
    assert "same within" in checks.verdict(
        record(5.9e-16, numpy="2.4"), record(5.6e-16)
    )


def test_records_of_other_runs_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Received: 1 runs of other plans"):
        checks.rerun(
            [{"digest": "0"}], [], tmp_path, {}, count=1, seed=0, jobs=1
        )
