"""The section of the page on the next frame; see `experiment`."""

import numpy as np

from studies.embedding.generation import comparison
from studies.page import intervals
from studies.page.records import select, table
from studies.page.templates import fill

# As the original reports it, for the skips 1, 2 and 4, on windows of clips
# that are on both sides of its split.
ORIGINAL_MAE = {1: 0.0199, 2: 0.0307, 4: 0.0365}
SCALE = 1000  # The page has 10⁻³ of the frame's side.


def section(records, folder) -> str:
    """Returns the second half of part 5; it has no plots."""
    del folder
    skips = sorted(
        {r["options"]["skip"] for r in select(records, "next_frame")}
    )
    tables = {skip: _arms(records, skip) for skip in skips}
    if not any("raw" in arms for arms in tables.values()):
        return ""
    original = ", ".join(
        f"{SCALE * ORIGINAL_MAE[skip]:.1f} for skip {skip}"
        for skip in skips
        if skip in ORIGINAL_MAE
    )
    count = max(len(arms.get("raw", ())) for arms in tables.values())
    return "\n\n".join(
        [
            fill(__file__, "introduction", original=original, count=count),
            _scores(tables),
            fill(__file__, "parts"),
            _parts(tables),
        ]
    )


def conclusion(records) -> list[str]:
    """Returns what embedding adds to the error of the very next frame."""
    arms = _arms(records, 1)
    changes = []
    for name, runs in arms.items():
        extras = _extras(arms, runs)
        if extras:
            total, *_ = zip(*extras)
            change = intervals.of(total).text(2, sign=True)
            changes.append(f"{change} ({name})")
    if not changes:
        return []
    return [fill(__file__, "conclusion", changes=", ".join(changes))]


def _arms(records, skip):
    return comparison.arms_of(
        [r for r in records if r["options"].get("skip") == skip], "next_frame"
    )


def _scores(tables):
    names = dict.fromkeys(name for arms in tables.values() for name in arms)
    header = ["arm"]
    for what in ("all numbers", "visible joints"):
        header += [f"{what}, skip {skip}" for skip in tables]
    rows = []
    for name in names:
        row = [name]
        for metric in ("mae", "visible_mae"):
            for arms in tables.values():
                values = [
                    SCALE * r["metrics"][metric] for r in arms.get(name, ())
                ]
                row.append(intervals.of(values).text(2) if values else "")
        rows.append(row)
    return table(header, rows)


def _parts(tables):
    header = [
        "arm",
        "skip",
        "reconstruction error",
        "extra error",
        "of it decoding",
        "of it dynamics",
        "corrected",
    ]
    rows = []
    for skip, arms in tables.items():
        for name, runs in arms.items():
            extras = _extras(arms, runs)
            if not extras:
                continue
            errors = [r["metrics"]["reconstruction"] for r in runs]
            rows.append(
                [
                    name,
                    skip,
                    f"{SCALE * np.mean(errors):.2f}",
                    *(
                        intervals.of(column).text(2, sign=True)
                        for column in zip(*extras)
                    ),
                ]
            )
    return table(header, rows)


def _extras(arms, runs) -> list[list[float]]:
    """Returns the extra error of each run of an embedded arm, and its parts.

    It is empty for other arms, and without a raw arm to compare with.
    """
    raw = _raw_errors(arms, runs[0]["options"])
    return [
        _extra(run["metrics"], raw[run["seed"]])
        for run in runs
        if run["seed"] in raw
    ]


def _raw_errors(arms, options) -> dict[int, float]:
    """Returns errors by seed of the raw arm that differs only in the input."""
    if options["arm"] == "embedding":
        for runs in arms.values():
            other = runs[0]["options"]
            if other["arm"] == "raw" and other["config"] == options["config"]:
                return {r["seed"]: r["metrics"]["visible_mae"] for r in runs}
    return {}


def _extra(metrics, raw) -> list[float]:
    """Returns extra error, decoding, dynamics and corrected, `SCALE` times."""
    total, dynamics = metrics["visible_mae"], metrics["dynamics"]
    values = (
        total - raw,
        total - dynamics,
        dynamics - raw,
        metrics["corrected"] - raw,
    )
    return [SCALE * value for value in values]
