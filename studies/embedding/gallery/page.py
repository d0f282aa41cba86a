"""What the page says of freezing and drifting, and its GIFs; see `gallery`."""

import pathlib

import numpy as np

from studies.embedding.generation import comparison, generators
from studies.page import curves, intervals
from studies.page.records import select, table

INTRODUCTION = """\
## 6. Freezing, drifting, and a gallery

Rollouts of {horizon} frames on the official test clips. Motion energy is the
mean squared step of the joints; *frozen* are rollouts with less of it than
all but the stillest 5 % of real motion. Figures of the real motion stand in
brackets.
"""
GALLERY = """\
Each GIF shows what the model saw (grey), what really came, and what it
predicted. They are chosen by rank of a measure among the test windows with
at least the median motion and nine tenths of their joints visible
({eligible} of {windows}): *realistic*, of the tenth with the least error over
that of the last pose repeated, has the energy nearest the real one; *mode
collapse* has the least energy over the real one; the root of *drifting* moves
farthest beyond the real one. The long sequence is the window whose error
ratio is the median one.
"""
HEADINGS = {
    "realistic": "Realistic continuations",
    "frozen": "Mode collapse",
    "drifting": "Drifting",
}
LOG_LIMITS = (0.01, 8.0)  # Of the plotted ratios.


def section(records, folder) -> str:
    """Part 6; one plot, and the GIFs that the runs have drawn."""
    arms = comparison.arms_of(records)
    parts = []
    if "raw" in arms:
        horizon = len(arms["raw"][0]["figures"]["health"]["energy_ratio"])
        _draw(arms, pathlib.Path(folder) / "motion_health.png")
        parts += [
            INTRODUCTION.format(horizon=horizon),
            _health(arms),
            (
                "![Motion energy, drift and distance to training poses, over the "
                "real motion's](motion_health.png)"
            ),
        ]
    galleries = select(records, "gallery")
    galleries.sort(key=lambda record: record["options"]["latent_dim"])
    if galleries:
        figures = galleries[0]["figures"]
        parts.append(
            GALLERY.format(
                eligible=figures["num_eligible"], windows=figures["num_windows"]
            )
        )
    for kind, heading in HEADINGS.items():
        if galleries:
            parts.append(f"### {heading}")
        parts += [_gifs(record, kind) for record in galleries]
    if galleries:
        parts.append("### A long sequence")
    parts += [_long(record) for record in galleries]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def conclusion(records) -> list[str]:
    """Which arms freeze."""
    arms = comparison.arms_of(records)
    trained = [name for name in arms if "velocity" not in name]
    if not trained:
        return []
    shares = [
        f"{_last(_healths(arms[name]), 'frozen', 0)} % ({name})"
        for name in trained
    ]
    horizon = len(_healths(arms[trained[0]])[0]["frozen"])
    return [
        (
            f"Freezing: at frame {horizon} the share of rollouts that move less "
            f"than all but 5 % of real motion is {', '.join(shares)}."
        )
    ]


def front_picture(records, folder) -> str:
    """The best continuation of all arms, as the gallery ranks them.

    Args:
        records: Of finished runs.
        folder: Of the GIFs, from where the text will stand.
    """
    best, record = min(
        (
            (shown, record)
            for record in select(records, "gallery")
            for shown in record["figures"]["shown"]
            if shown["kind"] == "realistic"
        ),
        key=lambda pair: pair[0]["error_ratio"],
    )
    return (
        f"![What a model saw, what came, and what it predicted]"
        f"({folder}/{best['picture']})\n\n"
        f"The best of the gallery, {best['ahead']} frames from ten, by the "
        f"{generators.title(record['options'])} arm; {_caption(best)}."
    )


def _healths(found):
    return [record["figures"]["health"] for record in found]


def _health(arms):
    header = [
        "arm",
        "energy over real",
        "frozen, %",
        "root displacement over real",
        "change of limbs, %",
        "out of frame, %",
        "to nearest training pose",
        "NPSS",
    ]
    rows = []
    for name, found in arms.items():
        healths = _healths(found)
        rows.append(
            [
                name,
                _last(healths, "energy_ratio", 2),
                _last(healths, "frozen", 0),
                _last(healths, "root_ratio", 2),
                _beside(healths, "limb_change", 0),
                _beside(healths, "out_of_frame", 1),
                _beside(healths, "nearest", 2),
                intervals.of(h["npss"] for h in healths).text(2),
            ]
        )
    horizon = len(healths[0]["frozen"])
    return f"At frame {horizon}:\n\n" + table(header, rows)


def _last(healths, figure, digits):
    return intervals.of(h[figure][-1] for h in healths).text(digits)


def _beside(healths, figure, digits):
    real = healths[0]["real_" + figure][-1]
    return f"{_last(healths, figure, digits)} ({real:.{digits}f})"


def _draw(arms, path):
    ratios = {
        "motion energy": lambda h: h["energy_ratio"],
        "root displacement": lambda h: h["root_ratio"],
        "distance to training poses": lambda h: np.divide(
            h["nearest"], h["real_nearest"]
        ),
    }
    panels = {}
    for title, ratio in ratios.items():
        panels[title] = {}
        for name, found in arms.items():
            rows = np.array([ratio(r["figures"]["health"]) for r in found])
            # What never moves has no place on a logarithmic axis.
            rows = np.where(rows > 0, rows, np.nan)
            panels[title][name] = np.arange(1, rows.shape[1] + 1), rows
    curves.draw(
        panels,
        path,
        xlabel="frames ahead",
        ylabel="over that of the real motion",
        log_y=True,
        level=1.0,
        limits=LOG_LIMITS,
    )


def _gifs(record, kind):
    """The GIFs of a kind, side by side, with their measures under them."""
    shown = [s for s in record["figures"]["shown"] if s["kind"] == kind]
    if not shown:
        return f"{_name(record)}: no window."
    return _pictures(
        [f"{_name(record)}, rank {k}" for k in range(1, len(shown) + 1)],
        shown,
        [_caption(s) for s in shown],
    )


def _long(record):
    """The same window, ever farther ahead."""
    shown = [s for s in record["figures"]["shown"] if s["kind"] == "typical"]
    if not shown:
        return f"{_name(record)}: no window."
    rows = [f"{_name(record)}: {_caption(shown[0])}"]
    for s in shown:
        what = f"+{s['ahead']} frames" if s["ahead"] else "What it sees (+0)"
        rows.append(f"{what}:\n\n![{what}]({s['picture']})")
    return "\n\n".join(rows)


def _pictures(titles, shown, captions):
    rows = [
        [f"![{s['kind']}: {s['action']}]({s['picture']})" for s in shown],
        captions,
    ]
    return table(titles, rows)


def _name(record):
    return generators.title(record["options"]).capitalize()


def _caption(shown):
    return (
        f"{shown['action'].replace('_', ' ')} ({shown['clip_id']} from frame "
        f"{shown['start']}): energy {shown['energy_ratio']:.2f} of the real, "
        f"root {shown['drift']:+.0f} % of the box beyond the real, error "
        f"{shown['error']:.1f} %, {shown['error_ratio']:.2f} of zero "
        "velocity's"
    ).replace("-", "−")
