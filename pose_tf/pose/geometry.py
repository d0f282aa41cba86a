"""Computes with poses: means, lengths, mirror images, turns, resampling.

All functions are pure. Poses are float tensors of shape `(..., J, D)`, in any unit and frame of
reference; where time matters they are `(..., T, J, D)`. Visibility is bool,
`(..., J)`. A joint whose coordinates are not finite is missing. Coordinates of
joints that are not visible never matter: they are masked by `where`, since
NaN times 0 is NaN.
"""

import tensorflow as tf


def is_located(poses):
    """Returns which joints `(..., J, D)` have a place, bool `(..., J)`."""
    return tf.reduce_all(tf.math.is_finite(poses), axis=-1)


def ever_visible(visibility, before=None):
    """Returns whether any joint has been visible, up to each frame.

    Args:
        visibility: Bool tensor `(B, T, J)`.
        before: Bool tensor `(B,)`, whether one was before the first frame;
            None if there were no frames before it.

    Returns:
        Bool tensor `(B, T)`.
    """
    shown = tf.cast(tf.reduce_any(visibility, axis=-1), tf.int32)
    ever = tf.cumsum(shown, axis=1) > 0
    return ever if before is None else ever | before[:, None]


def weighted_mean(poses, weights):
    """Returns the mean position of joints, and whether any joint had weight.

    Args:
        poses: Float tensor `(..., J, D)`.
        weights: Float tensor `(..., J)`, not negative.

    Returns:
        `(mean, known)`: float `(..., D)`, zero where no joint has weight, and
        bool `(...)`.
    """
    total = tf.reduce_sum(weights, axis=-1)
    known = tf.where(weights[..., None] > 0, poses, 0.0)
    weighted = known * weights[..., None]
    mean = tf.math.divide_no_nan(
        tf.reduce_sum(weighted, axis=-2), total[..., None]
    )
    return mean, total > 0


def joint_mean(poses, visibility, indices):
    """Returns the `weighted_mean` of the visible joints among `indices`."""
    chosen = tf.gather(poses, indices, axis=-2)
    seen = tf.gather(visibility, indices, axis=-1)
    return weighted_mean(chosen, tf.cast(seen, poses.dtype))


def torso_length(poses, visibility, skeleton):
    """Returns the distance from mid-shoulders to mid-hips.

    One visible shoulder and one visible hip are enough: seen from the side,
    they hide the others.

    Returns:
        `(length, known)`: float `(...)` in the unit of `poses`, and bool.
    """
    shoulders, has_shoulder = joint_mean(
        poses, visibility, skeleton.indices(skeleton.shoulders)
    )
    hips, has_hip = joint_mean(
        poses, visibility, skeleton.indices(skeleton.hips)
    )
    return tf.norm(shoulders - hips, axis=-1), has_shoulder & has_hip


def spread(poses, visibility):
    """Returns the RMS distance of the visible joints from their mean.

    Returns:
        Float `(...)` in the unit of `poses`; zero without a visible joint.
    """
    weights = tf.cast(visibility, poses.dtype)
    mean, _ = weighted_mean(poses, weights)
    arm = tf.where(visibility[..., None], poses - mean[..., None, :], 0.0)
    square = tf.reduce_sum(arm**2, axis=-1)
    return tf.sqrt(
        tf.math.divide_no_nan(
            tf.reduce_sum(square, -1), tf.reduce_sum(weights, -1)
        )
    )


def mirror(poses, visibility, skeleton):
    """Mirrors about the vertical axis x = 0 and swaps left with right joints.

    Returns:
        `(poses, visibility)` of the shapes received.
    """
    order = skeleton.mirror_indices
    sign = tf.constant(
        [-1.0] + [1.0] * (skeleton.num_coordinates - 1), poses.dtype
    )
    return (
        tf.gather(poses, order, axis=-2) * sign,
        tf.gather(visibility, order, axis=-1),
    )


def rotate(poses, angle, centre):
    """Rotates poses about `centre` in the image plane.

    Args:
        poses: Float tensor `(..., J, D)`; only the first two coordinates change.
        angle: Radians, from x towards y (clockwise on the screen, where y
            points down), of a shape that broadcasts with `(..., J)`.
        centre: Float tensor that broadcasts with `poses`.

    Returns:
        Poses of the shape received.
    """
    arm = poses - centre
    x, y = arm[..., 0], arm[..., 1]
    turned = tf.stack(
        [
            tf.cos(angle) * x - tf.sin(angle) * y,
            tf.sin(angle) * x + tf.cos(angle) * y,
        ],
        axis=-1,
    )
    return tf.concat([turned, arm[..., 2:]], axis=-1) + centre


def scale(poses, factor, centre):
    """Scales poses by `factor` about `centre`; both broadcast with `poses`."""
    return (poses - centre) * factor + centre


def fill_forward(values, known, initial, initial_known):
    """Replaces unknown entries by the last known ones before them.

    Args:
        values: Float tensor `(B, T, ..., D)`.
        known: Bool tensor `(B, T, ...)`.
        initial: Float tensor `(B, ..., D)`, entries before the first frame.
        initial_known: Bool tensor `(B, ...)`, which of these are known.

    Returns:
        `(values, known)` of the shapes received; entries that are still
        unknown have the value of `initial`.
    """
    values = tf.concat([initial[:, None], values], axis=1)
    known = tf.concat([initial_known[:, None], known], axis=1)
    last = latest(known)
    axis = list(range(known.shape.rank))
    # `batch_dims` wants time last: (B, ..., T) and (B, ..., T, D).
    back = [0, *axis[2:], 1]
    forth = [0, axis[-1], *axis[1:-1]]
    filled = tf.gather(
        tf.transpose(values, [*back, len(axis)]),
        tf.transpose(tf.maximum(last, 0), back),
        batch_dims=len(axis) - 1,
    )
    filled = tf.transpose(filled, [*forth, len(axis)])
    return filled[:, 1:], last[:, 1:] >= 0


def visible_span(visibility):
    """Returns the first and the last frame in which any joint is visible.

    Args:
        visibility: Bool tensor `(B, T, J)`.

    Returns:
        `(first, last)`, int32 tensors `(B,)`; 0 and `T - 1` if none is.
    """
    anybody = tf.reduce_any(visibility, -1)
    first = tf.argmax(anybody, 1, tf.int32)
    behind = tf.argmax(tf.reverse(anybody, [1]), 1, tf.int32)
    return first, tf.shape(anybody)[1] - 1 - behind


def latest(known):
    """Returns the last frame, up to each, in which `known` is True.

    Args:
        known: Bool tensor `(B, T, ...)`.

    Returns:
        Int32 tensor of the same shape; -1 where there is no such frame.
    """
    axis = list(range(known.shape.rank))
    back, forth = [0, *axis[2:], 1], [0, axis[-1], *axis[1:-1]]
    counts = tf.cumsum(tf.cast(tf.transpose(known, back), tf.int32), axis=-1)
    # Where the count reached its value: one operation, where a loop over
    # frames takes longer to trace and to run.
    rows = tf.reshape(counts, (-1, tf.shape(counts)[-1]))
    frames = tf.reshape(tf.searchsorted(rows, rows), tf.shape(counts))
    return tf.transpose(tf.where(counts > 0, frames, -1), forth)
