"""Records of runs that nobody ran, for tests of pages."""

import dataclasses

import numpy as np
import pytest

from studies.embedding import plan
from studies.engine import schedule

NUM_ACTIONS = 15
OURS = ("vae", "reproduction", "classification", "few_labels", "rockets")


def fake_figures(run, rng):
    """Figures of the shape that a run gives."""
    if run.experiment == "vae":
        return {"mpjpe": rng.uniform(), "active_units": 3}
    if run.options["arm"] == "vae":
        return {}
    counts = rng.integers(1, 20, (NUM_ACTIONS, NUM_ACTIONS))
    return {
        "top1": rng.uniform(50, 90),
        "macro_f1": rng.uniform(50, 90),
        "confusion": counts.tolist(),
        "num_windows": int(counts.sum()),
    }


def fake_record(run, figures):
    """A record as `Context.perform` writes it."""
    return {
        "experiment": run.experiment,
        "options": run.options,
        "seed": run.seed,
        "protocol": run.protocol,
        "digest": run.digest(),
        "figures": figures,
        "seconds": 1.0,
        "versions": {"python": "3"},
    }


@pytest.fixture(scope="session")
def fake_records():
    """A record for every run of parts 1 to 3 of the small plan."""
    rng = np.random.default_rng(0)
    # Intervals need two.
    sizes = dataclasses.replace(plan.QUICK, reproduction_seeds=2)
    return [
        fake_record(run, fake_figures(run, rng))
        for run in schedule.runs_of(sizes, OURS)
    ]
