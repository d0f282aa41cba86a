"""Reads the clip of a user's file, in the dataset's skeleton."""

import numpy as np

from pose_tf.datasets.keypoint_files import folder
from pose_tf.formats import arrays as array_files
from pose_tf.pose import clip as clips
from pose_tf.pose import skeletons


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
        arrays = array_files.read_arrays(file.path, source)
        poses, visibility = array_files.seen(arrays, description.min_confidence)
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
