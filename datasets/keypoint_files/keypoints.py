"""Reads the clips of a user's file and converts them to the dataset's skeleton."""

import dataclasses

import numpy as np

from pose_tf.datasets.keypoint_files import folder
from pose_tf.formats import read
from pose_tf.pose import clip as clips


def read_clips(file, description, actions, views) -> list[dict]:
    """Reads the clips of a file, one per person.

    Boxes that are not given are drawn around the visible joints; frames without
    any get the box of the nearest frame. The `clip_id` of the first of several
    people is that of the file; the others' end in `#` and their number.

    Args:
        file: A `folder.Clip`.
        description: A `description.Description` that names its skeleton.
        actions: Names of the actions; the clip must have one of them.
        views: Names of the views; the clip must have one of them.

    Returns:
        Examples, see `pose_tf.pose.clip`: those of all people, or only of the
        one who is seen in the most frames, as `description.people` says.

    Raises:
        ValueError: If the file cannot be used, or nobody is in it; the message
            names it.
    """
    people = read.read_with(file.path, description.options)
    try:
        if not people:
            raise ValueError("a recording must show a person. Received: none")
        if description.people != "all":
            people = [max(people, key=_num_seen)]
        return [
            _example(person, number, file, description, actions, views)
            for number, person in enumerate(people)
        ]
    except ValueError as error:
        raise ValueError(f"{file.path}: {error}") from error


def read_clip(file, description, actions, views) -> dict:
    """Reads the clip of the person who is seen in the most frames of a file.

    Args and errors are those of `read_clips`.
    """
    only = dataclasses.replace(description, people="longest")
    (clip,) = read_clips(file, only, actions, views)
    return clip


def _num_seen(person):
    return int(person.visibility.any(1).sum())


def _example(person, number, file, description, actions, views):
    """Returns the example of one person in a file."""
    person = person.to(description.target)
    poses, visibility = person.poses, person.visibility
    frame_size = person.frame_size or description.frame_size
    if frame_size is None:
        frame_size = _holding(poses, visibility)
    frame_size = clips.checked_frame_size(frame_size)
    boxes = boxes_around(poses, visibility, frame_size)
    if person.boxes is not None:
        given = np.isfinite(person.boxes).all(-1, keepdims=True)
        boxes = np.where(given, person.boxes, boxes)
    clip = {
        "clip_id": f"{file.clip_id}#{number}" if number else file.clip_id,
        "poses": poses,
        "visibility": visibility,
        "boxes": boxes,
        "action": file.action or folder.UNLABELLED,
        "view": file.view or folder.UNKNOWN_VIEW,
        "frame_size": frame_size,
    }
    return clips.checked(clip, description.target, actions, views)


def boxes_around(poses, visibility, frame_size):
    """Returns boxes `[T, 4]` around visible joints `[T, J, D]`, in x and y.

    Frames without a visible joint get the box of the nearest frame with one,
    the earlier one of two. If there is none at all, the box is the whole frame.
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
    return boxes[_nearest(seen, len(poses))]


def _nearest(seen, num_frames):
    """Returns the index in `seen`, sorted, that is nearest to each frame."""
    frames = np.arange(num_frames)
    after = np.searchsorted(seen, frames)
    before = np.maximum(after - 1, 0)
    after = np.minimum(after, len(seen) - 1)
    is_before = np.abs(frames - seen[before]) <= np.abs(seen[after] - frames)
    return np.where(is_before, before, after)


def _holding(poses, visibility):
    """Returns the size of the smallest frame that holds visible joints."""
    visible = poses[visibility][:, :2]
    return np.maximum(np.ceil(visible.max(0, initial=1)), 1)
