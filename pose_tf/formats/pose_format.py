"""Reads .pose files by pose-format, which `pip install pose_tf[pose_format]` gives.

A file holds components, each with named points: the joints are those of the
first component with shoulders and hips, `POSE_LANDMARKS` of MediaPipe or
`pose_keypoints_2d` of OpenPose. Coordinates are pixels of the header's width and
height; depth is left out, and points with no confidence are missing.
"""

import struct

import numpy as np

from pose_tf.formats import assembly, cells, detections, extras, named_joints
from pose_tf.pose import own_skeletons

SUFFIXES = (".pose",)
EXTRA = "pose_format"
VERSIONS = (0.0, 0.1, 0.2)
TORSO = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
_WORLD = "WORLD"  # In the names of components in space.
_FLOAT = struct.Struct("<f")


def difference(source) -> str:
    """Returns how a file differs from this format, "" if it does not."""
    start = source.content[: _FLOAT.size]
    if len(start) < _FLOAT.size:
        return f"holds {len(start)} bytes"
    (version,) = _FLOAT.unpack(start)
    if version not in np.array(VERSIONS, np.float32):
        return f"begins with the version {version:g}"
    return ""


def read(source, options) -> detections.Detections:
    """Reads the poses of a file.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If pose-format is not installed, the file is not in this
            format, or no component has shoulders and hips.
    """
    library = extras.require("pose_format", EXTRA)
    try:
        recording = library.Pose.read(source.content)
    except Exception as error:  # Of many types.
        text = " ".join(str(error).split())
        raise ValueError(
            f"must be a whole .pose file. Received: {text}"
        ) from error
    header, body = recording.header, recording.body
    first, names = _component(header.components)
    skeleton, order = named_joints.arrange(names, 2, options)
    confidence = np.asarray(body.confidence, np.float64)
    num_frames, num_people = confidence.shape[:2]
    if not confidence.size:
        return assembly.nobody(options, range(num_frames))
    points = slice(first, first + len(names))
    poses = np.ma.filled(body.data[:, :, points, :2].astype(np.float64), np.nan)
    confidence = confidence[:, :, points]
    poses[~(confidence > 0)] = np.nan
    poses = poses.reshape(-1, len(names), 2)
    cells.check_places(poses, lambda row: f"frame {row // num_people}")
    size = (header.dimensions.width, header.dimensions.height)
    return detections.Detections(
        skeleton=skeleton,
        frames=np.repeat(np.arange(num_frames), num_people),
        poses=named_joints.pick(poses, order),
        confidence=named_joints.pick(confidence.reshape(-1, len(names)), order),
        ids=np.zeros(num_frames, int) if num_people == 1 else None,
        num_frames=num_frames,
        frame_size=size if all(size) else None,
        fps=float(body.fps) or None,
        unit=cells.unit(poses),
        y_up=False,
    )


def _component(components):
    """Returns the index of the first point of the body, and names of its points."""
    first = 0
    for component in components:
        names = [_plain(name) for name in component.points]
        joints = {own_skeletons.canonical(name) for name in names}
        if {*TORSO} <= joints and _WORLD not in component.name.upper():
            return first, names
        first += len(names)
    raise ValueError(
        f"a component must have the points {', '.join(TORSO)}. "
        f"Received: {', '.join(component.name for component in components)}"
    )


def _plain(name):
    return name.lower() if name.isupper() else name
