"""Makes skeletons of a user's own joints: bones, sides and roles by name.

Such a skeleton's name is the list of its joints, `neck,belly,left_hip,…`, so
that whatever holds the name of a skeleton, a config or a prepared dataset, can
hold this one too.
"""

import re

from pose_tf.pose import skeletons

IN_SPACE = "@3"  # Ends the names of own skeletons with three coordinates.

# What else a joint may be called, without `left_` and `right_`.
ALIASES = {
    "face": "head",
    "belly": "spine",
    "torso": "spine",
    "mid_hip": "pelvis",
    "midhip": "pelvis",
    "hips": "pelvis",
    "hip_center": "pelvis",
    "thorax": "neck",
    "hand_wrist": "wrist",
    "foot_ankle": "ankle",
    "toe": "big_toe",
    "bigtoe": "big_toe",
    "smalltoe": "small_toe",
    "foot_index": "big_toe",
}
# What only a joint in the middle may be called.
MIDDLE = {"hip": "pelvis"}
_SIDES = {"l": "left", "r": "right", "left": "left", "right": "right"}
# The nearest of these that a skeleton has is where a limb begins, or a role is.
_UPPER = (("left_shoulder", "right_shoulder"), ("neck",), ("upper_neck",))
_LOWER = (("left_hip", "right_hip"), ("pelvis",))


def canonical(joint) -> str:
    """Returns what this package calls a joint, if it knows it.

    Blanks, hyphens, capitals and the usual short forms do not matter.

    Example:

    >>> [canonical(name) for name in ("RShoulder", "LEFT_KNEE", "MidHip", "tail")]
    ['right_shoulder', 'left_knee', 'pelvis', 'tail']
    """
    text = re.sub(
        r"(?<=[a-z0-9])(?=[A-Z])|(?<=^[LR])(?=[A-Z][a-z])", "_", joint
    )
    words = re.split(r"[\s_.\-]+", text.strip().lower())
    sides = [word for word in words if word in _SIDES]
    if len(words) == 1 or not sides:
        sides = []
    else:
        words.remove(sides[0])
    part = "_".join(words)
    part = ALIASES.get(part, part)
    if not sides:
        return MIDDLE.get(part, part)
    return f"{_SIDES[sides[0]]}_{part}"


def of_joints(joints, num_coordinates=2) -> skeletons.Skeleton:
    """Returns the skeleton of joints: a known one, or a new one.

    Bones connect joints that are neighbors in the known skeletons; left and
    right are those whose names say so. Joints with other names move with the
    pose, but no bone leads to them.

    Args:
        joints: Names, in order; see `canonical` for what is understood.
        num_coordinates: 2 or 3.

    Raises:
        ValueError: If names are empty, hold a comma or differ only in form, or
            there are neither hips nor a pelvis, or neither shoulders nor a
            neck: without a torso a pose has no size.

    Example:

    >>> names = ["neck", "left hip", "right hip", "left knee", "right knee"]
    >>> of_joints(names).bones[:2]
    (('left_hip', 'left_knee'), ('right_hip', 'right_knee'))
    """
    names = tuple(canonical(joint) for joint in joints)
    for given, name in zip(joints, names, strict=True):
        if not name or "," in name or "@" in name:
            raise ValueError(
                "`joints` must be names without a comma or @. "
                f"Received: {given!r}"
            )
        if names.count(name) > 1:
            raise ValueError(
                f"`joints` must have different names. Received: {name!r} twice"
            )
    for skeleton in skeletons.SKELETONS.values():
        if (skeleton.joints, skeleton.num_coordinates) == (
            names,
            num_coordinates,
        ):
            return skeleton
    upper, lower = (_role(names, groups) for groups in (_UPPER, _LOWER))
    return skeletons.Skeleton(
        name=",".join(names) + (IN_SPACE if num_coordinates == 3 else ""),
        joints=names,
        bones=_bones(names),
        mirror_pairs=skeletons.sides(names),
        root=lower,
        shoulders=upper,
        hips=lower,
        head=skeletons.head(names),
        num_coordinates=num_coordinates,
    )


def parse(name) -> skeletons.Skeleton:
    """Returns the skeleton whose name lists its joints.

    Raises:
        ValueError: If the joints cannot be those of a skeleton.
    """
    joints = name.removesuffix(IN_SPACE)
    return of_joints(joints.split(","), 3 if joints != name else 2)


def _role(names, groups):
    found = next((group for group in groups if {*group} <= {*names}), None)
    if found is None:
        wanted = " or ".join(" and ".join(group) for group in groups)
        raise ValueError(
            f"`joints` must include {wanted}: a pose is measured by its torso. "
            f"Received: {', '.join(names)}"
        )
    return found


def _bones(names):
    """Returns the bones that any known skeleton has between these joints."""
    known = dict.fromkeys(
        bone
        for skeleton in skeletons.SKELETONS.values()
        for bone in skeleton.bones
    )
    unique: dict[frozenset, tuple[str, str]] = {}
    for bone in known:
        if {*bone} <= {*names}:
            unique.setdefault(frozenset(bone), bone)
    return tuple(unique.values())
