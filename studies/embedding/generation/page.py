"""The section of the page on long rollouts; see `experiment`."""

import pathlib

import numpy as np

from studies.embedding.generation import comparison, generators, plots
from studies.page import intervals
from studies.page.records import table
from studies.page.templates import fill

HORIZONS = (1, 4, 8, 15, 30)
SPLIT_HORIZONS = (1, 8, 30)
GROWTH = {
    1: "it grows",
    -1: "it shrinks",
    0: "whether it grows or shrinks cannot be told",
}
ERRORS_PLOT, SPLIT_PLOT = "generation_error.png", "generation_split.png"


def section(records, folder) -> str:
    """Returns the first half of part 5 and writes its two plots."""
    arms = comparison.arms_of(records)
    if "raw" not in arms:
        return ""
    folder = pathlib.Path(folder)
    embedded = comparison.embedded(arms)
    plots.errors(arms, folder / ERRORS_PLOT)
    parts = [
        fill(__file__, "introduction", last=max(HORIZONS)),
        _scores(arms),
        fill(__file__, "errors_plot"),
    ]
    if embedded:
        plots.split(arms, embedded, folder / SPLIT_PLOT)
        parts += [
            fill(__file__, "split"),
            _split(arms, embedded),
            fill(__file__, "split_plot"),
            " ".join(_compounding(arms, embedded)),
        ]
    return "\n\n".join(parts)


def conclusion(records) -> list[str]:
    """Returns what the rollouts say of the original's second claim."""
    arms = comparison.arms_of(records)
    embedded = comparison.embedded(arms)
    if "raw" not in arms or not embedded:
        return []
    best = min(
        embedded,
        key=lambda name: comparison.extra(arms, name, "mean_mpjpe").mean,
    )
    extra = comparison.extra(arms, best, "mean_mpjpe")
    side = comparison.side(extra)
    return [
        fill(
            __file__,
            "conclusion" if side else "conclusion_same",
            last=max(HORIZONS),
            dimensions=comparison.dimensions(arms, best),
            verdict="raises" if side > 0 else "lowers",
            extra=extra.text(2, sign=True),
        ),
        *_compounding(arms, [best]),
    ]


def front_rows(records) -> list[list[str]]:
    """Returns a row for the project's README, of the best embedding.

    It is the best by these same results, and the row says so.
    """
    arms = comparison.arms_of(records)
    embedded = comparison.embedded(arms)
    best = max(
        embedded,
        key=lambda name: comparison.extra(arms, name, "mean_pck").mean,
    )
    others = f", the best of {len(embedded)}" if len(embedded) > 1 else ""
    baseline = max(
        generators.BASELINES,
        key=lambda name: comparison.mean_pck(arms, name).mean,
    ).replace("_", " ")
    return [
        [
            fill(
                __file__,
                "front_row",
                last=max(HORIZONS),
                dimensions=comparison.dimensions(arms, best),
                others=others,
            ),
            comparison.mean_pck(arms, "raw").text(1),
            comparison.mean_pck(arms, best).text(1),
            comparison.extra(arms, best, "mean_pck").text(1, sign=True),
            f"{baseline} {comparison.mean_pck(arms, baseline).text(1)}",
        ]
    ]


def _scores(arms):
    header = [
        "arm",
        *(f"PCK +{h}" for h in HORIZONS),
        "mean PCK",
        "mean error, %",
        "more than raw",
    ]
    rows = []
    embedded = comparison.embedded(arms)
    for name, runs in arms.items():
        row = [name]
        for horizon in HORIZONS:
            values = [comparison.at(run, "pck", horizon) for run in runs]
            row.append(f"{np.mean(values):.1f}")
        for metric, digits in (("mean_pck", 1), ("mean_mpjpe", 2)):
            values = [comparison.at(run, metric) for run in runs]
            row.append(intervals.of(values).text(digits))
        extra = ""
        if name in embedded:
            extra = comparison.extra(arms, name, "mean_mpjpe").text(
                2, sign=True
            )
        rows.append([*row, extra])
    return table(header, rows)


def _parts(arms, name, horizon):
    """Returns intervals of the extra error, its parts, and it corrected."""
    raw = {r["seed"]: comparison.at(r, "mpjpe", horizon) for r in arms["raw"]}
    values = [
        (
            comparison.at(r, "mpjpe", horizon) - raw[r["seed"]],
            comparison.at(r, "mpjpe", horizon)
            - comparison.at(r, "dynamics", horizon),
            comparison.at(r, "dynamics", horizon) - raw[r["seed"]],
            comparison.at(r, "corrected", horizon) - raw[r["seed"]],
        )
        for r in arms[name]
        if r["seed"] in raw
    ]
    return [intervals.of(column) for column in zip(*values)]


def _split(arms, embedded):
    header = [
        "dimensions",
        "frame",
        "reconstruction error, %",
        "extra error",
        "of it decoding",
        "of it dynamics",
        "corrected",
    ]
    rows = []
    for name in embedded:
        for h in SPLIT_HORIZONS:
            errors = [comparison.at(r, "reconstruction", h) for r in arms[name]]
            parts = _parts(arms, name, h)
            rows.append(
                [
                    comparison.dimensions(arms, name),
                    f"+{h}",
                    intervals.of(errors).text(2),
                    *(part.text(2, sign=True) for part in parts),
                ]
            )
    return table(header, rows)


def _compounding(arms, embedded):
    """Returns a sentence per arm: does its extra error grow over the horizon?"""
    last = max(HORIZONS)
    raw = [
        np.mean([comparison.at(r, "mpjpe", horizon) for r in arms["raw"]])
        for horizon in (1, last)
    ]
    sentences = []
    for name in embedded:
        growth = comparison.paired(
            arms,
            name,
            lambda r: (
                comparison.at(r, "mpjpe", last) - comparison.at(r, "mpjpe", 1)
            ),
        )
        extras = [
            comparison.extra(arms, name, "mpjpe", horizon)
            for horizon in (1, last)
        ]
        first_share, end_share = (
            f"{100 * extra.mean / error:+.0f}".replace("-", "−")
            for extra, error in zip(extras, raw)
        )
        first, end = (extra.text(2, sign=True) for extra in extras)
        sentences.append(
            fill(
                __file__,
                "compounding",
                dimensions=comparison.dimensions(arms, name),
                first=first,
                first_share=first_share,
                end=end,
                end_share=end_share,
                last=last,
                verdict=GROWTH[comparison.side(growth)],
                growth=growth.text(2, sign=True),
            )
        )
    return sentences
