"""Reads .bvh files of motion capture by pybvh, which places their joints.

It is installed by `pip install pose_tf[bvh]`. Bones have the names that tools
give them, `LeftUpLeg`, `lThigh`, `L_Hip`; a bone begins in the joint of a
skeleton that `BONES` names. The head is between the joint of that name and the
end of its bone. Joints of fingers and the like are left out.

The height is found as pybvh does, by where the head is, and turned up. Units
are those of the file, most often centimeters or inches.
"""

import re
import warnings

import numpy as np

from pose_tf.formats import assembly, cells, detections, extras, named_joints
from pose_tf.pose import own_skeletons

SUFFIXES = (".bvh",)
EXTRA = "bvh"
FIRST = "HIERARCHY"
# Which joint a bone of a limb begins in.
BONES = {
    "up_leg": "hip",
    "upleg": "hip",
    "upper_leg": "hip",
    "thigh": "hip",
    "leg": "knee",
    "lower_leg": "knee",
    "shin": "knee",
    "calf": "knee",
    "foot": "ankle",
    "toe_base": "big_toe",
    "toes": "big_toe",
    "arm": "shoulder",
    "upper_arm": "shoulder",
    "uparm": "shoulder",
    "shldr": "shoulder",
    "fore_arm": "elbow",
    "lower_arm": "elbow",
    "hand": "wrist",
}
# Bones of the trunk, the best ones first.
TRUNK = {
    "pelvis": ("pelvis", "hip", "root"),
    "spine": ("spine1", "spine_1", "spine", "chest", "abdomen"),
    "neck": ("neck", "neck_1", "neck1"),
}
_NAMESPACE = re.compile(r"^(.*:|mixamorig\d*[:_]?|bip\d+[\s_]+)", re.IGNORECASE)


def difference(source) -> str:
    """Returns how a file differs from this format, "" if it does not."""
    start = source.content[: 2 * len(FIRST)].decode("utf-8-sig", "replace")
    if start.split()[:1] != [FIRST]:
        return f"line 1 does not begin with {FIRST}, but {start[:9]!r}"
    return ""


def read(source, options) -> detections.Detections:
    """Reads the poses of a file.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If pybvh is not installed, the file is not in this format,
            or its joints have no torso.
    """
    pybvh = extras.require("pybvh", EXTRA)
    _check_motion(source.text)
    try:
        with warnings.catch_warnings():  # Of doubts about the height.
            warnings.simplefilter("ignore")
            motion = pybvh.read_bvh_file(source.path)
            places = _turned(motion.node_positions(), motion.up_axis)
    except Exception as error:  # Of many types.
        text = " ".join(str(error).split())
        raise ValueError(f"must be whole BVH. Received: {text}") from error
    joints = _joints(motion)
    skeleton, order = named_joints.arrange([*joints], 3, options)
    if not len(places):
        return assembly.nobody(options)
    poses = np.stack([places[:, ends].mean(1) for ends in joints.values()], 1)
    cells.check_places(poses, lambda frame: f"frame {frame + 1}")
    return detections.Detections(
        skeleton=skeleton,
        frames=np.arange(len(poses)),
        poses=named_joints.pick(poses, order),
        ids=np.zeros(len(poses), int),
        fps=motion.fps or None,
        unit=detections.METERS,
        y_up=True,
    )


def _joints(motion):
    """Returns the nodes whose mean each joint of a person is, by name."""
    named: dict[str, str] = {}
    for bone in motion.joint_names:
        if bone in named.values():
            raise ValueError(
                f"bones must have different names. Received: {bone!r} twice"
            )
        named.setdefault(_canonical(bone), bone)
    joints = {}
    for joint, bones in TRUNK.items():
        chosen = [named[bone] for bone in bones if bone in named]
        if chosen:
            joints[joint] = [motion.node_index[chosen[0]]]
    joints.setdefault("pelvis", [0])
    if "head" in named:
        tip = motion.joint_tips[named["head"]]
        node = motion.node_index[named["head"]]
        joints["head"] = [node] if tip is None else [node, tip]
    for side in ("left", "right"):
        for part, bones in _limbs().items():
            chosen = [f"{side}_{bone}" for bone in bones]
            chosen = [named[bone] for bone in chosen if bone in named]
            if chosen:
                joints[f"{side}_{part}"] = [motion.node_index[chosen[0]]]
    return joints


def _limbs():
    """Returns the bones that may begin in each joint, the best ones first.

    Where there are bones of arms, `LeftShoulder` is that of the collar.
    """
    limbs: dict[str, list[str]] = {}
    for bone, joint in BONES.items():
        limbs.setdefault(joint, []).append(bone)
    return {
        joint: [*bones, joint] if joint == "shoulder" else [joint, *bones]
        for joint, bones in limbs.items()
    }


def _canonical(bone):
    """Returns what this package calls a bone, without a namespace."""
    return own_skeletons.canonical(_NAMESPACE.sub("", bone))


def _turned(places, up):
    """Returns places `[..., 3]`, rotated so that an axis points to y."""
    x, y, z = np.moveaxis(places, -1, 0)
    turned = {
        0: (-up.sign * y, up.sign * x, z),
        1: (x, up.sign * y, up.sign * z),
        2: (x, up.sign * z, -up.sign * y),
    }
    return np.stack(turned[up.index], -1)


def _check_motion(text):
    """Checks that there are all frames, and each has as many numbers."""
    lines = text.splitlines()
    starts = [
        i for i, line in enumerate(lines) if line.startswith("Frame Time")
    ]
    if not starts or not lines[starts[0] - 1].startswith("Frames:"):
        raise ValueError(
            "the file must hold Frames: and Frame Time: before its numbers. "
            f"Received: {len(lines)} lines without"
        )
    wanted = lines[starts[0] - 1].partition(":")[2].strip()
    counts = [len(line.split()) for line in lines[starts[0] + 1 :]]
    while counts and not counts[-1]:
        counts.pop()
    odd = [i for i, count in enumerate(counts) if count != counts[0]]
    if odd:
        raise ValueError(
            f"frames must have {counts[0]} numbers. Received: "
            f"{counts[odd[0]]} in line {starts[0] + 2 + odd[0]}"
        )
    if wanted != str(len(counts)):
        raise ValueError(
            f"there must be {wanted} frames, as line {starts[0]} says. "
            f"Received: {len(counts)}"
        )
