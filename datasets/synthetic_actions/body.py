"""Computes the joints of a kinematic body in space from the angles of joints.

World frame: metres, y up; the body faces +z and its left is +x. Angles are
degrees. A limb segment has two of them: how far it swings forward and how far
outward from hanging straight down. Both are relative to the heading of the
trunk and not to the segment above, so that a pose can be written down as it
looks.
"""

import dataclasses

import numpy as np

from pose_tf.pose import skeletons

SKELETON = skeletons.PENN_ACTION
SEGMENTS = ("arm", "forearm", "thigh", "shank")
SIDES = ("left", "right")
CHANNELS = (
    "yaw",  # Of the whole body, to its left.
    "lean",  # Of the trunk, forward.
    "side_lean",  # Of the trunk, to the left.
    "twist",  # Of shoulders and arms relative to the hips, to the left.
    "nod",  # Of the head relative to the trunk, forward.
    "lift",  # Of the feet, % of the height; on the floor if negative.
    *(
        f"{side}_{segment}{axis}"
        for side in SIDES
        for segment in SEGMENTS
        for axis in ("", "_out")
    ),
)
# Lengths as shares of the height, rounded from Winter's body segments
# (Biomechanics and Motor Control of Human Movement, 2009, figure 4.1).
PROPORTIONS = {
    "head": 0.13,
    "trunk": 0.29,
    "shoulder_width": 0.23,
    "hip_width": 0.16,
    "arm": 0.186,
    "forearm": 0.165,
    "thigh": 0.245,
    "shank": 0.246,
}
FOOT_SOFTNESS = 0.02  # Difference in height of feet that share the weight, m.


@dataclasses.dataclass(frozen=True, kw_only=True)
class Body:
    """Holds the lengths of a body, in metres.

    Attributes:
        height: Height of the top of the head above the floor.
        lengths: Lengths of the parts that `PROPORTIONS` names.

    Example:

    >>> body = random_body(np.random.default_rng(0))
    >>> round(body.height, 2), f"{body.lengths['trunk']:.2f}"
    (1.79, '0.54')
    """

    height: float
    lengths: dict[str, float]


def channel(name: str) -> int:
    """Returns the position of the named angle on the channel axis."""
    return CHANNELS.index(name)


def random_body(rng: np.random.Generator) -> Body:
    """Returns an adult of 1.5 to 1.95 m with slightly random proportions."""
    height = rng.uniform(1.5, 1.95)
    lengths = {
        part: height * share * np.clip(rng.normal(1, 0.06), 0.8, 1.2)
        for part, share in PROPORTIONS.items()
    }
    return Body(height=height, lengths=lengths)


def mirror(angles: np.ndarray) -> np.ndarray:
    """Returns angles (..., C) with left and right swapped."""
    swap = {name: name for name in CHANNELS}
    for name in CHANNELS:
        if name.startswith("left_"):
            other = name.replace("left_", "right_")
            swap |= {name: other, other: name}
    mirrored = angles[..., [channel(swap[name]) for name in CHANNELS]].copy()
    for name in ("yaw", "side_lean", "twist"):
        mirrored[..., channel(name)] *= -1
    return mirrored


def joints(angles: np.ndarray, body: Body) -> np.ndarray:
    """Returns the joints of a body whose lowest foot is on the floor.

    Args:
        angles: Float array (T, C), degrees, in the order of `CHANNELS`.
        body: Lengths of the body.

    Returns:
        Float array (T, J, 3), metres, in the world frame. The root starts above
        the origin and moves so that the supporting foot does not slip.
    """
    radians = np.radians(angles)
    offsets = _turn(_offsets(radians, body), radians[:, channel("yaw")])
    lift = body.height / 100 * np.maximum(angles[:, channel("lift")], 0)
    return offsets + _root_path(offsets, lift)[:, None]


def _offsets(radians, body):
    """Returns joints (T, J, 3) relative to the root, before the body turns."""
    angle = dict(zip(CHANNELS, radians.T))
    length = body.lengths
    twist = angle["twist"]
    up, sideways = _trunk(angle["lean"], angle["side_lean"], twist)
    chest = length["trunk"] * up
    neck, _ = _trunk(angle["lean"] + angle["nod"], angle["side_lean"], twist)
    points = {"head": chest + length["head"] * neck}
    for side, sign in (("left", 1), ("right", -1)):
        direction = {
            segment: _direction(
                angle[f"{side}_{segment}"],
                angle[f"{side}_{segment}_out"],
                sign,
            )
            for segment in SEGMENTS
        }
        shoulder = chest + sign / 2 * length["shoulder_width"] * sideways
        elbow = shoulder + length["arm"] * _turn(direction["arm"], twist)
        wrist = elbow + length["forearm"] * _turn(direction["forearm"], twist)
        hip = np.zeros_like(chest) + [sign / 2 * length["hip_width"], 0, 0]
        knee = hip + length["thigh"] * direction["thigh"]
        ankle = knee + length["shank"] * direction["shank"]
        parts = (shoulder, elbow, wrist, hip, knee, ankle)
        names = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        points |= {f"{side}_{n}": part for n, part in zip(names, parts)}
    return np.stack([points[name] for name in SKELETON.joints], axis=1)


def _trunk(lean, side_lean, twist):
    """Returns unit vectors (T, 3) up the twisted trunk and to its left."""
    zero = np.zeros_like(lean)
    sin, cos, sin_side, cos_side = (
        np.sin(lean),
        np.cos(lean),
        np.sin(side_lean),
        np.cos(side_lean),
    )
    up = np.stack([sin_side, cos_side * cos, cos_side * sin], -1)
    left = np.stack([cos_side, -sin_side * cos, -sin_side * sin], -1)
    forward = np.stack([zero, -sin, cos], -1)
    twist = twist[:, None]
    return up, np.cos(twist) * left - np.sin(twist) * forward


def _direction(swing, out, sign):
    """Returns unit vectors (T, 3) of a segment; `sign` is 1 on the left."""
    return np.stack(
        [
            sign * np.sin(out),
            -np.cos(out) * np.cos(swing),
            np.cos(out) * np.sin(swing),
        ],
        axis=-1,
    )


def _turn(points, yaw):
    """Turns points (T, ..., 3) to the body's left about the vertical."""
    yaw = yaw.reshape(yaw.shape + (1,) * (points.ndim - 2))
    x, y, z = np.moveaxis(points, -1, 0)
    sin, cos = np.sin(yaw), np.cos(yaw)
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)


def _root_path(offsets, lift):
    """Returns the root (T, 3) for which the supporting foot does not move."""
    feet = offsets[:, SKELETON.indices(("left_ankle", "right_ankle"))]
    heights = feet[..., 1] - feet[..., 1].min(axis=1, keepdims=True)
    weights = np.exp(-heights / FOOT_SOFTNESS)
    weights /= weights.sum(axis=1, keepdims=True)
    weights = (weights[1:] + weights[:-1]) / 2
    steps = -(weights[..., None] * np.diff(feet, axis=0)).sum(axis=1)
    path = np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])
    path[:, 1] = lift - feet[..., 1].min(axis=1)
    return path
