"""Reads the keypoints of one clip from a .npz, .json or .csv file."""

import csv
import io
import json
import math

import numpy as np

from pose_tf.datasets import clips
from pose_tf.datasets.keypoint_files import folder
from pose_tf.pose import skeletons

ARRAYS = ("poses", "visibility", "confidence", "boxes", "frame_size")
AXES = "xyz"


def read_clip(file, description, actions, views):
    """The clip of a file, in the dataset's skeleton.

    Args:
        file: A `folder.Clip`.
        description: A `folder.Description`.
        actions: Names of the actions; a clip must have one of them.
        views: Names of the views.

    Returns:
        A clip as `clips` describes it. Without `visibility` a joint is visible
        where its coordinates are finite and its confidence suffices. A box
        that is not given is drawn around the visible joints, and repeats the
        nearest one in frames without any.

    Raises:
        ValueError: If the file cannot be used; the message names it.
    """
    try:
        source = skeletons.get(description.skeleton)
        arrays = read_arrays(file.path, source)
        poses, visibility = seen(arrays, description.min_confidence)
        if description.convert_to:
            poses, visibility = skeletons.convert(
                poses, visibility, source, description.target
            )
        frame_size = arrays.get("frame_size", description.frame_size)
        if frame_size is None:
            frame_size = _holding(poses, visibility)
        boxes = arrays.get("boxes")
        if boxes is None:
            boxes = boxes_around(poses, visibility, frame_size)
        clip = {
            "clip_id": file.clip_id,
            "poses": poses,
            "visibility": visibility,
            "boxes": boxes,
            "action": file.action or folder.UNLABELLED,
            "view": file.view or folder.UNKNOWN_VIEW,
            "frame_size": frame_size,
        }
        return clips.checked(clip, description.target, actions, views)
    except ValueError as error:
        raise ValueError(f"{file.path}: {error}") from error


def boxes_around(poses, visibility, frame_size):
    """Boxes [T, 4] around visible joints [T, J, D], in x and y.

    A frame without one repeats the box of the nearest frame that has one, the
    earlier of two; if there is none at all, the box is the whole frame.
    """
    seen = np.flatnonzero(visibility.any(-1))
    if not len(seen):
        return np.tile([0.0, 0.0, *frame_size], (len(poses), 1))
    flags = visibility[seen, :, None]
    flat = poses[seen, :, :2]
    boxes = np.concatenate(
        [
            np.where(flags, flat, np.inf).min(1),
            np.where(flags, flat, -np.inf).max(1),
        ],
        axis=-1,
    )
    distance = np.abs(np.arange(len(poses))[:, None] - seen)
    return boxes[distance.argmin(-1)]


def _holding(poses, visibility):
    """Width and height of the smallest frame that holds the visible joints."""
    visible = poses[visibility][:, :2]
    return np.maximum(np.ceil(visible.max(0, initial=1)), 1)


def seen(arrays, min_confidence=folder.Description.min_confidence):
    """Poses `[T, J, D]` and visibility `[T, J]`, as the arrays of a file say.

    Without `visibility`, joints whose coordinates are finite are visible; with
    `confidence`, only those of at least `min_confidence`.

    Raises:
        ValueError: For what is not numbers, or of wrong or differing shapes.
    """
    poses = clips.floats(arrays["poses"])
    if poses.ndim != 3:
        raise ValueError(
            "poses must have the shape [frames, joints, coordinates]. "
            f"Received: {list(poses.shape)}"
        )
    visibility = np.isfinite(poses).all(-1)
    if "visibility" in arrays:
        visibility = clips.flags(arrays["visibility"])
    if "confidence" in arrays:
        confidence = clips.floats(arrays["confidence"])
        clips.require_shape("confidence", confidence, poses.shape[:2])
        visibility = visibility & (confidence >= min_confidence)
    clips.require_shape("visibility", visibility, poses.shape[:2])
    return poses, visibility


def read_arrays(path, skeleton=None):
    """The arrays of a file, by name: `poses` and others of `ARRAYS`.

    Args:
        path: Of a .npz, .json or .csv file.
        skeleton: Whose joints the columns of a .csv file name.

    Raises:
        ValueError: If the file cannot be read, lacks `poses` or has others.
    """
    try:
        content = path.read_bytes()
        if path.suffix == ".csv":
            arrays = _read_csv(content.decode("utf-8-sig"), skeleton)
        elif path.suffix == ".json":
            arrays = _read_json(content)
        else:
            arrays = _read_npz(content)
    except Exception as error:  # The parsers let out a dozen types.
        raise ValueError(
            f"must be a readable {path.suffix} file. Received: {error!r}"
        ) from error
    unknown = set(arrays) - set(ARRAYS)
    if "poses" not in arrays or unknown:
        raise ValueError(
            f"must hold poses and, if need be, {', '.join(ARRAYS[1:])}. "
            f"Received: {', '.join(sorted(arrays)) or 'nothing'}"
        )
    return arrays


def _read_npz(content):
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return dict(file)


def _read_json(content):
    """Lists of numbers; null is a coordinate that is missing."""
    return {
        name: np.array(value, np.float64)
        for name, value in dict(json.loads(content)).items()
    }


def _read_csv(text, skeleton):
    """One row a frame; a cell that is empty, a joint without columns: missing.

    The columns are `frame`, then `<joint>_x`, `<joint>_y`, in space
    `<joint>_z`, and `<joint>_visibility` or `<joint>_confidence`.
    """
    rows = list(csv.reader(io.StringIO(text)))
    header, rows = rows[0], [row for row in rows[1:] if row]
    table = np.array(
        [[float(cell) if cell else math.nan for cell in row] for row in rows]
    ).reshape(len(rows), len(header))
    columns = dict(zip(header, table.T, strict=True))
    frames = columns.pop("frame", np.arange(len(rows)))
    if (np.diff(frames) != 1).any():
        raise ValueError("frame must count up by 1")
    axes = AXES[: skeleton.num_coordinates]
    poses = _columns(columns, skeleton, axes)
    arrays = {"poses": poses}
    present = np.isfinite(poses).all(-1)
    for name in ("visibility", "confidence"):
        if any(column.endswith(f"_{name}") for column in columns):
            values = _columns(columns, skeleton, [name])[..., 0]
            arrays[name] = np.where(np.isnan(values), present, values)
    if columns:
        raise ValueError(
            "columns must be frame or <joint>_ and one of "
            f"{', '.join((*axes, 'visibility', 'confidence'))}. "
            f"Received: {', '.join(columns)}"
        )
    return arrays


def _columns(columns, skeleton, suffixes):
    """Takes the columns of all joints out of a table: [T, J, suffixes]."""
    num_frames = len(next(iter(columns.values()), ()))
    absent = np.full(num_frames, math.nan)
    values = [
        [columns.pop(f"{joint}_{suffix}", absent) for suffix in suffixes]
        for joint in skeleton.joints
    ]
    return np.moveaxis(np.array(values), -1, 0)
