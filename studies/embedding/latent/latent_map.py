"""Draws a map of a 2-D latent: where poses are embedded, and what decodes there."""

import numpy as np

from pose_tf.plots import charts, stick_figures
from studies.page import curves, pictures

PICTURE = "latent_map.png"
HEIGHT = 5.6  # Inches.
SHOWN_POSES = 3000
CELLS = 9  # Per side of the grid of decoded poses.
SPREAD = (1, 99)  # Percentiles of the poses between which the grid is.
TILE, TILE_SIDE = 110, 4.2  # Pixels; torso lengths.
FADED = 0.2  # Opacity of decoded poses where no test pose is.


def draw(model, test, actions, context):
    """Draws the map and measures it.

    Args:
        model: `PoseVAE` of 2 latent dimensions.
        test: Embedded poses, as `experiment.embedded` returns them.
        actions: Names of the actions.
        context: `context.Context`.

    Returns:
        Dict: `picture`, its name; `neighbour`, percent of the poses whose
        nearest one on the map (neighbouring frames left out: see `_spread_out`)
        has the same action; `chance`, percent if the actions were dealt at
        random; `num_poses`.
    """
    chosen = _spread_out(len(test["action"]), SHOWN_POSES)
    latent, action = test["latent"][chosen], test["action"][chosen]
    figure = curves.new_figure(HEIGHT)
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    curves.tidy(left)
    names = [name.replace("_", " ") for name in actions]
    charts.scatter(left, latent, action, names, size=5)
    low, high = np.percentile(latent, SPREAD, axis=0)
    _tiles(right, model, test["latent"], low, high)
    for panel, title in ((left, "test poses"), (right, "decoded poses")):
        panel.set_title(title, fontsize=curves.FONT_SIZE + 1)
        panel.set_xlabel("first latent dimension")
        panel.set_box_aspect(1)
    left.set_ylabel("second latent dimension")
    figure.legend(**{**curves.LEGEND, "ncols": 5}, markerscale=2)
    curves.save(figure, pictures.path(context, PICTURE))
    shares = np.bincount(action) / len(action)
    return {
        "picture": PICTURE,
        "neighbour": _same_action(latent, action),
        "chance": 100 * float((shares**2).sum()),
        "num_poses": len(action),
    }


def _spread_out(count, wanted):
    """Returns positions of evenly spread poses, which skips similar frames."""
    return np.linspace(0, count - 1, min(count, wanted)).round().astype(int)


def _tiles(panel, model, latent, low, high):
    """Draws decoded poses on a grid, pale where no test pose is embedded."""
    step = (high - low) / CELLS
    x, y = (low[i] + step[i] * (np.arange(CELLS) + 0.5) for i in (0, 1))
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), -1)
    decoded, _ = model.decode_pose(grid.reshape(-1, 2).astype(np.float32))
    decoded = np.asarray(decoded).reshape(CELLS, CELLS, *decoded.shape[1:])
    view = stick_figures.View(np.zeros(2), TILE_SIDE, TILE_SIDE / 2)
    cells = np.floor((latent - low) / step).astype(int)
    occupied = {tuple(cell) for cell in cells}
    for i in range(CELLS):
        for j in range(CELLS):
            tile = stick_figures.draw_pose(
                decoded[i, j], model.skeleton, view=view, size=TILE
            )
            corner = low + step * [i, j]
            panel.imshow(
                np.asarray(tile),
                extent=(
                    corner[0],
                    corner[0] + step[0],
                    corner[1],
                    corner[1] + step[1],
                ),
                alpha=1.0 if (i, j) in occupied else FADED,
                aspect="auto",
            )
    panel.set_xlim(low[0], high[0])
    panel.set_ylim(low[1], high[1])
    panel.spines[["top", "right"]].set_visible(False)
    panel.tick_params(labelsize=curves.FONT_SIZE)


def _same_action(latent, action):
    squares = (latent**2).sum(-1)
    distances = squares[:, None] + squares - 2 * latent @ latent.T
    np.fill_diagonal(distances, np.inf)
    return 100 * float((action[distances.argmin(1)] == action).mean())
