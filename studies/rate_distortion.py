"""The plot of what VAEs hold of a pose, and at what rate."""

import numpy as np

from studies import curves

HEIGHT = 3.6  # Inches.


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
        for value, *at in zip(groups, x, y):
            left.annotate(
                f"{value:g}",
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
    right.set_xticks(list(by_dimension), [str(d) for d in by_dimension])
    right.minorticks_off()
    right.set_ylim(bottom=0)
    right.set_xlabel("latent dimensions")
    right.set_ylabel("reconstruction error, torso lengths")
    for panel in (left, right):
        curves.tidy(panel)
        panel.legend(frameon=False, fontsize=curves.FONT_SIZE)
    curves.save(figure, path)


def values(group, figure) -> list[float]:
    """A figure of some records."""
    return [record["figures"][figure] for record in group]
