"""Measures the next frame by the protocol of the original work."""

import numpy as np

from pose_tf.evaluation import forecasts, metrics
from pose_tf.pipeline.cuts import PUBLISHED_MISSING

PREFIX = 5
SKIPS = (1, 2, 4)


def evaluate_next_frame(predict, batches, skip=1, unit=1.0):
    """Evaluates predictions by the `original` protocol.

    The score is the mean absolute error of the next frame, predicted from five,
    over `J * (D + 1)` numbers per frame: coordinates divided by the size of the
    frame, and visibility as 0 or 1. Nothing is masked: hidden joints count as
    annotated, and missing ones (NaN, in targets and predictions) are where Penn
    Action's files put them, so that these and the visibilities can outweigh all
    motion. `visible_mae` leaves both out.

    Args:
        predict: Function of `(poses, visibility)`, float `(B, 5, J, D)` and
            bool `(B, 5, J)`, that returns `(poses, visibility)`,
            float `(B, 1, J, D)` and `(B, 1, J)`.
        batches: Iterable of dicts with `poses` `(B, 5 * skip + 1, J, D)` and
            `visibility`, windows at every `skip`-th frame of the clips.
        skip: Integer; every `skip`-th frame is kept.
        unit: Length of the frame's sides in the unit of `poses`; None takes
            `frame_size` `(B, D)` of the batches.

    Returns:
        Dict: `mae`, float; `visible_mae`, float, of only the coordinates of
        visible joints; `num_windows`.

    Raises:
        ValueError: If there is no window, or frames do not have as many sides
            as poses have coordinates.
    """
    total, count, num_windows = 0.0, 0, 0
    visible = metrics.PerFrame()
    for batch in batches:
        poses, visibility = (
            values[:, ::skip]
            for values in forecasts.read(
                batch, PREFIX * skip + 1, "poses", "visibility"
            )
        )
        num_windows += len(poses)
        predicted, seen = predict(poses[:, :PREFIX], visibility[:, :PREFIX])
        predicted = forecasts.check_predicted(predicted, 1)
        target, shown = poses[:, PREFIX:], visibility[:, PREFIX:]
        sides = _sides(batch, poses) if unit is None else unit
        error = np.abs(_placed(predicted) - _placed(target)) / sides
        wrong = np.abs(seen - shown.astype(np.float64))
        total += error.sum() + wrong.sum()
        count += error.size + wrong.size
        visible.add(error.mean(-1), shown)
    forecasts.check_any(num_windows)
    return {
        "mae": float(total / count),
        "visible_mae": float(visible.mean()[0]),
        "num_windows": num_windows,
    }


def _placed(poses):
    """Returns poses as float64, with missing joints as in the files."""
    return np.where(np.isnan(poses), PUBLISHED_MISSING, poses.astype(float))


def _sides(batch, poses):
    """Returns the sides of frames `(B, 1, 1, D)`, in the unit of the poses."""
    (frame_size,) = forecasts.read(batch, None, "frame_size")
    if frame_size.shape[-1] != poses.shape[-1]:
        raise ValueError(
            f"`batches` must give poses of {frame_size.shape[-1]} coordinates, "
            f"as many as a frame has sides. Received: {poses.shape[-1]}"
        )
    return frame_size[:, None, None]
