"""Compares poses as detections: by the similarity of their keypoints.

COCO's object keypoint similarity (OKS, cocodataset.org/#keypoints-eval; Ronchi
and Perona, 2017) of two poses is the mean over joints of
`exp(-d² / (2 s² k²))`: d is the distance of the joint, s² the area of the
person, and k twice the deviation of annotators for the joint, relative to s.
"""

import numpy as np

# Deviations of COCO's annotators, relative to the root of a person's area.
SIGMAS = {
    "nose": 0.026,
    "eye": 0.025,
    "ear": 0.035,
    "shoulder": 0.079,
    "elbow": 0.072,
    "wrist": 0.062,
    "hip": 0.107,
    "knee": 0.087,
    "ankle": 0.089,
}
OTHER_SIGMA = 0.08  # Of joints that COCO does not have: about its mean joint.


def sigmas(skeleton) -> np.ndarray:
    """Returns the annotators' deviation of each joint: float32 `[J]`."""
    names = (
        joint.removeprefix("left_").removeprefix("right_")
        for joint in skeleton.joints
    )
    return np.array([SIGMAS.get(n, OTHER_SIGMA) for n in names], np.float32)


def of_keypoints(poses, others, common, areas, deviations):
    """Returns the OKS of pairs of poses, in 0 to 1.

    Args:
        poses: `[..., J, D]`, in any unit, finite.
        others: `[..., J, D]`, in the same unit; shapes broadcast.
        common: Bool `[..., J]`, the joints that both poses have.
        areas: `[...]`, square units, positive.
        deviations: `[J]`, as `sigmas` returns them.

    Returns:
        `[...]`; 0 where a pair has no joint in common.

    Example:

    >>> pose = np.zeros((1, 2))
    >>> float(of_keypoints(pose, pose + [0.2, 0.0], [True], 1.0, [0.1]).round(4))
    0.6065
    """
    squares = ((poses - others) ** 2).sum(-1)
    scales = (
        2 * np.asarray(areas)[..., None] * (2 * np.asarray(deviations)) ** 2
    )
    similar = np.exp(-squares / scales)
    common = np.asarray(common, similar.dtype)
    return (similar * common).sum(-1) / np.maximum(common.sum(-1), 1)


def of_boxes(boxes, others):
    """Returns the intersection over union of pairs of boxes, in 0 to 1.

    Args:
        boxes: `[..., 4]`, x1 y1 x2 y2.
        others: `[..., 4]`, in the same unit; shapes broadcast.

    Returns:
        `[...]`; 0 where the union is empty.

    Example:

    >>> float(of_boxes(np.array([0, 0, 2, 2]), np.array([1, 0, 3, 2])).round(4))
    0.3333
    """
    low = np.maximum(boxes[..., :2], others[..., :2])
    high = np.minimum(boxes[..., 2:], others[..., 2:])
    both = np.maximum(high - low, 0).prod(-1)
    either = _areas(boxes) + _areas(others) - both
    return np.where(either > 0, both / np.where(either > 0, either, 1), 0)


def _areas(boxes):
    return np.maximum(boxes[..., 2:] - boxes[..., :2], 0).prod(-1)
