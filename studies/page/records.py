"""Selects records of finished runs, for tables and plots."""


def select(records, experiment, **options) -> list[dict]:
    """Returns records of an experiment with these options, by seed.

    `split_protocol` and `seed` can be given like options.
    """

    def matches(record):
        values = {
            **record["options"],
            "split_protocol": record["protocol"],
            "seed": record["seed"],
        }
        return record["experiment"] == experiment and all(
            key in values and values[key] == value
            for key, value in options.items()
        )

    return sorted(filter(matches, records), key=lambda record: record["seed"])


def by_seed(records, metric) -> dict[int, float]:
    """Returns a metric of each record by its seed.

    Raises:
        ValueError: If two records have the same seed, as they differ in
            options.
    """
    values = {record["seed"]: record["metrics"][metric] for record in records}
    if len(values) != len(records):
        raise ValueError(
            "`records` must have different seeds. "
            f"Received: {[record['seed'] for record in records]}"
        )
    return values


def table(header, rows) -> str:
    """Returns a Markdown table of texts."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
