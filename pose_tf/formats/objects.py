"""Reads objects of other libraries in memory, without importing these.

- A dataset of `movement`: its variable `position` has the dimensions time,
  space, keypoints and individuals; `confidence` and the attribute `fps` are
  optional.
- `supervision.KeyPoints`, or a list of them, one per frame: `xy` `[n, K, 2]`,
  confidences of keypoints and of people, and ids in `data["tracker_id"]` or an
  attribute of this name, where a tracker put them.
"""

import numpy as np

from pose_tf.formats import assembly, cells, detections, named_joints

SPACE = ("x", "y", "z")
_DIMENSIONS = ("time", "individual", "keypoint", "space")
TRACKER = "tracker_id"


def is_recording(value) -> bool:
    """Returns whether a value is an object that can be read."""
    return _is_dataset(value) or _is_frames(value)


def read(value, options) -> detections.Detections:
    """Reads the poses of an object.

    Args:
        value: See above.
        options: `sources.Options`.

    Raises:
        ValueError: If its arrays do not have the shapes above.
    """
    if _is_dataset(value):
        return _of_dataset(value, options)
    frames = [value] if _has_keypoints(value) else value
    return _of_frames(frames, options)


def _is_dataset(value):
    return hasattr(value, "position") and hasattr(value.position, "dims")


def _has_keypoints(value):
    return hasattr(value, "xy") and hasattr(value, "class_id")


def _is_frames(value):
    if isinstance(value, list | tuple):
        return bool(value) and all(map(_has_keypoints, value))
    return _has_keypoints(value)


def _of_dataset(dataset, options):
    """Returns the detections of a dataset of `movement`."""
    names = _coordinates(dataset.position)
    axes = [axis for axis in SPACE if axis in names["space"]]
    chosen = [names["space"].index(axis) for axis in axes]
    poses = _ordered(dataset.position)[..., chosen]
    skeleton, order = named_joints.arrange(
        names["keypoint"], len(axes), options
    )
    confidence = getattr(dataset, "confidence", None)
    if confidence is not None:
        confidence = _ordered(confidence)
    fps = dataset.attrs.get("fps")
    frames = _frames(dataset, len(poses), fps)
    row, person = np.nonzero(np.isfinite(poses).all(-1).any(-1))
    if not len(row):
        return assembly.nobody(options, frames)
    poses = poses[row, person]
    cells.check_places(poses, lambda i: f"frame {row[i]}")
    return detections.Detections(
        skeleton=skeleton,
        fps=float(fps) if fps else None,
        unit=detections.METERS if len(axes) > 2 else cells.unit(poses),
        y_up=None if len(axes) > 2 else False,
        **assembly.ordered(
            frames[row],
            frames,
            poses=named_joints.pick(poses, order),
            confidence=None
            if confidence is None
            else named_joints.pick(confidence[row, person], order),
            ids=person,
        ),
    )


def _dimension(name):
    """Returns a dimension's name in the singular; versions differ."""
    return str(name).removesuffix("s")


def _coordinates(array):
    """Returns the names along each dimension of a labeled array."""
    for name in _DIMENSIONS:
        if name not in map(_dimension, array.dims) and name != "individual":
            raise ValueError(
                f"position must have the dimensions {', '.join(_DIMENSIONS)}. "
                f"Received: {', '.join(map(str, array.dims))}"
            )
    return {
        _dimension(name): [str(value) for value in array.coords[name].values]
        for name in array.dims
        if _dimension(name) in ("keypoint", "space")
    }


def _ordered(array):
    """Returns a labeled array as floats `[T, individuals, keypoints, …]`."""
    values = np.asarray(array.values, np.float64)
    dims = [_dimension(name) for name in array.dims]
    if "individual" not in dims:
        values, dims = values[None], ["individual", *dims]
    wanted = [dims.index(name) for name in _DIMENSIONS if name in dims]
    return values.transpose(wanted)


def _frames(dataset, num_frames, fps):
    """Returns the frame of each time of a dataset."""
    frames = np.arange(num_frames)
    if "time" not in dataset.position.coords:
        return frames
    times = np.asarray(dataset.position.coords["time"].values, np.float64)
    if dataset.attrs.get("time_unit") == "seconds":
        times = times * fps if fps else frames
    return np.round(times).astype(np.int64)


def _of_frames(frames, options):
    """Returns the detections of a list of `supervision.KeyPoints`."""
    places = [np.asarray(one.xy, np.float64) for one in frames]
    counts = [len(one) for one in places]
    if not sum(counts):
        return assembly.nobody(options, range(len(frames)))
    shapes = {one.shape[1:] for one in places if len(one)}
    if len(shapes) > 1 or any(
        len(shape) != 2 or shape[1] != 2 for shape in shapes
    ):
        raise ValueError(
            "xy must have the shape [n, K, 2] in all frames. "
            f"Received: {', '.join(map(str, sorted(shapes)))}"
        )
    joined = np.concatenate([one for one in places if len(one)])
    numbers = np.repeat(np.arange(len(frames)), counts)
    poses = cells.without_origin(joined)
    cells.check_places(poses, lambda row: f"frame {numbers[row]}")
    ids = _joined(frames, TRACKER)
    return detections.Detections(
        skeleton=assembly.body(poses.shape, options),
        frames=numbers,
        poses=poses,
        confidence=_joined(frames, "keypoint_confidence", "confidence"),
        ids=None if ids is None else np.nan_to_num(ids, nan=-1).astype(int),
        scores=_joined(frames, "detection_confidence"),
        num_frames=len(frames),
        unit=cells.unit(poses),
        y_up=False,
    )


def _joined(frames, *names):
    """Returns what all frames with people have under one of some names."""
    found = [_found(one, names) for one in frames if len(one.xy)]
    if any(values is None for values in found):
        return None
    return np.concatenate([np.asarray(one, np.float64) for one in found])


def _found(one, names):
    for name in names:
        value = getattr(one, name, None)
        if value is None:
            value = (getattr(one, "data", None) or {}).get(name)
        if value is not None:
            return value
    return None
