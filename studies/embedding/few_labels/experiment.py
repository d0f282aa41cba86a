"""Part 3: few labels, and many poses without any.

The arms are runs of the experiment `classification`; this one lists them.
"""

from studies.embedding.classification.experiment import (
    BASELINES,
    arm_run,
    baseline_run,
)
from studies.embedding.few_labels import page
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = "few_labels"
VERSION = 1


def runs(plan) -> list[Run]:
    """Returns each arm per share and seed, and baselines on the same draws."""
    all_runs = []
    for labels in plan.fractions:
        for seed in range(plan.few_seeds):
            draw = {"labels": labels, "length": 0, "seed": seed}
            all_runs.append(arm_run(plan, "raw", **draw))
            for latent_dim in plan.few_dimensions:
                all_runs += [
                    arm_run(plan, arm, latent_dim=latent_dim, **draw)
                    for arm in ("embedding", "sampled")
                ]
            # With all labels there is only one draw.
            if labels < 100 or not seed:
                all_runs += [
                    baseline_run(plan, name, **draw) for name in BASELINES
                ]
    return all_runs


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    section=page.section,
    conclusion=page.conclusion,
    front_rows=page.front_rows,
)
