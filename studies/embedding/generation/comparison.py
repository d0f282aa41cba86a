"""Compares the arms of the generation experiments in the records."""

from studies.embedding.generation import generators
from studies.page import intervals
from studies.page.records import select


def arms_of(records, experiment="generation") -> dict[str, list[dict]]:
    """Returns records by the arm's name: baselines, raw, then by dimension."""
    runs: dict[str, list[dict]] = {}
    order = (*generators.BASELINES, "raw", "embedding")
    for record in sorted(
        select(records, experiment),
        key=lambda record: (
            order.index(record["options"]["arm"]),
            record["options"].get("latent_dim", 0),
            not generators.is_residual(record["options"]),
            record["seed"],
        ),
    ):
        name = generators.title(record["options"])
        runs.setdefault(name, []).append(record)
    return runs


def paired(arms, name, value) -> intervals.Interval:
    """Returns an arm's value minus the raw arm's, over the seeds of both."""
    ours, theirs = (
        {record["seed"]: value(record) for record in arms[arm]}
        for arm in (name, "raw")
    )
    seeds = sorted(set(ours) & set(theirs))
    return intervals.of(ours[seed] - theirs[seed] for seed in seeds)


def embedded(arms) -> list[str]:
    """Returns the names of embedded arms that share a seed with the raw one."""
    raw = {record["seed"] for record in arms.get("raw", ())}
    return [
        name
        for name, runs in arms.items()
        if runs[0]["options"]["arm"] == "embedding"
        and raw & {record["seed"] for record in runs}
    ]


def extra(arms, name, metric, horizon=None) -> intervals.Interval:
    """Returns an arm's metric, at a horizon, minus that of the raw arm."""
    return paired(arms, name, lambda record: at(record, metric, horizon))


def mean_pck(arms, name) -> intervals.Interval:
    """Returns an arm's mean PCK."""
    runs = arms[name.replace("_", " ")]
    return intervals.of(at(record, "mean_pck") for record in runs)


def at(record, metric, horizon=None) -> float:
    """Returns a metric of a record, at a horizon if it has one for each."""
    value = record["metrics"][metric]
    return value if horizon is None else value[horizon - 1]


def dimensions(arms, name) -> int:
    """Returns the latent dimensions of an arm."""
    return arms[name][0]["options"]["latent_dim"]


def side(interval) -> int:
    """Returns 1 or -1 if the interval is above or below 0, else 0."""
    return int(interval.clear_of_zero) * (1 if interval.mean > 0 else -1)
