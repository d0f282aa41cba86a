"""What a file of poses holds: poses found in frames, of anybody."""

import dataclasses
from typing import Any

import numpy as np

from pose_tf.pose import clip, skeletons

PIXELS, NORMALIZED, METERS = "pixels", "normalized", "meters"
UNITS = (PIXELS, NORMALIZED, METERS)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Detections:
    """Holds the poses of a recording, of any number of people, row by row.

    A row is one person in one frame; N is the number of rows. Every dialect of
    `pose_tf.formats` reads a file into this, and `tracks.people` deals the rows
    to people.

    Attributes:
        skeleton: `Skeleton` of the poses.
        frames: int64 `[N]`, the frame of each row, from 0, never falling.
        poses: float32 `[N, J, D]`, x right, y down unless `y_up`; NaN where a
            joint is missing.
        confidence: float32 `[N, J]`, as the detector gave it, or None.
        visibility: Bool `[N, J]`, or None if every joint that has a place is
            visible.
        boxes: float32 `[N, 4]`, x1 y1 x2 y2 in the unit of `poses`, or None.
        ids: Int64 `[N]`, who it is, or None if the file does not say. Negative
            where it says so only for other rows.
        scores: float32 `[N]`, how sure the detector is of the person, or None.
        num_frames: Length of the recording; by default up to the last row.
        frame_size: (width, height) in pixels, or None.
        fps: Frames per second, or None.
        unit: Of coordinates: `pixels`, `normalized` (0 to 1 of the frame's
            width and height) or `meters`.
        y_up: Whether y points up: True, False, or None if it is unknown and is
            to be seen from the poses.

    Raises:
        ValueError: If shapes differ, frames fall or are negative, or `unit` is
            unknown.

    Example:

    >>> found = Detections(
    ...     skeleton=skeletons.get("coco_17"),
    ...     frames=np.array([0, 0, 1]),
    ...     poses=np.zeros((3, 17, 2), np.float32),
    ... )
    >>> found.num_frames
    2
    """

    skeleton: skeletons.Skeleton
    frames: np.ndarray
    poses: np.ndarray
    confidence: np.ndarray | None = None
    visibility: np.ndarray | None = None
    boxes: np.ndarray | None = None
    ids: np.ndarray | None = None
    scores: np.ndarray | None = None
    num_frames: int = 0
    frame_size: tuple[int, int] | None = None
    fps: float | None = None
    unit: str = PIXELS
    y_up: bool | None = None

    def __post_init__(self):
        frames = np.asarray(self.frames, np.int64)
        poses = clip.floats(self.poses)
        num_rows = len(frames)
        joints = (num_rows, self.skeleton.num_joints)
        self._set(frames=frames, poses=poses)
        clip.require_shape("frames", frames, (num_rows,))
        clip.require_shape(
            "poses", poses, (*joints, self.skeleton.num_coordinates)
        )
        for name, shape, dtype in (
            ("confidence", joints, np.float32),
            ("visibility", joints, np.bool_),
            ("boxes", (num_rows, 4), np.float32),
            ("ids", (num_rows,), np.int64),
            ("scores", (num_rows,), np.float32),
        ):
            value: Any = getattr(self, name)
            if value is not None:
                value = np.asarray(value, dtype)
                clip.require_shape(name, value, shape)
                self._set(**{name: value})
        if num_rows and (frames[0] < 0 or (np.diff(frames) < 0).any()):
            raise ValueError(
                "frames must count from 0 and never fall. Received: "
                f"{frames[:5].tolist()} …"
            )
        last = int(frames[-1]) + 1 if num_rows else 0
        self._set(num_frames=max(self.num_frames, last))
        if self.unit not in UNITS:
            raise ValueError(
                f"unit must be one of {', '.join(UNITS)}. "
                f"Received: {self.unit!r}"
            )

    def _set(self, **values):
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def rows(self, chosen) -> "Detections":
        """Returns the chosen rows, by a bool or integer index `[...]`."""
        names = ("frames", "poses", "confidence", "visibility", "boxes")
        values: dict[str, Any] = {
            name: None
            if getattr(self, name) is None
            else getattr(self, name)[chosen]
            for name in (*names, "ids", "scores")
        }
        return dataclasses.replace(self, **values)
