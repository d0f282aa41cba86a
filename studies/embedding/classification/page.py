"""What the page says of part 2; see `classification`."""

import pathlib

import numpy as np

from studies.embedding.classification import actions, dimensions, gains
from studies.page import intervals, words
from studies.page.records import by_seed, select, table

NAME = "classification"
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
    ours, lengths = _labelled(records)
    folder = pathlib.Path(folder)
    dimensions.draw_gains(records, lengths, folder / "classification_gain.png")
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
            (
                "Which dimension is best, by these very figures, and which are "
                "worse, by intervals that hold for all others of a length at "
                "once:"
            ),
            *(optimum(ours, length) for length in lengths),
            (
                "<details><summary>Macro-F1</summary>\n\n"
                f"{scores_table(ours, lengths, 'macro_f1')}\n\n</details>"
            ),
            *(
                actions.section(ours, length, folder)
                for length in shown(lengths)
            ),
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
        ),
        _enough(*_labelled(records)),
    ]


def _labelled(records):
    """The records of this part, and its lengths, whole clips last."""
    ours = select(records, NAME, labels=100, protocol="official")
    lengths = {
        r["options"]["length"] for r in select(ours, NAME, arm="embedding")
    }
    return ours, sorted(lengths, key=lambda length: length or np.inf)


def _enough(ours, lengths):
    """From which dimension the best one of a length cannot be told."""
    texts = []
    for length in lengths:
        arms = dimensions.embedded(ours, length)
        worse = dimensions.worse(arms)
        enough = min(z for z in arms if z not in worse)
        texts.append(f"{enough} ({words.of_length(length)})")
    return (
        "The smallest embedding that cannot be told from the best one has "
        f"dimensions: {', '.join(texts)}."
    )


def front_rows(records) -> list[list[str]]:
    """Single frames and whole clips, all labelled."""
    return [
        gains.front_row(records, length=length, labels=100) for length in (1, 0)
    ]


def shown(lengths):
    """The lengths whose actions are shown: the shortest and the longest."""
    return [lengths[0], lengths[-1]] if len(lengths) > 1 else lengths


def scores_table(ours, lengths, figure):
    """A row an arm, a column a length."""
    arms = [{"arm": "nearest neighbour"}, {"arm": "logistic regression"}]
    arms += [{"arm": "raw"}]
    arms += [
        {"arm": "embedding", "latent_dim": z}
        for z in dimensions.embedded(ours, lengths[0])
    ]
    rows = []
    for arm in arms:
        rows.append([_name(arm)])
        for length in lengths:
            found = select(ours, NAME, length=length, **arm)
            rows[-1].append(
                intervals.of(by_seed(found, figure).values()).text()
            )
    return table(["", *map(dimensions.column, lengths)], rows)


def _name(arm):
    if "latent_dim" in arm:
        return f"LSTM, embedding of {arm['latent_dim']}"
    return "LSTM, raw" if arm["arm"] == "raw" else f"{arm['arm']}, poses"


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
    return table(["", *map(dimensions.column, lengths)], rows)


def optimum(ours, length) -> str:
    """Which dimension is best, and from which it can be told apart."""
    arms = dimensions.embedded(ours, length)
    best = dimensions.best(arms)
    worse = dimensions.worse(arms)
    open_ = [z for z in arms if z not in (best, *worse)]
    text = (
        f"*{words.of_length(length).capitalize()}*: best in {best} dimensions"
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
