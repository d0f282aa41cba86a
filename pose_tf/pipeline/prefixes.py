"""Shows windows whose prefixes a detector might have given."""

import numpy as np
import tensorflow as tf

from pose_tf.pipeline import detectors, recordings

MOST_LEVEL = 2.0  # Of detectors, drawn from 0 on.


def degrade(batch, seed, *, prefix, skeleton, share):
    """Adds prefixes to a batch of windows, some of them degraded.

    What comes after a prefix, and the windows themselves, stay as they are, so
    that a generator learns to go on with what is there and not with the noise.

    Args:
        batch: Dict of windows, as `windows.window_batches` makes them.
        seed: Int tensor `(2,)`.
        prefix: Integer, `P`.
        skeleton: `Skeleton` of the poses.
        share: Share of the windows whose prefix is degraded, at random.

    Returns:
        The batch with `seen_poses` float32 `(B, P, J, D)` and
        `seen_visibility` bool `(B, P, J)`.
    """

    def degraded(poses, visibility, seed):
        rng = np.random.default_rng(np.asarray(seed).astype(np.uint32))
        poses, visibility = poses.copy(), visibility.copy()
        for i in np.flatnonzero(rng.random(len(poses)) < share):
            level = rng.uniform(0, MOST_LEVEL)
            poses[i], visibility[i] = detected(
                poses[i], visibility[i], skeleton, level, rng
            )
        return poses, visibility

    poses, visibility = (
        batch[name][:, :prefix] for name in ("poses", "visibility")
    )
    seen = tf.numpy_function(
        degraded, [poses, visibility, seed], [tf.float32, tf.bool]
    )
    for value, given in zip(seen, (poses, visibility), strict=True):
        value.set_shape(given.shape)
    return {**batch, "seen_poses": seen[0], "seen_visibility": seen[1]}


def detected(poses, visibility, skeleton, level, rng):
    """Returns a prefix as a detector might have given it.

    If nobody would be left, or nobody's size is known, it stays as it is.

    Args:
        poses: Float array `[P, J, D]`, in any unit.
        visibility: Bool array `[P, J]`.
        skeleton: `Skeleton` of the poses.
        level: See `detectors.detect`.
        rng: `np.random.Generator`.

    Returns:
        `(poses, visibility)` of the same shapes; what is not visible is NaN.
    """
    shown = np.where(visibility[..., None], poses, np.nan)
    unit = recordings.torso_length(shown, skeleton)
    if not unit > 0:
        return poses, visibility
    found = unit * detectors.detect(shown / unit, skeleton, level, rng)
    seen = np.isfinite(found).all(-1)
    if not seen.any():
        return poses, visibility
    return found.astype(np.float32), seen
