"""Measures forecasts by the `tprnn` protocol of Chiu et al. (WACV 2019)."""

import numpy as np

from pose_tf.evaluation import forecasts, metrics
from pose_tf.pipeline.cuts import TPRNN_UNIT

# Chiu et al. count a hit within a tenth of half the clip's box. Labels on whole
# pixels put joints at that distance exactly, where rounding would decide: the
# margin makes all of them hits.
TPRNN_THRESHOLD = 0.1 + 1e-6


def evaluate_tprnn(predict, batches, horizon=16):
    """Measures by the `tprnn` protocol, with one pose observed.

    Their code lays a pose out as x0…x12, y0…y12 and measures `diff[::2]`
    against `diff[1::2]`, so that it pairs x with x; `as_coded` repeats that.
    It counts coordinates of invisible joints too: a joint that is missing in
    the observed pose and in the target has not moved there.

    Args:
        predict: Function of `(poses, visibility)`, float `(B, 1, J, 2)`,
            where half of the longer side of the clip's box is `TPRNN_UNIT`,
            NaN where a joint is missing, and bool `(B, 1, J)`, that gives
            poses `(B, H, J, 2)`.
        batches: Iterable of dicts with `poses` `(B, 1 + H, J, 2)` and
            `visibility` `(B, 1 + H, J)`, as `windows.tprnn_batches` gives.
        horizon: Integer, `H`.

    Returns:
        Dict: `correct` and `as_coded`, float `(H,)`, percent of joints;
        `mean_correct`; `num_windows`.
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
        apart = metrics.distances(predicted, target, visible, TPRNN_UNIT)
        correct.add(apart < TPRNN_THRESHOLD, visible)
        difference = np.subtract(predicted, target, dtype=np.float64)
        difference /= TPRNN_UNIT
        # Penn Action's files put a missing joint in one place in all frames.
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
