"""What the page says of part 1; see `reproduction`."""

from studies import intervals
from studies.confounders import ARMS, BASELINES, CONDITIONS
from studies.records import by_seed, select, table

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
are paired by seed. We train for {epochs} epochs, and do not know for how many \
the seed did.
"""


def section(records, folder) -> str:
    """Part 1: the table, and what follows from it."""
    del folder
    rows, gains = [], {}
    for name, condition in CONDITIONS.items():
        raw, embedded = (_top1(records, condition, a) for a in ARMS)
        gains[name] = {seed: embedded[seed] - raw[seed] for seed in raw}
        gain = intervals.of(gains[name].values())
        change = ""
        if len(gains) > 1:
            first = next(iter(gains.values()))
            change = intervals.paired(gains[name], first).text(sign=True)
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
    example = select(records, NAME, model="LSTMs", arm="embedding")
    needed = select(records, NAME, arm="vae")
    return "\n\n".join(
        [
            INTRODUCTION.format(
                latent_dim=needed[0]["options"]["config"]["latent_dim"],
                epochs=example[0]["options"]["config"]["num_epochs"],
                seeds=len(gains["all four"]),
            ).strip(),
            table(header, rows),
            "Trivial baselines on the same frames:",
            _baselines(records),
        ]
    )


def conclusion(records) -> list[str]:
    """The seed's gain, as it was made and put right."""
    first, last = (
        intervals.paired(
            _top1(records, CONDITIONS[name], "embedding"),
            _top1(records, CONDITIONS[name], "raw"),
        )
        for name in ("as the seed did", "all four")
    )
    nearest = _baseline(records, "as the seed did", "nearest neighbour", "raw")
    return [
        (
            f"Made as the seed made it, the embedding gains "
            f"{first.text(sign=True)} points over raw frames; with all four "
            f"confounders put right, {last.text(sign=True)}. On the seed's split "
            f"the nearest neighbour has {nearest} %: it measures memory."
        )
    ]


def _top1(records, condition, arm):
    asked = {
        "protocol": condition["protocol"],
        "shift": condition["shifts"][arm],
        "scaler": condition["scaler"],
        "model": "LSTMs",
        "arm": arm,
    }
    if arm == "embedding":
        asked["is_vae"] = condition["is_vae"]
    return by_seed(select(records, NAME, **asked), "top1")


def _baselines(records):
    conditions = ("as the seed did", "all four")
    rows = [
        [f"{name}, {arm}"]
        + [_baseline(records, condition, name, arm) for condition in conditions]
        for name, arms in BASELINES.items()
        for arm in arms
    ]
    return table(["", *conditions], rows)


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
