"""Tests of the plans."""

import dataclasses

import pytest

from studies.embedding import plan
from studies.engine import schedule


@pytest.mark.parametrize("sizes", [plan.FULL, plan.QUICK], ids=lambda p: p.name)
def test_plan_has_runs_of_every_part_without_repeats(sizes):
    runs = schedule.runs_of(sizes)
    digests = [run.digest() for run in runs]
    assert len(digests) == len(set(digests))
    for name in ("reproduction", "classification"):
        assert any(run.experiment == name for run in runs)


def test_full_and_quick_plans_differ_only_in_values():
    names = {field.name for field in dataclasses.fields(plan.FULL)}
    assert names == set(dataclasses.asdict(plan.QUICK))
