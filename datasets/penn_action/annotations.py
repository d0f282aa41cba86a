"""Reads the annotations of a Penn Action clip from its .mat file."""

import io
import pathlib

import numpy as np
import scipy.io

from pose_tf.pose import clip, skeletons

SKELETON = skeletons.PENN_ACTION
ACTIONS = (
    "baseball_pitch",
    "baseball_swing",
    "bench_press",
    "bowl",
    "clean_and_jerk",
    "golf_swing",
    "jump_rope",
    "jumping_jacks",
    "pullup",
    "pushup",
    "situp",
    "squat",
    "strum_guitar",
    "tennis_forehand",
    "tennis_serve",
)
VIEWS = ("back", "front", "left", "right")
KEYS = (
    "action",
    "pose",
    "x",
    "y",
    "visibility",
    "train",
    "bbox",
    "dimensions",
)
SPLITS = {1: "train", -1: "test"}
# Pixels. The files put joints that nobody annotated on the diagonal x == y, at
# 1 px times the factor by which the clip was resized, which is at most 1.52.
MAX_MISSING = 2.0


def read_clip(source):
    """Reads the split and the clip of a .mat file.

    `x` determines the number of frames. If boxes are one row short, their last
    row is repeated.

    Args:
        source: Path of the file, or any object with `name` and
            `read_bytes()`.

    Returns:
        `"train"` or `"test"`, and a clip, see `pose_tf.pose.clip`; its
        `clip_id` is the name of the file without `.mat`.

    Raises:
        ValueError: If the file cannot be used; the message names it.
    """
    try:
        content = _read_mat(source)
        split = SPLITS.get(_number(content, "train"))
        if split is None:
            raise ValueError(
                f"train must be 1 or -1. Received: {content['train']}"
            )
        return split, clip.checked(
            _clip(content, source.name), SKELETON, ACTIONS, VIEWS
        )
    except ValueError as error:
        raise ValueError(f"{source.name}: {error}") from error


def _read_mat(source):
    try:
        content = scipy.io.loadmat(io.BytesIO(source.read_bytes()))
    except Exception as error:  # SciPy's parser raises a dozen types.
        raise ValueError(
            f"must be a readable .mat file. Received: {error!r}"
        ) from error
    if missing := [key for key in KEYS if key not in content]:
        raise ValueError(
            f"must have the keys {', '.join(KEYS)}. Missing: {missing}"
        )
    return content


def _clip(content, name):
    x, y, boxes = content["x"], content["y"], content["bbox"]
    if x.shape != y.shape:
        raise ValueError(
            "x and y must have the same shape. "
            f"Received: {list(x.shape)} and {list(y.shape)}"
        )
    if len(boxes) and len(boxes) == len(x) - 1:
        boxes = np.concatenate([boxes, boxes[-1:]])
    visibility = content["visibility"]
    return {
        "clip_id": pathlib.PurePath(name).stem,
        "poses": _without_missing(np.stack([x, y], axis=-1), visibility),
        "visibility": visibility,
        "boxes": boxes,
        "action": _text(content, "action"),
        "view": _text(content, "pose"),
        "frame_size": _frame_size(content["dimensions"]),
    }


def _without_missing(poses, visibility):
    """Sets joints of `[T, J, 2]` that nobody annotated to NaN."""
    if poses.dtype.kind not in "fiu" or poses.shape[:-1] != visibility.shape:
        return poses  # `clip.checked` reports what is wrong with them.
    x, y = poses[..., 0], poses[..., 1]
    missing = (visibility == 0) & (x == y) & (x <= MAX_MISSING)
    return np.where(missing[..., None], np.nan, poses)


def _frame_size(dimensions):
    values = np.ravel(dimensions)
    if values.dtype.kind not in "fiu" or values.size != 3:
        raise ValueError(
            "dimensions must be height, width and number of frames. "
            f"Received: {dimensions}"
        )
    height, width, _ = values
    return np.array([width, height])


def _number(content, key):
    value = np.ravel(content[key])
    if value.size != 1 or value.dtype.kind not in "fiu":
        raise ValueError(f"{key} must be a number. Received: {content[key]!r}")
    return value[0].item()


def _text(content, key):
    value = np.ravel(content[key])
    if value.size != 1 or value.dtype.kind != "U":
        raise ValueError(f"{key} must be a text. Received: {content[key]!r}")
    return str(value[0])
