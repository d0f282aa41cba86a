"""The section of the page on part 3; see `experiment`."""

import pathlib

import numpy as np

from studies.embedding.classification import gains
from studies.page import curves, intervals
from studies.page.records import by_seed, select, table
from studies.page.templates import fill

PLOT_HEIGHT = 4.2  # Inches.
PLOT = "few_labels.png"
RAW = "LSTM, raw"
FRONT_SHARE = 5  # Percent of the clips, on the front page.
BASELINES = ("nearest neighbour", "logistic regression")


def section(records, folder) -> str:
    """Returns part 3 and writes its plot to `folder`."""
    arms = arms_of(records)
    shares = sorted({share for _, by_share in arms for share in by_share})
    seeds = max(len(seeds) for _, by in arms for seeds in by.values())
    draw(arms, pathlib.Path(folder) / PLOT)
    rows = [
        [name, *(_text(by_share.get(share)) for share in shares)]
        for name, by_share in arms
    ]
    header = ["", *(f"{share:g} % labelled" for share in shares)]
    parts = [
        fill(__file__, "introduction", seeds=seeds),
        table(header, rows),
        "" if select(records, "rockets") else fill(__file__, "no_rockets"),
        fill(__file__, "gains"),
        table(header, _gains(arms, shares)),
        fill(__file__, "plot"),
        fill(__file__, "largest"),
        gains.verdict(records),
    ]
    return "\n\n".join(part for part in parts if part)


def conclusion(records) -> list[str]:
    """Returns the largest gain over all conditions."""
    return [gains.verdict(records)]


def front_rows(records) -> list[list[str]]:
    """Returns a row of whole clips of which few are labelled."""
    row = gains.front_row(records, length=0, labels=FRONT_SHARE)
    arms = dict(arms_of(records))
    for name in _rockets(records):
        row[-1] += f", {name} {_text(arms[name].get(FRONT_SHARE))}"
    return [row]


def arms_of(records):
    """Returns pairs of a name and a dict from share to top-1 by seed."""
    ours = select(
        records, "classification", length=0, split_protocol="official"
    )
    kinds = [({"arm": name}, f"{name}, poses") for name in BASELINES]
    kinds.append(({"arm": "raw"}, RAW))
    shares = {r["options"]["labels"] for r in ours}
    few = min(shares)
    for latent_dim in sorted(
        {
            r["options"]["latent_dim"]
            for r in ours
            if r["options"]["labels"] == few and "latent_dim" in r["options"]
        }
    ):
        kinds += [
            (
                {"arm": arm, "latent_dim": latent_dim},
                f"LSTM, {name} in {latent_dim}",
            )
            for arm, name in gains.EMBEDDED.items()
        ]
    arms = [(name, _by_share(ours, options)) for options, name in kinds]
    rockets = select(records, "rockets")
    arms += [
        (name, _by_share(rockets, {"arm": name})) for name in _rockets(records)
    ]
    return [(name, by_share) for name, by_share in arms if by_share]


def _rockets(records):
    return sorted({r["options"]["arm"] for r in select(records, "rockets")})


def _by_share(records, options):
    rows = [
        r
        for r in records
        if all(r["options"].get(key) == value for key, value in options.items())
    ]
    return {
        share: by_seed(
            [r for r in rows if r["options"]["labels"] == share], "top1"
        )
        for share in sorted({r["options"]["labels"] for r in rows})
    }


def _text(values):
    return intervals.of(values.values()).text() if values else ""


def _gains(arms, shares):
    raw = dict(arms)[RAW]
    rows = []
    for name, by_share in arms:
        if name == RAW:
            continue
        row = [name]
        for share in shares:
            top1 = by_share.get(share, {})
            same_seeds = set(top1) == set(raw[share])
            row.append(
                intervals.paired(top1, raw[share]).bold() if same_seeds else ""
            )
        rows.append(row)
    return rows


def draw(arms, path):
    """Plots top-1 over the share of labels, a line per arm."""
    figure = curves.new_figure(PLOT_HEIGHT)
    panel = figure.add_subplot()
    curves.tidy(panel)
    for k, (name, by_share) in enumerate(arms):
        means = [intervals.of(by_share[s].values()) for s in by_share]
        panel.errorbar(
            list(by_share),
            [interval.mean for interval in means],
            np.nan_to_num([interval.half for interval in means]),
            label=name,
            capsize=2,
            marker="o",
            markersize=3,
            linewidth=1.2,
            **curves.style(k),
        )
    panel.set_xscale("log")
    shares = sorted({share for _, by_share in arms for share in by_share})
    panel.set_xticks(shares, [f"{share:g} %" for share in shares])
    panel.minorticks_off()
    panel.set_xlabel("training clips that are labelled")
    panel.set_ylabel("top-1 of test clips, %")
    figure.legend(**curves.LEGEND)
    curves.save(figure, path)
