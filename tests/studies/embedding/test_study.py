"""Tests of what the study says of all its runs."""

import json
import pathlib

import pytest

from studies import EXPERIMENTS, experiment
from studies.embedding import plan, vaes
from studies.embedding.classification.experiment import arm_run
from studies.embedding.generation.experiment import EXPERIMENT as GENERATION
from studies.embedding.study import STUDY
from studies.engine import schedule
from studies.page import report

ROOT = pathlib.Path(__file__).resolve().parents[3]
RESULTS = ROOT / STUDY.folder / report.RESULTS


@pytest.mark.skipif(not RESULTS.exists(), reason="no study was run")
def test_every_committed_record_is_of_a_planned_run():
    results = json.loads(RESULTS.read_text())
    # A part is there as a whole, or not at all.
    there = {record["experiment"] for record in results["runs"]}
    parts = [
        name
        for name in EXPERIMENTS
        if {run.experiment for run in experiment(name).runs(plan.FULL)} <= there
    ]
    planned = {run.digest(): run for run in schedule.runs_of(plan.FULL, parts)}
    assert results["plan"] == plan.FULL.name
    for record in results["runs"]:
        run = planned.pop(record["digest"])
        assert record["experiment"] == run.experiment
        assert record["options"] == run.options
        assert record["seed"] == run.seed
        assert record["protocol"] == run.split_protocol
    assert not planned


def test_runs_that_use_guesses_are_outdated():
    generators = GENERATION.runs(plan.QUICK)
    assert all(map(STUDY.is_outdated, generators))
    assert all(
        STUDY.is_outdated(need) for run in generators for need in run.needs
    )
    assert not STUDY.is_outdated(vaes.vae_run(plan.QUICK, 20))
    classifier = arm_run(
        plan.QUICK, "embedding", length=1, labels=100, seed=0, latent_dim=20
    )
    assert not STUDY.is_outdated(classifier)


def test_outdated_sections_say_so(fake_records, late_records, tmp_path):
    # Both have VAEs; the late ones have all metrics.
    records = {r["digest"]: r for r in fake_records + late_records}
    results = {"plan": "quick", "runs": list(records.values())}
    sections = report.render(STUDY, results, tmp_path).split("\n## ")[1:]
    outdated = [s[0] for s in sections if STUDY.outdated in s]
    assert outdated == ["1", "5", "6"]
    (generation,) = (s for s in sections if s[0] == "5")
    assert generation.count(STUDY.outdated) == 2  # And the next frame.
