"""Defines the poses that actions are made of.

A pose is a float array (C,) of the angles that `body.CHANNELS` names.
"""

import numpy as np

from pose_tf.datasets.synthetic_actions import body


def pose(base=None, **angles) -> np.ndarray:
    """Returns a pose (C,): `base` with some other angles, in degrees.

    An angle of a limb applies to both sides unless its name has one.

    >>> left, right = map(body.channel, ("left_thigh", "right_thigh"))
    >>> pose(thigh=30, left_thigh=40)[[left, right]].tolist()
    [40.0, 30.0]
    """
    result = np.zeros(len(body.CHANNELS)) if base is None else base.copy()
    for name, value in angles.items():
        sided = name.removesuffix("_out") in body.SEGMENTS
        for prefix in ("left_", "right_") if sided else ("",):
            result[body.channel(prefix + name)] = value
    return result


STAND = pose(
    lift=-8, arm_out=10, forearm=12, forearm_out=6, thigh_out=5, shank_out=4
)
HALF = pose(STAND, lean=25, thigh=45, shank=-22)  # Halfway down.
CROUCH = pose(STAND, lean=42, thigh=85, thigh_out=14, shank=-32)
SIT = pose(STAND, lean=6, arm=12, forearm=62, thigh=84, shank=-4)
REACH = pose(CROUCH, lean=58, nod=-15, arm=35, arm_out=4, forearm=25)
HOLD = pose(STAND, arm=15, forearm=95, forearm_out=-12)  # Carrying something.
CHEST = pose(STAND, arm=15, arm_out=15, forearm=115, forearm_out=-15)
# What arms do in actions that leave them free.
ARMS: tuple[dict[str, float], ...] = (
    {},
    {"arm": 80, "arm_out": 2, "forearm": 85, "forearm_out": 0},
    {"arm": 5, "forearm": 85, "forearm_out": -12},
    {"arm": -10, "arm_out": 45, "forearm": 15, "forearm_out": -50},
    {"arm": 15, "arm_out": 15, "forearm": 115, "forearm_out": -15},
)
