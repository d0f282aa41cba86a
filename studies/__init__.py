"""Studies: repeatable experiments whose results fill a page.

`engine/` executes and stores runs, `page/` makes tables and plots of their
records, and each study has a folder of experiments. `python -m studies` runs
the embedding study, resumably, and writes `docs/study/`.
"""

import importlib

from studies.engine.experiment import Experiment

# Where the `EXPERIMENT` of each name is; a run's digest covers the name only.
EXPERIMENTS = {
    "vae": "studies.embedding.vaes",
    "reproduction": "studies.embedding.reproduction.experiment",
    "classification": "studies.embedding.classification.experiment",
    "few_labels": "studies.embedding.few_labels.experiment",
    "rockets": "studies.embedding.few_labels.rockets",
    "embedding": "studies.embedding.latent.experiment",
    "generation": "studies.embedding.generation.experiment",
    "next_frame": "studies.embedding.next_frame.experiment",
    "gallery": "studies.embedding.gallery.experiment",
    "motion_features": "studies.motion.features",
    "motion_rockets": "studies.motion.rockets",
    "motion": "studies.motion.experiment",
    "jhmdb": "studies.motion.jhmdb.experiment",
    "jhmdb_rockets": "studies.motion.jhmdb.rockets",
    "chunk_gate": "studies.embedding.continuations.gate",
    "continuations": "studies.embedding.continuations.experiment",
}


def experiment(name: str) -> Experiment:
    """Returns the experiment of that name, imported on first use.

    Raises:
        ValueError: If no experiment has the name; the message lists all.
    """
    if name not in EXPERIMENTS:
        raise ValueError(
            f"`experiment` must be one of {', '.join(EXPERIMENTS)}. "
            f"Received: {name!r}"
        )
    return importlib.import_module(EXPERIMENTS[name]).EXPERIMENT
