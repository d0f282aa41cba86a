"""What the page says of long rollouts; see `generation`."""

import pathlib

import numpy as np

from studies.embedding.generation import comparison, generators, plots
from studies.page import intervals
from studies.page.records import table

HORIZONS = (1, 4, 8, 15, 30)
SPLIT_HORIZONS = (1, 8, 30)
INTRODUCTION = """\
## 5. Generation

### Thirty frames from ten

Protocol `house`, official test clips: the error of the deterministic
prediction, in percent of the longer side of the last observed box, and PCK,
the share of joints whose error is below 5 %, at a frame and over all {last}.
The same LSTM predicts velocities of raw joints, or of the embedding and the
root, and trains on its own rollouts; the arms differ in that alone. ± are
95 % intervals over seeds; differences are paired by seed.
"""
SPLIT = """\
Where the extra error comes from. *Dynamics* is the error of the embedded
rollout against the true poses encoded and decoded, so that decoding costs
nothing; what the error against the true poses is more than that is due to
*decoding*. The two parts of the extra error, decoding, and dynamics less the
raw arm's error, add up to it. *Corrected*: what is left of the extra error
if the joints keep the offset that encoding and decoding gave the last
observed pose, which costs nothing to know.
"""


def section(records, folder) -> str:
    """The first half of part 5; two plots."""
    arms = comparison.arms_of(records)
    if "raw" not in arms:
        return ""
    embedded = comparison.embedded(arms)
    parts = [INTRODUCTION.format(last=max(HORIZONS)), _scores(arms)]
    plots.errors(arms, pathlib.Path(folder) / "generation_error.png")
    parts.append(
        "![Error over the horizon, a curve an arm](generation_error.png)"
    )
    if embedded:
        path = pathlib.Path(folder) / "generation_split.png"
        plots.split(arms, embedded, path)
        parts += [
            SPLIT,
            _split(arms, embedded),
            (
                "![The extra error and its two parts over the horizon]"
                "(generation_split.png)"
            ),
            " ".join(_compounding(arms, embedded)),
        ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def conclusion(records) -> list[str]:
    """What the rollouts say of the seed's second claim."""
    arms = comparison.arms_of(records)
    embedded = comparison.embedded(arms)
    if "raw" not in arms or not embedded:
        return []
    best = min(
        embedded,
        key=lambda name: comparison.extra(arms, name, "mean_mpjpe").mean,
    )
    extra = comparison.extra(arms, best, "mean_mpjpe")
    verdict = {1: "raises", -1: "lowers", 0: "does not change"}[
        comparison.side(extra)
    ]
    return [
        (
            f"Generation: over {max(HORIZONS)} frames, the best embedding "
            f"({comparison.dimensions(arms, best)} dimensions) {verdict} the error: "
            f"{extra.text(2, sign=True)} % of the box beside raw poses."
        ),
        *_compounding(arms, [best]),
    ]


def front_rows(records) -> list[list[str]]:
    """The row of the front page's table: the best embedding, and raw poses.

    It is the best by these very figures, and the row says so.
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
            (
                f"{max(HORIZONS)} frames from ten, mean PCK@0.05, %, "
                f"{comparison.dimensions(arms, best)} dimensions{others}"
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
    for name, found in arms.items():
        extra = ""
        if name in embedded:
            extra = comparison.extra(arms, name, "mean_mpjpe").text(
                2, sign=True
            )
        rows.append(
            [
                name,
                *(
                    f"{np.mean([comparison.at(r, 'pck', h) for r in found]):.1f}"
                    for h in HORIZONS
                ),
                intervals.of(comparison.at(r, "mean_pck") for r in found).text(
                    1
                ),
                intervals.of(
                    comparison.at(r, "mean_mpjpe") for r in found
                ).text(2),
                extra,
            ]
        )
    return table(header, rows)


def _parts(arms, name, horizon):
    """Intervals of the extra error, its two parts, and what correcting
    leaves of it."""
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
            again = [comparison.at(r, "reconstruction", h) for r in arms[name]]
            parts = _parts(arms, name, h)
            rows.append(
                [
                    comparison.dimensions(arms, name),
                    f"+{h}",
                    intervals.of(again).text(2),
                    *(part.text(2, sign=True) for part in parts),
                ]
            )
    return table(header, rows)


def _compounding(arms, embedded):
    """A sentence an arm: does the extra error grow with the horizon?"""
    last = max(HORIZONS)
    words = {
        1: "it grows",
        -1: "it shrinks",
        0: "that it grows or shrinks cannot be told",
    }
    sentences = []
    for name in embedded:
        growth = comparison.paired(
            arms,
            name,
            lambda r: (
                comparison.at(r, "mpjpe", last) - comparison.at(r, "mpjpe", 1)
            ),
        )
        first, end = (
            comparison.extra(arms, name, "mpjpe", h) for h in (1, last)
        )
        raw = [
            np.mean([comparison.at(r, "mpjpe", h) for r in arms["raw"]])
            for h in (1, last)
        ]
        shares = [100 * x.mean / y for x, y in zip((first, end), raw)]
        sentences.append(
            f"With {comparison.dimensions(arms, name)} dimensions the extra error is "
            f"{first.text(2, sign=True)} % of the box at the next frame "
            f"({shares[0]:+.0f} % of the raw arm's error) and "
            f"{end.text(2, sign=True)} % at frame {last} "
            f"({shares[1]:+.0f} %): {words[comparison.side(growth)]} "
            f"({growth.text(2, sign=True)}).".replace("-", "−")
        )
    return sentences
