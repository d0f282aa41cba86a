"""Converts poses of one skeleton to another, joint by joint, by name."""

import numpy as np

from pose_tf.pose.skeletons import Skeleton

# A joint that a skeleton does not have is the mean of the first of these groups
# whose joints are all visible. Groups nearest to the joint come first.
DERIVED = {
    "head": (
        ("left_ear", "right_ear"),
        ("head_top", "nose"),
        ("nose",),
        ("left_ear",),
        ("right_ear",),
    ),
    "neck": (("left_shoulder", "right_shoulder"),),
    "pelvis": (("left_hip", "right_hip"),),
    "spine": (
        ("neck", "pelvis"),
        ("left_shoulder", "right_shoulder", "left_hip", "right_hip"),
    ),
    "left_foot": (("left_big_toe",),),
    "right_foot": (("right_big_toe",),),
    "left_hand": (("left_index", "left_pinky"),),
    "right_hand": (("right_index", "right_pinky"),),
}


def convert(poses, visibility, source: Skeleton, target: Skeleton):
    """Converts poses of one skeleton to another, joint by joint, by name.

    A joint that only the target has is derived from its neighbours, frame by
    frame, see `DERIVED`; where they are not visible, neither is the joint.

    Args:
        poses: Array of shape [..., J, D], of `source`, in any unit.
        visibility: Bool array of shape [..., J].
        source: Skeleton of the poses.
        target: Skeleton to convert to. If it has fewer coordinates, the last
            ones are dropped: from space to an orthographic view along z.

    Returns:
        Poses, as floats, and visibility of `target`. Joints that are not
        visible are missing: NaN.

    Raises:
        ValueError: If shapes do not fit `source`, or `target` has more
            coordinates.
    """
    poses, visibility = np.asarray(poses), np.asarray(visibility, bool)
    expected = (*visibility.shape[:-1], source.num_joints)
    if visibility.shape != expected or (
        poses.shape != (*expected, source.num_coordinates)
    ):
        raise ValueError(
            f"Poses of {source.name} must have the shape [..., "
            f"{source.num_joints}, {source.num_coordinates}] and visibility "
            f"[..., {source.num_joints}]. Received: {list(poses.shape)} and "
            f"{list(visibility.shape)}"
        )
    if target.num_coordinates > source.num_coordinates:
        raise ValueError(
            f"`target` must have no more than {source.num_coordinates} "
            f"coordinates. Received: {target.name}, which has "
            f"{target.num_coordinates}"
        )
    poses = poses[..., : target.num_coordinates].astype(
        np.result_type(poses.dtype, np.float32)
    )
    poses = np.where(visibility[..., None], poses, 0)
    converted = np.full(
        (*expected[:-1], target.num_joints, target.num_coordinates),
        np.nan,
        poses.dtype,
    )
    flags = np.zeros(converted.shape[:-1], bool)
    for index, joint in enumerate(target.joints):
        for names in ((joint,), *DERIVED.get(joint, ())):
            if not {*names} <= {*source.joints}:
                continue
            joints = list(source.indices(names))
            new = visibility[..., joints].all(-1) & ~flags[..., index]
            converted[new, index] = poses[..., joints, :].mean(-2)[new]
            flags[..., index] |= new
    return converted, flags
