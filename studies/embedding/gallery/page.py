"""The section of the page on freezing and drifting; see `experiment`."""

import pathlib

import numpy as np

from studies.embedding.generation import comparison, generators
from studies.page import curves, intervals
from studies.page.records import select, table
from studies.page.templates import fill

PLOT = "motion_health.png"
HEADINGS = {
    "realistic": "Realistic continuations",
    "frozen": "Mode collapse",
    "drifting": "Drifting",
}
LOG_LIMITS = (0.01, 8.0)  # Of the plotted ratios.


def section(records, folder) -> str:
    """Returns part 6; writes one plot, and shows the GIFs of the runs."""
    arms = comparison.arms_of(records)
    parts = []
    if "raw" in arms:
        horizon = len(arms["raw"][0]["metrics"]["health"]["energy_ratio"])
        _draw(arms, pathlib.Path(folder) / PLOT)
        parts += [
            fill(__file__, "introduction", horizon=horizon),
            fill(__file__, "health", horizon=horizon),
            _health(arms),
            fill(__file__, "plot"),
        ]
    galleries = select(records, "gallery")
    galleries.sort(key=lambda record: record["options"]["latent_dim"])
    if galleries:
        parts += _gallery(galleries)
    return "\n\n".join(parts)


def _gallery(galleries):
    """Returns the parts of the section that show GIFs."""
    metrics = galleries[0]["metrics"]
    parts = [
        fill(
            __file__,
            "gallery",
            eligible=metrics["num_eligible"],
            windows=metrics["num_windows"],
        )
    ]
    for kind, heading in HEADINGS.items():
        parts.append(f"### {heading}")
        parts += [_gifs(record, kind) for record in galleries]
    parts.append(fill(__file__, "long"))
    return parts + [_long(record) for record in galleries]


def conclusion(records) -> list[str]:
    """Returns which arms freeze."""
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
        fill(__file__, "conclusion", horizon=horizon, shares=", ".join(shares))
    ]


def front_picture(records, folder) -> str:
    """Returns the best continuation of all arms, as the gallery ranks them.

    Args:
        records: Records of finished runs.
        folder: Folder of the GIFs, relative to the file that shows them.
    """
    best, record = min(
        (
            (gif, record)
            for record in select(records, "gallery")
            for gif in record["metrics"]["shown"]
            if gif["kind"] == "realistic"
        ),
        key=lambda pair: pair[0]["error_ratio"],
    )
    return fill(
        __file__,
        "front_picture",
        folder=folder,
        picture=best["picture"],
        ahead=best["ahead"],
        arm=generators.title(record["options"]),
        caption=_caption(best),
    )


def _healths(runs):
    return [record["metrics"]["health"] for record in runs]


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
    for name, runs in arms.items():
        healths = _healths(runs)
        rows.append(
            [
                name,
                _last(healths, "energy_ratio", 2),
                _last(healths, "frozen", 0),
                _last(healths, "root_ratio", 2),
                _with_real(healths, "limb_change", 0),
                _with_real(healths, "out_of_frame", 1),
                _with_real(healths, "nearest", 2),
                intervals.of(h["npss"] for h in healths).text(2),
            ]
        )
    return table(header, rows)


def _last(healths, metric, digits):
    return intervals.of(h[metric][-1] for h in healths).text(digits)


def _with_real(healths, metric, digits):
    real = healths[0]["real_" + metric][-1]
    return f"{_last(healths, metric, digits)} ({real:.{digits}f})"


def _draw(arms, path):
    ratios = {
        "motion energy": lambda h: h["energy_ratio"],
        "root displacement": lambda h: h["root_ratio"],
        "distance to training poses": lambda h: np.divide(
            h["nearest"], h["real_nearest"]
        ),
    }
    panels: dict[str, dict] = {}
    for title, ratio in ratios.items():
        panels[title] = {}
        for name, runs in arms.items():
            rows = np.array([ratio(r["metrics"]["health"]) for r in runs])
            # A logarithmic axis cannot show what never moves.
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
    """Returns the GIFs of a kind side by side, with captions under them."""
    gifs = [gif for gif in record["metrics"]["shown"] if gif["kind"] == kind]
    if not gifs:
        return f"{_name(record)}: no window."
    return _pictures(
        [f"{_name(record)}, rank {k}" for k in range(1, len(gifs) + 1)],
        gifs,
        [_caption(gif) for gif in gifs],
    )


def _long(record):
    """Returns GIFs of one window, farther ahead each time."""
    gifs = [
        gif for gif in record["metrics"]["shown"] if gif["kind"] == "typical"
    ]
    if not gifs:
        return f"{_name(record)}: no window."
    rows = [f"{_name(record)}: {_caption(gifs[0])}"]
    for gif in gifs:
        what = (
            f"+{gif['ahead']} frames" if gif["ahead"] else "What it sees (+0)"
        )
        rows.append(f"{what}:\n\n![{what}]({gif['picture']})")
    return "\n\n".join(rows)


def _pictures(titles, gifs, captions):
    pictures = [f"![{g['kind']}: {g['action']}]({g['picture']})" for g in gifs]
    return table(titles, [pictures, captions])


def _name(record):
    return generators.title(record["options"]).capitalize()


def _caption(gif):
    return fill(
        __file__,
        "caption",
        **{
            **gif,
            "action": gif["action"].replace("_", " "),
            "drift": abs(gif["drift"]),
            "direction": "farther" if gif["drift"] > 0 else "less far",
        },
    )
