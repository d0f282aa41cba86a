"""Parts of training losses; `compute_loss` of each model puts them together."""

import tensorflow as tf

# Weight of the visibility's cross-entropy beside errors in torso lengths.
VISIBILITY_WEIGHT = 0.02
TINY = 1e-6


def free_bits_rate(rate, free_bits):
    """Returns the sum of mean rates, `free_bits` at least per dimension.

    Kingma et al., 2016, https://arxiv.org/abs/1606.04934.

    Args:
        rate: Float tensor `(N, Z)`, nats.
        free_bits: Nats per dimension that cost nothing.

    Returns:
        Scalar, nats per pose.
    """
    return tf.reduce_sum(tf.maximum(tf.reduce_mean(rate, axis=0), free_bits))


def stateless_beta(alpha, seed):
    """Draws once from Beta(alpha, alpha), by two gamma draws."""
    draws = tf.random.stateless_gamma((2,), seed, alpha)
    return draws[0] / tf.maximum(draws[0] + draws[1], 1e-12)


def mix(values, share):
    """Mixes `(B, ...)` with its mirror image in the batch's order."""
    return share * values + (1 - share) * tf.reverse(values, [0])


def mean_distance(joints, target, seen):
    """Returns the mean Euclidean distance of the visible joints.

    Args:
        joints, target: Float tensors `(..., J, D)`.
        seen: Bool tensor `(..., J)`, where `target` is visible.
    """
    difference = tf.where(seen[..., None], joints - target, 0.0)
    # The root of 0 has no finite gradient.
    distance = tf.sqrt(tf.reduce_sum(difference**2, -1) + TINY)
    weight = tf.cast(seen, distance.dtype)
    return tf.math.divide_no_nan(
        tf.reduce_sum(distance * weight), tf.reduce_sum(weight)
    )


def masked_mean(values, mask):
    """Returns the mean of `values` where `mask` is True, 0 if it nowhere is."""
    kept = tf.where(mask, values, 0.0)
    return tf.math.divide_no_nan(
        tf.reduce_sum(kept), tf.reduce_sum(tf.cast(mask, tf.float32))
    )
