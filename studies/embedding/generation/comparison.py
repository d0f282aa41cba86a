"""Arms of the generation experiments in the records, and their differences."""

from studies.embedding.generation import generators
from studies.page import intervals
from studies.page.records import select


def arms_of(records, experiment="generation") -> dict[str, list[dict]]:
    """Records by the arm's name: baselines, raw, then by dimension."""
    found: dict[str, list[dict]] = {}
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
        found.setdefault(name, []).append(record)
    return found


def paired(arms, name, value) -> intervals.Interval:
    """An arm's value less the raw arm's, over the seeds of both."""
    ours, theirs = (
        {record["seed"]: value(record) for record in arms[arm]}
        for arm in (name, "raw")
    )
    both = set(ours) & set(theirs)
    return intervals.of(ours[seed] - theirs[seed] for seed in sorted(both))


def embedded(arms):
    """Names of embedded arms that share a seed with the raw one."""
    raw = {record["seed"] for record in arms.get("raw", ())}
    return [
        name
        for name, found in arms.items()
        if found[0]["options"]["arm"] == "embedding"
        and raw & {record["seed"] for record in found}
    ]


def extra(arms, name, figure, horizon=None):
    """Interval of a figure, at a horizon, less that of the raw arm."""
    return paired(arms, name, lambda record: at(record, figure, horizon))


def mean_pck(arms, name):
    """Interval of an arm's mean PCK."""
    found = arms[name.replace("_", " ")]
    return intervals.of(at(record, "mean_pck") for record in found)


def at(record, figure, horizon=None):
    """A figure of a record, at a horizon if it has one for each."""
    value = record["figures"][figure]
    return value if horizon is None else value[horizon - 1]


def dimensions(arms, name):
    """Latent dimensions of an arm."""
    return arms[name][0]["options"]["latent_dim"]


def side(interval):
    """1 or -1 if the interval lies above or below 0, else 0."""
    return int(interval.clear_of_zero) * (1 if interval.mean > 0 else -1)
