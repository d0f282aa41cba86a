"""Charts of results, made with matplotlib, which is imported on first use.

They have an opaque white ground and a thin border, as the pictures of `plots`
have, and are written as PNG to `path`: a file's name or an open binary file.
"""

import numpy as np

from pose_tf.plots import stick_figures


def confusion_matrix(counts, names, path) -> None:
    """Draws how often classes were taken for others, as a table with shades.

    Args:
        counts: `[C, C]`, a row per true class, a column per predicted class.
            Shades are shares of a row.
        names: Names of the classes.
        path: File to write, see above.

    Raises:
        ValueError: If `counts` and `names` are not of as many classes.
    """
    counts = np.asarray(counts)
    if counts.shape != (len(names), len(names)):
        raise ValueError(
            f"`counts` must be {len(names)} x {len(names)}, as there are "
            f"`names`. Received: {counts.shape}"
        )
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    side = 2.5 + 0.42 * len(names)
    figure, axes = _figure(side, side)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(counts)):
        axes.text(
            column,
            row,
            f"{counts[row, column]:g}",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if shares[row, column] > 0.5 else "black",
        )
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    accuracy = np.trace(counts) / max(counts.sum(), 1)
    axes.set_title(f"{accuracy:.1%} of {counts.sum():g} right")
    figure.savefig(stick_figures.writable(path), format="png")


def latent_map(embedding, labels, names, path) -> None:
    """Draws embedding `[N, Z]`, colored by labels `[N]` into `names`.

    More than two dimensions are projected on the first two principal
    components.
    """
    embedding, labels = np.asarray(embedding), np.asarray(labels)
    if embedding.ndim != 2 or embedding.shape[1] < 2:
        raise ValueError(
            "`embedding` must be [N, Z] with Z at least 2. "
            f"Received: {embedding.shape}"
        )
    if labels.shape != embedding.shape[:1]:
        raise ValueError(
            f"`labels` must be [{len(embedding)}]. Received: {labels.shape}"
        )
    axis_names = ["first latent dimension", "second latent dimension"]
    if embedding.shape[1] > 2:
        embedding = embedding - embedding.mean(0)
        _, stretch, components = np.linalg.svd(embedding, full_matrices=False)
        shares = stretch**2 / max(np.sum(stretch**2), np.finfo(float).tiny)
        embedding = embedding @ components[:2].T
        axis_names = [
            f"{nth} principal component ({share:.0%} of the variance)"
            for nth, share in zip(("first", "second"), shares)
        ]
    figure, axes = _figure(9, 6)
    scatter(axes, embedding, labels, names, size=10)
    axes.set_xlabel(axis_names[0])
    axes.set_ylabel(axis_names[1])
    figure.legend(loc="outside right upper", frameon=False, markerscale=2)
    figure.savefig(stick_figures.writable(path), format="png")


def horizon_curves(curves, path, *, ylabel, xlabel="horizon, frames") -> None:
    """Draws figures `[H]` at horizons 1 to H, a curve for each name.

    Args:
        curves: A dict from names to figures, of any lengths.
        path: Of the PNG.
        ylabel: Says the figure and its unit.
        xlabel: Says the horizon's unit.
    """
    figure, axes = _figure(7, 4.5)
    for k, (name, values) in enumerate(curves.items()):
        axes.plot(
            range(1, len(values) + 1),
            values,
            label=name,
            color=unit(stick_figures.COLORS[k % len(stick_figures.COLORS)]),
            linestyle=("-", "--", ":")[k // len(stick_figures.COLORS) % 3],
            marker="o",
            markersize=3,
        )
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.grid(color=unit(stick_figures.FAINT), linewidth=0.6)
    axes.legend(frameon=False)
    figure.savefig(stick_figures.writable(path), format="png")


def scatter(axes, points, labels, names, size):
    """Draws points `[N, 2]`, colored by labels `[N]` into `names`."""
    for k in np.unique(labels):
        axes.scatter(
            *points[labels == k].T,
            s=size,
            alpha=0.7,
            linewidths=0,
            marker="os^Dv"[k // len(stick_figures.COLORS) % 5],
            color=unit(stick_figures.COLORS[k % len(stick_figures.COLORS)]),
            label=names[k],
        )


def new_figure(width, height, dpi=100, padding=0.15):
    """An empty figure, opaque, with a thin border: for light and dark pages.

    Args:
        width, height, padding: Inches.
        dpi: Dots an inch.
    """
    # Not pyplot: it keeps every figure, and wants a display's backend.
    from matplotlib.figure import Figure

    figure = Figure(
        (width, height),
        dpi=dpi,
        layout="constrained",
        facecolor="white",
        edgecolor=unit(stick_figures.FAINT),
        linewidth=1,
    )
    figure.get_layout_engine().set(w_pad=padding, h_pad=padding)
    return figure


def _figure(width, height):
    figure = new_figure(width, height)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def unit(color):
    """A color of `plots` as matplotlib wants it."""
    return tuple(channel / 255 for channel in color)
