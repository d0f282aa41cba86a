"""Plots rate, distortion and reconstruction error of VAEs."""

import numpy as np

from studies.page import curves

HEIGHT = 3.6  # Inches.
CLOSE = 0.05  # Points of a line this close, in widths of it, share a label.
TICK_RATIO = 1.5  # Of neighbouring ticks that both have room for a label.


def draw(by_dimension, by_beta, beta, dimension, path) -> None:
    """Plots rate against distortion, and the error next to PCA's.

    Args:
        by_dimension: Records of VAEs by their latent dimension, at one beta.
        by_beta: Records by beta, at one dimension.
        beta, dimension: That beta and that dimension.
        path: Path of the PNG.
    """
    figure = curves.new_figure(HEIGHT)
    left, right = figure.subplots(1, 2)
    names = f"dimensions, beta {beta:g}", f"betas, {dimension} dimensions"
    _rate_and_distortion(left, dict(zip(names, (by_dimension, by_beta))))
    _errors(right, by_dimension)
    for panel in (left, right):
        curves.tidy(panel)
        panel.legend(frameon=False, fontsize=curves.FONT_SIZE)
    curves.save(figure, path)


def _rate_and_distortion(panel, lines):
    for k, (name, groups) in enumerate(lines.items()):
        x, y = (
            [np.mean(values(group, metric)) for group in groups.values()]
            for metric in ("rate", "distortion")
        )
        style = curves.style(k)
        panel.plot(x, y, marker="o", markersize=4, label=name, **style)
        for text, place in _labels(list(groups), x, y):
            panel.annotate(
                text,
                place,
                xytext=(4, 4 if k == 0 else -10),
                textcoords="offset points",
                fontsize=curves.FONT_SIZE - 1,
                color=style["color"],
            )
    panel.set_xlabel("rate, nats per pose")
    panel.set_ylabel("distortion, nats per pose")


def _errors(panel, by_dimension):
    dimensions = list(by_dimension)
    for k, (name, key) in enumerate((("VAE", "mpjpe"), ("PCA", "pca_mpjpe"))):
        means = [np.mean(values(group, key)) for group in by_dimension.values()]
        panel.plot(
            dimensions,
            means,
            marker="o",
            markersize=4,
            label=name,
            **curves.style(k),
        )
    panel.set_xscale("log")
    panel.set_xticks(dimensions, _tick_labels(dimensions))
    panel.minorticks_off()
    panel.set_ylim(bottom=0)
    panel.set_xlabel("latent dimensions")
    panel.set_ylabel("reconstruction error, torso lengths")


def _labels(names, x, y):
    """Yields texts, such as `40 to 160`, and places of points along a line."""
    clusters: list[list[int]] = []
    for k in range(len(names)):
        last = clusters[-1][-1] if clusters else None
        if last is not None and abs(x[k] - x[last]) < CLOSE * np.ptp(x):
            clusters[-1].append(k)
        else:
            clusters.append([k])
    for first, *more in clusters:
        text = f"{names[first]:g}"
        if more:
            text += f" to {names[more[-1]]:g}"
        yield text, (x[first], y[first])


def _tick_labels(ticks):
    """Returns a text per ascending number, empty where there is no room."""
    after = [*ticks[1:], np.inf]
    return [
        "" if following / tick < TICK_RATIO else f"{tick:g}"
        for tick, following in zip(ticks, after)
    ]


def values(group, metric) -> list[float]:
    """Returns a metric of some records."""
    return [record["metrics"][metric] for record in group]
