"""Measures forecasts by the `tprnn` protocol of Chiu et al. (WACV 2019)."""

import numpy as np

from pose_tf.evaluation import forecasts, metrics
from pose_tf.pipeline.cuts import TPRNN_UNIT

# Chiu et al. count a hit within a tenth of half the clip's box. Since labels are
# whole pixels, joints can be at exactly that distance, where rounding would
# decide: the margin makes all of them hits.
TPRNN_THRESHOLD = 0.1 + 1e-6


def evaluate_tprnn(predict, batches, horizon=16):
    """Evaluates predictions by the `tprnn` protocol, with one pose observed.

    The published code stores a pose as x0…x12, y0…y12 and pairs `diff[::2]`
    with `diff[1::2]`, which is x with x; `as_coded` repeats that. It counts
    coordinates of invisible joints too: a joint that is missing in the observed
    pose and in the target has not moved there.

    Args:
        predict: Function of `(poses, visibility)`, float `(B, 1, J, 2)`,
            where half of the longer side of the clip's box is `TPRNN_UNIT`,
            NaN where a joint is missing, and bool `(B, 1, J)`, that returns
            poses `(B, H, J, 2)`.
        batches: Iterable of dicts with `poses` `(B, 1 + H, J, 2)` and
            `visibility` `(B, 1 + H, J)`, as `windows.tprnn_batches` returns.
        horizon: Number of predicted frames, `H`.

    Returns:
        Dict: `correct` and `as_coded`, float `(H,)`, percent of joints;
        `mean_correct`; `num_windows`.

    Raises:
        ValueError: If batches or predictions have wrong shapes, or there is no
            window.
    """
    correct, as_coded = metrics.PerFrame(), metrics.PerFrame()
    num_windows = 0
    for batch in batches:
        poses, visibility = forecasts.read(
            batch, 1 + horizon, "poses", "visibility"
        )
        num_windows += len(poses)
        predicted = forecasts.check_predicted(
            predict(poses[:, :1], visibility[:, :1]), horizon
        )
        target, visible = poses[:, 1:], visibility[:, 1:]
        error = metrics.distances(predicted, target, visible, TPRNN_UNIT)
        correct.add(error < TPRNN_THRESHOLD, visible)
        difference = np.subtract(predicted, target, dtype=np.float64)
        difference /= TPRNN_UNIT
        # Penn Action's files put a missing joint at one place in all frames.
        difference[np.isnan(poses[:, :1]) & np.isnan(target)] = 0.0
        flat = np.concatenate([difference[..., 0], difference[..., 1]], -1)
        paired = np.hypot(flat[..., ::2], flat[..., 1::2])
        as_coded.add(paired < TPRNN_THRESHOLD, visible)
    forecasts.check_any(num_windows)
    return {
        "correct": 100 * correct.mean(),
        "as_coded": 100 * as_coded.mean(),
        "mean_correct": 100 * float(correct.mean().mean()),
        "num_windows": num_windows,
    }
