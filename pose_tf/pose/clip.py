"""Checks clips: the poses of one person, and what is known about them.

A clip that a reader of files gives is a `Clip`. An example of a dataset is a
dict:

    clip_id      str
    poses        float32 [T, J, D], pixels, x right, y down, origin top-left
    visibility   bool [T, J]
    boxes        float32 [T, 4], x1 y1 x2 y2, pixels
    action       str, the class
    view         str, where the camera looks from
    frame_size   int32 [2], width and height, pixels

A joint that is not visible is *missing* if all of its coordinates are NaN.
Otherwise it is occluded, and its coordinates are a guess of where it is hidden.
`mark_missing` decides what is missing in arrays from outside; behind this door
only NaN marks it.
"""

import dataclasses
import numbers
from typing import Any

import numpy as np

from pose_tf.pose import conversion, resampling, skeletons

MAX_SIDE = 2**31 - 1  # Of a frame, pixels: int32 holds it.
# Of a joint, pixels from the origin on an axis: what is beyond is no place in a
# picture, and would swamp everything that is computed from a clip.
MAX_COORDINATE = 1e6


@dataclasses.dataclass(frozen=True, kw_only=True)
class Clip:
    """Holds the poses of one person in a recording, as `pose_tf.read` gives it.

    Attributes:
        poses: float32 `[T, J, D]`, pixels (in space: meters), x right, y down,
            origin top-left; NaN where a joint is missing.
        visibility: Bool `[T, J]`.
        skeleton: `Skeleton` of the poses.
        confidence: float32 `[T, J]`, 0 to 1, or None; 0 in frames in which the
            person was not found.
        boxes: float32 `[T, 4]`, x1 y1 x2 y2, pixels, or None; NaN in frames in
            which the person was not found.
        fps: Frames per second, or None if the file does not say.
        frame_size: (width, height), pixels, or None.
        clip_id: Name of the recording, as a rule of its file.
        person: Number of the person in the recording; a tracker's, if it gave
            one.
        start: Frame of the recording in which the clip begins.

    Raises:
        ValueError: If shapes are wrong or differ, there is no frame, a visible
            joint has no place in a picture, or `fps` or `frame_size` are not
            positive.

    Example:

    >>> clip = Clip(
    ...     poses=np.ones((2, 17, 2)),
    ...     visibility=np.ones((2, 17)),
    ...     skeleton=skeletons.get("coco_17"),
    ... )
    >>> clip.poses.dtype, clip.visibility.dtype
    (dtype('float32'), dtype('bool'))
    """

    poses: np.ndarray
    visibility: np.ndarray
    skeleton: skeletons.Skeleton
    confidence: np.ndarray | None = None
    boxes: np.ndarray | None = None
    fps: float | None = None
    frame_size: tuple[int, int] | None = None
    clip_id: str = ""
    person: int = 0
    start: int = 0

    def __post_init__(self):
        poses, visibility = checked_poses(
            self.poses, self.visibility, self.skeleton
        )
        values: dict[str, Any] = {"poses": poses, "visibility": visibility}
        for name, shape in (
            ("confidence", visibility.shape),
            ("boxes", (len(poses), 4)),
        ):
            if (value := getattr(self, name)) is not None:
                values[name] = floats(value)
                require_shape(name, values[name], shape)
        if self.frame_size is not None:
            width, height = checked_frame_size(self.frame_size).tolist()
            values["frame_size"] = width, height
        if self.fps is not None:
            values["fps"] = checked_fps(self.fps)
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __repr__(self):
        shape = "x".join(map(str, self.poses.shape))
        return (
            f"Clip({self.clip_id!r}, person {self.person}, {shape} poses of "
            f"{self.skeleton.name}, from frame {self.start})"
        )

    def to(self, skeleton) -> "Clip":
        """Returns the clip with the joints of another skeleton, by name.

        Args:
            skeleton: `Skeleton`; what it has and the clip's lacks is derived
                from neighbors or missing, see `conversion.convert`.

        Raises:
            ValueError: If `skeleton` has more coordinates.
        """
        if skeleton == self.skeleton:
            return self
        if (skeleton.joints, skeleton.num_coordinates) == (
            self.skeleton.joints,
            self.skeleton.num_coordinates,
        ):
            return dataclasses.replace(self, skeleton=skeleton)
        poses, visibility = conversion.convert(
            self.poses, self.visibility, self.skeleton, skeleton
        )
        return dataclasses.replace(
            self,
            poses=poses,
            visibility=visibility,
            skeleton=skeleton,
            confidence=None,
        )

    def at(self, fps) -> "Clip":
        """Returns the clip at another rate, linear in time.

        A joint that is missing in the nearest frame is missing, and gaps are
        not bridged, see `resampling.at`. Its `start` is rounded to a frame of
        the new rate.

        Args:
            fps: Frames per second.

        Raises:
            ValueError: If the clip's own `fps` is not known, the new one is not
                a positive, finite number, or gives too many frames.
        """
        fps = checked_fps(fps)
        if self.fps is None:
            raise ValueError(
                "a clip must have an `fps` to be resampled. Received: None"
            )
        times = resampling.instants(len(self.poses), fps / self.fps)
        poses, visibility = resampling.at(self.poses, times, self.visibility)
        of_joints, boxes = self.confidence, self.boxes
        if of_joints is not None:
            of_joints = resampling.at(of_joints[..., None], times)[..., 0]
        if boxes is not None:
            boxes = resampling.at(boxes, times)
        return dataclasses.replace(
            self,
            poses=poses,
            visibility=visibility,
            confidence=of_joints,
            boxes=boxes,
            fps=fps,
            start=round(self.start * fps / self.fps),
        )


def checked_fps(fps) -> float:
    """Returns frames per second as a float.

    Raises:
        ValueError: If it is not a positive, finite number.
    """
    if (
        isinstance(fps, bool)
        or not isinstance(fps, numbers.Real)
        or not 0 < float(fps) < float("inf")
    ):
        raise ValueError(
            f"fps must be a positive, finite number. Received: {fps!r}"
        )
    return float(fps)


def checked(clip, skeleton, actions, views):
    """Returns a clip in the dtypes above.

    It may be a clip without a visible joint, visible joints may lie outside the
    frame, and boxes may be degenerate.

    Args:
        clip: Dict with the keys above; others are kept.
        skeleton: `Skeleton` of the poses.
        actions: Known actions.
        views: Known views.

    Raises:
        ValueError: If shapes are wrong or differ, there is no frame, visible
            joints or boxes are not finite, the frame has no size, or the action
            or view is unknown.
    """
    poses, visibility = checked_poses(
        clip["poses"], clip["visibility"], skeleton
    )
    boxes = floats(clip["boxes"])
    require_shape("boxes", boxes, (len(poses), 4))
    if not np.isfinite(boxes).all():
        raise ValueError("boxes must be finite. Received: NaN or infinity")
    for name, known in (("action", actions), ("view", views)):
        if clip[name] not in known:
            raise ValueError(
                f"{name} must be one of {', '.join(known)}. "
                f"Received: {clip[name]!r}"
            )
    return {
        **clip,
        "poses": poses,
        "visibility": visibility,
        "boxes": boxes,
        "frame_size": checked_frame_size(clip["frame_size"]),
    }


def mark_missing(poses, visibility=None):
    """Decides which joints of arrays from outside are missing.

    An invisible joint is missing if one of its coordinates is masked (in a
    NumPy masked array) or not finite, or if all are exactly 0, where detectors
    put joints that they do not find. Without `visibility`, which distinguishes
    these from a joint that really is at (0, 0), every joint that is not missing
    by this rule is visible.

    Args:
        poses: Real array `[..., J, D]`.
        visibility: Bool array `[..., J]`, or None.

    Returns:
        `(poses, visibility)`: float32 `[..., J, D]`, NaN where a joint is
        missing, and bool `[..., J]`. A joint that is visible keeps its
        coordinates, finite or not.

    Example:

    >>> poses, visibility = mark_missing([[0, 0], [3, 4], [np.nan, 4]])
    >>> poses.tolist(), visibility.tolist()
    ([[nan, nan], [3.0, 4.0], [nan, nan]], [False, True, False])
    """
    poses = floats(poses)
    located = np.isfinite(poses).all(-1) & (poses != 0).any(-1)
    if visibility is None:
        visibility = located
    visibility = np.ma.filled(visibility, False)
    kept = (located | visibility)[..., None]
    return np.where(kept, poses, np.float32(np.nan)), visibility


def checked_poses(poses, visibility, skeleton=None):
    """Returns poses and visibility in the dtypes above, missing joints NaN.

    Args:
        poses: Numbers `[T, J, D]`, pixels; see `mark_missing`.
        visibility: 0 or 1, `[T, J]`.
        skeleton: `Skeleton` of the poses, if it is known.

    Raises:
        ValueError: If shapes are wrong or differ, there is no frame, or visible
            joints are not finite or beyond `MAX_COORDINATE`.
    """
    poses = floats(poses)
    visibility = flags(visibility)
    if poses.ndim == 0 or len(poses) == 0:
        raise ValueError("a clip must have at least 1 frame. Received: 0")
    if skeleton is not None:
        pose_shape = (skeleton.num_joints, skeleton.num_coordinates)
        require_shape("poses", poses, (len(poses), *pose_shape))
    require_shape("visibility", visibility, poses.shape[:2])
    wild = require_places(poses, visibility, skeleton)
    poses = np.where(wild[..., None], np.float32(np.nan), poses)
    return mark_missing(poses, visibility)


def require_places(poses, visibility, skeleton=None, frames=None):
    """Checks that visible joints have a place; returns those that have none.

    Args:
        poses: float32 `[N, J, D]`, pixels.
        visibility: Bool `[N, J]`.
        skeleton: `Skeleton` of the poses, if it is known.
        frames: Frame of each pose, `[N]`; by default its place.

    Returns:
        Bool `[N, J]`, see `is_wild`.

    Raises:
        ValueError: If a visible joint has none; the message names the first.
    """
    wild = is_wild(poses)
    if (visibility & wild).any():
        row, joint = np.argwhere(visibility & wild)[0]
        name = skeleton.joints[joint] if skeleton else f"joint {joint}"
        frame = row if frames is None else frames[row]
        raise ValueError(
            "visible joints must have finite coordinates of at most "
            f"{MAX_COORDINATE:,.0f} pixels. Received: "
            f"{poses[row, joint].tolist()} for {name} in frame {frame}"
        )
    return wild


def is_wild(poses):
    """Returns which joints of `[..., J, D]` have no place: bool `[..., J]`.

    One of their coordinates is not finite, or beyond `MAX_COORDINATE`.
    """
    return ~(np.abs(poses) <= MAX_COORDINATE).all(-1)


def checked_frame_size(size):
    """Returns the width and height of a frame as int32 `[2]`, pixels.

    Raises:
        ValueError: If it is not two whole numbers from 1 to `MAX_SIDE`.
    """
    sides = np.asarray(size, object)  # In which True is not 1.
    if sides.shape != (2,) or not all(map(_is_side, sides)):
        raise ValueError(
            "frame_size must be a width and a height, whole numbers from 1 to "
            f"{MAX_SIDE}. Received: {sides.tolist()}"
        )
    return sides.astype(np.int32)


def _is_side(side: Any) -> bool:
    if isinstance(side, bool) or not isinstance(side, numbers.Real):
        return False
    side = float(side)
    return 1 <= side <= MAX_SIDE and side == round(side)


def floats(array):
    """Returns an array of numbers as float32.

    Numbers beyond float32 become infinite, masked ones NaN.

    Raises:
        ValueError: If `array` does not hold numbers.
    """
    masked = np.ma.getmaskarray(array) if np.ma.isMA(array) else None
    array = np.asarray(array)
    if array.dtype.kind not in "fiub":
        raise ValueError(
            "poses, visibility, boxes and sizes must be numbers. "
            f"Received: {array.dtype}"
        )
    with np.errstate(over="ignore"):  # Callers report infinities.
        array = array.astype(np.float32)
    return array if masked is None else np.where(masked, np.nan, array)


def flags(array):
    """Returns an array of 0 and 1 as bools; what is masked is False.

    Raises:
        ValueError: If `array` holds other numbers.
    """
    array = floats(np.ma.filled(array, 0))
    if not np.isin(array, (0, 1)).all():
        raise ValueError(
            "visibility must be 0 or 1. "
            f"Received: {np.setdiff1d(array, (0, 1))[:3].tolist()}"
        )
    return array.astype(np.bool_)


def require_shape(name, array, shape):
    """Checks the shape of an array.

    Raises:
        ValueError: If it is another one; the message names the array.
    """
    if array.shape != shape:
        raise ValueError(
            f"{name} must have the shape {list(shape)}. "
            f"Received: {list(array.shape)}"
        )
