"""Part 9: who keeps moving, and why others freeze.

The error of an embedded arm is split as in part 5; and the same measure of
motion is taken of true windows encoded and decoded again, of deterministic
predictions and of samples.
"""

import numpy as np

from pose_tf.evaluation import forecasts
from pose_tf.models import baselines
from studies.embedding.continuations import arms, gate, measures, page
from studies.embedding.generation import experiment as generation
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = arms.NAME
VERSION = 1
ERROR_HORIZON = 30
ERRORS = ("pck", "mpjpe", "mean_pck", "mean_mpjpe")


def runs(plan) -> list[Run]:
    """Returns zero velocity, and each arm per seed."""
    still = {"arm": arms.ZERO_VELOCITY, **arms.measured(plan)}
    return [
        Run(experiment=NAME, options=still),
        *(
            arms.arm_run(plan, arm, seed)
            for seed in range(plan.continuation_seeds)
            for arm in arms.TRAINED
        ),
    ]


def shown_runs(plan) -> list[Run]:
    """Returns all runs that `section` shows."""
    return [*gate.runs(plan), *runs(plan)]


def execute(run, context) -> dict:
    """Trains an arm and measures it on the official test clips.

    Returns:
        Dict of `pck`, `mpjpe`, their means, of the deterministic prediction
        over `ERROR_HORIZON` frames; of embedded arms, `mean_reconstruction` and
        `mean_dynamics` (see part 5); and of `measures.health` over
        `measures.HORIZON` frames: `decoded` (of embedded arms),
        `deterministic`, `samples` (not of zero velocity).
    """
    skeleton = context.clips.skeleton
    short = generation.test_windows(context.clips, ERROR_HORIZON)
    long = measures.test_windows(
        context.clips, measures.HORIZON, run.options["test_stride"]
    )
    if run.options["arm"] == arms.ZERO_VELOCITY:
        still = [_still(short, ERROR_HORIZON), _still(long, measures.HORIZON)]
        return {
            **_errors(still[0], short),
            "deterministic": measures.health(still[1], long, skeleton),
        }
    model = arms.trained(run, context)

    def future(cut, horizon, num_samples, temperature):
        return measures.futures(
            model, cut, horizon, num_samples, temperature, run.seed
        )

    predicted = future(short, ERROR_HORIZON, 1, 0.0)[:, 0]
    metrics = _errors(predicted, short)
    if run.options["arm"] in (arms.POSES, arms.MOTION):
        again, cut = (_decoded(model, cut) for cut in (long, short))
        metrics["decoded"] = measures.health(again, long, skeleton)
        metrics |= _split(predicted, cut, short)
    metrics["deterministic"] = measures.health(
        future(long, measures.HORIZON, 1, 0.0)[:, 0], long, skeleton
    )
    count = run.options["num_samples"]
    metrics["samples"] = measures.health(
        future(long, measures.HORIZON, count, 1.0), long, skeleton
    )
    return metrics


def _still(cut, horizon):
    return baselines.zero_velocity(
        cut["poses"][:, : arms.PREFIX], None, horizon
    )


def _decoded(model, cut):
    """Returns true frames as the arm encodes and decodes them."""
    code = getattr(model, "chunk_vae", None)
    return measures.decoded(model.transform, model.space, cut, code)


def _errors(predicted, cut):
    scores = forecasts.evaluate_forecast(
        lambda *_: predicted, [cut], arms.PREFIX, ERROR_HORIZON
    )
    return {name: scores[name] for name in ERRORS}


def _split(predicted, decoded, cut):
    """Returns the errors of decoding alone, and against what was decoded."""
    truth = np.concatenate([cut["poses"][:, : arms.PREFIX], decoded], axis=1)
    return {
        "mean_reconstruction": _errors(decoded, cut)["mean_mpjpe"],
        "mean_dynamics": _errors(predicted, {**cut, "poses": truth})[
            "mean_mpjpe"
        ],
    }


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
    section=page.section,
    conclusion=page.conclusion,
    shown_runs=shown_runs,
)
