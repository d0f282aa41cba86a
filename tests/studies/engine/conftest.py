"""A schedule of tiny runs."""

import dataclasses

import pytest

from studies.embedding.classification import experiment as classification
from studies.engine import schedule, store


@pytest.fixture(scope="module")
def finished(tiny_plan, tiny_data_dir, tmp_path_factory):
    """A schedule of three runs, one of which fails, in two workers."""
    kept = store.Store(tmp_path_factory.mktemp("runs"))
    runs = [
        classification.baseline_run(tiny_plan, name, length=0)
        for name in classification.BASELINES
    ]
    bad = dataclasses.replace(runs[0], options={"arm": "none"})
    options, lines = {"data_dir": str(tiny_data_dir)}, []
    with kept.lock():
        outcome = schedule.Schedule(
            [bad, *runs], kept, options, log=lines.append
        ).execute()
    return kept, runs, options, outcome, lines
