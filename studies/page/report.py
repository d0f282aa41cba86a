"""The page of the study: every number in it comes from results.json."""

import pathlib
import re

import studies
from pose_tf import files
from studies.embedding import plan
from studies.engine import schedule, store
from studies.page import records

RESULTS, PAGE = "results.json", "README.md"
FOLDER = "docs/study"  # From the README that shows the front table.
SECTIONS = (
    "reproduction",
    "classification",
    "few_labels",
    "embedding",
    "generation",
    "next_frame",
    "gallery",
)
OPENING = """\
# What a VAE embedding does to human motion

Does it help to classify, and to generate, sequences of poses if they are
embedded by a variational autoencoder first? Penn Action, 2,326 clips of 15
actions. `make study` runs all of it and writes this page; each figure, plot
and sentence here is filled in from [results.json](results.json), and
`make study-check` runs ten of its runs again, drawn at random, and compares
their figures to the last bit.
"""
QUICK = """\
**This is the small plan, which tries the code. It says nothing of the
question.**
"""
CONCLUSION = "## 7. Conclusion"
OPEN = """\
What stays open: the intervals are over seeds, on one data set of annotated
poses and one split; embeddings of single frames were tried, not of motions;
and the classifiers are small, so that eight arms in five lengths fit in hours.
While run times were measured, some arms were scored on the test clips once;
epochs were then cut to fit the hours, and for nothing else.
"""
MARK = re.compile(r"(<!-- study -->\n).*?(<!-- /study -->)", re.DOTALL)


def write(folder, readme=None) -> pathlib.Path:
    """Writes page and plots into the folder of results.json.

    Args:
        folder: Of results.json.
        readme: A file whose text between `<!-- study -->` and
            `<!-- /study -->` becomes `front_picture` and `front_table`; or
            None.

    Returns:
        The page.

    Raises:
        FileNotFoundError: If there is no results.json.
    """
    folder = pathlib.Path(folder)
    results = store.read_results(folder / RESULTS)
    text = render(results, folder)
    with files.writing(folder / PAGE) as aside:
        aside.write_text(text)
    if readme is not None:
        fill_in(readme, results)
    return folder / PAGE


def render(results, folder) -> str:
    """The page's text; plots go to `folder`.

    Args:
        results: As `store.read_results` gives them.
        folder: For the plots.
    """
    known, sizes = results["runs"], plan.PLANS[results["plan"]]
    parts = [OPENING] if sizes is plan.FULL else [OPENING, QUICK]
    parts.append(_cost(known))
    sentences = []
    for name in SECTIONS:
        module = studies.experiment(name)
        left, total = _missing(module, sizes, known)
        if left:
            parts.append(
                f"## {name}\n\n{total - left} of {total} runs are finished."
            )
            continue
        parts.append(module.section(known, folder))
        if hasattr(module, "conclusion"):
            sentences += module.conclusion(known)
    if sentences:
        bullets = "\n".join(f"- {sentence}" for sentence in sentences)
        parts += [CONCLUSION, bullets, OPEN]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def front_table(results) -> str:
    """The one table for a visitor: by raw poses, by an embedding, trivially.

    A part that is not finished has no row.
    """
    sizes, known = plan.PLANS[results["plan"]], results["runs"]
    rows: list[list[str]] = []
    for name in SECTIONS:
        module = studies.experiment(name)
        if not _missing(module, sizes, known)[0]:
            rows += getattr(module, "front_rows", lambda _: [])(known)
    header = ["official test clips", "raw", "embedding", "difference"]
    return records.table([*header, "baseline"], rows)


def front_picture(results) -> str:
    """The best GIF for a visitor, with its measures; empty if none is drawn."""
    sizes, known = plan.PLANS[results["plan"]], results["runs"]
    gallery = studies.experiment("gallery")
    if _missing(gallery, sizes, known)[0]:
        return ""
    return gallery.front_picture(known, FOLDER)


def fill_in(readme, results) -> None:
    """Puts `front_picture` and `front_table` between the marks of a file."""
    path = pathlib.Path(readme)
    text = path.read_text()
    front = "\n\n".join(
        part for part in (front_picture(results), front_table(results)) if part
    )
    filled = MARK.sub(lambda m: f"{m[1]}\n{front}\n\n{m[2]}", text)
    if filled != text:
        with files.writing(path) as aside:
            aside.write_text(filled)


def _missing(module, sizes, known):
    """How many of a part's runs are missing, and how many it has."""
    digests = {record["digest"] for record in known}
    shown = getattr(module, "shown_runs", module.runs)
    wanted = schedule.with_needs(shown(sizes))
    return sum(run.digest() not in digests for run in wanted), len(wanted)


def _cost(known):
    seconds = sum(record["seconds"] for record in known)
    found: dict[str, set] = {}
    for record in known:
        for name, version in record["versions"].items():
            found.setdefault(name, set()).add(version)
    versions = ", ".join(
        f"{name} {' and '.join(sorted(of_name))}"
        for name, of_name in found.items()
    )
    return (
        f"{len(known)} runs, {seconds / 3600:.1f} hours of one core each; "
        f"{versions}."
    )
