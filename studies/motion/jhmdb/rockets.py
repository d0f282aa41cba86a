"""Runs of aeon's classifiers on JHMDB-14, as in `studies.motion.rockets`."""

from studies.embedding.few_labels.rockets import REQUIRES
from studies.engine.experiment import Experiment
from studies.engine.run import Run
from studies.motion import rockets
from studies.motion.jhmdb import clips
from studies.motion.jhmdb.experiment import draw, of_split

NAME = "jhmdb_rockets"
VERSION = 1


def runs(plan) -> list[Run]:
    """Returns each model per split, number of labels and draw."""
    return [
        Run(
            experiment=NAME,
            options={"arm": name, "labels": labels, "jhmdb_split": split},
            seed=seed,
        )
        for name in plan.jhmdb_rockets
        for split in plan.jhmdb_splits
        for labels in plan.jhmdb_labels
        for seed in range(plan.jhmdb_draws if labels < clips.ALL else 1)
    ]


def execute(run, context) -> dict:
    """Fits a model to labelled clips and returns the `top1` of test clips."""
    split = run.options["jhmdb_split"]
    pairs = context.shared(
        (NAME, split),
        lambda: rockets.sequences(of_split(run, context), run.split_protocol),
    )
    return rockets.score(run, pairs, draw)


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
    requires=REQUIRES,
    variables=(clips.DIR_VARIABLE,),
)
