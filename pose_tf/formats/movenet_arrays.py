"""Reads arrays of MoveNet's outputs.

Its 17 joints are y, x, score, from 0 to 1 of the frame: `[T, 17, 3]`, also with
axes of length 1 behind T, or of several people there; or MultiPose's
`[T, 6, 56]`, in which y1, x1, y2, x2 of a box and its score follow. Bare arrays
`[T, 17, 3]` are this only if all scores are from 0 to 1 and all places at most
`MARGIN` outside of the frame: so are neither poses in space, of which some joint
lies before or below the origin or beyond 1, nor x, y, score in pixels, which
`arrays` reads.
"""

import io

import numpy as np

from pose_tf.formats import detections, rows
from pose_tf.pose import skeletons

MARGIN = 0.5
_SKELETON = skeletons.COCO_17
_JOINTS = _SKELETON.num_joints
_OF_PERSON = 3 * _JOINTS + 5  # MultiPose's numbers: a box and a score follow.
_OWN = "poses"  # In a .npz file this is `arrays`'s.


def is_nested(value) -> bool:
    """Returns whether a value of JSON is lists of lists of numbers."""
    depth = 0
    while isinstance(value, list) and value:
        value, depth = value[0], depth + 1
    return depth > 1 and isinstance(value, int | float)


def load(source) -> np.ndarray:
    """Returns the array in a file.

    Raises:
        ValueError: If there is none, or lists differ in length, or hold
            something else than numbers.
    """
    if source.suffix not in (".npy", ".npz"):
        value, depth = source.json, -1
        first = value
        while isinstance(first, list) and first:
            first, depth = first[0], depth + 1
        return rows.Rows(value).numbers(value, "keypoints", depth)
    try:
        loaded = np.load(io.BytesIO(source.content), allow_pickle=False)
        if source.suffix == ".npy":
            return loaded
        if _OWN in loaded.files or len(loaded.files) != 1:
            raise ValueError(f"holds {', '.join(loaded.files) or 'nothing'}")
        return loaded[loaded.files[0]]
    except Exception as error:  # NumPy raises a dozen types.
        raise ValueError(str(error)) from error


def difference(array) -> str:
    """Returns how an array differs from those of MoveNet."""
    if array.dtype.kind not in "fiu":
        return f"holds {array.dtype}"
    if not array.size:
        return "is empty"
    shape = [size for size in array.shape[1:-1] if size != 1]
    if array.ndim > 2 and array.shape[-1] == _OF_PERSON and len(shape) <= 1:
        return ""
    if array.shape[-2:] != (_JOINTS, 3) or len(shape) > 2:
        return f"has the shape {list(array.shape)}, not [T, {_JOINTS}, 3]"
    scores, places = array[..., 2], array[..., :2]
    if not _within(scores, 0, 1):
        return "has scores that are not from 0 to 1"
    is_bare = array.ndim == 3 or len(shape) == 2
    if is_bare and not _within(places, -MARGIN, 1 + MARGIN):
        return "has coordinates that are not from 0 to 1"
    return ""


def _within(values, low, high):
    """Returns whether all numbers but NaN are in a range, and some are."""
    known = values[~np.isnan(values)]
    return known.size > 0 and known.min() >= low and known.max() <= high


def read(array) -> detections.Detections:
    """Returns the detections of an array of MoveNet."""
    array = array.astype(np.float64)
    if array.ndim == 2:
        array = array[None]
    num_frames, size = len(array), array.shape[-1]
    boxes, scores = None, None
    if size == _OF_PERSON:
        array = array.reshape(-1, _OF_PERSON)
        num_people = len(array) // num_frames
        boxes = array[:, 3 * _JOINTS :][:, [1, 0, 3, 2]]  # From y1, x1, y2, x2.
        scores = array[:, -1]
        array = array[:, : 3 * _JOINTS]
    else:
        num_people = array[0].size // (3 * _JOINTS)
    joints = array.reshape(-1, _JOINTS, 3)
    poses = joints[..., [1, 0]]
    in_frame = _within(poses, -MARGIN, 1 + MARGIN)
    return detections.Detections(
        skeleton=_SKELETON,
        unit=detections.NORMALIZED if in_frame else detections.PIXELS,
        y_up=False,
        frames=np.repeat(np.arange(num_frames), num_people),
        poses=poses,
        confidence=joints[..., 2],
        boxes=boxes,
        scores=scores,
        num_frames=num_frames,
    )
