"""Finds joints that jump off and back, in graphs; see `pose.outliers`."""

import tensorflow as tf

from pose_tf.pose import geometry
from pose_tf.pose.outliers import MIN_FRAMES, REACH, TORSO_PER_RADIUS


def without_jumps(poses, visibility, skeleton, max_jump):
    """Returns clips in which joints that jump off and back are missing.

    They are those that `outliers.find_jumps` finds.

    Args:
        poses: Float tensor `(B, T, J, D)`, in any unit.
        visibility: Bool tensor `(B, T, J)`; False in padding.
        skeleton: `Skeleton` of the poses.
        max_jump: A positive number of torso lengths.

    Returns:
        `(poses, visibility)` of the same shapes.
    """
    seen = visibility & geometry.is_located(poses)
    places = tf.where(seen[..., None], poses, 0.0)
    around, present = (
        _windows(values) for values in (places, seen)
    )  # [B, T, J, D, N], [B, T, J, N]
    middle = _median(around, present[..., None, :])
    distance = tf.norm(places - middle, axis=-1)
    count = tf.reduce_sum(tf.cast(present, tf.int32), -1)
    torso = _torso_length(places, seen, skeleton)[:, None, None]
    jumps = (distance > max_jump * torso) & (count >= MIN_FRAMES)
    kept = visibility & ~(jumps & seen)
    return tf.where((jumps & seen)[..., None], float("nan"), poses), kept


def _windows(values):
    """Returns the values of a frame and of those around it, on a last axis."""
    padding = [[0, 0], [REACH, REACH]] + [[0, 0]] * (values.shape.rank - 2)
    padded = tf.pad(values, padding)
    num_frames = tf.shape(values)[1]
    return tf.stack(
        [padded[:, i : i + num_frames] for i in range(2 * REACH + 1)], -1
    )


def _median(values, seen):
    """Returns the median over the last axis of what is seen; 0 without any."""
    seen = tf.broadcast_to(seen, tf.shape(values))
    ordered = tf.sort(tf.where(seen, values, float("inf")), -1)
    count = tf.reduce_sum(tf.cast(seen, tf.int32), -1, keepdims=True)
    places = tf.concat([tf.maximum(count - 1, 0) // 2, count // 2], -1)
    places = tf.minimum(places, tf.shape(values)[-1] - 1)
    dims = values.shape.rank - 1
    middle = tf.reduce_mean(tf.gather(ordered, places, batch_dims=dims), -1)
    return tf.where(count[..., 0] > 0, middle, 0.0)


def _torso_length(places, seen, skeleton):
    """Returns the median torso length of clips, `(B,)`, or a guess of it."""
    length, known = geometry.torso_length(places, seen, skeleton)
    middle = _median(
        tf.einsum("btjd->btdj", places), seen[:, :, None]
    )  # [B, T, D]
    radius = tf.norm(places - middle[:, :, None], axis=-1)
    size = tf.shape(radius)[0]
    spread = _median(
        tf.reshape(radius, (size, -1)), tf.reshape(seen, (size, -1))
    )
    return tf.where(
        tf.reduce_any(known, 1),
        _median(length, known),
        TORSO_PER_RADIUS * spread,
    )
