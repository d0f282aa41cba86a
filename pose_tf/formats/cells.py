"""Turns cells of text files into numbers, and judges coordinates.

`place` is a function of the index of a row that says where it is in the file,
"line 12", for messages.
"""

import re
import reprlib

import numpy as np

from pose_tf.formats import detections
from pose_tf.pose import clip

_BLANK = re.compile(r"\s*")


def numbers(rows, place) -> np.ndarray:
    """Returns rows of texts as numbers; blank ones are NaN.

    Args:
        rows: Lists of texts, all as long as the first.
        place: See above.

    Returns:
        float64 `[rows, cells]`.

    Raises:
        ValueError: If a row is shorter or longer, or a text is no number.
    """
    if not rows:
        return np.zeros((0, 0))
    lengths = np.array([*map(len, rows)])
    if (lengths != lengths[0]).any():
        wrong = int(np.argmax(lengths != lengths[0]))
        raise ValueError(
            f"rows must have the same number of cells, {lengths[0]}. "
            f"Received: {lengths[wrong]} in {place(wrong)}"
        )
    try:
        return np.array(
            [[float(cell or "nan") for cell in row] for row in rows]
        )
    except ValueError:
        return np.array([_slowly(row, place, i) for i, row in enumerate(rows)])


def stream(rows, names, place) -> np.ndarray:
    """Returns rows of texts as numbers, without holding their texts.

    Args:
        rows: Iterable of tuples of texts, as long as `names`; blank ones are
            NaN.
        names: Names of columns, for messages.
        place: See above.

    Returns:
        float64 `[rows, cells]`.

    Raises:
        ValueError: If a text is no number; or whatever `rows` raises.
    """
    count = 0

    def values():
        nonlocal count
        for row in rows:
            for cell in row:
                try:
                    yield float(cell or "nan")
                except ValueError as error:
                    if not _BLANK.fullmatch(cell):
                        row_, column = divmod(count, len(names))
                        raise ValueError(
                            "cells must be numbers. Received: "
                            f"{reprlib.repr(cell)} in {place(row_)}, "
                            f"{names[column]}"
                        ) from error
                    yield np.nan
                count += 1

    return np.fromiter(values(), np.float64).reshape(-1, len(names))


def whole(values, place) -> np.ndarray:
    """Returns numbers of frames, or of persons, `[N]` as int64.

    Raises:
        ValueError: If one is not a whole number.
    """
    odd = ~(np.abs(values) < 2**53) | (values != np.round(values))
    if odd.any():
        first = int(np.argmax(odd))
        raise ValueError(
            "numbers of frames and persons must be whole. "
            f"Received: {values[first]:g} in {place(first)}"
        )
    return values.astype(np.int64)


def check_places(poses, place) -> None:
    """Checks that coordinates are no further away than a picture can be.

    What is not finite is missing, and may be.

    Args:
        poses: Float array `[N, ...]`.
        place: See above.

    Raises:
        ValueError: If a number is finite and beyond `clip.MAX_COORDINATE`.
    """
    beyond = np.isfinite(poses) & (np.abs(poses) > clip.MAX_COORDINATE)
    if beyond.any():
        index = tuple(np.argwhere(beyond)[0])
        raise ValueError(
            f"coordinates must be at most {clip.MAX_COORDINATE:,.0f}. "
            f"Received: {poses[index]:g} in {place(int(index[0]))}"
        )


def without_origin(poses) -> np.ndarray:
    """Returns poses `[..., 2]` in which joints at exactly (0, 0) are NaN.

    Many detectors put joints there that they do not find.
    """
    return np.where((poses == 0).all(-1, keepdims=True), np.nan, poses)


def unit(poses) -> str:
    """Returns `normalized` if all coordinates are from 0 to 1, else `pixels`."""
    known = poses[np.isfinite(poses)]
    if known.size and known.min() >= 0 and 0 < known.max() <= 1:
        return detections.NORMALIZED
    return detections.PIXELS


def _slowly(row, place, index):
    values = []
    for number, cell in enumerate(row, 1):
        try:
            values.append(np.nan if _BLANK.fullmatch(cell) else float(cell))
        except ValueError as error:
            raise ValueError(
                f"cells must be numbers. Received: {reprlib.repr(cell)} in "
                f"{place(index)}, cell {number}"
            ) from error
    return values
