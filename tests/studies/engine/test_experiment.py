"""Tests of the registry of experiments."""

import pytest

from studies import EXPERIMENTS, experiment
from studies.embedding.plan import QUICK
from studies.engine.run import Run


def test_an_unknown_experiment_is_an_error_that_names_the_known_ones():
    with pytest.raises(ValueError, match="reproduction.*Received: 'nonsense'"):
        experiment("nonsense")


def test_every_experiment_has_its_own_name():
    for name in EXPERIMENTS:
        assert experiment(name).name == name


def test_an_experiment_without_runs_of_its_own_executes_none():
    few_labels, run = experiment("few_labels"), Run(experiment="x", options={})
    with pytest.raises(ValueError, match="Received: x seed=0 official"):
        few_labels.execute(run, None)


def test_the_section_needs_the_runs_of_the_experiment_or_those_it_names():
    shown = {run.experiment for run in experiment("gallery").needed_runs(QUICK)}
    assert shown == {"generation", "gallery"}
    assert experiment("generation").needed_runs(QUICK) == experiment(
        "generation"
    ).runs(QUICK)
