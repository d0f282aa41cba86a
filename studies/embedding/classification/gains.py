"""The gains of embedding over raw poses, in all conditions that compare them."""

import dataclasses

from studies.embedding.reproduction import conditions
from studies.page import intervals, words
from studies.page.records import by_seed, select
from studies.page.templates import fill

WANTED = 7.0  # Points that the original reported.
FRONT_DIMENSION = 20  # Of the embedding on the front page: that of the preset.
_KEYS = ("arm", "latent_dim", "length", "labels")
EMBEDDED = {"embedding": "embedded", "sampled": "embedded, sampled"}


@dataclasses.dataclass(frozen=True)
class Gain:
    """The top-1 of an embedded arm minus that of the raw one.

    Attributes:
        arm: `embedding` or `sampled`.
        latent_dim: Latent dimensions of the embedding.
        length: Frames per window; 0 for whole clips.
        labels: Percent of the training clips that were labelled.
        raw: Top-1 of the raw arm, percent.
        gain: Paired difference over seeds, points.
        values: The differences, one per seed.
        setting: What else the condition differs in, in words.
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
        """Returns it in words, such as `whole clips, 5 % labelled, 20 dimensions`."""
        return (
            f"{words.of_length(self.length)}, {self.labels:g} % of the training "
            f"clips labelled, {EMBEDDED[self.arm]} in {self.latent_dim} "
            f"dimensions{self.setting}"
        )


def all_gains(records) -> list[Gain]:
    """Returns the gains of all embedded arms of parts 2 and 3, largest first.

    Only seeds that both arms have count.
    """
    conditions = {
        tuple(record["options"][key] for key in _KEYS)
        for arm in EMBEDDED
        for record in select(
            records, "classification", arm=arm, split_protocol="official"
        )
    }
    gains = [_gain(records, *condition) for condition in conditions]
    return sorted(gains, key=lambda g: (-g.gain.mean, g.condition()))


def _gain(records, arm, latent_dim, length, labels):
    raw, embedded = (
        by_seed(select(records, "classification", **options), "top1")
        for options in (
            {"arm": "raw", **_setting(length, labels)},
            {"arm": arm, "latent_dim": latent_dim, **_setting(length, labels)},
        )
    )
    return _of(
        raw,
        embedded,
        arm=arm,
        latent_dim=latent_dim,
        length=length,
        labels=labels,
    )


def _setting(length, labels):
    return {"length": length, "labels": labels, "split_protocol": "official"}


def reproduced(records) -> list[Gain]:
    """Returns the gains of part 1 with all confounders corrected."""
    gains = []
    for name in (conditions.ALL, conditions.ALL_LONGER):
        condition = conditions.CONDITIONS[name]
        raw, embedded = (
            conditions.top1(records, condition, arm) for arm in conditions.ARMS
        )
        if not set(raw) & set(embedded):
            continue
        vaes = select(records, "reproduction", arm="vae")
        epochs = conditions.base_epochs(records) * condition["times"]
        gains.append(
            _of(
                raw,
                embedded,
                arm="embedding",
                latent_dim=vaes[0]["options"]["config"]["latent_dim"],
                length=1,
                labels=100,
                setting=(
                    f", with part 1's network, scaling and {words.of_epochs(epochs)}"
                ),
            )
        )
    return gains


def _of(raw, embedded, **condition):
    """Returns a `Gain` from top-1 by seed, over the seeds that both have."""
    seeds = sorted(set(raw) & set(embedded))
    values = tuple(embedded[seed] - raw[seed] for seed in seeds)
    return Gain(
        raw=intervals.of(raw[seed] for seed in seeds),
        gain=intervals.of(values),
        values=values,
        **condition,
    )


def verdict(records) -> str:
    """Returns a paragraph: does a gain reach `WANTED` and exclude zero?

    Only conditions count whose arms differ in nothing but the input. The
    largest of many conditions is in part luck, so its interval is also given
    for all of them at once (Bonferroni).
    """
    gains = all_gains(records) + reproduced(records)
    gains.sort(key=lambda g: (-g.gain.mean, g.condition()))
    clear = [g for g in gains if g.gain.low > 0]
    reached = [g for g in clear if g.gain.mean >= WANTED]
    best = (reached or clear or gains)[0]
    corrected = intervals.of(best.values, comparisons=len(gains))
    sentences = [
        fill(
            __file__,
            "reached" if reached else "not_reached",
            reached=len(reached),
            count=len(gains),
            wanted=f"{WANTED:g}",
            clear=" whose interval does" if clear else "",
        ),
        fill(
            __file__,
            "largest",
            count=len(gains),
            corrected=corrected.text(sign=True),
            still="still excludes" if corrected.low > 0 else "includes",
            **_described(best),
        ),
    ]
    others = all_gains(records)
    if best.setting and others:
        sentences.append(fill(__file__, "other_parts", **_described(others[0])))
    return " ".join(sentences)


def _described(gain):
    return {
        "gain": gain.gain.text(sign=True),
        "raw": gain.raw.text(),
        "condition": gain.condition(),
    }


def front_row(records, *, length, labels, arm="embedding") -> list[str]:
    """Returns a row of `report.front_table`, in percent of windows or clips."""
    (gain,) = (
        gain
        for gain in all_gains(records)
        if (gain.arm, gain.latent_dim) == (arm, FRONT_DIMENSION)
        and (gain.length, gain.labels) == (length, labels)
    )
    embedded, nearest = (
        by_seed(
            select(
                records,
                "classification",
                **_setting(length, labels),
                **options,
            ),
            "top1",
        )
        for options in (
            {"arm": arm, "latent_dim": FRONT_DIMENSION},
            {"arm": "nearest neighbour"},
        )
    )
    share = "all" if labels == 100 else f"{labels:g} %"
    return [
        fill(
            __file__, "front_row", length=words.of_length(length), share=share
        ),
        gain.raw.text(),
        intervals.of(embedded.values()).text(),
        gain.gain.text(sign=True),
        f"nearest neighbour {intervals.of(nearest.values()).text()}",
    ]
