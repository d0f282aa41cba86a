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
    for k, (name, groups) in enumerate(
        (
            (f"dimensions, beta {beta:g}", by_dimension),
            (f"betas, {dimension} dimensions", by_beta),
        )
    ):
        x, y = (
            [np.mean(values(group, metric)) for group in groups.values()]
            for metric in ("rate", "distortion")
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
    left.set_xlabel("rate, nats per pose")
    left.set_ylabel("distortion, nats per pose")
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
