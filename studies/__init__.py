"""The embedding study: what a VAE embedding does to classifying and to
generating human motion. `python -m studies` runs it, resumably, and writes
docs/study/.

An experiment is a module with

    NAME, VERSION  its name, and a number to raise when its figures change
    runs(plan)     list of `run.Run`: what a `plan.Plan` asks of it
    execute(run, context)
                   dict of figures, which JSON can hold
    section(records, folder)
                   its part of the page, Markdown, from the records of all
                   experiments; its plots go to `folder`

and, if it needs them, `REQUIRES`, packages without which its runs are left
out; and `conclusion(records)`, sentences for the end of the page.
"""

import importlib
import types

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
}


def experiment(name) -> types.ModuleType:
    """The module of an experiment, imported on first use.

    Raises:
        ValueError: For an unknown name; the message lists the known.
    """
    if name not in EXPERIMENTS:
        raise ValueError(
            f"`experiment` must be one of {', '.join(EXPERIMENTS)}. "
            f"Received: {name!r}"
        )
    return importlib.import_module(EXPERIMENTS[name])
