"""Reads `dataset.json`, in which a user describes a folder of clips."""

import dataclasses
import numbers
import pathlib
from typing import Any

from pose_tf.formats import arrays
from pose_tf.pose import clip, outliers, skeletons

FILE = "dataset.json"
DETECTORS = "detectors"
AXES = ("x", "y", "z")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Description:
    """Holds the fields of `dataset.json`.

    Attributes:
        skeleton: Name of the files' skeleton, in `skeletons.SKELETONS`.
        convert_to: Name of the dataset's skeleton; by default the same.
        axes: Coordinates of the files, with their signs, that are the dataset's
            x (right), y (down) and, in space, z (away from the camera). By
            default they are the same, and upside-down poses in space are
            refused.
        frame_size: Width and height of frames, pixels, for files without a
            size; by default the smallest that hold all visible joints.
        min_confidence: Smallest detector's confidence of a visible joint.
        max_jump: Distance, in torso lengths, beyond which a joint that jumps
            off and back is missing; None if no joint is. By default
            `outliers.MAX_JUMP` in files with a confidence, and None in others.
        test_fraction: Share of each action's clips that are test clips, if
            neither folders nor the table split them.

    Raises:
        ValueError: If a field has a value that it cannot have.

    Example:

    >>> Description(skeleton="coco_17", convert_to="penn_action").target.name
    'penn_action'
    """

    skeleton: str
    convert_to: str = ""
    axes: tuple[str, ...] | None = None
    frame_size: tuple[int, int] | None = None
    min_confidence: float = arrays.MIN_CONFIDENCE
    max_jump: float | str | None = DETECTORS
    test_fraction: float = 0.2

    def __post_init__(self):
        source = skeletons.get(self.skeleton)
        skeletons.get(self.convert_to or self.skeleton)
        if self.axes is not None:
            _check_axes(self.axes, AXES[: source.num_coordinates])
        if self.frame_size is not None:
            clip.checked_frame_size(self.frame_size)
        if not (_is_number(self.min_confidence) and self.min_confidence <= 1):
            raise ValueError(
                "`min_confidence` must be a number between 0 and 1. "
                f"Received: {self.min_confidence!r}"
            )
        if not (_is_number(self.test_fraction) and self.test_fraction < 1):
            raise ValueError(
                "`test_fraction` must be at least 0 and below 1. "
                f"Received: {self.test_fraction!r}"
            )
        max_jump: Any = self.max_jump  # As JSON gives it.
        if max_jump not in (None, DETECTORS) and not (
            _is_number(max_jump) and max_jump > 0
        ):
            raise ValueError(
                "`max_jump` must be a positive number of torso lengths or "
                f"null. Received: {self.max_jump!r}"
            )

    @property
    def target(self) -> skeletons.Skeleton:
        """Skeleton of the dataset."""
        return skeletons.get(self.convert_to or self.skeleton)

    def jump_limit(self, has_confidence) -> float | None:
        """Returns `max_jump` for a file with or without a confidence."""
        if isinstance(self.max_jump, str):  # DETECTORS, as checked above.
            return outliers.MAX_JUMP if has_confidence else None
        return self.max_jump


def read(root) -> Description:
    """Reads the `dataset.json` of a folder.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is not a JSON object of known fields with valid
            values, or there are several, such as `Dataset.json`.
    """
    path = find(root, FILE)
    if path is None:
        raise FileNotFoundError(
            f"`manual_dir` must hold {FILE}, such as "
            f'{{"skeleton": "coco_17"}}. Received: {root}'
        )
    try:
        return Description(**arrays.load_json(path.read_bytes()))
    except (TypeError, ValueError) as error:
        known = [field.name for field in dataclasses.fields(Description)]
        raise ValueError(
            f"{path} must be a JSON object with `skeleton` and possibly "
            f"{', '.join(known[1:])}. Received: {error}"
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


def _check_axes(axes, names):
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
