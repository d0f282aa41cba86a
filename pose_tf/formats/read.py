"""Reads files of poses, whichever tool wrote them.

A dialect is a module of this package with `SUFFIXES`, the endings of its files,
`sources.FOLDER` among them if it reads folders; `difference(source)`, which says
how a file differs from the dialect, "" if it does not; and
`read(source, options)`, which returns `detections.Detections`.
"""

import dataclasses
import importlib
from typing import Any

import numpy as np

from pose_tf.formats import conventions, objects, sources
from pose_tf.pose import clip, outliers, skeletons

# The strictest come first: the first one that a file does not differ from
# reads it.
DIALECTS = (
    "deeplabcut",
    "kinetics",
    "openpose",
    "mmpose",
    "coco",
    "mediapipe",
    "movenet",
    "arrays",
    "table",
    "ultralytics",
    "ntu",
    "trc",
    "bvh",
    "pose_format",
)
AUTO = "auto"
PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth")


def read(
    path,
    format=AUTO,
    *,
    skeleton=None,
    frame_size=None,
    fps=None,
    min_confidence=None,
) -> list[clip.Clip]:
    """Reads the clips in a file, one per person.

    Args:
        path: Path of a file, or of a folder of files, one per frame; or a
            dataset of `movement`, or `supervision.KeyPoints`, see `objects`.
        format: Name of a dialect, one of `DIALECTS`; by default the first that
            the file agrees with.
        skeleton: `Skeleton`, or its name, of files that do not name their
            joints; by default guessed from the number of joints. A list of
            names of joints, with commas between them, is a skeleton, too.
        frame_size: (width, height) of the frames, pixels; needed where
            coordinates are from 0 to 1.
        fps: Frames per second, if the file does not say.
        min_confidence: Smallest confidence of a visible joint, on the file's
            scale; by default 0.3.

    Returns:
        List of `Clip`s: pixels, x right, y down; in space, meters or whatever
        the file is in, and z away from the camera. It is empty if nobody is in
        the file.

    Raises:
        FileNotFoundError: If there is nothing at `path`.
        ValueError: If the file is of no known format, or damaged; the message
            names it, and what was found in place of what.

    Example:

    >>> clips = read("docs/jumping_jacks.npz")
    >>> len(clips), clips[0].poses.shape, clips[0].skeleton.name
    (1, (60, 13, 2), 'penn_action')
    """
    if isinstance(skeleton, str):
        skeleton = skeletons.get(skeleton)
    options = sources.Options(
        skeleton=skeleton,
        **checked(
            frame_size=frame_size, fps=fps, min_confidence=min_confidence
        ),
    )
    return read_with(path, options, format)


def checked(*, frame_size=None, fps=None, min_confidence=None) -> dict:
    """Returns these arguments of `read` by name, where they are not None.

    Raises:
        ValueError: If one has a value that it cannot have.
    """
    values: dict[str, Any] = {}
    if frame_size is not None:
        size = clip.checked_frame_size(frame_size)
        values["frame_size"] = tuple(size.tolist())
    if fps is not None:
        values["fps"] = clip.checked_fps(fps)
    if min_confidence is not None:
        values["min_confidence"] = conventions.checked_min_confidence(
            min_confidence
        )
    return values


def read_with(path, options, format=AUTO) -> list[clip.Clip]:
    """Reads the clips in a file, as `read` does.

    Args:
        path: Path of a file or folder, or an object; see `read`.
        options: `sources.Options`.
        format: Name of a dialect, or `AUTO`.

    Raises:
        FileNotFoundError: If there is nothing at `path`.
        ValueError: As from `read`.
    """
    if objects.is_recording(path):
        return _clips(objects.read(path, options), options, "")
    source = sources.Source(path)
    try:
        with sources.without_collection():
            found = _dialect(source, format).read(source, options)
        return _clips(found, options, source.path.stem)
    except (ValueError, OSError) as error:
        raise ValueError(f"{source.path}: {error}") from error


def suffixes() -> tuple[str, ...]:
    """Returns the endings of the files that any dialect reads."""
    known = {ending for name in DIALECTS for ending in _module(name).SUFFIXES}
    return tuple(sorted(known - {sources.FOLDER}))


def is_recording(path) -> bool:
    """Returns whether a folder holds the frames of one recording."""
    source = sources.Source(path)
    return any(
        sources.FOLDER in _module(name).SUFFIXES
        and not _module(name).difference(source)
        for name in DIALECTS
    )


def _module(name):
    return importlib.import_module(f"pose_tf.formats.{name}")


def _dialect(source, format):
    """Returns the module that reads a source.

    Raises:
        ValueError: If the named one does not, or none does.
    """
    if format != AUTO:
        if format not in DIALECTS:
            raise ValueError(
                f"`format` must be {AUTO} or one of {', '.join(DIALECTS)}. "
                f"Received: {format!r}"
            )
        module = _module(format)
        if differs := _difference(module, source):
            raise ValueError(
                f"must be in the format {format}. Received: {differs}"
            )
        return module
    if source.suffix in PICKLES:
        raise ValueError(f"{sources.PICKLED}. Received: {source.suffix}")
    tried = {}
    for name in DIALECTS:
        module = _module(name)
        if source.suffix in module.SUFFIXES:
            tried[name] = _difference(module, source)
            if not tried[name]:
                return module
    if not tried:
        raise ValueError(
            f"must be a folder or end in one of {', '.join(suffixes())}. "
            f"Received: {source.suffix or 'no ending'}"
        )
    listed = "; ".join(f"{name}: {why}" for name, why in tried.items())
    raise ValueError(f"must be in a known format. Received: none of {listed}")


def _difference(module, source):
    if source.suffix not in module.SUFFIXES:
        return f"it is {source.suffix}, not {' or '.join(module.SUFFIXES)}"
    return module.difference(source)


def _clips(found, options, clip_id):
    """Returns the clips of what a dialect read, one per person."""
    from pose_tf.formats import tracks  # It imports SciPy, which takes long.

    found = conventions.settle(found, options)
    return [
        _finished(one, options, found)
        for one in tracks.people(found, clip_id=clip_id)
    ]


def _finished(one, options, found):
    """Returns a person's clip without a detector's slips."""
    max_jump = options.max_jump
    if isinstance(max_jump, str):
        max_jump = None if found.confidence is None else outliers.MAX_JUMP
    poses, visibility = one.poses, one.visibility
    if max_jump is not None and one.skeleton.hips and one.skeleton.shoulders:
        poses, visibility = outliers.drop_jumps(
            poses, visibility, one.skeleton, max_jump
        )
        poses = poses.astype(np.float32)
    return dataclasses.replace(one, poses=poses, visibility=visibility)
