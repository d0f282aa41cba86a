"""Tests of executing runs."""

import functools

import pytest

from studies.embedding.classification import experiment as classification
from studies.engine import context, store


@pytest.mark.slow
def test_metrics_do_not_depend_on_earlier_runs(
    tiny_context, tiny_plan, tiny_data_dir, tmp_path
):
    # With `validation` the VAE is not measured, which takes longest.
    arm = functools.partial(
        classification.arm_run, tiny_plan, seed=1, split_protocol="validation"
    )
    run = arm("sampled", length=3, labels=50, latent_dim=2)
    tiny_context.perform(arm("raw", length=0, labels=100))
    after = tiny_context.perform(run)
    fresh = store.Store(tmp_path / "fresh")
    alone = context.Context(fresh, data_dir=tiny_data_dir).perform(run)
    assert after["metrics"] == alone["metrics"]
    assert after["digest"] == run.digest()
    # What it needs was run with it, and nothing else is left.
    left = {path.name for path in fresh.folder.iterdir()}
    assert left == {run.digest(), run.needs[0].digest()}
