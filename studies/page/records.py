"""Picking records of finished runs, for tables and plots."""


def select(records, experiment, **options) -> list[dict]:
    """Records of an experiment whose options have these values, by seed.

    `split_protocol` and `seed` may be asked for as well.
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


def by_seed(records, figure) -> dict[int, float]:
    """A figure of each record by its seed.

    Raises:
        ValueError: If two records share a seed: the options did not tell them
            apart.
    """
    values = {record["seed"]: record["metrics"][figure] for record in records}
    if len(values) != len(records):
        raise ValueError(
            "`records` must have a seed each. "
            f"Received: {[record['seed'] for record in records]}"
        )
    return values


def table(header, rows) -> str:
    """A Markdown table of texts."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
