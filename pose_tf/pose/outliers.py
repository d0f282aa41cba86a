"""Finds joints that jump off and back: slips of a detector, not motion.

A joint is compared with the median of its own positions in the frames around
it. A motion that goes on, however fast, passes through that median, and so
does a single step to another place. A joint that is elsewhere for a frame or
two does not. Only in the first and last frame of a clip must a motion be slower
than the limit per frame.
"""

import numpy as np

# Chosen on the training clips of Penn Action, at 30 frames per second: there
# 0.003 % of the annotated joints are farther from their median, and 99.7 % of
# joints thrown off by 300 pixels. At 10 frames per second it is 0.025 %.
MAX_JUMP = 1.5  # Torso lengths.
REACH = 2  # Frames on each side that count: joints may be off for that long.
# Torso length of the median training clip, divided by the median distance of
# its joints from their middle: the unit of clips without a visible torso.
TORSO_PER_RADIUS = 1.2
MIN_FRAMES = 3  # Of two positions nobody knows which is the wrong one.


def drop_jumps(poses, visibility, skeleton, max_jump=MAX_JUMP):
    """Marks joints that jump off and back as missing.

    Args:
        poses: Float array `[T, J, D]`, in any unit.
        visibility: Bool array `[T, J]`.
        skeleton: `Skeleton` of the poses.
        max_jump: Largest distance from the median that is still motion, in
            torso lengths.

    Returns:
        `(poses, visibility)`, where the joints that `find_jumps` finds are NaN
        and not visible.
    """
    jumps = find_jumps(poses, visibility, skeleton, max_jump)
    return np.where(jumps[..., None], np.nan, poses), visibility & ~jumps


def find_jumps(poses, visibility, skeleton, max_jump=MAX_JUMP):
    """Returns which visible joints jump off and back, bool `[T, J]`.

    The median is that of the joint's visible positions, per coordinate, in its
    own frame and the `REACH` frames before and after it. A joint jumps if it is
    more than `max_jump` torso lengths away from that; the torso length is the
    clip's median. Joints with fewer than three such positions do not jump. In a
    clip without a visible torso, its length is guessed from the spread of the
    joints.

    Args:
        poses: Float array `[T, J, D]`, in any unit.
        visibility: Bool array `[T, J]`.
        skeleton: `Skeleton` of the poses.
        max_jump: A positive number of torso lengths.
    """
    visibility = np.asarray(visibility, bool)
    places = np.where(visibility[..., None], np.asarray(poses, float), np.nan)
    torso = _torso_length(places, skeleton)
    around = np.pad(
        places, ((REACH, REACH), (0, 0), (0, 0)), constant_values=np.nan
    )
    windows = np.lib.stride_tricks.sliding_window_view(
        around, 2 * REACH + 1, axis=0
    )  # [T, J, D, 2 * REACH + 1]
    num_places = np.isfinite(windows[:, :, 0]).sum(-1)
    distance = np.linalg.norm(places - _median(windows, num_places), axis=-1)
    # Comparisons with NaN, of hidden joints, are false.
    return (distance > max_jump * torso) & (num_places >= MIN_FRAMES)


def _median(values, count):
    """Returns the median over the last axis, where `count` values are not NaN.

    It is `np.nanmedian` without the warning for joints that are never seen.
    """
    ordered = np.sort(values, axis=-1)
    middle = [
        np.take_along_axis(
            ordered, np.maximum(index, 0)[..., None, None], axis=-1
        )[..., 0]
        for index in ((count - 1) // 2, count // 2)
    ]
    return (middle[0] + middle[1]) / 2


def _torso_length(places, skeleton):
    """Returns the median torso length of visible joints `[T, J, D]`.

    Medians hardly move if a joint is thrown off in every frame; a mean, or a
    standard deviation for the spread, would.
    """
    shoulders, hips = (
        _seen_mean(places[:, list(skeleton.indices(joints))])
        for joints in (skeleton.shoulders, skeleton.hips)
    )
    length = _known_median(np.linalg.norm(shoulders - hips, axis=-1))
    if np.isfinite(length):
        return length
    num_seen = np.isfinite(places[..., 0]).sum(1)  # [T]
    middle = _median(np.moveaxis(places, 1, -1), num_seen)  # [T, D]
    distance = np.linalg.norm(places - middle[:, None], axis=-1)
    return TORSO_PER_RADIUS * _known_median(distance)


def _known_median(values):
    """Returns the median of values that are not NaN; NaN if all are."""
    known = values[np.isfinite(values)]
    return np.median(known) if len(known) else np.nan


def _seen_mean(places):
    """Returns the mean of the seen joints `[T, J, D]`; NaN where none is."""
    seen = np.isfinite(places).all(-1, keepdims=True)
    count = seen.sum(1)
    total = np.where(seen, places, 0).sum(1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
