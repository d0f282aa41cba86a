"""Defines the actions: their key poses, timing, and whether they repeat.

Actions share poses on purpose: they differ in order and tempo. `ACTIONS` maps
the name of an action to a function that takes a random generator and returns a
`Motion`, which `performance.perform` turns into angles. There, left and right
are swapped in half of the clips.
"""

import dataclasses

import numpy as np

from pose_tf.datasets.synthetic_actions import body
from pose_tf.datasets.synthetic_actions.key_poses import (
    ARMS,
    CHEST,
    CROUCH,
    HALF,
    HOLD,
    REACH,
    SIT,
    STAND,
    pose,
)

Key = tuple[np.ndarray, float]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Motion:
    """Holds the key poses of an action.

    Attributes:
        keys: Pairs of a pose (C,), degrees, and the seconds that it takes to
            get there (to the first one: from the last, or from standing).
        periodic: Whether the keys repeat; otherwise they come once.

    Example:

    >>> motion = bow(np.random.default_rng(0))
    >>> len(motion.keys), motion.periodic
    (4, False)
    """

    keys: tuple[Key, ...]
    periodic: bool


def _free_arms(rng):
    return ARMS[rng.integers(len(ARMS))]


def bow(rng):
    depth = rng.uniform(45, 85)
    down = pose(STAND, lean=depth, nod=15, arm=depth / 5, thigh=10, shank=10)
    return Motion(
        keys=((STAND, 0.2), (down, 0.8), (down, 0.4), (STAND, 0.8)),
        periodic=False,
    )


def clap(rng):
    height = rng.uniform(20, 55)
    arms = pose(STAND, arm=height, forearm=height + 55)
    apart = pose(arms, arm_out=28, forearm_out=36)
    together = pose(arms, arm_out=6, forearm_out=-34)
    return Motion(keys=((apart, 0.28), (together, 0.2)), periodic=True)


def jump(rng):
    crouch = pose(HALF, arm=-35, forearm=-15, lean=32)
    flight = pose(
        STAND, lift=rng.uniform(14, 24), arm=150, forearm=165, lean=-4
    )
    return Motion(
        keys=(
            (STAND, 0.3),
            (crouch, 0.45),
            (flight, 0.35),
            (pose(HALF, arm=30, forearm=50), 0.4),
        ),
        periodic=True,
    )


def jumping_jacks(rng):
    spread = rng.uniform(18, 26)
    middle = pose(
        STAND, lift=4, arm_out=95, forearm_out=100, thigh_out=12, shank_out=12
    )
    wide = pose(
        STAND,
        arm_out=155,
        forearm_out=rng.uniform(150, 190),
        thigh_out=spread,
        shank_out=spread,
    )
    return Motion(
        keys=((STAND, 0.22), (middle, 0.18), (wide, 0.2), (middle, 0.18)),
        periodic=True,
    )


def kick(rng):
    back = pose(STAND, lean=8, twist=-15, right_thigh=-25, right_shank=-75)
    out = rng.uniform(70, 100)
    front = pose(
        STAND,
        lean=-12,
        twist=18,
        right_thigh=out,
        right_shank=out - 5,
        left_arm=45,
        left_forearm=60,
    )
    return Motion(
        keys=((STAND, 0.4), (back, 0.35), (front, 0.25), (STAND, 0.45)),
        periodic=True,
    )


def march(rng):
    knee, swing = rng.uniform(50, 90), rng.uniform(15, 40)
    left = pose(
        STAND,
        left_thigh=knee,
        left_shank=-8,
        right_arm=swing,
        right_forearm=swing + 35,
        left_arm=-swing,
        left_forearm=0,
    )
    middle = pose(STAND, forearm=20)
    return Motion(
        keys=(
            (left, 0.25),
            (middle, 0.25),
            (body.mirror(left), 0.25),
            (middle, 0.25),
        ),
        periodic=True,
    )


def pick_up(rng):
    return Motion(
        keys=((STAND, 0.2), (REACH, 0.9), (REACH, 0.3), (HOLD, 0.9)),
        periodic=False,
    )


def put_down(rng):
    return Motion(
        keys=((HOLD, 0.2), (REACH, 0.9), (REACH, 0.3), (STAND, 0.9)),
        periodic=False,
    )


def punch(rng):
    twist = rng.uniform(15, 35)
    left = pose(
        CHEST,
        twist=-twist,
        left_arm=85,
        left_arm_out=0,
        left_forearm=88,
        left_forearm_out=0,
    )
    return Motion(
        keys=(
            (CHEST, 0.22),
            (left, 0.18),
            (CHEST, 0.22),
            (body.mirror(left), 0.18),
        ),
        periodic=True,
    )


def push(rng):
    stride = rng.uniform(12, 24)
    back = pose(
        CHEST,
        right_thigh=stride,
        right_shank=stride / 3,
        left_thigh=-stride,
        left_shank=-stride,
    )
    forth = pose(
        back,
        lean=rng.uniform(10, 25),
        arm=82,
        arm_out=3,
        forearm=86,
        forearm_out=0,
    )
    return Motion(
        keys=((back, 0.35), (forth, 0.7), (forth, 0.15)), periodic=True
    )


def sit_down(rng):
    return Motion(
        keys=((STAND, 0.2), (pose(HALF, lean=35), 0.5), (SIT, 0.6)),
        periodic=False,
    )


def stand_up(rng):
    forward = pose(SIT, lean=38, thigh=78, shank=-16)
    return Motion(
        keys=((SIT, 0.2), (forward, 0.45), (HALF, 0.3), (STAND, 0.5)),
        periodic=False,
    )


def squat(rng):
    arms = _free_arms(rng)
    down = pose(CROUCH, thigh=rng.uniform(60, 95), **arms)
    return Motion(keys=((pose(STAND, **arms), 0.8), (down, 0.9)), periodic=True)


def throw(rng):
    wind_up = pose(
        STAND,
        lean=-10,
        twist=-45,
        right_arm_out=85,
        right_forearm=40,
        right_forearm_out=150,
        left_arm=60,
        left_forearm=75,
    )
    release = pose(
        STAND,
        lean=18,
        twist=30,
        right_arm=120,
        right_arm_out=20,
        right_forearm=110,
        left_thigh=15,
        left_shank=8,
    )
    through = pose(
        STAND, lean=30, twist=45, right_arm=40, right_forearm=35, left_thigh=12
    )
    return Motion(
        keys=(
            (STAND, 0.2),
            (wind_up, 0.7),
            (release, 0.22),
            (through, 0.22),
            (STAND, 0.7),
        ),
        periodic=False,
    )


def turn(rng):
    around = rng.uniform(170, 360)
    num_steps = int(np.ceil(around / 60))
    keys = [(STAND, 0.2)]
    for step in range(num_steps):
        lifted = pose(STAND, left_thigh=22, left_shank=-18)
        if step % 2:
            lifted = body.mirror(lifted)
        lifted[body.channel("yaw")] = around * (step + 0.5) / num_steps
        keys.append((lifted, 0.25))
        planted = pose(STAND, yaw=around * (step + 1) / num_steps)
        keys.append((planted, 0.2))
    return Motion(keys=tuple(keys), periodic=False)


def wave(rng):
    raised = pose(
        STAND,
        right_arm=rng.uniform(0, 50),
        right_arm_out=rng.uniform(70, 115),
        right_forearm=0,
    )
    middle, width = rng.uniform(165, 185), rng.uniform(20, 38)
    return Motion(
        keys=(
            (pose(raised, right_forearm_out=middle - width), 0.25),
            (pose(raised, right_forearm_out=middle + width), 0.25),
        ),
        periodic=True,
    )


ACTIONS = {
    function.__name__: function
    for function in (
        bow,
        clap,
        jump,
        jumping_jacks,
        kick,
        march,
        pick_up,
        punch,
        push,
        put_down,
        sit_down,
        squat,
        stand_up,
        throw,
        turn,
        wave,
    )
}
