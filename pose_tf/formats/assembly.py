"""Puts together what `Detections` takes: order, identities and a skeleton."""

import numpy as np

from pose_tf.formats import arrays, detections, rows
from pose_tf.pose import skeletons

# Joints of whole bodies, and those of the body, which come first.
WHOLE_BODIES = {133: skeletons.COCO_17, 136: skeletons.HALPE_26}


def ordered(frames, every_frame, **columns) -> dict:
    """Returns arguments of `Detections`, sorted by frame, the first one 0.

    Args:
        frames: Integers `[N]`: the frame of each row.
        every_frame: Numbers of all frames of the file, also those of nobody.
        columns: Arrays `[N, …]`, or None.
    """
    every_frame = np.asarray(every_frame, np.int64)
    first = int(every_frame.min()) if len(every_frame) else 0
    last = int(every_frame.max()) if len(every_frame) else -1
    frames = np.asarray(frames, np.int64)
    order = np.argsort(frames, kind="stable")
    return {
        "frames": frames[order] - first,
        "num_frames": last - first + 1,
        **{
            name: None if column is None else column[order]
            for name, column in columns.items()
        },
    }


def identities(values, frames) -> np.ndarray | None:
    """Returns who each row is: int64 `[N]`, -1 where the file does not say.

    Args:
        values: Numbers, texts, lists that begin with one, or Nones; or None.
        frames: Integers `[N]`, the frame of each row.

    Returns:
        None if nobody has an identity, or everybody has 0, also several in a
        frame: so AlphaPose writes if it does not track.
    """
    if values is None:
        return None
    plain = [rows.scalar(value) for value in values]
    try:
        ids = np.array([-1 if v is None else int(v) for v in plain], np.int64)
    except (TypeError, ValueError, OverflowError):
        texts = [None if value is None else str(value) for value in plain]
        names = dict.fromkeys(text for text in texts if text is not None)
        numbers = {None: -1} | {name: n for n, name in enumerate(names)}
        ids = np.array([numbers[text] for text in texts], np.int64)
    if (ids < 0).all():
        return None
    if (ids == 0).all() and len(np.unique(frames)) < len(ids):
        return None
    return ids


def body(shape, options):
    """Returns the skeleton of unnamed joints; it may be the first ones only.

    Args:
        shape: Of the poses, `(N, J, D)`.
        options: `sources.Options`.

    Raises:
        ValueError: If no known skeleton has so many joints.
    """
    if options.skeleton is None and shape[1] in WHOLE_BODIES:
        return WHOLE_BODIES[shape[1]]
    return arrays.guess(shape, options)


def nobody(options, every_frame=()) -> detections.Detections:
    """Returns the detections of a recording of nobody."""
    skeleton = options.skeleton or options.likely or skeletons.COCO_17
    shape = (0, skeleton.num_joints, skeleton.num_coordinates)
    return detections.Detections(
        skeleton=skeleton, poses=np.zeros(shape), **ordered((), every_frame)
    )
