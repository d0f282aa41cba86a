"""The embedded arms of part 2, by dimension, and their gains as a plot."""

import numpy as np

from studies.embedding.classification import gains
from studies.page import curves, intervals
from studies.page.records import by_seed, select

NAME = "classification"
PLOT_HEIGHT = 3.6  # Inches.
NEAR_ZERO = 4.0  # Points, on both sides.


def embedded(ours, length) -> dict[int, dict[int, float]]:
    """Returns top-1 by latent dimension and seed, lowest dimension first."""
    rows = select(ours, NAME, arm="embedding", length=length)
    sizes = sorted({row["options"]["latent_dim"] for row in rows})
    return {
        latent_dim: by_seed(select(rows, NAME, latent_dim=latent_dim), "top1")
        for latent_dim in sizes
    }


def best(arms) -> int:
    """Returns the dimension of `embedded` whose mean is the highest."""
    return max(arms, key=lambda z: intervals.of(arms[z].values()).mean)


def worse(arms) -> list[int]:
    """Returns the dimensions of `embedded` that are clearly below the best.

    The best is chosen by the same results and compared with all others, so
    the intervals are those that hold for all comparisons at once.
    """
    top = best(arms)
    others = [z for z in arms if z != top]
    return [
        z
        for z in others
        if intervals.paired(arms[top], arms[z], len(others)).low > 0
    ]


def column(length) -> str:
    """Returns the heading of a length."""
    return f"T = {length}" if length else "clip"


def draw_gains(records, lengths, path):
    """Plots gain over dimension, a line per length: all of it, and near zero."""
    all_gains = gains.all_gains(records)
    figure = curves.new_figure(PLOT_HEIGHT)
    panels = figure.subplots(1, 2)
    for panel in panels:
        curves.tidy(panel)
        panel.axhline(0, color="black", linewidth=0.8)
        for k, length in enumerate(lengths):
            ours = sorted(
                (g.latent_dim, g.gain.mean, np.nan_to_num(g.gain.half))
                for g in all_gains
                if (g.labels, g.length, g.arm) == (100, length, "embedding")
            )
            x, mean, half = np.transpose(ours)
            panel.errorbar(
                # Evenly spaced and next to each other, so that no bar hides
                # another.
                np.arange(len(x)) + 0.08 * (k - (len(lengths) - 1) / 2),
                mean,
                half,
                label=column(length),
                capsize=2,
                marker="o",
                markersize=3,
                linewidth=1.2,
                **curves.style(k),
            )
        panel.set_xticks(range(len(x)), [f"{z:g}" for z in x])
        panel.set_xlabel("dimensions of the embedding")
    panels[0].set_ylabel("top-1 minus that of raw poses, points")
    panels[1].set_ylim(-NEAR_ZERO, NEAR_ZERO)
    panels[1].set_title("near zero", fontsize=curves.FONT_SIZE)
    figure.legend(
        *panels[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=len(lengths),
        frameon=False,
        fontsize=curves.FONT_SIZE,
    )
    curves.save(figure, path)
