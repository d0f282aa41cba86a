"""Part 8: the arms of part 7 on JHMDB-14, by the number of labels per action."""

from pose_tf.evaluation import few_labels
from studies.engine.experiment import Experiment
from studies.engine.run import Run
from studies.motion import experiment, features, heads
from studies.motion.jhmdb import clips, page

NAME = "jhmdb"
VERSION = 1
FEATURES = "features"


def runs(plan) -> list[Run]:
    """Returns each arm per split and seed."""
    arms = [
        experiment.vae_options(plan, num_epochs=plan.jhmdb_epochs),
        {"arm": "pca", "latent_dim": plan.motion_dimension},
        {"arm": "pca", "latent_dim": plan.motion_components},
        {"arm": "random"},
    ]
    sizes = {"labels": list(plan.jhmdb_labels), "num_draws": plan.jhmdb_draws}
    return [
        Run(
            experiment=NAME,
            options={**options, **sizes, "jhmdb_split": split},
            seed=seed,
            needs=(features_run(plan, split, seed),),
        )
        for split in plan.jhmdb_splits
        for seed in range(plan.jhmdb_seeds)
        for options in arms
    ]


def features_run(plan, split, seed) -> Run:
    """Returns the run of the random convolutions of a split and seed."""
    options = {"arm": FEATURES, "jhmdb_split": split, **features.sizes(plan)}
    return Run(experiment=NAME, options=options, seed=seed)


def execute(run, context) -> dict:
    """Describes the clips of a split, or embeds and scores them."""
    dealt = of_split(run, context)
    if run.options["arm"] == FEATURES:
        return features.describe(run, dealt, context.folder)
    return experiment.score(run, context, dealt, draw)


def of_split(run, context):
    """Returns the clips of a run's split, `example_gen.Clips`."""
    split = run.options["jhmdb_split"]
    return context.shared(
        (NAME, split), lambda: clips.read(clips.folder(), split)
    )


draw = heads.masked(few_labels.draw)

EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
    section=page.section,
    conclusion=page.conclusion,
    front_text=page.conclusion,
    variables=(clips.DIR_VARIABLE,),
)
