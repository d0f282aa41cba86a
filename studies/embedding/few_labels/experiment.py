"""Part 3: few labels, and many poses without any.

The arms are runs of `classification`; this module lists and tells of them.
"""

from studies.embedding.classification import experiment as classification
from studies.embedding.few_labels import page
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = "few_labels"
VERSION = 1


def runs(plan) -> list[Run]:
    """Each share of labels, arm and seed, and baselines on the same draws."""
    found = []
    for labels in plan.fractions:
        for seed in range(plan.few_seeds):
            asked = {"labels": labels, "length": 0, "seed": seed}
            found.append(classification.arm_run(plan, "raw", **asked))
            for latent_dim in plan.few_dimensions:
                found += [
                    classification.arm_run(
                        plan, arm, latent_dim=latent_dim, **asked
                    )
                    for arm in ("embedding", "sampled")
                ]
            # With all labels there is one draw alone.
            if labels < 100 or not seed:
                found += [
                    classification.baseline_run(plan, name, **asked)
                    for name in classification.BASELINES
                ]
    return found


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    section=page.section,
    conclusion=page.conclusion,
    front_rows=page.front_rows,
)
