"""Measures how a motion moves: energy, limbs, root, distance to known poses.

A motion is a float array `(..., 1 + H, J, D)`: the last observed pose and the
`H` poses after it. Generated motions are measured on the visible joints of the
real one, so that both are averages over the same joints: visibility is always
that of the real motion, bool `(..., 1 + H, J)`. Results are float `(..., H)`,
NaN where nothing is visible.
"""

import numpy as np
from sklearn import neighbors

from pose_tf.evaluation import metrics


def motion_energy(motion, visibility, unit=1.0):
    """Returns the mean squared step of the visible joints, units².

    A step counts if the joint is visible before and after it.

    Args:
        motion: Float array `(..., 1 + H, J, D)`.
        visibility: Bool array `(..., 1 + H, J)`.
        unit: Float or array `(...)`, the length of one unit.
    """
    return lag_energy(motion, visibility, 1, unit)


def lag_energy(motion, visibility, lag, unit=1.0):
    """Returns the mean squared displacement over `lag` frames, units².

    Unlike that of single steps it hardly sees the annotators' jitter. A joint
    counts if it is visible at both ends.

    Args:
        motion: Float array `(..., lag + H, J, D)`.
        visibility: Bool array `(..., lag + H, J)`.
        lag: Integer, frames.
        unit: Float or array `(...)`, the length of one unit.
    """
    visibility = np.asarray(visibility, bool)
    both = visibility[..., lag:, :] & visibility[..., :-lag, :]
    motion = np.asarray(motion, np.float64)
    moved = metrics.distances(
        motion[..., lag:, :, :], motion[..., :-lag, :, :], both, unit
    )
    return ratio((moved**2).sum(-1), both.sum(-1))


def jitter(motion, visibility, unit=1.0):
    """Returns the mean squared second difference, units².

    Args:
        motion: Float array `(..., 2 + H, J, D)`.
        visibility: Bool array `(..., 2 + H, J)`.
        unit: Float or array `(...)`, the length of one unit.
    """
    motion = np.asarray(motion, np.float64)
    steps = np.diff(motion, axis=-3)
    visibility = np.asarray(visibility, bool)
    both = visibility[..., 1:, :] & visibility[..., :-1, :]
    # A second difference is a step of the steps.
    return lag_energy(steps, both, 1, unit)


def root_displacement(motion, visibility, skeleton, unit=1.0):
    """Returns how far the root is from where it was observed last, in units.

    Frames count in which all joints of the root are visible, if they are in the
    last observed frame as well.

    Args:
        motion: Float array `(..., 1 + H, J, D)`.
        visibility: Bool array `(..., 1 + H, J)`.
        skeleton: `Skeleton` of the poses.
        unit: Float or array `(...)`, the length of one unit.
    """
    joints = list(skeleton.indices(skeleton.root))
    known = np.all(np.asarray(visibility, bool)[..., joints], axis=-1)
    known = np.asarray(known)
    motion = np.asarray(motion, np.float64)[..., joints, :]
    root = motion.mean(-2, keepdims=True)
    known = (known[..., 1:] & known[..., :1])[..., None]
    start = np.broadcast_to(root[..., :1, :, :], root[..., 1:, :, :].shape)
    moved = metrics.distances(root[..., 1:, :, :], start, known, unit)
    return np.where(known, moved, np.nan)[..., 0]


def limb_change(motion, visibility, skeleton):
    """Returns the relative change of bone lengths since the last observed pose.

    It is the sum of absolute changes divided by the sum of lengths, over the
    bones that are visible in both frames. Real limbs change too, since the
    camera sees them foreshortened.

    Args:
        motion: Float array `(..., 1 + H, J, D)`.
        visibility: Bool array `(..., 1 + H, J)`.
        skeleton: `Skeleton` of the poses.
    """
    ends = np.array(skeleton.bone_indices)
    seen = np.asarray(np.all(np.asarray(visibility, bool)[..., ends], axis=-1))
    seen = seen[..., 1:, :] & seen[..., :1, :]
    motion = np.asarray(motion, np.float64)
    bones = motion[..., ends[:, 0], :] - motion[..., ends[:, 1], :]
    length = np.linalg.norm(bones, axis=-1)
    start = np.broadcast_to(length[..., :1, :], seen.shape)
    change = np.where(seen, np.abs(length[..., 1:, :] - start), 0.0)
    return ratio(change.sum(-1), np.where(seen, start, 0.0).sum(-1))


def out_of_frame(poses, visibility, frame_size):
    """Returns the share of joints outside the picture.

    Args:
        poses: Float array `(B, H, J, D)`, pixels from the top left corner.
        visibility: Bool array `(B, H, J)`, the joints that count.
        frame_size: Array `(B, 2)`, width and height, pixels.

    Returns:
        Float array `(B, H)`.
    """
    poses = np.asarray(poses)[..., :2]
    limit = np.asarray(frame_size)[:, None, None, :]
    outside = ((poses < 0) | (poses > limit)).any(-1)
    visibility = np.asarray(visibility, bool)
    return ratio((outside & visibility).sum(-1), visibility.sum(-1))


def nearest_distance(poses, bank):
    """Returns the distance of each pose to the nearest training pose.

    Args:
        poses: Float array `(N, J, D)`, root-centred, without gaps.
        bank: Float array `(M, J, D)`, training poses in the same unit.

    Returns:
        Float array `(N,)`, the root mean square over joints, in that unit.

    Raises:
        ValueError: If `bank` is empty or has poses of another shape.
    """
    poses, bank = np.asarray(poses), np.asarray(bank)
    if poses.shape[1:] != bank.shape[1:] or not len(bank):
        raise ValueError(
            "`bank` must have at least one pose of the shape "
            f"{poses.shape[1:]}. Received: {bank.shape}"
        )
    num_joints = poses.shape[1]
    poses, bank = (
        a.reshape(len(a), -1).astype(np.float32) for a in (poses, bank)
    )
    search = neighbors.NearestNeighbors(n_neighbors=1, algorithm="brute")
    nearest = search.fit(bank).kneighbors(poses, return_distance=False)[:, 0]
    # Recomputed: the search loses precision when poses coincide.
    square = ((poses - bank[nearest]) ** 2).sum(-1, dtype=np.float64)
    return np.sqrt(square / num_joints)


def ratio(numerator, denominator):
    """Returns a quotient; NaN where the denominator is 0."""
    numerator = np.asarray(numerator, np.float64)
    denominator = np.asarray(denominator, np.float64)
    empty = denominator == 0
    return np.where(empty, np.nan, numerator / np.where(empty, 1, denominator))
