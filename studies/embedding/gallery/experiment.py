"""Part 6: GIFs of how generators succeed and fail, chosen by rank.

The windows are those of the official test clips, `generation.PREFIX` frames
observed and `generation.LONG_HORIZON` predicted.
"""

from pose_tf.plots import animations
from studies.embedding.gallery import choice, page
from studies.embedding.generation import experiment as generation
from studies.embedding.generation import generators
from studies.engine.experiment import Experiment
from studies.engine.run import Run
from studies.page import pictures

NAME = "gallery"
VERSION = 1
SHOWN = {"realistic": 2, "frozen": 2, "drifting": 2}
AHEAD = (0, 5, 15, 30, 50)  # Of the long sequence, frames.
SIZE = 150  # Side of a panel, pixels.
TITLES = ("seen", "truth", "prediction")


def runs(plan) -> list[Run]:
    """Returns the raw arm and an embedded one, of seed 0."""
    all_runs = []
    for latent_dim in (0, plan.gallery_dimension):
        generator = generation.generator_run(plan, latent_dim, 0)
        options = {key: generator.options[key] for key in ("arm", "latent_dim")}
        all_runs.append(
            Run(experiment=NAME, options=options, needs=(generator,))
        )
    return all_runs


def shown_runs(plan) -> list[Run]:
    """Returns all runs that `section` shows: its table has every generator."""
    return [*generation.runs(plan), *runs(plan)]


def execute(run, context):
    """Draws the GIFs of an arm.

    Returns:
        Dict: `shown`, a list of dicts, one per GIF: `kind`, `picture` (its
        name), `clip_id`, `action`, `start` and the measures of
        `choice.measure`; `num_windows`, `num_eligible`.
    """
    predictor = generators.trained(run.needs[0], context)
    prefix, horizon = generation.PREFIX, generation.LONG_HORIZON
    cut = generation.test_windows(context.clips, horizon)
    rollout = predictor.rollout(
        cut["poses"][:, :prefix], cut["visibility"][:, :prefix], horizon
    )
    measures = choice.measure(
        rollout.poses, cut, context.clips.skeleton, prefix
    )
    gifs = []

    def show(kind, i, name, ahead):
        picture = f"gallery_{run.options['arm']}_{name}.gif"
        _draw(context, picture, cut, rollout, i, ahead)
        gifs.append(
            {
                "kind": kind,
                "picture": picture,
                "ahead": ahead,
                **_facts(context.clips, cut, i),
                **{name: float(measures[name][i]) for name in choice.MEASURES},
            }
        )

    for kind, count in SHOWN.items():
        windows = choice.choose(measures, cut["clip_id"], kind, count)
        for rank, i in enumerate(windows, start=1):
            show(kind, i, f"{kind}_{rank}", horizon)
    for i in choice.choose(measures, cut["clip_id"], "typical", 1):
        for ahead in AHEAD:
            show("typical", i, f"long_{ahead}", ahead)
    eligible = measures["eligible"]
    return {
        "shown": gifs,
        "num_windows": len(eligible),
        "num_eligible": int(eligible.sum()),
    }


def _facts(clips, cut, i):
    return {
        "clip_id": cut["clip_id"][i].decode(),
        "start": int(cut["start"][i]),
        "action": clips.actions[cut["action"][i]],
    }


def _draw(context, picture, cut, rollout, i, ahead):
    """Writes a GIF of the prefix and `ahead` frames of a window."""
    animations.animate(
        _sequences(cut, rollout, i, generation.PREFIX, ahead),
        context.clips.skeleton,
        pictures.path(context, picture),
        TITLES[: 3 if ahead else 1],
        prefix=generation.PREFIX,
        size=SIZE,
    )


def _sequences(cut, rollout, i, prefix, ahead):
    """Returns the prefix and, with frames ahead, truth and prediction."""
    poses, visibility = cut["poses"][i], cut["visibility"][i]
    observed = poses[:prefix], visibility[:prefix]
    end = prefix + ahead
    predicted = (
        [*observed[0], *rollout.poses[i, :ahead]],
        [*observed[1], *rollout.visibility[i, :ahead]],
    )
    every = [observed, (poses[:end], visibility[:end]), predicted]
    return every[: 3 if ahead else 1]


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
    section=page.section,
    conclusion=page.conclusion,
    front_picture=page.front_picture,
    shown_runs=shown_runs,
)
