"""Reads and writes our own files of a clip: .npz, .json and .csv."""

import csv
import io
import json
import math
import pathlib

import numpy as np

from pose_tf.pose import clip

MIN_CONFIDENCE = 0.3  # From which a detector's joint counts as visible.

ARRAY_SUFFIXES = (".npz", ".json")


def read_clip(path):
    try:
        return clip.checked_poses(*seen(read_arrays(path)))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def write(path, arrays):
    """Writes named arrays to a .npz or .json file.

    Raises:
        ValueError: For another kind of file.
    """
    path = with_suffix(path, ARRAY_SUFFIXES)
    arrays = {name: np.asarray(value) for name, value in arrays.items()}
    if path.suffix == ".npz":
        np.savez_compressed(path, **arrays)
    else:
        lists = {name: value.tolist() for name, value in arrays.items()}
        path.write_text(json.dumps(lists) + "\n")


def with_suffix(path, suffixes):
    path = pathlib.Path(path)
    if path.suffix not in suffixes:
        raise ValueError(
            f"`output` must end in {' or '.join(suffixes)}. Received: {path}"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


ARRAYS = ("poses", "visibility", "confidence", "boxes", "frame_size")
AXES = "xyz"


def seen(arrays, min_confidence=MIN_CONFIDENCE):
    """Poses `[T, J, D]` and visibility `[T, J]`, as the arrays of a file say.

    Without `visibility`, joints whose coordinates are finite are visible; with
    `confidence`, only those of at least `min_confidence`.

    Raises:
        ValueError: For what is not numbers, or of wrong or differing shapes.
    """
    poses = clip.floats(arrays["poses"])
    if poses.ndim != 3:
        raise ValueError(
            "poses must have the shape [frames, joints, coordinates]. "
            f"Received: {list(poses.shape)}"
        )
    visibility = np.isfinite(poses).all(-1)
    if "visibility" in arrays:
        visibility = clip.flags(arrays["visibility"])
    if "confidence" in arrays:
        confidence = clip.floats(arrays["confidence"])
        clip.require_shape("confidence", confidence, poses.shape[:2])
        visibility = visibility & (confidence >= min_confidence)
    clip.require_shape("visibility", visibility, poses.shape[:2])
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
