"""Tests of part 1 on tiny clips."""

import numpy as np
import pytest

from studies.embedding.reproduction import experiment as reproduction
from studies.embedding.reproduction.conditions import ALL, CONDITIONS, LINEAR


@pytest.mark.slow
@pytest.mark.parametrize("condition", ["as the original did", "all four"])
def test_conditions_of_the_original_can_be_run(
    condition, tiny_context, tiny_plan
):
    run = reproduction.arm_run(tiny_plan, "embedding", CONDITIONS[condition], 0)
    metrics = tiny_context.perform(run)["metrics"]
    counts = np.array(metrics["confusion"])
    assert counts.sum() == metrics["num_windows"]
    assert metrics["top1"] == pytest.approx(
        100 * np.trace(counts) / counts.sum()
    )


@pytest.mark.slow
def test_linear_control_runs_in_the_corrected_conditions(
    tiny_context, tiny_plan
):
    run = reproduction.arm_run(tiny_plan, LINEAR, CONDITIONS[ALL], 0)
    assert not run.needs
    metrics = tiny_context.perform(run)["metrics"]
    assert np.sum(metrics["confusion"]) == metrics["num_windows"]
