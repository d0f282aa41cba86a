"""Reads `dataset.json`, in which a user describes a folder of clips."""

import dataclasses
import numbers
import pathlib
from typing import Any

from pose_tf.formats import conventions, sources
from pose_tf.pose import clip, own_skeletons, skeletons

FILE = "dataset.json"
PEOPLE = ("all", "longest")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Description:
    """Holds the fields of `dataset.json`.

    Attributes:
        skeleton: Name of the files' skeleton, see `skeletons.get`; by default
            that of the first file, see `folder.described`.
        joints: Names of the files' joints, in order, instead of `skeleton`.
        convert_to: Name of the dataset's skeleton; by default the same.
        axes: Coordinates of the files, with their signs, that are the dataset's
            x (right), y (down) and, in space, z (away from the camera). By
            default they are the same, or turned if people are upside down in
            nearly all frames.
        frame_size: Width and height of frames, pixels, for files without a
            size; by default the smallest that hold all visible joints.
        fps: Frames per second of files that do not say.
        min_confidence: Smallest detector's confidence of a visible joint.
        max_jump: Distance, in torso lengths, beyond which a joint that jumps
            off and back is missing; None if no joint is. By default
            `outliers.MAX_JUMP` in files with a confidence, and None in others.
        people: `all` people in a file are a clip each, or only the one who is
            seen in the most frames, `longest`.
        test_fraction: Share of each action's clips that are test clips, if
            neither folders nor the table split them.

    Raises:
        ValueError: If a field has a value that it cannot have.

    Example:

    >>> Description(skeleton="coco_17", convert_to="penn_action").target.name
    'penn_action'
    """

    skeleton: str = ""
    joints: tuple[str, ...] | None = None
    convert_to: str = ""
    axes: tuple[str, ...] | None = None
    frame_size: tuple[int, int] | None = None
    fps: float | None = None
    min_confidence: float = conventions.MIN_CONFIDENCE
    max_jump: float | str | None = sources.DETECTORS
    people: str = "all"
    test_fraction: float = 0.2

    def __post_init__(self):
        if self.joints is not None:
            object.__setattr__(self, "skeleton", self._of_joints())
        if self.skeleton:
            skeletons.get(self.skeleton)
        if self.convert_to:
            skeletons.get(self.convert_to)
        if self.axes is not None:
            _check_axes(self.axes, self.skeleton)
        if self.frame_size is not None:
            clip.checked_frame_size(self.frame_size)
        if self.fps is not None:
            clip.checked_fps(self.fps)
        conventions.checked_min_confidence(self.min_confidence)
        if self.people not in PEOPLE:
            raise ValueError(
                f"`people` must be {' or '.join(PEOPLE)}. "
                f"Received: {self.people!r}"
            )
        if not (_is_number(self.test_fraction) and self.test_fraction < 1):
            raise ValueError(
                "`test_fraction` must be at least 0 and below 1. "
                f"Received: {self.test_fraction!r}"
            )
        max_jump: Any = self.max_jump  # As JSON gives it.
        if max_jump not in (None, sources.DETECTORS) and not (
            _is_number(max_jump) and max_jump > 0
        ):
            raise ValueError(
                "`max_jump` must be a positive number of torso lengths or "
                f"null. Received: {self.max_jump!r}"
            )

    def _of_joints(self):
        """Returns the name of the skeleton of `joints`."""
        joints: Any = self.joints  # As JSON gives it.
        if not isinstance(joints, list | tuple) or not all(
            isinstance(joint, str) for joint in joints
        ):
            raise ValueError(
                f"`joints` must be a list of names. Received: {joints!r}"
            )
        num_coordinates = len(self.axes) if self.axes else 2
        name = own_skeletons.of_joints(joints, num_coordinates).name
        if self.skeleton not in ("", name):
            raise ValueError(
                "`joints` or `skeleton` must be given, not both. "
                f"Received: {self.skeleton!r} and {joints!r}"
            )
        return name

    @property
    def target(self) -> skeletons.Skeleton:
        """Skeleton of the dataset."""
        return skeletons.get(self.convert_to or self.skeleton)

    @property
    def options(self) -> sources.Options:
        """What the description says of files; see `formats.read.read_with`."""
        return sources.Options(
            skeleton=skeletons.get(self.skeleton) if self.skeleton else None,
            frame_size=self.frame_size,
            fps=self.fps,
            min_confidence=self.min_confidence,
            axes=self.axes,
            max_jump=self.max_jump,
        )


def read(root) -> Description:
    """Reads the `dataset.json` of a folder.

    Without that file, everything is to be seen from the clips.

    Raises:
        ValueError: If it is not a JSON object of known fields with valid
            values, or there are several, such as `Dataset.json`.
    """
    path = find(root, FILE)
    if path is None:
        return Description()
    try:
        return Description(**sources.load_json(path.read_bytes()))
    except (TypeError, ValueError) as error:
        known = [field.name for field in dataclasses.fields(Description)]
        raise ValueError(
            f"{path} must be a JSON object with any of {', '.join(known)}. "
            f"Received: {error}"
        ) from error


def find(root, name) -> pathlib.Path | None:
    """Finds a file by its name, in any case, in a folder.

    Args:
        root: The folder.
        name: Name of the file, in lower case.

    Returns:
        Path of the file; None if there is none, or no such folder.

    Raises:
        ValueError: If there are several.
    """
    root = pathlib.Path(root).expanduser()
    if not root.is_dir():
        return None
    paths = [
        path
        for path in sorted(root.iterdir())
        if path.name.lower() == name and path.is_file()
    ]
    if len(paths) > 1:
        raise ValueError(
            f"`manual_dir` must hold one {name}. "
            f"Received: {' and '.join(path.name for path in paths)}"
        )
    return paths[0] if paths else None


def _check_axes(axes, skeleton):
    """Raises unless axes are all coordinates of a skeleton, if it is known."""
    count = 2 if isinstance(axes, list | tuple) and len(axes) == 2 else 3
    if skeleton:
        count = skeletons.get(skeleton).num_coordinates
    names = conventions.AXES[:count]
    if not isinstance(axes, list | tuple) or sorted(
        str(axis).removeprefix("-") for axis in axes
    ) != sorted(names):
        raise ValueError(
            f"`axes` must hold {', '.join(names)} in any order, each with or "
            f"without a minus. Received: {axes!r}"
        )


def _is_number(value: Any) -> bool:
    """Returns whether a value is a number from 0; True is not."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    return 0 <= float(value) < float("inf")
