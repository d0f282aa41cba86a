"""Scores pairs of samples against the truth, by a strictly proper rule.

    S(x, x'; y) = (|x - y| + |x' - y|) / 2 - |x - x'| / 2

In expectation over samples it is least if they are drawn from the distribution
of the truth: what samples lose by spread, the second term gives back. See
[Gneiting and Raftery, 2007](https://doi.org/10.1198/016214506000001437); that
generators can be trained by it alone, without a discriminator or a likelihood,
[Pacchiardi et al., 2024](https://arxiv.org/abs/2112.08217).

Poses are float tensors `(..., J, D)`; `seen`, bool `(..., J)`, says which joints
of the truth are visible.
"""

import math

import tensorflow as tf

from pose_tf.models import losses

TINY = 1e-8  # The root of 0 has no finite gradient.
# Of samples' second differences, without which chunks show their seams.
SECOND_DIFFERENCE_WEIGHT = 1.0
# Of the logarithm of how much more or less samples move than the truth: scores of
# single windows hardly see it far ahead.
ENERGY_WEIGHT = 0.03
# Beyond, it says nothing: at first, scores are to say where to move.
FAR_OFF = math.log(4)
LEAST_ENERGY = 1e-5  # Below, nobody moves: 0.3 % of their size.


def joint_distance(difference, seen):
    """Returns the length of each joint's difference, `(..., J)`."""
    difference = tf.where(seen[..., None], difference, 0.0)
    return tf.sqrt(tf.reduce_sum(difference**2, -1) + TINY)


def pose_distance(difference, seen):
    """Returns the root mean square length over visible joints, `(...)`."""
    difference = tf.where(seen[..., None], difference, 0.0)
    count = tf.reduce_sum(tf.cast(seen, difference.dtype), -1)
    square = tf.reduce_sum(difference**2, (-2, -1))
    return tf.sqrt(tf.math.divide_no_nan(square, count) + TINY)


def energy_score(first, second, truth, seen):
    """Returns the score of two samples, of joints and of whole poses.

    The score of single joints is the sharper one; that of whole poses sees
    whether joints move together.

    Args:
        first, second: Samples `(..., J, D)`.
        truth: `(..., J, D)`; anything where it is not visible.
        seen: Bool tensor `(..., J)`.

    Returns:
        Scalar: the sum of the two means over what is visible.
    """
    pairs = (first - truth, second - truth, first - second)

    def mean(distance, mask):
        near, also_near, apart = (distance(x, seen) for x in pairs)
        return losses.masked_mean((near + also_near - apart) / 2, mask)

    return mean(joint_distance, seen) + mean(
        pose_distance, tf.reduce_any(seen, -1)
    )


def samples_loss(first, second, truth, seen, num_before, lags):
    """Returns the loss of two sampled rollouts, and metrics.

    Args:
        first, second: Samples `(B, N + H, J, D)`; the first `N` frames of each
            are what came before, of the truth or of the sample.
        truth: The true frames, `(B, N + H, J, D)`.
        seen: Bool tensor `(B, N + H, J)`, where the truth is visible.
        num_before: Integer `N`, at least 2 and the greatest lag.
        lags: Integers: displacements over so many frames are scored.

    Returns:
        `(loss, metrics)`: a scalar; `score`, the energy score of places, and
        `energy`, that of motion over the last lag, over that of the truth.
    """
    rollouts = (first, second, truth)
    one, other, true = (x[:, num_before:] for x in rollouts)
    score = loss = energy_score(one, other, true, seen[:, num_before:])
    for lag in lags:
        (one, other, true), known = _moves(rollouts, seen, num_before, lag)
        loss += energy_score(one, other, true, known)
        energy = (_energy(one, known) + _energy(other, known)) / 2
        energy += LEAST_ENERGY
        real = _energy(true, known) + LEAST_ENERGY
        difference = tf.math.log(energy / real)
        difference = tf.clip_by_value(difference, -FAR_OFF, FAR_OFF)
        loss += ENERGY_WEIGHT * tf.reduce_mean(tf.abs(difference))
    (one, other, true), known = _second_differences(rollouts, seen, num_before)
    loss += SECOND_DIFFERENCE_WEIGHT * energy_score(one, other, true, known)
    ratio = tf.reduce_sum(energy) / tf.reduce_sum(real)
    return loss, {"score": score, "energy": ratio}


def prediction_loss(predicted, truth, seen, num_before):
    """Returns the loss of a deterministic rollout, and metrics.

    Args:
        predicted: The prediction, `(B, N + H, J, D)`.
        truth, seen, num_before: As for `samples_loss`.

    Returns:
        `(loss, metrics)`: the mean distance of visible joints plus that of
        their steps; and `error`, the former.
    """
    mask = seen[:, num_before:]
    off = predicted[:, num_before:] - truth[:, num_before:]
    error = losses.masked_mean(joint_distance(off, mask), mask)
    steps, known = _moves((predicted, truth), seen, num_before, 1)
    off = joint_distance(steps[0] - steps[1], known)
    return error + losses.masked_mean(off, known), {"error": error}


def _moves(rollouts, seen, num_before, lag):
    """Returns displacements to each frame to come, and which are known."""
    known = seen[:, num_before:] & seen[:, num_before - lag : -lag]
    return [
        x[:, num_before:] - x[:, num_before - lag : -lag] for x in rollouts
    ], known


def _second_differences(rollouts, seen, num_before):
    """Returns second differences of each rollout, and which are known."""

    def three(x):
        return (
            x[:, num_before:],
            x[:, num_before - 1 : -1],
            x[:, num_before - 2 : -2],
        )

    differences = [x - 2 * y + z for x, y, z in map(three, rollouts)]
    return differences, tf.reduce_all(three(seen), axis=0)


def _energy(moved, known):
    """Returns the mean squared displacement of each frame to come, `(H,)`."""
    known = tf.cast(known, moved.dtype)
    square = tf.reduce_sum(tf.where(known[..., None] > 0, moved, 0.0) ** 2, -1)
    return tf.math.divide_no_nan(
        tf.reduce_sum(square, (0, 2)), tf.reduce_sum(known, (0, 2))
    )
