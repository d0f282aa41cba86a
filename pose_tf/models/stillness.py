"""Holds a person still who has not moved of late.

A generator trained on people in motion drifts even from a prefix in which
nobody moves. So its velocities are multiplied by a gate in 0 to 1 that a
motion of the prefix opens:

    m_t = max(|motion_t|, DECAY * m_{t-1})      gate = ramp(m, CLOSED, OPEN)

`|motion|` is the largest absolute velocity of all numbers of `c`. What a person
did `n` frames ago counts `DECAY ** n`. Nobody is held who has been seen in one
frame only: nothing is known of how they move.
"""

import tensorflow as tf

# Chosen on validation clips of Penn Action, where mean PCK goes from 65.1 to
# 65.7; with `OPEN` anywhere in 0.1 to 0.4 it is 65.4 at least.
DECAY = 0.5  # Per frame.
# Motion units (of `motion_space`) per frame: up to `CLOSED` nothing moves, from
# `OPEN` on everything as the decoder says.
CLOSED = 0.05
OPEN = 0.2
NOT_KNOWN = -1.0


def latest_motion(motion, known, before=None):
    """Returns how much a person has moved of late, float `(B,)`.

    Args:
        motion: Float tensor `(B, P, C)`, motion units per frame.
        known: Bool tensor `(B, P)`, whether there was a frame before.
        before: What this returned for earlier frames, `(B,)`; None if there
            are none.

    Returns:
        Motion units per frame; `NOT_KNOWN` where none is known.
    """
    num_frames = tf.shape(motion)[1]
    size = tf.reduce_max(tf.abs(motion), axis=-1)  # (B, P)
    age = tf.cast(tf.range(num_frames - 1, -1, -1), size.dtype)
    size = tf.where(known, size * DECAY**age, NOT_KNOWN)
    latest = tf.reduce_max(size, axis=1)
    if before is None:
        return latest
    older = before * DECAY ** tf.cast(num_frames, size.dtype)
    return tf.maximum(latest, tf.where(before < 0, before, older))


def gate(latest):
    """Returns what velocities are multiplied by, 0 to 1; see the module."""
    share = tf.clip_by_value((latest - CLOSED) / (OPEN - CLOSED), 0.0, 1.0)
    return tf.where(latest < 0, 1.0, share)
