"""Plots curves with 95 % intervals over seeds, in panels side by side.

They have the opaque white background and the thin border of
`pose_tf.plots.charts`, so that they look the same on light and dark pages, and
the width at which a README shows them.
"""

import itertools

import numpy as np

from pose_tf.plots import charts, stick_figures
from studies.page import intervals

WIDTH, PANEL_HEIGHT, DPI = 8.3, 3.4, 160  # Inches; dots per inch.
FONT_SIZE = 9
LEGEND = {
    "loc": "outside lower center",
    "ncols": 3,
    "frameon": False,
    "fontsize": FONT_SIZE,
}
STYLES = ("-", "--", ":")


def draw(
    panels,
    path,
    *,
    xlabel,
    ylabel,
    log_y=False,
    level=None,
    limits=(None, None),
) -> None:
    """Writes a PNG of panels that share both axes.

    Args:
        panels: Dict from a panel's title to its curves, a dict from a name to
            `(x, rows)`: float `(H,)`, and `(S, H)` with a row per seed. A
            name has the same color in all panels.
        path: Path of the PNG.
        xlabel, ylabel: What the axes are, with units.
        log_y: Whether the vertical axis is logarithmic.
        level: Height of a black line, or None.
        limits: Lower and upper end of the vertical axis; None fits the curves.
    """
    figure = new_figure(PANEL_HEIGHT)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    names = dict.fromkeys(itertools.chain(*panels.values()))
    colors = {name: style(k) for k, name in enumerate(names)}
    for panel, (title, curves) in zip(axes, panels.items(), strict=True):
        tidy(panel)
        if level is not None:
            panel.axhline(level, color="black", linewidth=0.8)
        for name, (x, rows) in curves.items():
            _curve(panel, x, rows, name, **colors[name])
        panel.set_title(title, fontsize=FONT_SIZE + 1)
        panel.set_xlabel(xlabel)
        if log_y:
            panel.set_yscale("log")
    axes[0].set_ylabel(ylabel)
    axes[0].set_ylim(*limits)
    handles = {
        label: handle
        for panel in axes
        for handle, label in zip(*panel.get_legend_handles_labels())
    }
    if len(handles) > 1:
        figure.legend(
            handles.values(),
            handles.keys(),
            **LEGEND,
        )
    save(figure, path)


def new_figure(height):
    """Returns an empty figure as wide as a README, `height` inches high."""
    return charts.new_figure(WIDTH, height, DPI, padding=0.1)


def tidy(panel):
    """Gives a panel the look of all panels."""
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(color=charts.unit(stick_figures.FAINT), linewidth=0.6)
    panel.tick_params(labelsize=FONT_SIZE)


def save(figure, path):
    """Writes a figure as PNG."""
    with stick_figures.writing(path) as target:
        figure.savefig(target, format="png")


def style(k):
    """Returns color and line style of the `k`-th curve."""
    return {
        "color": charts.unit(
            stick_figures.COLORS[k % len(stick_figures.COLORS)]
        ),
        "linestyle": STYLES[k // len(stick_figures.COLORS) % len(STYLES)],
    }


def _curve(panel, x, rows, name, **look):
    means = [intervals.of(column) for column in np.transpose(rows)]
    mean = np.array([interval.mean for interval in means])
    half = np.array([interval.half for interval in means])
    marker = {"marker": "o", "markersize": 3} if len(x) < 12 else {}
    panel.plot(x, mean, label=name, linewidth=1.5, **look, **marker)
    if np.isfinite(half).all():
        panel.fill_between(
            x,
            mean - half,
            mean + half,
            color=look["color"],
            alpha=0.15,
            linewidth=0,
        )
