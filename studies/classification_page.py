"""What the page says of part 2; see `classification`."""

import pathlib

import numpy as np

from pose_tf import charts
from pose_tf.datasets.penn_action.annotations import ACTIONS
from studies import curves, gains, intervals
from studies.records import by_seed, select, table

NAME = "classification"
PLOT_HEIGHT = 3.6  # Inches.
INTRODUCTION = """\
## 2. Classification

Official split; top-1 of the test windows in percent (`T` frames each, one \
every {stride} frames) or of the test clips. The arms differ in the \
classifier's input alone: split, augmentation, normalisation, classifier, \
optimiser, budget and seeds are the same. Each seed has a VAE of its own. \
± are 95 % intervals over {seeds} seeds; they say what another seed would \
change, not what other clips would.
"""


def section(records, folder) -> str:
    """Part 2, with its plots."""
    ours = select(records, NAME, labels=100, protocol="official")
    folder = pathlib.Path(folder)
    lengths = sorted(
        {r["options"]["length"] for r in select(ours, NAME, arm="embedding")},
        key=lambda length: length or np.inf,
    )
    draw_gains(records, lengths, folder / "classification_gain.png")
    raw = select(ours, NAME, arm="raw", length=lengths[0])
    return "\n\n".join(
        [
            INTRODUCTION.format(
                seeds=len(raw), stride=raw[0]["options"]["stride"]
            ).strip(),
            scores_table(ours, lengths, "top1"),
            (
                "What embedding gains over raw poses, points, paired by seed; "
                "bold where the interval is clear of zero:"
            ),
            gains_table(records, lengths),
            (
                "![Gain of the embedding over raw poses by its dimension]"
                "(classification_gain.png)"
            ),
            *(optimum(ours, length) for length in lengths),
            (
                "<details><summary>Macro-F1</summary>\n\n"
                f"{scores_table(ours, lengths, 'macro_f1')}\n\n</details>"
            ),
            *(actions(ours, length, folder) for length in shown(lengths)),
        ]
    )


def conclusion(records) -> list[str]:
    """What embedding does with all labels: its best and worst arm."""
    full = [
        gain
        for gain in gains.found(records)
        if gain.labels == 100 and gain.arm == "embedding"
    ]
    clear = [gain for gain in full if gain.gain.clear_of_zero]
    better = sum(gain.gain.mean > 0 for gain in clear)
    return [
        (
            f"With all labels, embedding changes top-1 by "
            f"{full[-1].gain.text(sign=True)} ({full[-1].condition()}) to "
            f"{full[0].gain.text(sign=True)} points ({full[0].condition()}). Of "
            f"{len(full)} conditions {better} gain and {len(clear) - better} lose "
            "with an interval clear of zero."
        )
    ]


def front_rows(records) -> list[list[str]]:
    """Single frames and whole clips, all labelled."""
    return [
        gains.front_row(records, length=length, labels=100) for length in (1, 0)
    ]


def shown(lengths):
    """The lengths whose actions are shown: the shortest and the longest."""
    return [lengths[0], lengths[-1]] if len(lengths) > 1 else lengths


def dimensions(ours, length):
    """Latent dimensions of a length's embedded arms."""
    rows = select(ours, NAME, arm="embedding", length=length)
    return sorted({row["options"]["latent_dim"] for row in rows})


def scores_table(ours, lengths, figure):
    """A row an arm, a column a length."""
    arms = [{"arm": "nearest neighbour"}, {"arm": "logistic regression"}]
    arms += [{"arm": "raw"}]
    arms += [
        {"arm": "embedding", "latent_dim": z}
        for z in dimensions(ours, lengths[0])
    ]
    rows = []
    for arm in arms:
        rows.append([_name(arm)])
        for length in lengths:
            found = select(ours, NAME, length=length, **arm)
            rows[-1].append(
                intervals.of(by_seed(found, figure).values()).text()
            )
    return table(["", *map(_column, lengths)], rows)


def _name(arm):
    if "latent_dim" in arm:
        return f"LSTM, embedding of {arm['latent_dim']}"
    return "LSTM, raw" if arm["arm"] == "raw" else f"{arm['arm']}, poses"


def _column(length):
    return f"T = {length}" if length else "clip"


def gains_table(records, lengths):
    """A row a dimension, a column a length."""
    of = {
        (gain.latent_dim, gain.length): gain.gain
        for gain in gains.found(records)
        if gain.labels == 100 and gain.arm == "embedding"
    }
    rows = []
    for latent_dim in sorted({latent_dim for latent_dim, _ in of}):
        row = [f"embedding of {latent_dim}"]
        for length in lengths:
            gain = of.get((latent_dim, length))
            text = gain.text(sign=True) if gain else ""
            clear = gain is not None and gain.clear_of_zero
            row.append(f"**{text}**" if clear else text)
        rows.append(row)
    return table(["", *map(_column, lengths)], rows)


def optimum(ours, length) -> str:
    """Which dimension is best, and from which it can be told apart."""
    arms = {
        z: by_seed(
            select(ours, NAME, arm="embedding", latent_dim=z, length=length),
            "top1",
        )
        for z in dimensions(ours, length)
    }
    best = max(arms, key=lambda z: intervals.of(arms[z].values()).mean)
    worse = [
        z
        for z in arms
        if z != best and intervals.paired(arms[best], arms[z]).low > 0
    ]
    open_ = [z for z in arms if z not in (best, *worse)]
    text = (
        f"*{gains.of_length(length).capitalize()}*: best in {best} dimensions"
    )
    if open_:
        text += f"; the intervals cannot tell it from {_listed(open_)}"
    if worse:
        text += f"; clearly worse are {_listed(worse)}"
    below, above = min(arms) in worse, max(arms) in worse
    if below and above:
        return f"{text}. So there is an optimum between the ends."
    if below:
        return f"{text}. So accuracy rises with the dimension and levels off."
    if above:
        return f"{text}. So more dimensions are worse."
    return f"{text}. So no optimum shows."


def _listed(numbers):
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last


def draw_gains(records, lengths, path):
    """Gain over dimension, a line a length."""
    figure = curves.new_figure(PLOT_HEIGHT)
    panel = figure.add_subplot()
    curves.tidy(panel)
    panel.axhline(0, color="black", linewidth=0.8)
    for k, length in enumerate(lengths):
        ours = sorted(
            (g.latent_dim, g.gain.mean, np.nan_to_num(g.gain.half))
            for g in gains.found(records)
            if (g.labels, g.length, g.arm) == (100, length, "embedding")
        )
        x, mean, half = np.transpose(ours)
        panel.errorbar(
            # Beside each other, so that no bar hides another.
            x * 1.02 ** (k - len(lengths) / 2),
            mean,
            half,
            label=_column(length),
            capsize=2,
            marker="o",
            markersize=3,
            linewidth=1.2,
            **curves.style(k),
        )
    panel.set_xscale("log", base=2)
    panel.set_xticks(x, [f"{z:g}" for z in x])
    panel.minorticks_off()
    panel.set_xlabel("dimensions of the embedding")
    panel.set_ylabel("top-1 less that of raw poses, points")
    figure.legend(
        loc="outside right upper", frameon=False, fontsize=curves.FONT_SIZE
    )
    curves.save(figure, path)


def actions(ours, length, folder) -> str:
    """Effects a class, and confusion matrices, of raw and best embedding."""
    raw = select(ours, NAME, arm="raw", length=length)
    best = max(
        dimensions(ours, length),
        key=lambda z: np.mean(
            list(
                by_seed(
                    select(
                        ours,
                        NAME,
                        arm="embedding",
                        latent_dim=z,
                        length=length,
                    ),
                    "top1",
                ).values()
            )
        ),
    )
    embedded = select(
        ours, NAME, arm="embedding", latent_dim=best, length=length
    )
    pictures = []
    for name, rows in (("raw", raw), ("embedding", embedded)):
        counts = sum(np.array(row["figures"]["confusion"]) for row in rows)
        file = f"confusion_{_column(length).replace(' = ', '')}_{name}.png"
        charts.confusion_matrix(counts, ACTIONS, folder / file)
        pictures.append(f"![Confusions of the {name} arm]({file})")
    return "\n\n".join(
        [
            f"### {gains.of_length(length).capitalize()} by action",
            (
                f"Recall in percent: raw poses and the embedding of {best}, the "
                "best one here (chosen by these very figures)."
            ),
            _recalls(raw, embedded),
            "<details><summary>Confusion matrices, all seeds together"
            "</summary>\n\n" + "\n\n".join(pictures) + "\n\n</details>",
        ]
    )


def _recalls(raw, embedded):
    ours, theirs = ({r["seed"]: _recall(r) for r in a} for a in (embedded, raw))
    rows = []
    for k, action in enumerate(ACTIONS):
        columns = [
            {seed: values[k] for seed, values in arm.items()}
            for arm in (theirs, ours)
        ]
        gain = intervals.paired(columns[1], columns[0])
        text = gain.text(sign=True)
        rows.append(
            [
                action.replace("_", " "),
                *(intervals.of(c.values()).text() for c in columns),
                f"**{text}**" if gain.clear_of_zero else text,
            ]
        )
    return table(["action", "raw", "embedding", "difference"], rows)


def _recall(record):
    counts = np.array(record["figures"]["confusion"], float)
    return 100 * np.diag(counts) / np.maximum(counts.sum(1), 1)
