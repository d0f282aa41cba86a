"""What embedding gains over raw poses, over all conditions that compare them."""

import dataclasses

from studies.embedding.reproduction import conditions
from studies.page import intervals, words
from studies.page.records import by_seed, select

WANTED = 7.0  # Points that the seed reported.
FRONT_DIMENSION = 20  # Of the embedding on the front page: that of the preset.
EMBEDDED = {"embedding": "embedded", "sampled": "embedded, sampled"}


@dataclasses.dataclass(frozen=True)
class Gain:
    """The top-1 of an embedded arm less that of the raw one.

    Attributes:
        arm: `embedding` or `sampled`.
        latent_dim: Of the embedding.
        length: Frames a window; 0 for whole clips.
        labels: Percent of the training clips that were labelled.
        raw: Top-1 of the raw arm, percent.
        gain: Paired difference over seeds, points.
        values: The differences, one a seed.
        setting: What else tells the condition, in words.
    """

    arm: str
    latent_dim: int
    length: int
    labels: float
    raw: intervals.Interval
    gain: intervals.Interval
    values: tuple[float, ...]
    setting: str = ""

    def condition(self) -> str:
        """In words, such as `whole clips, 5 % labelled, 20 dimensions`."""
        return (
            f"{words.of_length(self.length)}, {self.labels:g} % of the training "
            f"clips labelled, {EMBEDDED[self.arm]} in {self.latent_dim} "
            f"dimensions{self.setting}"
        )


def found(records) -> list[Gain]:
    """The gain of every embedded arm of parts 2 and 3, largest first.

    Only seeds that both arms have count.
    """
    conditions = {
        tuple(record["options"][key] for key in _KEYS)
        for arm in EMBEDDED
        for record in select(
            records, "classification", arm=arm, protocol="official"
        )
    }
    gains = [_gain(records, *condition) for condition in conditions]
    return sorted(gains, key=lambda g: (-g.gain.mean, g.condition()))


_KEYS = ("arm", "latent_dim", "length", "labels")


def _gain(records, arm, latent_dim, length, labels):
    asked = {"length": length, "labels": labels, "protocol": "official"}
    raw = by_seed(select(records, "classification", arm="raw", **asked), "top1")
    embedded = by_seed(
        select(
            records, "classification", arm=arm, latent_dim=latent_dim, **asked
        ),
        "top1",
    )
    return _of(
        raw,
        embedded,
        arm=arm,
        latent_dim=latent_dim,
        length=length,
        labels=labels,
    )


def reproduced(records) -> list[Gain]:
    """The gains of part 1 with all confounders put right."""
    gains = []
    for name in (conditions.ALL, conditions.ALL_LONGER):
        condition = conditions.CONDITIONS[name]
        raw, embedded = (
            conditions.top1(records, condition, arm) for arm in conditions.ARMS
        )
        if not set(raw) & set(embedded):
            continue
        needed = select(records, "reproduction", arm="vae")
        epochs = conditions.base_epochs(records) * condition["times"]
        gains.append(
            _of(
                raw,
                embedded,
                arm="embedding",
                latent_dim=needed[0]["options"]["config"]["latent_dim"],
                length=1,
                labels=100,
                setting=(
                    f", with part 1's network, scaling and {words.of_epochs(epochs)}"
                ),
            )
        )
    return gains


def _of(raw, embedded, **condition):
    """The `Gain` of figures by seed; only seeds that both have count."""
    seeds = sorted(set(raw) & set(embedded))
    values = tuple(embedded[seed] - raw[seed] for seed in seeds)
    return Gain(
        raw=intervals.of(raw[seed] for seed in seeds),
        gain=intervals.of(values),
        values=values,
        **condition,
    )


def verdict(records) -> str:
    """Whether a gain reaches `WANTED` clear of zero; a paragraph.

    Only conditions count whose arms differ in the input alone.

    The largest of many conditions is in part luck: its interval is given for
    all of them at once, too (Bonferroni).
    """
    gains = found(records) + reproduced(records)
    gains.sort(key=lambda g: (-g.gain.mean, g.condition()))
    clear = [g for g in gains if g.gain.low > 0]
    reached = [g for g in clear if g.gain.mean >= WANTED]
    best = (reached or clear or gains)[0]
    corrected = intervals.of(best.values, comparisons=len(gains))
    if reached:
        opening = (
            f"In {len(reached)} of {len(gains)} conditions embedding gains "
            f"{WANTED:g} points or more over raw poses on the official split, "
            "with a 95 % interval clear of zero. The largest:"
        )
    else:
        opening = (
            f"In none of {len(gains)} conditions does embedding gain "
            f"{WANTED:g} points over raw poses on the official split with a "
            "95 % interval clear of zero. The largest gain"
            f"{' that is clear of zero' if clear else ''}:"
        )
    held = "still clear" if corrected.low > 0 else "not clear"
    text = (
        f"{opening} **{best.gain.text(sign=True)} points** over "
        f"{best.raw.text()} %, {best.condition()}. It was searched for among "
        f"{len(gains)} conditions; with an interval that holds for all of "
        f"them at once ({corrected.text(sign=True)}) it is {held} of zero."
    )
    if not best.setting or not (others := found(records)):
        return text
    return (
        f"{text} With the network and the normalisation by torso of parts 2 "
        f"and 3, the largest gain is {others[0].gain.text(sign=True)} points "
        f"over {others[0].raw.text()} %, {others[0].condition()}."
    )


def front_row(records, *, length, labels, arm="embedding") -> list[str]:
    """A row of `report.front_table`, in percent of windows or clips."""
    (gain,) = (
        gain
        for gain in found(records)
        if (gain.arm, gain.latent_dim) == (arm, FRONT_DIMENSION)
        and (gain.length, gain.labels) == (length, labels)
    )
    asked = {"length": length, "labels": labels, "protocol": "official"}
    embedded, nearest = (
        by_seed(select(records, "classification", **asked, **kind), "top1")
        for kind in (
            {"arm": arm, "latent_dim": FRONT_DIMENSION},
            {"arm": "nearest neighbour"},
        )
    )
    share = "all" if labels == 100 else f"{labels:g} %"
    return [
        (
            f"action of {words.of_length(length)}, {share} of the clips labelled, "
            "top-1 %"
        ),
        gain.raw.text(),
        intervals.of(embedded.values()).text(),
        gain.gain.text(sign=True),
        f"nearest neighbour {intervals.of(nearest.values()).text()}",
    ]
