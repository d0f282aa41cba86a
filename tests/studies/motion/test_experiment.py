"""Tests of the arms of part 7, on tiny clips."""

import numpy as np
import pytest

from studies.motion import features
from studies.motion.experiment import EXPERIMENT, runs


@pytest.mark.parametrize("arm", ["pca", "random", "vae"])
def test_an_arm_is_scored_with_and_without_the_graph(
    arm, tiny_plan, shared_context
):
    run = next(r for r in runs(tiny_plan) if r.options["arm"] == arm)
    metrics = shared_context.perform(run)["metrics"]
    few, every = (f"{share:g}" for share in tiny_plan.fractions)
    draws = metrics["draws"]
    assert set(draws) == {"plain", "spread"}
    assert set(draws["plain"]) == {few, every}
    assert set(draws["spread"]) <= {few}
    assert len(draws["plain"][few]) == tiny_plan.motion_draws
    assert metrics[f"plain_{few}"] == pytest.approx(
        np.mean(draws["plain"][few])
    )


def test_all_arms_of_a_seed_share_its_features(tiny_plan):
    for run in runs(tiny_plan):
        assert run.needs == (features.features_run(tiny_plan, run.seed),)


def test_random_features_keep_what_training_clips_differ_in(
    tiny_plan, shared_context
):
    run = features.features_run(tiny_plan, 0)
    folder = shared_context.folder_of(run)
    train = np.load(folder / "train.npz")
    number = len(train["actions"])
    assert train["components"].shape == (number, 2, 8)
    assert len(train["random"]) == number
    np.testing.assert_allclose(train["random"].mean(0), 0, atol=1e-4)
    record = shared_context.runs.record(run)
    assert 0 < record["metrics"]["explained"] <= 100


def test_no_run_is_planned_twice(tiny_plan):
    digests = [run.digest() for run in EXPERIMENT.runs(tiny_plan)]
    assert len(digests) == len(set(digests))
