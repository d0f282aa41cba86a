"""The section of the page on part 8; see `experiment`."""

import collections

import numpy as np

from studies.motion import page
from studies.motion.arms import HEADS
from studies.motion.heads import PLAIN, SPREAD
from studies.motion.jhmdb.clips import ALL
from studies.page import intervals
from studies.page.records import select, table
from studies.page.templates import fill

NAME, ROCKETS = "jhmdb", "jhmdb_rockets"


class Arms:
    """The top-1 of all arms, in percent of the test clips.

    Args:
        records: Records of finished runs of all experiments.
    """

    def __init__(self, records):
        self.records = select(records, NAME)
        self.rocket_records = select(records, ROCKETS)
        vaes = select(self.records, NAME, arm="vae")
        options = vaes[0]["options"]
        self.labels, self.num_draws = options["labels"], options["num_draws"]
        self.splits = sorted({r["options"]["jhmdb_split"] for r in vaes})
        self.num_seeds = len({r["seed"] for r in vaes})
        dimensions = [
            record["options"]["latent_dim"]
            for record in select(self.records, NAME, arm="pca")
        ]
        self.vae, self.random = {"arm": "vae"}, {"arm": "random"}
        self.pca, self.wide_pca = (
            {"arm": "pca", "latent_dim": pick(dimensions)}
            for pick in (min, max)
        )

    def named(self):
        """Returns pairs of an arm's name and its options."""
        return [
            (f"motion VAE, {self.pca['latent_dim']} dimensions", self.vae),
            *(
                (f"PCA, {options['latent_dim']} dimensions", options)
                for options in (self.pca, self.wide_pca)
            ),
            ("random features, no embedding", self.random),
        ]

    def rockets(self) -> list[str]:
        """Returns which of aeon's classifiers were run."""
        return sorted({r["options"]["arm"] for r in self.rocket_records})

    def top1(self, options, head, labels) -> dict[tuple, float]:
        """Returns the top-1 by split and draw, averaged over seeds."""
        head = PLAIN if labels == ALL else head
        by_split = collections.defaultdict(list)
        for record in select(self.records, NAME, **options):
            draws = record["metrics"]["draws"][head][f"{labels:g}"]
            by_split[record["options"]["jhmdb_split"]].append(draws)
        return {
            (split, draw): float(value)
            for split, seeds in by_split.items()
            for draw, value in enumerate(np.mean(seeds, axis=0))
        }

    def rocket(self, name, labels) -> dict[tuple, float]:
        """Returns the top-1 of one of aeon's classifiers by split and draw."""
        records = select(self.rocket_records, ROCKETS, arm=name, labels=labels)
        return {
            (record["options"]["jhmdb_split"], record["seed"]): record[
                "metrics"
            ]["top1"]
            for record in records
        }


def section(records, folder) -> str:
    """Returns part 8; it has no plots."""
    del folder
    arms = Arms(records)
    header = ["", *map(_labelled, arms.labels)]
    return "\n\n".join(
        [
            fill(
                __file__,
                "introduction",
                draws=arms.num_draws,
                splits=len(arms.splits),
                seeds=page.counted(arms.num_seeds, "seed"),
            ),
            table(header, _rows(arms)),
            fill(__file__, "gains"),
            table(header, _gains(arms)),
            fill(__file__, "transfer"),
        ]
    )


def conclusion(records) -> list[str]:
    """Returns what graph and embedding add with the fewest and all labels."""
    arms = Arms(records)
    labels = min(arms.labels)
    vae, random, pca = (
        arms.top1(options, SPREAD, labels)
        for options in (arms.vae, arms.random, arms.pca)
    )
    others = ", ".join(
        f"{name} {_text(arms.rocket(name, labels))}" for name in arms.rockets()
    )
    gains = {
        "embedding": _over_controls(arms, labels),
        "over_pca": intervals.paired(vae, pca),
        "graph": intervals.paired(vae, arms.top1(arms.vae, PLAIN, labels)),
        "of_all": _over_controls(arms, ALL),
    }
    return [
        fill(
            __file__,
            "conclusion",
            labels=page.counted(labels, "clip"),
            vae=_text(vae),
            random=_text(random),
            pca=_text(pca),
            others=f"; {others}" if others else "",
            **{name: page.adds(gain) for name, gain in gains.items()},
        )
    ]


def _over_controls(arms, labels):
    """Returns the VAE's gain over the better of those without an embedding."""
    vae, *controls = (
        arms.top1(options, SPREAD, labels)
        for options in (arms.vae, arms.random, arms.wide_pca)
    )
    best = max(controls, key=lambda top1: np.mean(list(top1.values())))
    return intervals.paired(vae, best)


def _labelled(labels):
    return "all labelled" if labels == ALL else f"{labels:g} per action"


def _text(values):
    return intervals.of(values.values()).text()


def _rows(arms):
    rows = [
        [
            f"{name}, {label}",
            *(_text(arms.top1(options, head, n)) for n in arms.labels),
        ]
        for head, label in HEADS.items()
        for name, options in arms.named()
    ]
    return rows + [
        [
            f"{name}, mirrored clips too",
            *(_text(arms.rocket(name, n)) for n in arms.labels),
        ]
        for name in arms.rockets()
    ]


def _pairs(arms):
    """Returns names of gains, and the two pairs of options and head of each."""
    pairs = [
        ("the graph, to the motion VAE", (arms.vae, SPREAD), (arms.vae, PLAIN)),
        (
            "the graph, to random features",
            (arms.random, SPREAD),
            (arms.random, PLAIN),
        ),
    ]
    for name, options in (
        ("the VAE, to random features", arms.random),
        (
            f"the VAE, to all {arms.wide_pca['latent_dim']} components",
            arms.wide_pca,
        ),
        ("the VAE over PCA of its dimension", arms.pca),
    ):
        pairs += [
            (f"{name}, {label}", (arms.vae, head), (options, head))
            for head, label in HEADS.items()
        ]
    return pairs


def _gains(arms):
    """Returns a row for what adds something: its gain for each number."""
    rows = [
        [
            label,
            *(
                ""  # With all labels, both heads are the plain one.
                if n == ALL and first[0] == second[0]
                else _gain(arms.top1(*first, n), arms.top1(*second, n))
                for n in arms.labels
            ),
        ]
        for label, first, second in _pairs(arms)
    ]
    return rows + [
        [
            f"the VAE, labels spread, over {name}",
            *(
                _gain(arms.top1(arms.vae, SPREAD, n), arms.rocket(name, n))
                for n in arms.labels
            ),
        ]
        for name in arms.rockets()
    ]


def _gain(ours, theirs):
    return intervals.paired(ours, theirs).bold()
