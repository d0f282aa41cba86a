"""Names the joints of each skeleton, their order, bones and roles.

No other file knows the index of a joint or how many there are.

A joint has the same name in every skeleton: `neck` is the point between the
shoulders, `upper_neck` the one under the skull, `pelvis` the one between the
hips, `head` the middle of the head, `head_top` its top. Left and right are
the person's own.
"""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Skeleton:
    """Holds the names of joints, in order, and their anatomical roles.

    Attributes:
        name: Key in `SKELETONS`.
        joints: Joint names, in the order of the `J` axis of poses.
        bones: Pairs of joint names that a drawing connects.
        mirror_pairs: Pairs (left, right) that swap under a mirror.
        root: Joints whose mean is the root.
        shoulders: Joints whose mean is the upper end of the torso.
        hips: Joints whose mean is the lower end of the torso.
        head: Joints that mark the head.
        num_coordinates: `D`, 2 or 3.

    Raises:
        ValueError: If two joints have the same name, or a role or bone has a
            joint that the skeleton does not have.

    Example:

    >>> skeleton = get("penn_action")
    >>> skeleton.num_joints, skeleton.joints[:2]
    (13, ('head', 'right_shoulder'))
    >>> skeleton.indices(skeleton.hips)
    (8, 7)
    """

    name: str
    joints: tuple[str, ...]
    bones: tuple[tuple[str, str], ...]
    mirror_pairs: tuple[tuple[str, str], ...]
    root: tuple[str, ...]
    shoulders: tuple[str, ...]
    hips: tuple[str, ...]
    head: tuple[str, ...]
    num_coordinates: int = 2

    def __post_init__(self):
        if len(set(self.joints)) != len(self.joints):
            raise ValueError(
                "`joints` must have different names. Received: "
                f"{', '.join(self.joints)}"
            )
        self.indices(sum(self.bones + self.mirror_pairs, ()))
        self.indices(self.root + self.shoulders + self.hips + self.head)

    @property
    def num_joints(self) -> int:
        """Number of joints, `J`."""
        return len(self.joints)

    def indices(self, names) -> tuple[int, ...]:
        """Returns the positions of named joints on the `J` axis.

        Raises:
            ValueError: If the skeleton does not have one of these joints.
        """
        names = tuple(names)
        unknown = [name for name in names if name not in self.joints]
        if unknown:
            raise ValueError(
                f"Skeleton {self.name!r} has the joints "
                f"{', '.join(self.joints)}. Received: {unknown}"
            )
        return tuple(self.joints.index(name) for name in names)

    @property
    def bone_indices(self) -> tuple[tuple[int, int], ...]:
        """Bones as pairs of positions on the `J` axis."""
        return tuple(
            (self.joints.index(a), self.joints.index(b)) for a, b in self.bones
        )

    @property
    def mirror_indices(self) -> tuple[int, ...]:
        """Permutation of the `J` axis that swaps left and right."""
        swap = dict(self.mirror_pairs)
        swap |= {right: left for left, right in self.mirror_pairs}
        return self.indices(swap.get(name, name) for name in self.joints)


def _first(joints, *candidates):
    """Returns the first of some tuples whose names all are joints, or ()."""
    return next((names for names in candidates if {*names} <= {*joints}), ())


def head(joints):
    """Returns which of some joints mark the head, or ()."""
    return _first(joints, *HEADS)


def sides(joints):
    """Returns the pairs (left, right) among names of joints."""
    pairs = [
        (joint, joint.replace("left_", "right_", 1))
        for joint in joints
        if joint.startswith("left_")
    ]
    return tuple(pair for pair in pairs if pair[1] in joints)


def _skeleton(name, joints, bones, num_coordinates=2):
    """Returns a skeleton with hips and shoulders from space-separated names.

    A bone `a>.b` means both `a>left_b` and `a>right_b`.
    """
    joints = tuple(joints.split())
    bones = dict.fromkeys(
        bone.replace(".", side)
        for bone in bones.split()
        for side in ("left_", "right_")
    )
    hips = ("left_hip", "right_hip")
    return Skeleton(
        name=name,
        joints=joints,
        bones=tuple(tuple(bone.split(">")) for bone in bones),
        mirror_pairs=sides(joints),
        root=hips,
        shoulders=("left_shoulder", "right_shoulder"),
        hips=hips,
        head=head(joints),
        num_coordinates=num_coordinates,
    )


# Joints that may mark the head, the best ones first.
HEADS = (
    ("head",),
    ("left_ear", "right_ear"),
    ("head_top", "nose"),
    ("nose",),
)
_LIMBS = " .shoulder>.elbow .elbow>.wrist .hip>.knee .knee>.ankle"
_TRUNK = " left_shoulder>right_shoulder .shoulder>.hip left_hip>right_hip"
_SPINE = " neck>.shoulder pelvis>.hip"
_FACE = " nose>.eye .eye>.ear"
_FEET = " .ankle>.heel .ankle>.big_toe .big_toe>.small_toe"

# Penn Action's files say "left" for what lies on the left of a person seen
# from the front: of the viewer. Here joints have their true names.
PENN_ACTION = _skeleton(
    "penn_action",
    """
    head right_shoulder left_shoulder right_elbow left_elbow right_wrist
    left_wrist right_hip left_hip right_knee left_knee right_ankle left_ankle
    """,
    "head>.shoulder" + _LIMBS + _TRUNK,
)

# The keypoints of COCO, which most detectors of people give.
COCO_17 = _skeleton(
    "coco_17",
    """
    nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder
    left_elbow right_elbow left_wrist right_wrist left_hip right_hip left_knee
    right_knee left_ankle right_ankle
    """,
    ".ear>.shoulder" + _FACE + _LIMBS + _TRUNK,
)

# OpenPose's BODY_25 model.
OPENPOSE_25 = _skeleton(
    "openpose_25",
    """
    nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow
    left_wrist pelvis right_hip right_knee right_ankle left_hip left_knee
    left_ankle right_eye left_eye right_ear left_ear left_big_toe
    left_small_toe left_heel right_big_toe right_small_toe right_heel
    """,
    "nose>neck neck>pelvis" + _FACE + _LIMBS + _SPINE + _FEET,
)

# OpenPose's older COCO model, with the order of its files.
OPENPOSE_18 = _skeleton(
    "openpose_18",
    """
    nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow
    left_wrist right_hip right_knee right_ankle left_hip left_knee left_ankle
    right_eye left_eye right_ear left_ear
    """,
    "nose>neck neck>.shoulder neck>.hip" + _FACE + _LIMBS,
)

# The 26 keypoints of HALPE's body, which AlphaPose and RTMPose give.
HALPE_26 = _skeleton(
    "halpe_26",
    """
    nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder
    left_elbow right_elbow left_wrist right_wrist left_hip right_hip left_knee
    right_knee left_ankle right_ankle head_top neck pelvis left_big_toe
    right_big_toe left_small_toe right_small_toe left_heel right_heel
    """,
    "head_top>nose head_top>neck neck>pelvis" + _FACE + _LIMBS + _SPINE + _FEET,
)

# J-HMDB's annotated joints; its files call three of them belly, face and neck.
JHMDB_15 = _skeleton(
    "jhmdb_15",
    """
    neck spine head right_shoulder left_shoulder right_hip left_hip right_elbow
    left_elbow right_knee left_knee right_wrist left_wrist right_ankle
    left_ankle
    """,
    "head>neck neck>spine neck>.shoulder spine>.hip" + _LIMBS,
)

# MediaPipe's pose landmarks, in pixels; their depth is left out.
MEDIAPIPE_33 = _skeleton(
    "mediapipe_33",
    """
    nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye
    right_eye_outer left_ear right_ear left_mouth right_mouth left_shoulder
    right_shoulder left_elbow right_elbow left_wrist right_wrist left_pinky
    right_pinky left_index right_index left_thumb right_thumb left_hip
    right_hip left_knee right_knee left_ankle right_ankle left_heel right_heel
    left_big_toe right_big_toe
    """,
    """
    nose>.eye_inner .eye_inner>.eye .eye>.eye_outer .eye_outer>.ear
    left_mouth>right_mouth .wrist>.thumb .wrist>.pinky .wrist>.index
    .pinky>.index .ankle>.heel .heel>.big_toe .ankle>.big_toe
    """
    + _LIMBS
    + _TRUNK,
)

# Human3.6M's joints as papers on 3D poses use them, in space.
HUMAN36M_17 = _skeleton(
    "human36m_17",
    """
    pelvis right_hip right_knee right_ankle left_hip left_knee left_ankle spine
    neck nose head_top left_shoulder left_elbow left_wrist right_shoulder
    right_elbow right_wrist
    """,
    "pelvis>spine spine>neck neck>nose nose>head_top" + _LIMBS + _SPINE,
    num_coordinates=3,
)

# The second Kinect's joints, which are also NTU RGB+D's, in space.
KINECT_25 = _skeleton(
    "kinect_25",
    """
    pelvis spine upper_neck head left_shoulder left_elbow left_wrist left_hand
    right_shoulder right_elbow right_wrist right_hand left_hip left_knee
    left_ankle left_foot right_hip right_knee right_ankle right_foot neck
    left_hand_tip left_thumb right_hand_tip right_thumb
    """,
    """
    pelvis>spine spine>neck neck>upper_neck upper_neck>head .wrist>.hand
    .hand>.hand_tip .wrist>.thumb .ankle>.foot
    """
    + _LIMBS
    + _SPINE,
    num_coordinates=3,
)

# The same joints in the same order under another tool's name.
SAME = {"movenet_17": "coco_17", "kinetics_18": "openpose_18"}

SKELETONS = {
    skeleton.name: skeleton
    for skeleton in (
        PENN_ACTION,
        COCO_17,
        OPENPOSE_25,
        OPENPOSE_18,
        HALPE_26,
        JHMDB_15,
        MEDIAPIPE_33,
        HUMAN36M_17,
        KINECT_25,
    )
}


def get(name: str) -> Skeleton:
    """Returns a skeleton by name.

    Args:
        name: A key of `SKELETONS` or `SAME`; or names of joints with commas
            between them, see `own_skeletons.of_joints`.

    Raises:
        ValueError: If the name is unknown; the message lists the known ones.
    """
    name = SAME.get(name, name)
    if name in SKELETONS:
        return SKELETONS[name]
    if "," in name:
        from pose_tf.pose import own_skeletons  # It imports this module.

        return own_skeletons.parse(name)
    raise ValueError(
        f"`skeleton` must be one of {', '.join(sorted([*SKELETONS, *SAME]))}, "
        "or names of joints with commas between them. "
        f"Received: {name!r}"
    )
