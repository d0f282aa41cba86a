"""The arms of part 7, and their top-1 by draws of labelled clips."""

import numpy as np

from studies.motion.heads import PLAIN, SPREAD
from studies.page import intervals
from studies.page.records import by_seed, select

ALL = 100  # Percent: there is one draw, and intervals are over seeds.
HEADS = {SPREAD: "labels spread", PLAIN: "plain head"}


class Arms:
    """The top-1 of all arms, in percent of the test clips.

    Args:
        records: Records of finished runs of all experiments.
    """

    def __init__(self, records):
        self.records = records
        (first, *_) = select(
            records, "motion", arm="vae", contrastive_weight=0.0
        )
        options = first["options"]
        self.dimension, self.beta = options["latent_dim"], options["beta"]
        self.contrastive_weight = max(self.values("contrastive_weight"))
        self.shares = sorted(options["labels"])
        self.few = [share for share in self.shares if share < ALL]
        self.num_draws = options["num_draws"]
        self.num_epochs = options["num_epochs"]
        (sizes, *_) = select(records, "motion_features")
        self.sizes = sizes["options"]
        self.num_seeds = len(select(records, "motion", arm="random"))

    @property
    def vae(self):
        """Options of the motion VAE."""
        return {
            "arm": "vae",
            "latent_dim": self.dimension,
            "beta": self.beta,
            "contrastive_weight": self.contrastive_weight,
        }

    @property
    def pca(self):
        """Options of PCA of the same dimension."""
        return {"arm": "pca", "latent_dim": self.dimension}

    @property
    def wide_pca(self):
        """Options of all principal components that the VAE sees."""
        return {"arm": "pca", "latent_dim": self.sizes["num_components"]}

    def control(self, share) -> tuple[str, dict]:
        """Returns the better self-training that learns no embedding.

        Returns:
            A name and options: all of the principal components, or the random
            features themselves, whichever has the higher top-1 with labels
            spread.
        """
        found = [
            (f"all {self.wide_pca['latent_dim']} components", self.wide_pca),
            ("random features", self.random),
        ]
        return max(
            found,
            key=lambda arm: np.mean(
                list(self.top1(arm[1], SPREAD, share).values())
            ),
        )

    def named(self):
        """Returns pairs of an arm's name and its options."""
        wide = self.wide_pca
        return [
            (f"motion VAE, {self.dimension} dimensions", self.vae),
            ("the same without the rate (autoencoder)", self.without_rate),
            ("the same without the contrastive term", self.without_contrast),
            (f"PCA, {self.dimension} dimensions", self.pca),
            (f"PCA, {wide['latent_dim']} dimensions", wide),
            ("random features, no embedding", self.random),
        ]

    @property
    def without_rate(self):
        """Options of the autoencoder."""
        return {**self.vae, "beta": 0.0}

    @property
    def without_contrast(self):
        """Options of the VAE without its contrastive term."""
        return {**self.vae, "contrastive_weight": 0.0}

    @property
    def random(self):
        """Options of the random features themselves."""
        return {"arm": "random"}

    def comparisons(self) -> list[tuple]:
        """Returns what adds something, and two pairs of options and head."""
        wide = f"all {self.wide_pca['latent_dim']} components"
        both = SPREAD, PLAIN
        rows: list[tuple] = [
            (f"the graph, to {name}", (options, SPREAD), (options, PLAIN))
            for name, options in (
                ("the motion VAE", self.vae),
                ("PCA of its dimension", self.pca),
                ("random features", self.random),
            )
        ]
        for name, options, heads in (
            ("the VAE, to random features", self.random, both),
            (f"the VAE, to {wide}", self.wide_pca, both),
            ("the VAE over PCA of its dimension", self.pca, both),
            ("the rate", self.without_rate, (SPREAD,)),
            ("the contrastive term", self.without_contrast, (SPREAD,)),
        ):
            rows += [
                (f"{name}, {HEADS[head]}", (self.vae, head), (options, head))
                for head in heads
            ]
        return rows

    def values(self, option) -> list:
        """Returns the values of an option of motion VAEs, in order."""
        vaes = select(self.records, "motion", arm="vae")
        return sorted({record["options"][option] for record in vaes})

    @property
    def num_varied(self) -> int:
        """How many seeds all dimensions and weights of the rate have."""
        return min(
            len(select(self.records, "motion", **{**self.vae, option: value}))
            for option in ("latent_dim", "beta")
            for value in self.values(option)
        )

    def rockets(self) -> list[str]:
        """Returns which of aeon's classifiers were run."""
        records = select(self.records, "motion_rockets")
        return sorted({record["options"]["arm"] for record in records})

    def rocket(self, name, share) -> dict[int, float]:
        """Returns the top-1 of one of aeon's classifiers by draw."""
        return by_seed(
            select(self.records, "motion_rockets", arm=name, labels=share),
            "top1",
        )

    def top1(self, options, head, share, seeds=None) -> dict[int, float]:
        """Returns the top-1 by draw, averaged over seeds of the embedding.

        Args:
            options: Options of the arm.
            head: `plain` or `spread`; with all labels, they are one.
            share: Percent of the training clips that are labelled. With all
                of them, the top-1 is by seed.
            seeds: How many seeds are averaged, from 0 on; all if None.
        """
        records = select(self.records, "motion", **options)[:seeds]
        name = PLAIN if share == ALL else head
        draws = {
            record["seed"]: record["metrics"]["draws"][name][f"{share:g}"]
            for record in records
        }
        if share == ALL:
            return {seed: values[0] for seed, values in draws.items()}
        return dict(enumerate(np.mean(list(draws.values()), axis=0).tolist()))

    def gain(self, ours, theirs, share) -> intervals.Interval:
        """Returns the paired difference of two pairs of options and head."""
        first, second = (
            self.top1(options, head, share) for options, head in (ours, theirs)
        )
        return intervals.paired(first, second)
