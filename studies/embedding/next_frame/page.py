"""What the page says of the next frame; see `next_frame`."""

import numpy as np

from studies.embedding.generation import comparison
from studies.page import intervals
from studies.page.records import select, table

# As the seed reports it, for the skips 1, 2 and 4, on windows of the same
# clips on both sides of its split.
SEED_MAE = {1: 0.0199, 2: 0.0307, 4: 0.0365}
SCALE, UNIT = 1000, "10⁻³ of the frame's side"
INTRODUCTION = """\
### The next frame from five

Protocol `seed` with the official split: mean absolute error in {unit},
where every frame, every second or every fourth one is kept. *All numbers* are
the seed's: coordinates of all joints, also of those that stand for nothing in
the picture's corner, and visibilities; *visible joints* are what moves. The
seed reports {seed} (all numbers) on windows of
clips that it also trained on. The arms predict velocities, as above; *poses
instead of velocities*: the next pose itself. ± are over {count} seeds.
"""
PARTS = """\
The error of visible joints, split as above: *extra* is what embedding adds
to the raw arm's error.
"""


def section(records, folder) -> str:
    """The second half of part 5; no plots."""
    del folder
    skips = sorted(
        {r["options"]["skip"] for r in select(records, "next_frame")}
    )
    tables = {
        skip: comparison.arms_of(
            [r for r in records if r["options"].get("skip") == skip],
            "next_frame",
        )
        for skip in skips
    }
    if not any("raw" in arms for arms in tables.values()):
        return ""
    seed = ", ".join(
        f"{SCALE * SEED_MAE[skip]:.1f} for skip {skip}"
        for skip in skips
        if skip in SEED_MAE
    )
    count = max(len(arms.get("raw", ())) for arms in tables.values())
    parts = [
        INTRODUCTION.format(unit=UNIT, seed=seed, count=count),
        _scores(tables),
        PARTS,
        _parts(tables),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def conclusion(records) -> list[str]:
    """What embedding adds to the error of the next frame, frame by frame."""
    arms = comparison.arms_of(
        [r for r in records if r["options"].get("skip") == 1], "next_frame"
    )
    extra = {}
    for name, found in arms.items():
        rival = _rival(arms, found[0]["options"])
        if rival is not None:
            values = [
                _extra(r["figures"], rival[r["seed"]])[0]
                for r in found
                if r["seed"] in rival
            ]
            extra[name] = intervals.of(values)
    if not extra:
        return []
    texts = [f"{x.text(2, sign=True)} ({name})" for name, x in extra.items()]
    return [
        (
            f"Next frame: beside raw poses, the error of visible joints, in {UNIT}, "
            f"changes by {', '.join(texts)}."
        )
    ]


def _scores(tables):
    names = dict.fromkeys(name for arms in tables.values() for name in arms)
    header = ["arm"]
    for what in ("all numbers", "visible joints"):
        header += [f"{what}, skip {skip}" for skip in tables]
    rows = []
    for name in names:
        row = [name]
        for figure in ("mae", "visible_mae"):
            row += [
                intervals.of(
                    SCALE * r["figures"][figure] for r in arms[name]
                ).text(2)
                if name in arms
                else ""
                for arms in tables.values()
            ]
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
        for name, found in arms.items():
            rival = _rival(arms, found[0]["options"])
            if rival is None:
                continue
            again = [r["figures"]["reconstruction"] for r in found]
            values = [
                _extra(r["figures"], rival[r["seed"]])
                for r in found
                if r["seed"] in rival
            ]
            rows.append(
                [
                    name,
                    skip,
                    f"{SCALE * np.mean(again):.2f}",
                    *(
                        intervals.of(column).text(2, sign=True)
                        for column in zip(*values)
                    ),
                ]
            )
    return table(header, rows)


def _rival(arms, options):
    """Errors by seed of the raw arm that differs in the input alone; None
    if the arm is no embedded one or that is missing."""
    if options["arm"] != "embedding":
        return None
    for found in arms.values():
        theirs = found[0]["options"]
        if theirs["arm"] == "raw" and theirs["config"] == options["config"]:
            return {r["seed"]: r["figures"]["visible_mae"] for r in found}
    return None


def _extra(figures, raw):
    total, dynamics = figures["visible_mae"], figures["dynamics"]
    extra = (
        total - raw,
        total - dynamics,
        dynamics - raw,
        figures["corrected"] - raw,
    )
    return [SCALE * value for value in extra]
