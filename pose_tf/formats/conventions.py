"""Turns what a file holds into this package's conventions.

Poses in pixels, x right and y down; which joints are visible; confidences from
0 to 1. What is decided here without having been asked for is said in a warning.
"""

import dataclasses
import re
import warnings

import numpy as np

from pose_tf.formats import detections
from pose_tf.pose import clip

MIN_CONFIDENCE = 0.3  # Joints with at least this confidence are visible.
# Some detectors give confidences on a scale of their own, somewhat above 1.
MAX_CONFIDENCE = 10.0
PERCENT = 100.0
WIDE = (1920, 1080)  # The frame of normalized coordinates without a size.
AXES = ("x", "y", "z")
# Of frames: where y points up, all are upside down, but for slips. Fewer are a
# handstand.
UPSIDE_DOWN_SHARE = 0.9
LEG = re.compile("knee|ankle|foot|heel|toe")  # In names of joints.


def settle(found, options) -> detections.Detections:
    """Returns detections in pixels, y down, with `visibility`.

    Args:
        found: `Detections` as a dialect read them.
        options: `sources.Options`.

    Raises:
        ValueError: If confidences are on no known scale, coordinates are from
            0 to 1 in a format of pixels and no frame size is known, or a frame
            size is none.
    """
    found = _sized(found, options)
    found = _confident(found, options.min_confidence)
    found = _seen(found)
    found = _in_pixels(found)
    if options.axes is not None:
        poses = turned(found.poses, options.axes)
        return dataclasses.replace(found, poses=poses, y_up=False)
    return _y_down(found)


def turned(poses, axes):
    """Returns poses `[..., D]` with reordered or negated coordinates.

    Args:
        poses: Float array `[..., D]`.
        axes: Names of `D` coordinates of `poses`, in the order of the result;
            `"-y"` is y with its sign changed.
    """
    order = [AXES.index(axis[-1]) for axis in axes]
    signs = np.array([-1 if axis[0] == "-" else 1 for axis in axes])
    return poses[..., order] * signs.astype(poses.dtype)


def checked_min_confidence(value) -> float:
    """Returns the smallest confidence of visible joints.

    Raises:
        ValueError: If it is not a number from 0 to `MAX_CONFIDENCE`.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | np.number)
        or not 0 <= value <= MAX_CONFIDENCE
    ):
        raise ValueError(
            "`min_confidence` must be a finite number from 0 to "
            f"{MAX_CONFIDENCE:g}. Received: {value!r}"
        )
    return float(value)


def _sized(found, options):
    """Returns detections with the caller's frame size and rate for missing ones."""
    changes = {
        name: getattr(options, name)
        for name in ("frame_size", "fps")
        if getattr(found, name) is None
    }
    found = dataclasses.replace(found, **changes)
    if found.frame_size is not None:
        size = tuple(clip.checked_frame_size(found.frame_size).tolist())
        found = dataclasses.replace(found, frame_size=size)
    return found


def _confident(found, min_confidence):
    """Returns detections whose low and negative confidences hide joints."""
    least = MIN_CONFIDENCE if min_confidence is None else min_confidence
    least = checked_min_confidence(least)
    confidence = found.confidence
    if confidence is None:
        return found
    most = float(np.nanmax(confidence, initial=0))
    if most > PERCENT:
        raise ValueError(
            f"confidence must be from 0 to 1, at most {MAX_CONFIDENCE:g} on a "
            "detector's own scale, or in percent. "
            f"Received: up to {most:g}"
        )
    if most > MAX_CONFIDENCE:
        warnings.warn("Took confidences for percent", stacklevel=4)
        confidence = confidence / np.float32(PERCENT)
    visibility = confidence >= least  # NaN is not, nor what is negative.
    visibility &= confidence >= 0
    if found.visibility is not None:
        visibility = visibility & found.visibility
    return dataclasses.replace(
        found,
        confidence=np.clip(np.nan_to_num(confidence), 0, 1),
        visibility=visibility,
    )


def _seen(found):
    """Returns detections with `visibility`, in which NaN marks what is missing."""
    visibility = found.visibility
    if found.confidence is not None:
        located = np.isfinite(found.poses).all(-1)
        visibility = located & visibility
    poses, visibility = clip.mark_missing(found.poses, visibility)
    clip.require_places(poses, visibility, found.skeleton, found.frames)
    return dataclasses.replace(found, poses=poses, visibility=visibility)


def _in_pixels(found):
    """Returns detections whose poses and boxes are in pixels, or in meters."""
    size, unit = found.frame_size, found.unit
    if unit == detections.PIXELS and _is_normalized(found):
        if size is None:
            raise ValueError(
                "coordinates must be pixels, or `frame_size` must be given. "
                "Received: coordinates from 0 to 1"
            )
        warnings.warn(
            "Took coordinates from 0 to 1 for shares of the frame, "
            f"{size[0]} x {size[1]} pixels",
            stacklevel=4,
        )
        unit = detections.NORMALIZED
    if unit != detections.NORMALIZED:
        return found
    if size is None:
        size = WIDE
        warnings.warn(
            "Assumed frames of 16:9, as coordinates are from 0 to 1; give "
            "`frame_size` if yours are not",
            stacklevel=4,
        )
    scale = np.ones(found.poses.shape[-1], np.float32) * size[0]
    scale[1] = size[1]
    boxes = found.boxes
    return dataclasses.replace(
        found,
        poses=found.poses * scale,
        boxes=None if boxes is None else boxes * np.tile(scale[:2], 2),
        unit=detections.PIXELS,
        frame_size=size,
    )


def _is_normalized(found):
    """Returns whether what is visible lies within a square of one pixel."""
    visible = found.poses[found.visibility]
    if found.poses.shape[-1] != 2 or not visible.size:
        return False
    return visible.min() >= 0 and visible.max() <= 1 and np.ptp(visible) > 0


def _y_down(found):
    """Returns detections whose y points down: known so, or by the heads."""
    if found.y_up is False:
        return found
    if found.y_up is None:
        below, known = _upside_down(found)
        if not below > UPSIDE_DOWN_SHARE * known:
            return dataclasses.replace(found, y_up=False)
        warnings.warn(
            "Turned y, which seems to point up: heads are below hips, and feet "
            f"above, in {below} of {known} frames",
            stacklevel=4,
        )
    in_space = found.poses.shape[-1] == 3
    # In space, a half turn about x: left and right stay the person's own.
    signs = np.array([1, -1, -1] if in_space else [1, -1], np.float32)
    poses = found.poses * signs
    bottom = np.float32(0 if in_space else _bottom(found))
    poses[..., 1] += bottom
    boxes = found.boxes
    if boxes is not None:
        boxes = boxes[:, [0, 3, 2, 1]] * np.array([1, -1, 1, -1], np.float32)
        boxes[:, [1, 3]] += bottom
    return dataclasses.replace(found, poses=poses, boxes=boxes, y_up=False)


def _bottom(found):
    """Returns the y, pixels up, that the top of the frame has."""
    if found.frame_size is not None:
        return found.frame_size[1]
    return found.poses[found.visibility][..., 1].max()


def _upside_down(found):
    """Returns in how many rows a person is upside down, and of how many.

    Heads or shoulders are below hips, and feet or knees above: whoever bends
    over has feet that are below. Where no foot or knee is seen, heads decide.
    """
    skeleton = found.skeleton
    head, hips, feet = (
        _mean_y(found, joints)
        for joints in (
            skeleton.head + skeleton.shoulders,
            skeleton.hips,
            tuple(joint for joint in skeleton.joints if LEG.search(joint)),
        )
    )
    known = np.isfinite(head) & np.isfinite(hips)
    below = (head > hips) & ~(feet > hips)
    return int((below & known).sum()), int(known.sum())


def _mean_y(found, joints):
    """Returns the mean y of the visible ones of some joints `[N]`, or NaN."""
    chosen = list(found.skeleton.indices(joints))
    flags = found.visibility[:, chosen]
    y = np.where(flags, found.poses[:, chosen, 1], 0).sum(1)
    count = flags.sum(1)
    return np.where(count > 0, y / np.maximum(count, 1), np.nan)
