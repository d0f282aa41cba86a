"""Reads this package's own tables: .csv files with a row per frame.

The columns are `frame` (optional), then `<joint>_x`, `<joint>_y`, in space
`<joint>_z`, and `<joint>_visibility` or `<joint>_confidence`. Empty cells,
joints without columns, and frames that the numbers in `frame` skip are missing.
"""

import reprlib

import numpy as np

from pose_tf.formats import detections, tables
from pose_tf.pose import own_skeletons, skeletons

SUFFIXES = (".csv",)


def difference(source) -> str:
    """Returns how a file differs from this format, "" if it does not."""
    header = next(tables.lines(source.content))
    names = _joints(header)
    if not names:
        return f"line 1 has no column <joint>_x, but {reprlib.repr(header[0])}"
    others = {
        f"{name}_{ending}"
        for name in names
        for ending in (*tables.AXES, *tables.FLAGS)
    }
    for column in header:
        if column not in others and column != tables.FRAME:
            return f"line 1 has the column {reprlib.repr(column)}"
    return ""


def read(source, options) -> detections.Detections:
    """Reads the poses of a table.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`; its skeleton, or the first known one that
            has all of the joints that columns name, names the joints.

    Raises:
        ValueError: If the file is not such a table.
    """
    header = next(tables.lines(source.content))
    skeleton = options.skeleton or _skeleton(header, options.likely)
    arrays = tables.read_clip(source.content, skeleton)
    poses = arrays["poses"]
    if not len(poses):
        raise ValueError("a clip must have at least 1 frame. Received: 0")
    flags = arrays.get("visibility")
    return detections.Detections(
        skeleton=skeleton,
        frames=np.arange(len(poses)),
        poses=poses,
        visibility=flags,
        confidence=arrays.get("confidence"),
        ids=np.zeros(len(poses), int),
    )


def _joints(header):
    return [name[:-2] for name in header if name.endswith("_x")]


def _skeleton(header, likely):
    joints = _joints(header)
    num_coordinates = 3 if any(name.endswith("_z") for name in header) else 2
    for skeleton in (likely, *skeletons.SKELETONS.values()):
        if (
            skeleton is not None
            and {*joints} <= {*skeleton.joints}
            and skeleton.num_coordinates == num_coordinates
        ):
            return skeleton
    return own_skeletons.of_joints(joints, num_coordinates)
