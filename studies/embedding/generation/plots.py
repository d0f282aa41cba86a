"""Plots long rollouts; see `experiment`."""

import numpy as np

from studies.embedding.generation import comparison
from studies.page import curves

FASTEST = "constant velocity"
HEADROOM = 1.1  # Of the plot above the largest of the other errors.


def errors(arms, path) -> None:
    """Plots the error of every arm over the horizon."""
    panel = {
        name: _rows([r["metrics"]["mpjpe"] for r in runs])
        for name, runs in arms.items()
    }
    # Constant velocity leaves the picture and would flatten the others.
    others = [rows for name, (_, rows) in panel.items() if name != FASTEST]
    curves.draw(
        {"": panel},
        path,
        xlabel="frames after the last observed one",
        ylabel="error, % of the box",
        limits=(0, HEADROOM * max(rows.max() for rows in others)),
    )


def split(arms, embedded, path) -> None:
    """Plots the extra error and its two parts, a panel per embedded arm."""
    raw = {r["seed"]: np.array(r["metrics"]["mpjpe"]) for r in arms["raw"]}
    panels = {}
    for name in embedded:
        rows: dict[str, list] = {
            "extra error": [],
            "of it decoding": [],
            "of it dynamics": [],
        }
        for r in arms[name]:
            if r["seed"] in raw:
                total, dynamics = (
                    np.array(r["metrics"][key]) for key in ("mpjpe", "dynamics")
                )
                rows["extra error"].append(total - raw[r["seed"]])
                rows["of it decoding"].append(total - dynamics)
                rows["of it dynamics"].append(dynamics - raw[r["seed"]])
        title = f"{comparison.dimensions(arms, name)} dimensions"
        panels[title] = {key: _rows(values) for key, values in rows.items()}
    curves.draw(
        panels,
        path,
        xlabel="frames ahead",
        ylabel="% of the box",
        level=0.0,
    )


def _rows(values):
    values = np.array(values, float)
    return np.arange(1, values.shape[1] + 1), values
