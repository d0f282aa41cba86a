"""One run of an experiment: its options, and a digest of them."""

import dataclasses
import hashlib
import json
from typing import Any

import studies


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """A unit of work, whose metrics depend on nothing but these fields.

    Attributes:
        experiment: Name in `studies.EXPERIMENTS`.
        options: Everything that `execute` needs, as JSON can hold it.
        seed: Integer.
        split_protocol: How clips are split, one of `configs.SPLIT_PROTOCOLS`.
        needs: Runs whose folders it reads, such as that of its VAE.

    Digests and records call `split_protocol` "protocol".
    """

    experiment: str
    options: dict[str, Any]
    seed: int = 0
    split_protocol: str = "official"
    needs: tuple["Run", ...] = ()

    def digest(self) -> str:
        """Returns a SHA-256 of the run, its experiment's version, its needs."""
        identity = {
            "experiment": self.experiment,
            "version": studies.experiment(self.experiment).version,
            "options": self.options,
            "seed": self.seed,
            "protocol": self.split_protocol,
            "needs": [need.digest() for need in self.needs],
        }
        text = json.dumps(identity, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def __str__(self):
        options = [
            f"{key}={value}"
            for key, value in self.options.items()
            if not isinstance(value, (dict, list))
        ]
        words = [self.experiment, *options, f"seed={self.seed}"]
        return " ".join([*words, self.split_protocol])


def with_needs(runs) -> list[Run]:
    """Returns runs and all that they need, each once, needs first."""
    ordered: dict[str, Run] = {}

    def add(run):
        for need in run.needs:
            add(need)
        ordered.setdefault(run.digest(), run)

    for run in runs:
        add(run)
    return list(ordered.values())
