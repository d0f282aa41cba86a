"""The plot of what VAEs hold of a pose, and at what rate."""

import numpy as np

from studies.page import curves

HEIGHT = 3.6  # Inches.
CLOSE = 0.05  # Points of a line this close, in widths of it, share a label.
TICK_RATIO = 1.5  # Of neighbouring ticks that both have room for a label.


def draw(by_dimension, by_beta, beta, dimension, path) -> None:
    """Draws rate against distortion, and the error beside PCA's.

    Args:
        by_dimension: Records of VAEs by their latent dimension, at one beta.
        by_beta: Records by beta, at one dimension.
        beta, dimension: Those.
        path: Of the PNG.
    """
    figure = curves.new_figure(HEIGHT)
    left, right = figure.subplots(1, 2)
    for k, (name, groups) in enumerate(
        (
            (f"dimensions, beta {beta:g}", by_dimension),
            (f"betas, {dimension} dimensions", by_beta),
        )
    ):
        x, y = (
            [np.mean(values(group, figure)) for group in groups.values()]
            for figure in ("rate", "distortion")
        )
        left.plot(x, y, marker="o", markersize=4, label=name, **curves.style(k))
        for text, at in _labels(list(groups), x, y):
            left.annotate(
                text,
                at,
                xytext=(4, 4 if k == 0 else -10),
                textcoords="offset points",
                fontsize=curves.FONT_SIZE - 1,
                color=curves.style(k)["color"],
            )
    left.set_xlabel("rate, nats a pose")
    left.set_ylabel("distortion, nats a pose")
    for k, (name, key) in enumerate((("VAE", "mpjpe"), ("PCA", "pca_mpjpe"))):
        rows = [values(group, key) for group in by_dimension.values()]
        mean = [np.mean(row) for row in rows]
        look = curves.style(k)
        right.plot(
            list(by_dimension),
            mean,
            marker="o",
            markersize=4,
            label=name,
            **look,
        )
    right.set_xscale("log")
    right.set_xticks(list(by_dimension), _tick_labels(list(by_dimension)))
    right.minorticks_off()
    right.set_ylim(bottom=0)
    right.set_xlabel("latent dimensions")
    right.set_ylabel("reconstruction error, torso lengths")
    for panel in (left, right):
        curves.tidy(panel)
        panel.legend(frameon=False, fontsize=curves.FONT_SIZE)
    curves.save(figure, path)


def _labels(names, x, y):
    """Texts and places of points in the order of a line, `2` or `40 to 160`."""
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
    """A text for each of some ascending numbers; empty where it is narrow."""
    after = [*ticks[1:], np.inf]
    return [
        "" if following / tick < TICK_RATIO else f"{tick:g}"
        for tick, following in zip(ticks, after)
    ]


def values(group, figure) -> list[float]:
    """A figure of some records."""
    return [record["figures"][figure] for record in group]
