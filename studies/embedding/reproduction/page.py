"""The section of the page on part 1; see `experiment`."""

from studies.embedding.reproduction.conditions import (
    ALL,
    ALL_LONGER,
    ARMS,
    BASELINES,
    CONDITIONS,
    FIRST,
    LINEAR,
    base_epochs,
    top1,
)
from studies.page import intervals, words
from studies.page.records import select, table
from studies.page.templates import fill

NAME = "reproduction"
HEADER = ("", "raw", "embedding", "gain", "change of the gain")


def section(records, folder) -> str:
    """Returns part 1: the tables, and what follows from them."""
    del folder
    vaes = select(records, NAME, arm="vae")
    seeds = top1(records, CONDITIONS[ALL], "raw")
    return "\n\n".join(
        [
            fill(
                __file__,
                "introduction",
                latent_dim=vaes[0]["options"]["config"]["latent_dim"],
                epochs=words.of_epochs(base_epochs(records)),
                seeds=len(seeds),
            ),
            table(HEADER, _conditions(records)),
            fill(__file__, "baselines"),
            _baselines(records),
            fill(
                __file__,
                "whitened",
                times=CONDITIONS[ALL_LONGER]["times"],
                **_whitened(records),
            ),
        ]
    )


def conclusion(records) -> list[str]:
    """Returns the original's gain, as it was measured and corrected."""
    first, last, longer = (
        _gain(records, name, "embedding", "raw")
        for name in (FIRST, ALL, ALL_LONGER)
    )
    return [
        fill(
            __file__,
            "conclusion",
            first=first,
            last=last,
            longer=longer,
            times=CONDITIONS[ALL_LONGER]["times"],
            nearest=_baseline(records, FIRST, "nearest neighbour", "raw"),
        ),
        fill(__file__, "conclusion_whitened", **_whitened(records)),
    ]


def front_rows(records) -> list[list[str]]:
    """Returns the original experiment with all confounders corrected."""
    raw, embedded, linear = (
        top1(records, CONDITIONS[ALL], arm) for arm in (*ARMS, LINEAR)
    )
    nearest = _baseline(records, ALL, "nearest neighbour", "raw")
    return [
        [
            fill(__file__, "front_row"),
            intervals.of(raw.values()).text(),
            intervals.of(embedded.values()).text(),
            intervals.paired(embedded, raw).text(sign=True),
            (
                f"nearest neighbour {nearest}, whitened poses "
                f"{intervals.of(linear.values()).text()}"
            ),
        ]
    ]


def _conditions(records) -> list[list[str]]:
    """Returns a row per condition, with its gain less that of the first."""
    rows: list[list[str]] = []
    first: dict[int, float] = {}
    for name, condition in CONDITIONS.items():
        raw, embedded = (top1(records, condition, arm) for arm in ARMS)
        gain = {seed: embedded[seed] - raw[seed] for seed in raw}
        change = ""
        if rows:
            change = intervals.paired(gain, first).text(sign=True)
        else:
            first = gain
        rows.append(
            [
                name,
                intervals.of(raw.values()).text(),
                intervals.of(embedded.values()).text(),
                intervals.of(gain.values()).text(sign=True),
                change,
            ]
        )
    return rows


def _baselines(records):
    conditions = (FIRST, ALL)
    rows = [
        [f"{name}, {arm}"]
        + [_baseline(records, condition, name, arm) for condition in conditions]
        + [""]
        for name, arms in BASELINES.items()
        for arm in arms
    ]
    whitened = [
        intervals.of(top1(records, CONDITIONS[name], LINEAR).values()).text()
        for name in (ALL, ALL_LONGER)
    ]
    rows.append(["LSTMs, whitened", "", *whitened])
    return table(["", *conditions, ALL_LONGER], rows)


def _whitened(records) -> dict[str, str]:
    """Returns the gains of whitened poses, and those of the VAE over them."""
    return {
        "linear": _gain(records, ALL, LINEAR, "raw"),
        "linear_longer": _gain(records, ALL_LONGER, LINEAR, "raw"),
        "vae": _gain(records, ALL, "embedding", LINEAR),
        "vae_longer": _gain(records, ALL_LONGER, "embedding", LINEAR),
    }


def _gain(records, name, ours, theirs) -> str:
    """Returns what an arm gains over another in a condition, in points."""
    arms = (top1(records, CONDITIONS[name], arm) for arm in (ours, theirs))
    return intervals.paired(*arms).text(sign=True)


def _baseline(records, name, model, arm) -> str:
    """Returns the top-1 of one of `BASELINES` in a condition."""
    condition = CONDITIONS[name]
    (record,) = select(
        records,
        NAME,
        arm=arm,
        model=model,
        split_protocol=condition["split_protocol"],
        shift=condition["shifts"][arm],
        scaler=condition["scaler"],
    )
    return f"{record['metrics']['top1']:.1f}"
