"""What the page says of part 3; see `few_labels`."""

import pathlib

import numpy as np

from studies.embedding.classification import gains
from studies.page import curves, intervals
from studies.page.records import by_seed, select, table

PLOT_HEIGHT = 4.2  # Inches.
INTRODUCTION = """\
## 3. Few labels

Whole clips, official split; top-1 of the test clips in percent. A share of \
each action's training clips is labelled, at least one, drawn by seed; all \
arms share the draws. The VAEs see all training poses, without labels; the \
budget of steps is the same for all. *Sampled* embeds by samples of the \
posterior in training, by its mean in the test. ± are 95 % intervals over \
{seeds} draws and seeds.
"""
FRONT_SHARE = 5  # Percent of the clips, on the front page.
NO_ROCKETS = (
    "MiniRocket and MultiRocketHydra are left out: their package, aeon, was "
    "not installed."
)
BASELINES = ("nearest neighbour", "logistic regression")


def section(records, folder) -> str:
    """Part 3, with its plot."""
    arms = arms_of(records)
    shares = sorted({share for _, by_share in arms for share in by_share})
    seeds = max(len(seeds) for _, by in arms for seeds in by.values())
    draw(arms, pathlib.Path(folder) / "few_labels.png")
    rows = [
        [name, *(_text(by_share.get(share)) for share in shares)]
        for name, by_share in arms
    ]
    header = ["", *(f"{share:g} % labelled" for share in shares)]
    parts = [
        INTRODUCTION.format(seeds=seeds).strip(),
        table(header, rows),
        "" if select(records, "rockets") else NO_ROCKETS,
        (
            "Gains over the raw arm, points, paired; bold where the interval is "
            "clear of zero:"
        ),
        table(header, _gains(arms, shares)),
        "![Top-1 over the share of labelled clips](few_labels.png)",
        "### The largest gain of an embedding",
        gains.verdict(records),
    ]
    return "\n\n".join(part for part in parts if part)


def conclusion(records) -> list[str]:
    """The largest gain over all conditions."""
    return [gains.verdict(records)]


def front_rows(records) -> list[list[str]]:
    """Whole clips, of which few are labelled."""
    row = gains.front_row(records, length=0, labels=FRONT_SHARE)
    arms = dict(arms_of(records))
    for name in _rockets(records):
        row[-1] += f", {name} {_text(arms[name].get(FRONT_SHARE))}"
    return [row]


def arms_of(records):
    """Pairs of a name and a dict from share to top-1 by seed."""
    ours = select(records, "classification", length=0, protocol="official")
    kinds = [({"arm": name}, f"{name}, poses") for name in BASELINES]
    kinds.append(({"arm": "raw"}, "LSTM, raw"))
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
    arms = [(name, _by_share(ours, asked)) for asked, name in kinds]
    rockets = select(records, "rockets")
    arms += [
        (name, _by_share(rockets, {"arm": name})) for name in _rockets(records)
    ]
    return [(name, by_share) for name, by_share in arms if by_share]


def _rockets(records):
    return sorted({r["options"]["arm"] for r in select(records, "rockets")})


def _by_share(records, asked):
    rows = [
        r
        for r in records
        if all(r["options"].get(key) == value for key, value in asked.items())
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
    raw = dict(arms)["LSTM, raw"]
    rows = []
    for name, by_share in arms:
        if name == "LSTM, raw":
            continue
        row = [name]
        for share in shares:
            ours, theirs = by_share.get(share, {}), raw[share]
            if set(ours) != set(theirs):
                row.append("")
                continue
            gain = intervals.paired(ours, theirs)
            text = gain.text(sign=True)
            row.append(f"**{text}**" if gain.clear_of_zero else text)
        rows.append(row)
    return rows


def draw(arms, path):
    """Top-1 over the share of labels, a line an arm."""
    figure = curves.new_figure(PLOT_HEIGHT)
    panel = figure.add_subplot()
    curves.tidy(panel)
    for k, (name, by_share) in enumerate(arms):
        found = [intervals.of(by_share[s].values()) for s in by_share]
        panel.errorbar(
            list(by_share),
            [interval.mean for interval in found],
            np.nan_to_num([interval.half for interval in found]),
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
