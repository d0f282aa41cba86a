"""The section of the page on part 2; see `experiment`."""

import pathlib

import numpy as np

from studies.embedding.classification import actions, dimensions, gains
from studies.page import intervals, words
from studies.page.records import by_seed, select, table
from studies.page.templates import fill

NAME = "classification"
PLOT = "classification_gain.png"
BASELINES = ("nearest neighbour", "logistic regression")
FRONT_LENGTHS = (1, 0)
# The template that says how top-1 depends on the dimension, by whether the
# lowest and the highest dimension are clearly worse than the best one.
SHAPES = {
    (True, True): "peak",
    (True, False): "rise",
    (False, True): "fall",
    (False, False): "flat",
}


def section(records, folder) -> str:
    """Returns part 2 and writes its plots to `folder`."""
    ours, lengths = _labelled(records)
    folder = pathlib.Path(folder)
    dimensions.draw_gains(records, lengths, folder / PLOT)
    raw = select(ours, NAME, arm="raw", length=lengths[0])
    return "\n\n".join(
        [
            fill(
                __file__,
                "introduction",
                seeds=len(raw),
                stride=raw[0]["options"]["stride"],
            ),
            scores_table(ours, lengths, "top1"),
            fill(__file__, "gains"),
            gains_table(records, lengths),
            fill(__file__, "gains_plot"),
            fill(__file__, "optimum"),
            *(optimum(ours, length) for length in lengths),
            fill(
                __file__,
                "macro_f1",
                table=scores_table(ours, lengths, "macro_f1"),
            ),
            *(
                actions.section(ours, length, folder)
                for length in _ends(lengths)
            ),
        ]
    )


def conclusion(records) -> list[str]:
    """Returns what embedding does with all labels."""
    full = [
        gain
        for gain in gains.all_gains(records)
        if gain.labels == 100 and gain.arm == "embedding"
    ]
    clear = [gain for gain in full if gain.gain.clear_of_zero]
    gaining = sum(gain.gain.mean > 0 for gain in clear)
    best, worst = full[0], full[-1]
    return [
        fill(
            __file__,
            "range",
            lowest=worst.gain.text(sign=True),
            worst_condition=worst.condition(),
            highest=best.gain.text(sign=True),
            best_condition=best.condition(),
            count=len(full),
            gaining=gaining,
            losing=len(clear) - gaining,
        ),
        _enough(*_labelled(records)),
    ]


def front_rows(records) -> list[list[str]]:
    """Returns rows of single frames and of whole clips, all labelled."""
    return [
        gains.front_row(records, length=length, labels=100)
        for length in FRONT_LENGTHS
    ]


def _labelled(records):
    """Returns the records of this part, and its lengths, whole clips last."""
    ours = select(records, NAME, labels=100, split_protocol="official")
    lengths = {
        r["options"]["length"] for r in select(ours, NAME, arm="embedding")
    }
    return ours, sorted(lengths, key=lambda length: length or np.inf)


def _enough(ours, lengths):
    """Returns the least dimension of each length that may be the best."""
    texts = []
    for length in lengths:
        arms = dimensions.embedded(ours, length)
        worse = dimensions.worse(arms)
        enough = min(z for z in arms if z not in worse)
        texts.append(f"{enough} ({words.of_length(length)})")
    return fill(__file__, "enough", dimensions=", ".join(texts))


def _ends(lengths):
    """Returns the shortest and the longest length."""
    return [lengths[0], lengths[-1]] if len(lengths) > 1 else lengths


def scores_table(ours, lengths, metric) -> str:
    """Returns a table of a metric: a row per arm, a column per length."""
    arms: list[dict] = [{"arm": name} for name in (*BASELINES, "raw")]
    arms += [
        {"arm": "embedding", "latent_dim": z}
        for z in dimensions.embedded(ours, lengths[0])
    ]
    rows = []
    for arm in arms:
        rows.append([_name(arm)])
        for length in lengths:
            values = by_seed(select(ours, NAME, length=length, **arm), metric)
            rows[-1].append(intervals.of(values.values()).text())
    return table(["", *map(dimensions.column, lengths)], rows)


def _name(arm):
    if "latent_dim" in arm:
        return f"LSTM, embedding of {arm['latent_dim']}"
    return "LSTM, raw" if arm["arm"] == "raw" else f"{arm['arm']}, poses"


def gains_table(records, lengths) -> str:
    """Returns a table of gains: a row per dimension, a column per length."""
    gain_of = {
        (gain.latent_dim, gain.length): gain.gain
        for gain in gains.all_gains(records)
        if gain.labels == 100 and gain.arm == "embedding"
    }
    rows = []
    for latent_dim in sorted({latent_dim for latent_dim, _ in gain_of}):
        row = [f"embedding of {latent_dim}"]
        for length in lengths:
            gain = gain_of.get((latent_dim, length))
            row.append(gain.bold() if gain else "")
        rows.append(row)
    return table(["", *map(dimensions.column, lengths)], rows)


def optimum(ours, length) -> str:
    """Returns which dimension is best, and which are clearly worse."""
    arms = dimensions.embedded(ours, length)
    best = dimensions.best(arms)
    worse = dimensions.worse(arms)
    others = [z for z in arms if z not in (best, *worse)]
    length_in_words = words.of_length(length).capitalize()
    text = fill(__file__, "best", length=length_in_words, best=best)
    if others:
        text += fill(__file__, "others", others=_listed(others))
    if worse:
        text += fill(__file__, "worse", worse=_listed(worse))
    shape = SHAPES[min(arms) in worse, max(arms) in worse]
    return f"{text}. {fill(__file__, shape)}"


def _listed(numbers):
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last
