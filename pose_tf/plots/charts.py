"""Draws charts of results with matplotlib, which is imported on first use.

Charts have an opaque white background and a thin border, like all pictures of
`plots`. They are written as PNG to `path`: a file name or an open binary file.
"""

import numpy as np

from pose_tf.plots import stick_figures

# Of confusion matrices: margins for the names and cells, inches; the size of
# text, points; dots per inch. The small one can be read 330 pixels wide.
LARGE_MATRIX = {"margin": 2.5, "cell": 0.42, "font": 8, "dpi": 100}
PADDING, SMALL_PADDING = 0.15, 0.03  # Around and between axes, inches.
SMALL_MATRIX = {"margin": 1.05, "cell": 0.155, "font": 6, "dpi": 200}


def confusion_matrix(counts, names, path, small=False) -> None:
    """Draws how often classes were taken for others, as a table with shades.

    Args:
        counts: `[C, C]`, a row per true class, a column per predicted class.
            Shades are shares of a row.
        names: Names of the classes.
        path: File to write, see above.
        small: Whether the picture must be legible at the size at which
            TensorBoard shows it.

    Raises:
        ValueError: If `counts` and `names` are not of as many classes.
    """
    counts = np.asarray(counts)
    if counts.shape != (len(names), len(names)):
        raise ValueError(
            f"`counts` must be {len(names)} x {len(names)}, as there are "
            f"`names`. Received: {counts.shape}"
        )
    from sklearn.metrics import ConfusionMatrixDisplay

    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    layout = SMALL_MATRIX if small else LARGE_MATRIX
    side = layout["margin"] + layout["cell"] * len(names)
    padding = SMALL_PADDING if small else PADDING
    fig = new_figure(side, side, layout["dpi"], padding)
    axes = fig.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    display = ConfusionMatrixDisplay(shares, display_labels=names)
    display.plot(
        ax=axes,
        cmap="Blues",
        colorbar=False,
        im_kw={"vmin": 0, "vmax": 1},
        text_kw={"fontsize": layout["font"]},
        xticks_rotation="vertical",
    )
    for count, text in zip(counts.flat, display.text_.flat):
        text.set_text(f"{count:g}" if count else "")  # Not the share.
    if small:
        axes.tick_params(labelsize=layout["font"], length=0, pad=1)
        axes.set_xlabel("predicted", fontsize=layout["font"], labelpad=1)
        axes.set_ylabel("true", fontsize=layout["font"], labelpad=1)
    accuracy = np.trace(counts) / max(counts.sum(), 1)
    title = f"{accuracy:.1%} of {counts.sum():g} correct"
    axes.set_title(title, fontsize=1.5 * layout["font"])
    with stick_figures.writing(path) as target:
        fig.savefig(target, format="png")


def scatter(axes, points, labels, names, size):
    """Draws points `[N, 2]`, colored by their labels `[N]`, indices of `names`.

    `size` is the area of a point, in square typographic points.
    """
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


def new_figure(width, height, dpi=100, padding=PADDING):
    """Returns an empty figure, opaque, with a thin border, for any page.

    Args:
        width: Width, inches.
        height: Height, inches.
        dpi: Dots per inch.
        padding: Space around and between axes, inches.
    """
    # Not by pyplot, which keeps every figure and needs a display's backend.
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return Figure(
        (width, height),
        dpi=dpi,
        layout=ConstrainedLayoutEngine(w_pad=padding, h_pad=padding),
        facecolor="white",
        edgecolor=unit(stick_figures.FAINT),
        linewidth=1,
    )


def unit(color):
    """Returns a color of `plots` as matplotlib takes it: floats up to 1."""
    return tuple(channel / 255 for channel in color)
