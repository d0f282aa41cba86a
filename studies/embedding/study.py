"""Defines the embedding study: its parts, its plans, its page's frame."""

from studies.embedding import plan
from studies.engine.run import Run
from studies.page import report, templates

# Experiments that use the annotators' guesses of hidden joints.
GUESSES = ("reproduction", "generation", "next_frame", "gallery")


def reads_guesses(run: Run) -> bool:
    """Returns whether a run used the guessed positions of hidden joints.

    Since then the rule that tells a guess from a missing joint has changed, so
    that these runs give other metrics than the committed ones.
    """
    return (
        run.experiment in GUESSES
        or run.options.get("occluded", False)
        or any(map(reads_guesses, run.needs))
    )


STUDY = report.Study(
    sections=(
        "reproduction",
        "classification",
        "few_labels",
        "embedding",
        "generation",
        "next_frame",
        "gallery",
        "motion",
        "jhmdb",
        "continuations",
    ),
    plans=plan.PLANS,
    full=plan.FULL.name,
    opening=templates.fill(__file__, "opening"),
    conclusion=templates.fill(__file__, "conclusion"),
    end=templates.fill(__file__, "end"),
    quick=templates.fill(__file__, "quick"),
    folder="docs/study",
    is_outdated=reads_guesses,
    outdated=templates.fill(__file__, "outdated"),
    outdated_rows=templates.fill(__file__, "outdated_rows"),
)
