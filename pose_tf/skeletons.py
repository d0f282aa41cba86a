"""Skeletons: which joints a pose has, in what order, and what they mean.

Nothing outside this file knows the index of a joint or how many there are.
"""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Skeleton:
    """Names of joints, in order, and their anatomical roles.

    Attributes:
        name: Key in `SKELETONS`.
        joints: Joint names, in the order of the `J` axis of poses.
        bones: Pairs of joint names that a drawing connects.
        mirror_pairs: Pairs (left, right) that swap under a mirror.
        root: Joints whose mean is the root.
        shoulders: Joints whose mean is the upper end of the torso.
        hips: Joints whose mean is the lower end of the torso.
        head: Joints that stand for the head.
        num_coordinates: `D`, 2 or 3.
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

    @property
    def num_joints(self) -> int:
        """`J`."""
        return len(self.joints)

    def indices(self, names) -> tuple[int, ...]:
        """Positions of the named joints on the `J` axis.

        Raises:
            ValueError: For a name that the skeleton does not have.
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


PENN_ACTION = Skeleton(
    name="penn_action",
    joints=(
        "head",
        "left_shoulder",
        "right_shoulder",
        "left_elbow",
        "right_elbow",
        "left_wrist",
        "right_wrist",
        "left_hip",
        "right_hip",
        "left_knee",
        "right_knee",
        "left_ankle",
        "right_ankle",
    ),
    bones=(
        ("head", "left_shoulder"),
        ("head", "right_shoulder"),
        ("left_shoulder", "right_shoulder"),
        ("left_shoulder", "left_elbow"),
        ("left_elbow", "left_wrist"),
        ("right_shoulder", "right_elbow"),
        ("right_elbow", "right_wrist"),
        ("left_shoulder", "left_hip"),
        ("right_shoulder", "right_hip"),
        ("left_hip", "right_hip"),
        ("left_hip", "left_knee"),
        ("left_knee", "left_ankle"),
        ("right_hip", "right_knee"),
        ("right_knee", "right_ankle"),
    ),
    mirror_pairs=(
        ("left_shoulder", "right_shoulder"),
        ("left_elbow", "right_elbow"),
        ("left_wrist", "right_wrist"),
        ("left_hip", "right_hip"),
        ("left_knee", "right_knee"),
        ("left_ankle", "right_ankle"),
    ),
    root=("left_hip", "right_hip"),
    shoulders=("left_shoulder", "right_shoulder"),
    hips=("left_hip", "right_hip"),
    head=("head",),
)

SKELETONS = {skeleton.name: skeleton for skeleton in (PENN_ACTION,)}


def get(name: str) -> Skeleton:
    """The skeleton of that name.

    Raises:
        ValueError: For an unknown name; the message lists the known ones.
    """
    if name not in SKELETONS:
        raise ValueError(
            f"`skeleton` must be one of {', '.join(sorted(SKELETONS))}. "
            f"Received: {name!r}"
        )
    return SKELETONS[name]
