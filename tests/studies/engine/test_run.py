"""Tests of digests of runs."""

import dataclasses

import pytest

from studies.embedding import vaes
from studies.engine.run import Run, with_needs


def make_run(**changes):
    vae = Run(experiment="vae", options={"latent_dim": 2})
    asked = {
        "experiment": "classification",
        "options": {"arm": "embedding", "length": 5},
        "needs": (vae,),
    }
    return Run(**{**asked, **changes})


def test_digest_does_not_depend_on_the_order_of_options():
    run = make_run()
    other = make_run(options={"length": 5, "arm": "embedding"})
    assert run.digest() == other.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"split_protocol": "validation"},
        {"options": {"arm": "embedding", "length": 6}},
        {"needs": (Run(experiment="vae", options={"latent_dim": 3}),)},
    ],
    ids=str,
)
def test_digest_changes_with_every_field(change):
    assert make_run().digest() != make_run(**change).digest()


def test_digest_changes_with_the_versions_of_needed_runs(monkeypatch):
    before = make_run().digest()
    changed = dataclasses.replace(vaes.EXPERIMENT, version=-1)
    monkeypatch.setattr(vaes, "EXPERIMENT", changed)
    assert make_run().digest() != before


def test_needed_runs_come_first_and_once():
    first, second = make_run(), make_run(seed=1)
    assert with_needs([first, second, first]) == [
        first.needs[0],
        first,
        second,
    ]
