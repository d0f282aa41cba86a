"""What the page says of part 1; see `reproduction`."""

from studies.embedding.reproduction.conditions import (
    ALL,
    ALL_LONGER,
    ARMS,
    BASELINES,
    CONDITIONS,
    LINEAR,
    base_epochs,
    top1,
)
from studies.page import intervals, words
from studies.page.records import select, table

NAME = "reproduction"
INTRODUCTION = """\
## 1. The seed's experiment, repeated

One frame, 15 actions, four LSTMs of 100 units, poses over the size of the \
picture, and the embedding of {latent_dim} dimensions. *As the seed did*: \
frames are shuffled and cut 80/20, so that frames of a clip stand on both \
sides (`leaky_frames`); the raw arm is trained with random shifts and the \
embedded one without; the scaler knows all frames; the embedding is by an \
autoencoder. Then each of the four is put right alone, and all of them. Top-1 \
of the test frames in percent; ± are 95 % intervals over {seeds} seeds, gains \
are paired by seed. We train for {epochs}, and do not know for how many the \
seed did: so the last row trains both arms longer.
"""
WHITENED = """\
*Whitened* are raw poses rotated to their principal components, each of unit \
variance: an embedding, but a linear one, for the same LSTMs. It gains \
{linear} points over raw poses, and {linear_longer} with {times} times the \
epochs; the VAE gains {vae} and {vae_longer} over it. This control, and the \
longer training, were added when the other figures of this part were known.
"""
FIRST = "as the seed did"


def section(records, folder) -> str:
    """Part 1: the table, and what follows from it."""
    del folder
    rows, found = [], {}
    for name, condition in CONDITIONS.items():
        raw, embedded = (top1(records, condition, a) for a in ARMS)
        found[name] = {seed: embedded[seed] - raw[seed] for seed in raw}
        gain = intervals.of(found[name].values())
        change = ""
        if len(found) > 1:
            first = next(iter(found.values()))
            change = intervals.paired(found[name], first).text(sign=True)
        rows.append(
            [
                name,
                intervals.of(raw.values()).text(),
                intervals.of(embedded.values()).text(),
                gain.text(sign=True),
                change,
            ]
        )
    header = ["", "raw", "embedding", "gain", "change of the gain"]
    needed = select(records, NAME, arm="vae")
    return "\n\n".join(
        [
            INTRODUCTION.format(
                latent_dim=needed[0]["options"]["config"]["latent_dim"],
                epochs=words.of_epochs(base_epochs(records)),
                seeds=len(found[ALL]),
            ).strip(),
            table(header, rows),
            "Trivial baselines on the same frames:",
            _baselines(records),
            WHITENED.format(
                linear=_gain(records, ALL, LINEAR, "raw"),
                linear_longer=_gain(records, ALL_LONGER, LINEAR, "raw"),
                vae=_gain(records, ALL, "embedding", LINEAR),
                vae_longer=_gain(records, ALL_LONGER, "embedding", LINEAR),
                times=CONDITIONS[ALL_LONGER]["times"],
            ).strip(),
        ]
    )


def conclusion(records) -> list[str]:
    """The seed's gain, as it was made and put right."""
    first, last, longer = (
        _gain(records, name, "embedding", "raw")
        for name in (FIRST, ALL, ALL_LONGER)
    )
    linear, linear_longer = (
        _gain(records, name, LINEAR, "raw") for name in (ALL, ALL_LONGER)
    )
    nearest = _baseline(records, FIRST, "nearest neighbour", "raw")
    return [
        (
            f"Made as the seed made it, the embedding gains "
            f"{first} points over raw frames; with all four confounders put "
            f"right, {last}, and {longer} if both arms then train "
            f"{CONDITIONS[ALL_LONGER]['times']} times as long. On the seed's "
            f"split the nearest neighbour has {nearest} %: it measures memory."
        ),
        (
            f"A linear embedding of the same frames, whitened poses, gains "
            f"{linear} and {linear_longer}: what the VAE's embedding adds to "
            f"that is {_gain(records, ALL, 'embedding', LINEAR)} and "
            f"{_gain(records, ALL_LONGER, 'embedding', LINEAR)} points."
        ),
    ]


def front_rows(records) -> list[list[str]]:
    """The seed's experiment with all confounders put right."""
    raw, embedded, linear = (
        top1(records, CONDITIONS[ALL], arm) for arm in (*ARMS, LINEAR)
    )
    nearest = _baseline(records, ALL, "nearest neighbour", "raw")
    return [
        [
            (
                "action of single frames, the seed's network and scaling, all "
                "of the clips labelled, top-1 %"
            ),
            intervals.of(raw.values()).text(),
            intervals.of(embedded.values()).text(),
            intervals.paired(embedded, raw).text(sign=True),
            (
                f"nearest neighbour {nearest}, whitened poses "
                f"{intervals.of(linear.values()).text()}"
            ),
        ]
    ]


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


def _gain(records, name, ours, theirs) -> str:
    """What an arm gains over another in a condition, points, paired."""
    arms = (top1(records, CONDITIONS[name], arm) for arm in (ours, theirs))
    return intervals.paired(*arms).text(sign=True)


def _baseline(records, condition, name, arm):
    asked = CONDITIONS[condition]
    (record,) = select(
        records,
        NAME,
        arm=arm,
        model=name,
        protocol=asked["protocol"],
        shift=asked["shifts"][arm],
        scaler=asked["scaler"],
    )
    return f"{record['figures']['top1']:.1f}"
