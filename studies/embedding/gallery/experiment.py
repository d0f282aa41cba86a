"""Part 6: GIFs of how generators succeed and fail, chosen by rank.

The windows are those of the official test clips, `generation.PREFIX` frames
seen and `generation.LONG_HORIZON` predicted.
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


def runs(plan):
    """The raw arm and an embedded one, of seed 0."""
    found = []
    for latent_dim in (0, plan.gallery_dimension):
        made = generation.house_run(plan, latent_dim, 0)
        options = {key: made.options[key] for key in ("arm", "latent_dim")}
        found.append(Run(experiment=NAME, options=options, needs=(made,)))
    return found


def shown_runs(plan):
    """All runs of which `section` tells: its table has every generator."""
    return [*generation.runs(plan), *runs(plan)]


def execute(run, context):
    """Draws the GIFs of an arm.

    Returns:
        Dict: `shown`, a list of dicts, one a GIF: `kind`, `picture` (its
        name), `clip_id`, `action`, `start` and the measures of
        `choice.measure`; `num_windows`, `num_eligible`.
    """
    predictor = generators.trained(run.needs[0], context)
    prefix, horizon = generation.PREFIX, generation.LONG_HORIZON
    cut = generation.test_windows(context.clips, horizon)
    rolled = predictor.rollout(
        cut["poses"][:, :prefix], cut["visibility"][:, :prefix], horizon
    )
    skeleton = context.clips.skeleton
    measures = choice.measure(rolled.poses, cut, skeleton, prefix)
    eligible = measures.pop("eligible")
    shown = []

    def show(kind, i, name, ahead):
        picture = f"gallery_{run.options['arm']}_{name}.gif"
        animations.animate(
            _sequences(cut, rolled, i, prefix, ahead),
            skeleton,
            pictures.path(context, picture),
            TITLES[: 3 if ahead else 1],
            prefix=prefix,
            size=SIZE,
        )
        shown.append(
            {
                "kind": kind,
                "picture": picture,
                "ahead": ahead,
                "clip_id": cut["clip_id"][i].decode(),
                "start": int(cut["start"][i]),
                "action": context.clips.actions[cut["action"][i]],
                **{key: float(values[i]) for key, values in measures.items()},
            }
        )

    ranked = {**measures, "eligible": eligible}
    for kind, count in SHOWN.items():
        chosen = choice.choose(ranked, cut["clip_id"], kind, count)
        for rank, i in enumerate(chosen, start=1):
            show(kind, i, f"{kind}_{rank}", horizon)
    for i in choice.choose(ranked, cut["clip_id"], "typical", 1):
        for ahead in AHEAD:
            show("typical", i, f"long_{ahead}", ahead)
    return {
        "shown": shown,
        "num_windows": len(eligible),
        "num_eligible": int(eligible.sum()),
    }


def _sequences(cut, rolled, i, prefix, ahead):
    """The prefix; with frames ahead, the truth and the prediction as well."""
    poses, visibility = cut["poses"][i], cut["visibility"][i]
    seen = poses[:prefix], visibility[:prefix]
    end = prefix + ahead
    made = (
        [*seen[0], *rolled.poses[i, :ahead]],
        [*seen[1], *rolled.visibility[i, :ahead]],
    )
    every = [seen, (poses[:end], visibility[:end]), made]
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
