"""Reads the clip of a user's file and converts it to the dataset's skeleton."""

import numpy as np

from pose_tf.datasets.keypoint_files import description as descriptions
from pose_tf.datasets.keypoint_files import folder
from pose_tf.formats import arrays as array_files
from pose_tf.pose import clip as clips
from pose_tf.pose import outliers, skeletons


def read_clip(file, description, actions, views):
    """Reads the clip of a file and converts it to the dataset's skeleton.

    Without `visibility`, joints are visible if their coordinates are finite and
    their confidence is high enough. Boxes that are not given are drawn around
    the visible joints; frames without any get the box of the nearest frame.

    Args:
        file: A `folder.Clip`.
        description: A `description.Description`.
        actions: Names of the actions; the clip must have one of them.
        views: Names of the views; the clip must have one of them.

    Returns:
        A clip, see `pose_tf.pose.clip`.

    Raises:
        ValueError: If the file cannot be used; the message names it.
    """
    try:
        source = skeletons.get(description.skeleton)
        arrays = array_files.read_arrays(file.path, source)
        poses, visibility = _seen(arrays, source, description)
        if description.convert_to:
            poses, visibility = skeletons.convert(
                poses, visibility, source, description.target
            )
        frame_size = arrays.get("frame_size", description.frame_size)
        if frame_size is None:
            frame_size = _holding(poses, visibility)
        else:
            frame_size = clips.checked_frame_size(frame_size)
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


def _seen(arrays, skeleton, description):
    """Returns poses, y down and without jumps, and visibility of a file."""
    poses, visibility = array_files.seen(arrays, description.min_confidence)
    shape = (len(poses), skeleton.num_joints, skeleton.num_coordinates)
    clips.require_shape("poses", poses, shape)
    if description.axes is not None:
        poses = turned(poses, description.axes)
    elif skeleton.num_coordinates == 3:
        _require_y_down(poses, visibility, skeleton)
    max_jump = description.jump_limit("confidence" in arrays)
    if max_jump is not None:
        poses, visibility = outliers.drop_jumps(
            poses, visibility, skeleton, max_jump
        )
    return poses, visibility


def turned(poses, axes):
    """Returns poses `[..., D]` with reordered or negated coordinates.

    Args:
        poses: Float array `[..., D]`.
        axes: Names of `D` coordinates of `poses`, in the order of the result;
            `"-y"` is y with its sign changed.
    """
    order = [descriptions.AXES.index(axis[-1]) for axis in axes]
    signs = np.array([-1 if axis[0] == "-" else 1 for axis in axes])
    return poses[..., order] * signs.astype(poses.dtype)


def _require_y_down(poses, visibility, skeleton):
    """Raises a `ValueError` if the person is upside down in most frames."""
    y = np.where(visibility, poses[..., 1], 0)
    means = []
    for joints in (skeleton.head + skeleton.shoulders, skeleton.hips):
        chosen = list(skeleton.indices(joints))
        count = visibility[:, chosen].sum(1)
        means.append(
            np.where(
                count > 0, y[:, chosen].sum(1) / np.maximum(count, 1), np.nan
            )
        )
    known = np.isfinite(means).all(0)
    below = means[0][known] > means[1][known]
    if 2 * below.sum() > known.sum():
        raise ValueError(
            "y must point down. If it points up, dataset.json must have `axes` "
            'that point right, down and away from the camera, such as ["-x", '
            '"-y", "z"] for Kinect. Received: head and shoulders below the hips in '
            f"{below.sum()} of {known.sum()} frames"
        )


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
