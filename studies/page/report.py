"""Writes the page of a study; every number in it is from results.json."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Callable
from typing import Any

import studies
from pose_tf import files
from studies.engine import schedule, store
from studies.engine.run import Run
from studies.page import records

RESULTS, PAGE = "results.json", "README.md"
HEADER = ("official test clips", "raw", "embedding", "difference", "baseline")
OUTDATED_ROW = " \\*"
MARK = re.compile(r"(<!-- study -->\n).*?(<!-- /study -->)", re.DOTALL)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Study:
    """What a page holds besides the results.

    Attributes:
        sections: Names of the experiments that write a section, in the order
            of the page.
        plans: Plans by name; those other than `full` only try the code.
        full: Name of the plan that answers the question.
        opening, conclusion, end: Markdown: the head of the page, the heading
            of the conclusion, and what follows it.
        quick: Markdown that says that a plan is not the full one.
        folder: The page's folder, relative to the project's README.
        is_outdated: Function of a run; returns whether its metrics no longer
            follow from the code, as its data have changed since.
        outdated: Markdown that says so, under the heading of a section with
            outdated runs.
        outdated_rows: Markdown that says so for rows marked with `OUTDATED_ROW`.
    """

    sections: tuple[str, ...]
    plans: dict[str, Any]
    full: str
    opening: str
    conclusion: str
    end: str
    quick: str
    folder: str
    is_outdated: Callable[[Run], bool]
    outdated: str
    outdated_rows: str


def write(study: Study, folder, readme=None) -> pathlib.Path:
    """Writes page and plots into the folder of results.json.

    Args:
        study: The study whose results they are.
        folder: Folder of results.json.
        readme: A file whose text between `<!-- study -->` and
            `<!-- /study -->` becomes `front_picture`, `front_table` and
            `front_text`; or None.

    Returns:
        Path of the page.

    Raises:
        FileNotFoundError: If there is no results.json.
    """
    folder = pathlib.Path(folder)
    results = store.read_results(folder / RESULTS)
    text = render(study, results, folder)
    with files.writing(folder / PAGE) as aside:
        aside.write_text(text)
    if readme is not None:
        fill_in(study, readme, results)
    return folder / PAGE


def render(study: Study, results, folder) -> str:
    """Returns the page's text and writes its plots to `folder`.

    Args:
        study: The study.
        results: Dict, as `store.read_results` gives it.
        folder: Folder for the plots.
    """
    runs, plan = results["runs"], study.plans[results["plan"]]
    parts = [study.opening]
    if plan.name != study.full:
        parts.append(study.quick)
    parts.append(_cost(runs))
    sentences = []
    for name in study.sections:
        experiment = studies.experiment(name)
        missing, total = _missing(experiment, plan, runs)
        if missing:
            parts.append(
                f"## {name}\n\n{total - missing} of {total} runs are finished."
            )
            continue
        section = experiment.section(runs, folder)
        if _is_outdated(study, experiment, plan):
            heading, rest = section.split("\n\n", 1)
            section = f"{heading}\n\n{study.outdated}\n\n{rest}"
        parts.append(section)
        sentences += experiment.conclusion(runs)
    if sentences:
        bullets = "\n".join(f"- {sentence}" for sentence in sentences)
        parts += [study.conclusion, bullets, study.end]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def front_table(study: Study, results) -> str:
    """Returns the table for the project's README.

    It compares raw poses, an embedding and a trivial baseline. A part that is
    not finished has no row; rows of outdated runs are marked.
    """
    plan, runs = study.plans[results["plan"]], results["runs"]
    rows: list[list[str]] = []
    note = ""
    for name in study.sections:
        experiment = studies.experiment(name)
        if not _missing(experiment, plan, runs)[0]:
            new_rows = experiment.front_rows(runs)
            if _is_outdated(study, experiment, plan):
                note = study.outdated_rows
                new_rows = [[f"{r[0]}{OUTDATED_ROW}", *r[1:]] for r in new_rows]
            rows += new_rows
    table = records.table(HEADER, rows)
    return f"{table}\n\n{note}" if note else table


def front_picture(study: Study, results) -> str:
    """Returns pictures for the project's README, of parts that are finished."""
    plan, runs = study.plans[results["plan"]], results["runs"]
    pictures = []
    for name in study.sections:
        experiment = studies.experiment(name)
        if not _missing(experiment, plan, runs)[0]:
            pictures.append(experiment.front_picture(runs, study.folder))
    return "\n\n".join(filter(None, pictures))


def front_text(study: Study, results) -> str:
    """Returns sentences for the project's README, of parts that are finished."""
    plan, runs = study.plans[results["plan"]], results["runs"]
    sentences = []
    for name in study.sections:
        experiment = studies.experiment(name)
        if not _missing(experiment, plan, runs)[0]:
            sentences += experiment.front_text(runs)
    return "\n\n".join(sentences)


def fill_in(study: Study, readme, results) -> None:
    """Puts picture, table and text between the marks of a file."""
    path = pathlib.Path(readme)
    text = path.read_text()
    front = "\n\n".join(
        part
        for part in (
            front_picture(study, results),
            front_table(study, results),
            front_text(study, results),
        )
        if part
    )
    new_text = MARK.sub(lambda m: f"{m[1]}\n{front}\n\n{m[2]}", text)
    if new_text != text:
        with files.writing(path) as aside:
            aside.write_text(new_text)


def _is_outdated(study, experiment, plan):
    return any(map(study.is_outdated, experiment.needed_runs(plan)))


def _missing(experiment, plan, runs):
    """Returns how many runs of a part are missing, and how many it has."""
    digests = {record["digest"] for record in runs}
    needed = schedule.with_needs(experiment.needed_runs(plan))
    return sum(run.digest() not in digests for run in needed), len(needed)


def _cost(runs):
    seconds = sum(record["seconds"] for record in runs)
    versions: dict[str, set] = {}
    for record in runs:
        for name, version in record["versions"].items():
            versions.setdefault(name, set()).add(version)
    text = ", ".join(
        f"{name} {' and '.join(sorted(of_name))}"
        for name, of_name in versions.items()
    )
    return f"{len(runs)} runs, {seconds / 3600:.1f} hours of one core each; {text}."
