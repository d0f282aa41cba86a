"""Finds what makes a clip unusable, whatever a schema allows.

Nothing can be learnt from a clip in which nobody is visible, or in which all
joints lie on one point: it has no size. A single coordinate far beyond all
others ruins the statistics of a whole dataset, and a schema that was inferred
with it allows it.
"""

import numpy as np
from tensorflow_metadata.proto.v0 import anomalies_pb2

# Of joints from the middle of a clip, in its spread: the median distance from
# there, which is half a body for somebody who stays where they are.
MAX_DISTANCE = 1000.0
MIN_SPREAD = 1.0  # Pixels, for clips in which half of the joints coincide.
SAME_POINT = 1e-6  # Of the largest coordinate: what float32 can just tell.
_KIND = anomalies_pb2.AnomalyInfo.UNKNOWN_TYPE


def problems(clip, joints):
    """Yields `(feature, kind, reason)` for what makes a clip unusable.

    Args:
        clip: Dict of NumPy arrays with `poses` `(T, J, D)`, pixels, and
            `visibility` `(T, J)`.
        joints: Names of the `J` joints.
    """
    poses = clip["poses"].astype(np.float64)
    visible = clip["visibility"] & np.isfinite(poses).all(-1)
    if not clip["visibility"].any():
        reason = (
            "must have a visible joint. Received: none in "
            f"{len(poses)} frames"
        )
        yield "visibility", _KIND, reason
        return
    if visible.any() and _size(poses, visible) <= _smallest(poses, visible):
        reason = (
            "visible joints must lie apart in some frame. Received: all of "
            f"each frame on one point, as {poses[visible][0].tolist()}"
        )
        yield "poses", _KIND, reason
    yield from _wild(poses, joints)


def _size(poses, visible):
    """The longest side of the box about the visible joints of any frame."""
    seen = visible[..., None]
    high = np.where(seen, poses, -np.inf).max(1)
    low = np.where(seen, poses, np.inf).min(1)
    return (high - low)[visible.any(1)].max()


def _smallest(poses, visible):
    return SAME_POINT * np.abs(poses[visible]).max()


def _wild(poses, joints):
    """Yields the first of the joints that lie beyond all reason.

    The guessed places of hidden joints count, for models may use them.
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
        yield "poses", _KIND, reason
