"""Reads and writes the package's own clip files: .npz, .json and .csv."""

import io
import json
import pathlib
import warnings

import numpy as np

from pose_tf import files
from pose_tf.formats import tables
from pose_tf.pose import clip, outliers

MIN_CONFIDENCE = 0.3  # Joints with at least this confidence are visible.
# Some detectors give confidences on a scale of their own, somewhat above 1.
MAX_CONFIDENCE = 10.0
MIN_PROBABILITY = 0.5  # Generated joints above this are visible.

ARRAY_SUFFIXES = (".npz", ".json")
ARRAYS = ("poses", "visibility", "confidence", "boxes", "frame_size")
OF_FUTURES = "log_prob"  # Only files that `generate` wrote hold it.


def read_clip(path, skeleton=None):
    """Returns the checked poses and visibility of a .npz or .json file.

    From the futures that `pose-tf generate` wrote, the first one is taken. In
    files with a detector's confidence, joints that jump off and back are
    missing.

    Args:
        path: `pathlib.Path` of the file.
        skeleton: Expected `Skeleton` of the poses. Without it, no jumps are
            looked for.

    Raises:
        ValueError: If the file does not hold a clip; the message names it.
    """
    try:
        arrays = read_arrays(path, others=(OF_FUTURES,))
        if OF_FUTURES in arrays:
            arrays = _first_future(arrays)
        poses, visibility = seen(arrays)
        joints = getattr(skeleton, "num_joints", None)
        if "confidence" in arrays and poses.shape[1] == joints:
            poses, visibility = outliers.drop_jumps(poses, visibility, skeleton)
        return clip.checked_poses(poses, visibility)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def write(path, arrays):
    """Writes named arrays to a .npz or .json file, atomically.

    In JSON, numbers that are not finite become null.

    Args:
        path: File to write, which must end in .npz or .json.
        arrays: Dict of names and arrays.

    Raises:
        ValueError: If `path` has another ending.
        OSError: If it cannot be written; an older file then stays as it was.
    """
    path = with_suffix(path, ARRAY_SUFFIXES)
    arrays = {name: np.asarray(value) for name, value in arrays.items()}
    with files.writing(path) as aside:
        if path.suffix.lower() == ".npz":
            with aside.open("wb") as file:  # NumPy would add .npz to .NPZ.
                np.savez_compressed(file, **arrays)
        else:
            lists = json.dumps(files.plain(arrays), allow_nan=False)
            aside.write_text(lists + "\n")


def with_suffix(path, suffixes):
    """Returns the path of an output and makes its folder if it is missing.

    Raises:
        ValueError: If `path` does not end in one of `suffixes`, in any case.
    """
    path = pathlib.Path(path)
    check_output(path, suffixes)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def check_output(path, suffixes) -> None:
    """Checks the name of an output before any work is done for it.

    Raises:
        ValueError: If `path` is a folder or inside a file, or does not end in
            one of `suffixes`, in any case.
    """
    if path.is_dir():
        raise ValueError(f"`output` must not be a folder. Received: {path}")
    parent = next(parent for parent in path.parents if parent.exists())
    if not parent.is_dir():
        raise ValueError(
            f"`output` must be in a folder. Received: {path}, and {parent} is a "
            "file"
        )
    if path.suffix.lower() not in suffixes:
        raise ValueError(
            f"`output` must end in {' or '.join(suffixes)}. Received: {path}"
        )


def seen(arrays, min_confidence=MIN_CONFIDENCE):
    """Returns poses `[T, J, D]` and visibility `[T, J]` from a file's arrays.

    Without `visibility`, joints whose coordinates are finite are visible. With
    `confidence`, it must be at least `min_confidence` for a joint to be visible.
    Missing joints are NaN, see `clip.mark_missing`.

    Args:
        arrays: Dict of arrays, as `read_arrays` returns it.
        min_confidence: Smallest confidence of visible joints.

    Raises:
        ValueError: If arrays do not hold numbers, their shapes are wrong or
            differ, or confidences are in percent.
    """
    poses = clip.floats(arrays["poses"])
    if poses.ndim != 3:
        raise ValueError(
            "poses must have the shape [frames, joints, coordinates]. "
            f"Received: {list(poses.shape)}"
        )
    if "visibility" not in arrays and "confidence" not in arrays:
        return clip.mark_missing(poses)
    visibility = np.isfinite(poses).all(-1)
    if "visibility" in arrays:
        visibility = clip.flags(arrays["visibility"])
    if "confidence" in arrays:
        confidence = clip.floats(arrays["confidence"])
        clip.require_shape("confidence", confidence, poses.shape[:2])
        if (confidence > MAX_CONFIDENCE).any():
            raise ValueError(
                "confidence must be between 0 and 1, or at most "
                f"{MAX_CONFIDENCE:g} on a detector's own scale; divide percent "
                f"by 100. Received: up to {np.nanmax(confidence):g}"
            )
        visibility = visibility & (confidence >= min_confidence)
    clip.require_shape("visibility", visibility, poses.shape[:2])
    return clip.mark_missing(poses, visibility)


def read_arrays(path, skeleton=None, others=()):
    """Returns the arrays of a file by name: `poses` and others of `ARRAYS`.

    Warns about anything else in the file, which is not read.

    Args:
        path: `pathlib.Path` of a .npz, .json or .csv file.
        skeleton: `Skeleton` whose joints name the columns of a .csv file.
        others: Names that are read in addition to `ARRAYS`.

    Raises:
        ValueError: If the file cannot be read or lacks `poses`.
    """
    suffix = path.suffix.lower()
    names = (*ARRAYS, *others)
    try:
        content = path.read_bytes()
        if suffix == ".json":
            arrays, unread = _read_json(content, names)
        elif suffix != ".csv":
            arrays, unread = _read_npz(content, names)
    except Exception as error:  # The parsers raise a dozen types.
        raise ValueError(
            f"must be a readable {suffix} file. Received: {error!r}"
        ) from error
    if suffix == ".csv":
        arrays, unread = tables.read_clip(content, skeleton), []
    if "poses" not in arrays:
        held = ", ".join(sorted(map(str, [*arrays, *unread])))
        raise ValueError(
            f"must hold poses and may hold {', '.join(ARRAYS[1:])}. "
            f"Received: {held or 'nothing'}"
        )
    if unread:  # Without the path, so that a folder of such files warns once.
        warnings.warn(
            f"Ignored what is not one of {', '.join(names)}: "
            f"{', '.join(sorted(map(str, unread)))}",
            stacklevel=2,
        )
    return arrays


def _read_npz(content, names):
    """Returns the named arrays, and the names of those not read."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files if name in names}
        return arrays, [name for name in file.files if name not in names]


def _read_json(content, names):
    """Returns the named lists of numbers, where null is NaN, and other names."""
    lists = dict(load_json(content))
    return (
        {
            # A size keeps its types, so that true is not 1.
            name: value if name == "frame_size" else np.array(value, np.float64)
            for name, value in lists.items()
            if name in names and value is not None
        },
        [name for name in lists if name not in names],
    )


def load_json(content):
    """Returns the value of a JSON text.

    Args:
        content: Bytes in UTF-8, 16 or 32, with or without a byte order mark.

    Raises:
        ValueError: If it is not JSON, is nested too deeply, or an object has
            the same name twice.
    """
    try:
        return json.loads(content, object_pairs_hook=_unique)
    except RecursionError as error:
        raise ValueError("JSON must not be nested that deeply") from error


def _unique(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"names must differ. Received: {twice!r} twice")
    return dict(pairs)


def _first_future(arrays):
    """Returns the first future `[H, J, D]` of a file that `generate` wrote."""
    poses = clip.floats(arrays["poses"])
    if poses.ndim != 4 or not len(poses):
        raise ValueError(
            "poses with log_prob must have the shape [futures, frames, "
            f"joints, coordinates]. Received: {list(poses.shape)}"
        )
    if len(poses) > 1:
        warnings.warn(f"Read the first of {len(poses)} futures", stacklevel=3)
    future = {"poses": poses[0]}
    if "visibility" in arrays:
        likely = clip.floats(arrays["visibility"]) > MIN_PROBABILITY
        clip.require_shape("visibility", likely, poses.shape[:-1])
        future["visibility"] = likely[0]
    return future
