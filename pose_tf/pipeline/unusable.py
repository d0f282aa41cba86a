"""Finds what makes a clip unusable, whatever a schema allows.

Nothing can be learned from a clip in which no joint has a position, or in which
all joints are at one point. A single coordinate far from all others ruins the
statistics of a whole dataset, and a schema that is inferred from it allows it.

A clip in which every joint is hidden, but some positions are guessed, only gets
a warning: Penn Action has one.
"""

import numpy as np
from tensorflow_metadata.proto.v0 import anomalies_pb2

# Largest distance of a joint from the middle of its clip, divided by the median
# distance, which is half a body for somebody who does not move away.
MAX_DISTANCE = 1000.0
MIN_SPREAD = 1.0  # Pixels, for clips in which half of the joints coincide.
SAME_POINT = 1e-6  # Of the largest coordinate: about float32's precision.
_ANOMALY = anomalies_pb2.AnomalyInfo
_KIND = _ANOMALY.UNKNOWN_TYPE


def problems(clip, joints):
    """Yields `(severity, feature, kind, reason)` for each problem of a clip.

    The severity is `ERROR` if the clip is unusable, and `WARNING` otherwise.

    Args:
        clip: Dict of NumPy arrays with `poses` `(T, J, D)`, pixels, and
            `visibility` `(T, J)`.
        joints: Names of the `J` joints.
    """
    poses = clip["poses"].astype(np.float64)
    located = np.isfinite(poses).all(-1)
    visible = clip["visibility"] & located
    if not clip["visibility"].any():
        reason = f"must be 1 somewhere. Received: 0 in all {len(poses)} frames"
        severity = _ANOMALY.WARNING if located.any() else _ANOMALY.ERROR
        yield severity, "visibility", _KIND, reason
    if visible.any() and _size(poses, visible) <= _smallest(poses, visible):
        reason = (
            "visible joints must differ in some frame. Received: all of each "
            f"frame at one point, such as {poses[visible][0].tolist()}"
        )
        yield _ANOMALY.ERROR, "poses", _KIND, reason
    yield from _wild(poses, joints)


def _size(poses, visible):
    """Returns the longest side of any box around a frame's visible joints."""
    seen = visible[..., None]
    high = np.where(seen, poses, -np.inf).max(1)
    low = np.where(seen, poses, np.inf).min(1)
    return (high - low)[visible.any(1)].max()


def _smallest(poses, visible):
    return SAME_POINT * np.abs(poses[visible]).max()


def _wild(poses, joints):
    """Yields the first of the joints that are much too far away, if any is.

    The guessed positions of hidden joints count, since models may use them.
    """
    located = np.isfinite(poses).all(-1)
    if not located.any():
        return
    middle = np.median(poses[located], axis=0)
    distances = np.where(located, np.abs(poses - middle).max(-1), 0)
    limit = MAX_DISTANCE * max(np.median(distances[located]), MIN_SPREAD)
    if (distances > limit).any():
        frame, joint = np.argwhere(distances > limit)[0]
        reason = (
            f"joints must be at most {limit:.0f} pixels from the middle of the "
            f"clip, {MAX_DISTANCE:g} times their median distance. Received: "
            f"{poses[frame, joint].tolist()} for {joints[joint]} in frame "
            f"{frame}"
        )
        yield _ANOMALY.ERROR, "poses", _KIND, reason
