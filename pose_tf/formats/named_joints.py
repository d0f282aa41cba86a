"""Puts joints that a file names into the order of a skeleton."""

import numpy as np

from pose_tf.pose import own_skeletons, skeletons

KNOWN = {
    joint
    for skeleton in skeletons.SKELETONS.values()
    for joint in skeleton.joints
}


def arrange(names, num_coordinates, options):
    """Returns the skeleton of named joints, and where its joints are.

    It is the one of `options`; or the likely one, or the first known one, that
    has all of these joints, which include its torso; or one of their own.

    Args:
        names: Names of the joints of a file, in its order, in any form that
            `own_skeletons.canonical` understands.
        num_coordinates: 2 or 3.
        options: `sources.Options`.

    Returns:
        `(skeleton, order)`, where order is int `[J]`: the index in `names` of
        each joint of the skeleton, or -1 if the file does not have it.

    Raises:
        ValueError: If two names mean the same joint, or the joints have no
            torso, or none of them is in the skeleton of `options`.
    """
    joints = [own_skeletons.canonical(name) for name in names]
    for index, joint in enumerate(joints):
        if joint in joints[:index]:
            raise ValueError(
                f"joints must have different names. Received: {joint!r} twice, "
                f"as {names[joints.index(joint)]!r} and {names[index]!r}"
            )
    skeleton = options.skeleton
    if skeleton is None:
        known = (options.likely, *skeletons.SKELETONS.values())
        skeleton = next(
            (one for one in known if _fits(one, joints, num_coordinates)), None
        ) or own_skeletons.of_joints(joints, num_coordinates)
    if not {*joints} & {*skeleton.joints}:
        raise ValueError(
            f"joints must be some of {', '.join(skeleton.joints)}. "
            f"Received: {', '.join(map(str, names))}"
        )
    return skeleton, np.array(
        [
            joints.index(joint) if joint in joints else -1
            for joint in skeleton.joints
        ]
    )


def pick(values, order):
    """Returns the columns `[N, J, ...]` of joints; NaN for those with -1.

    Args:
        values: Float array `[N, names, ...]`, or None.
        order: As from `arrange`.
    """
    if values is None:
        return None
    picked = np.asarray(values, np.float64)[:, order]
    picked[:, order < 0] = np.nan
    return picked


def _fits(skeleton, joints, num_coordinates):
    return (
        skeleton is not None
        and skeleton.num_coordinates == num_coordinates
        and {*skeleton.shoulders, *skeleton.hips}
        <= {*joints}
        <= {*skeleton.joints}
    )
