"""Reads this package's own files of arrays: .npz, .npy and .json.

    poses         [T, J, D], pixels, x right, y down
    visibility    0 or 1, [T, J], optional
    confidence    of a detector, [T, J], optional
    boxes         [T, 4], x1 y1 x2 y2, optional
    frame_size    [2], width and height, pixels, optional
    fps           frames per second, optional
    joints        names of the joints, optional; else their number says which
                  known skeleton it is

Numbers that are null in .json are missing. An .npy file holds `poses` alone.
Bare arrays, as in .npy or nested lists of .json, may also be `[T, J, 3]` of x, y
and score: all scores from 0 to 1, and some place further than `MIN_PIXELS` away.
Of a file that `pose-tf generate` wrote, the first future is read. In files that
were prepared by hand, y may point up: where heads are below hips in most frames,
y is turned.
"""

import io
import warnings

import numpy as np

from pose_tf.formats import detections, sources
from pose_tf.pose import clip, own_skeletons, skeletons

SUFFIXES = (".npz", ".npy", ".json")
ARRAYS = ("poses", "visibility", "confidence", "boxes")
KNOWN = (*ARRAYS, "frame_size", "fps", "joints")
OF_FUTURES = "log_prob"  # Only files that `generate` wrote hold it.
MIN_PIXELS = 10.0  # Poses in space, in meters, are not that far away.
MIN_PROBABILITY = 0.5  # Generated joints above this are visible.


def difference(source) -> str:
    """Returns how a file differs from this format, "" if it does not."""
    if source.suffix == ".json":
        if isinstance(source.json, dict):
            return "" if "poses" in source.json else "has no 'poses'"
        if not _is_nested(source.json):
            kind = type(source.json).__name__
            return f"holds a {kind}, not an object or numbers [T, J, D]"
    return ""  # Nobody else's suffixes.


def read(source, options) -> detections.Detections:
    """Reads the poses of a file of arrays.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If the file cannot be read, lacks `poses`, or their number
            of joints is that of no known skeleton.
    """
    arrays = _with_scores(_named(source), options)
    poses = clip.floats(arrays["poses"])
    if poses.ndim != 3:
        raise ValueError(
            "poses must have the shape [frames, joints, coordinates]. "
            f"Received: {list(poses.shape)}"
        )
    if not len(poses):
        raise ValueError("a clip must have at least 1 frame. Received: 0")
    flags = arrays.get("visibility")
    if flags is not None:
        flags = clip.flags(flags)
        clip.require_shape("visibility", flags, poses.shape[:2])
    return detections.Detections(
        skeleton=_skeleton(arrays.get("joints"), poses, options),
        frames=np.arange(len(poses)),
        poses=poses,
        visibility=flags,
        confidence=_floats(arrays, "confidence"),
        boxes=_floats(arrays, "boxes"),
        ids=np.zeros(len(poses), int),
        frame_size=arrays.get("frame_size"),
        fps=_fps(arrays.get("fps")),
    )


def guess(shape, options) -> skeletons.Skeleton:
    """Returns the skeleton of poses `[T, J, D]` whose joints have no names.

    That is the one that `options` names; or the likely one, or a known one, if
    it has as many joints and coordinates.

    Raises:
        ValueError: If it does not fit, or there is no such skeleton.
    """
    if options.skeleton is not None:
        wanted = (shape[0], *_of(options.skeleton))
        clip.require_shape("poses", np.broadcast_to(0, shape), wanted)
        return options.skeleton
    for skeleton in (options.likely, *skeletons.SKELETONS.values()):
        if skeleton is not None and _of(skeleton) == shape[1:]:
            return skeleton
    known = ", ".join(
        f"{skeleton.name} ({skeleton.num_joints} joints in "
        f"{skeleton.num_coordinates} coordinates)"
        for skeleton in skeletons.SKELETONS.values()
    )
    raise ValueError(
        f"poses must have the joints of a known skeleton, {known}; or name "
        "their own in `skeleton` (on the command line, `--joints`). "
        f"Received: {shape[1]} joints in {shape[2]} coordinates"
    )


def _of(skeleton):
    return skeleton.num_joints, skeleton.num_coordinates


def _skeleton(joints, poses, options):
    if joints is None:
        return guess(poses.shape, options)
    names = [str(joint) for joint in np.ravel(joints)]
    if len(names) != poses.shape[1]:
        raise ValueError(
            f"joints must name the {poses.shape[1]} joints of poses. "
            f"Received: {len(names)} names"
        )
    return own_skeletons.of_joints(names, poses.shape[2])


def _floats(arrays, name):
    return clip.floats(arrays[name]) if name in arrays else None


def _fps(value):
    """Returns the frames per second that an array of any shape () holds."""
    return None if value is None else clip.checked_fps(np.asarray(value).item())


def _named(source):
    """Returns the arrays of a file by name, of a future those of the first."""
    names = (*KNOWN, OF_FUTURES)
    try:
        if source.suffix == ".json":
            held, unread = _of_json(source.json, names)
        elif source.suffix == ".npy":
            held, unread = {"poses": _load(source.content)}, []
        else:
            held, unread = _of_npz(source.content, names)
    except Exception as error:  # NumPy raises a dozen types.
        raise ValueError(
            f"must be a readable {source.suffix} file. Received: {error}"
        ) from error
    if "poses" not in held:
        listed = ", ".join(sorted(map(str, [*held, *unread])))
        raise ValueError(
            f"must hold poses and may hold {', '.join(KNOWN[1:])}. "
            f"Received: {listed or 'nothing'}"
        )
    if unread:  # Without the path, so that a folder of such files warns once.
        warnings.warn(
            f"Ignored what is not one of {', '.join(names)}: "
            f"{', '.join(sorted(map(str, unread)))}",
            stacklevel=2,
        )
    return _first_future(held) if OF_FUTURES in held else held


def _load(content):
    try:
        return np.load(io.BytesIO(content), allow_pickle=False)
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise ValueError(sources.PICKLED) from error
        raise


def _of_npz(content, names):
    """Returns the named arrays, and the names of those not read."""
    with _load(content) as file:
        arrays = {name: file[name] for name in file.files if name in names}
        return arrays, [name for name in file.files if name not in names]


def _is_nested(value):
    """Returns whether a value of JSON is lists of lists of lists of numbers."""
    for _ in range(3):
        if not isinstance(value, list) or not value:
            return False
        value = value[0]
    return value is None or isinstance(value, int | float)


def _with_scores(arrays, options):
    """Returns arrays with `confidence`, if it is the third number of `poses`."""
    poses = clip.floats(arrays["poses"])
    said = {*arrays} & {"visibility", "confidence", "joints"}
    in_space = options.skeleton and options.skeleton.num_coordinates == 3
    if poses.ndim != 3 or poses.shape[-1] != 3 or said or in_space:
        return arrays
    places, scores = poses[..., :2], poses[..., 2]
    known = scores[~np.isnan(scores)]
    if not known.size or known.min() < 0 or not 0 < known.max() <= 1:
        return arrays
    if not np.nanmax(np.abs(places), initial=0) > MIN_PIXELS:
        return arrays
    return {**arrays, "poses": places, "confidence": scores}


def _of_json(lists, names):
    """Returns the named lists of numbers, where null is NaN, and other names."""
    if isinstance(lists, list):
        return {"poses": np.array(lists, np.float64)}, []
    texts = ("frame_size", "joints", "fps")  # They keep their types.
    return (
        {
            name: value if name in texts else np.array(value, np.float64)
            for name, value in dict(lists).items()
            if name in names and value is not None
        },
        [name for name in lists if name not in names],
    )


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
    future = {**arrays, "poses": poses[0]}
    if "visibility" in arrays:
        likely = clip.floats(arrays["visibility"]) > MIN_PROBABILITY
        clip.require_shape("visibility", likely, poses.shape[:-1])
        future["visibility"] = likely[0]
    return future
