"""Reads tables: .csv files of rows under a header of named columns."""

import csv
import io
import math
import reprlib
from collections.abc import Iterator

import numpy as np

AXES = "xyz"
FRAME = "frame"  # The column that numbers the frames.
FLAGS = ("visibility", "confidence")
# A stray number in `frame` must not make a clip that fills the memory. At 30
# frames per second this is nine hours.
MAX_FRAMES = 1_000_000


def lines(content) -> Iterator[list[str]]:
    """Yields the lines of a table, the header first, as lists of texts.

    Empty lines are left out, and so are blanks around the names of columns.

    Args:
        content: Bytes of a .csv file, in UTF-8.

    Raises:
        ValueError: If the text is not UTF-8, there is no header, two columns
            have the same name, or it is not CSV.
    """
    try:
        text = content.decode("utf-8-sig")
        rows = filter(None, csv.reader(io.StringIO(text, newline="")))
        first = next(rows, None)
        if first is None:
            raise ValueError("a table must have a header. Received: no line")
        header = [name.strip() for name in first]
        if len(set(header)) < len(header):
            twice = next(name for name in header if header.count(name) > 1)
            raise ValueError(
                "columns must have different names. "
                f"Received: {reprlib.repr(twice)} twice"
            )
        yield header
        yield from rows
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(
            "a table must be saved as UTF-8. Received: the byte "
            f"0x{content[error.start]:02x} in line {line}"
        ) from error
    except csv.Error as error:
        raise ValueError(f"a table must be CSV. Received: {error}") from error


def read(content):
    """Returns the header and the rows of a table, as lists of texts.

    Args:
        content: Bytes of a .csv file, in UTF-8.

    Raises:
        ValueError: As from `lines`, or if a row has more cells than the header.
    """
    header, *rows = lines(content)
    for row in rows:
        if len(row) > len(header):
            raise ValueError(
                f"rows must have the header's {len(header)} cells. "
                f"Received: {len(row)} in {reprlib.repr(','.join(row))}"
            )
    return header, rows


def read_clip(content, skeleton):
    """Reads the arrays of a clip: `poses`, and `visibility` or `confidence`.

    The columns are `frame`, then `<joint>_x`, `<joint>_y`, in space
    `<joint>_z`, and `<joint>_visibility` or `<joint>_confidence`. Each row is a
    frame. Empty cells, joints without columns, and frames that the numbers in
    `frame` skip are missing: NaN.

    Args:
        content: Bytes of a .csv file, in UTF-8.
        skeleton: `Skeleton` whose joints name the columns.

    Raises:
        ValueError: If the file is not such a table.
    """
    header, rows = read(content)
    columns = dict(zip(header, _numbers(header, rows).T, strict=True))
    places, num_frames = _places(columns.pop(FRAME, np.arange(len(rows))))
    axes = AXES[: skeleton.num_coordinates]
    poses = _take(columns, skeleton, axes, len(rows))
    arrays = {"poses": poses}
    present = np.isfinite(poses).all(-1)
    for name in FLAGS:
        if any(column.endswith(f"_{name}") for column in columns):
            values = _take(columns, skeleton, [name], len(rows))[..., 0]
            arrays[name] = np.where(np.isnan(values), present, values)
    if columns:
        raise ValueError(
            f"columns must be {FRAME} or <joint>_ and one of "
            f"{', '.join((*axes, *FLAGS))}. Received: {', '.join(columns)}"
        )
    return {
        name: _spread(values, places, num_frames, name in FLAGS)
        for name, values in arrays.items()
    }


def _numbers(header, rows):
    """Returns the cells as floats `[rows, columns]`; NaN if empty."""
    numbers = np.full((len(rows), len(header)), math.nan)
    for index, row in enumerate(rows):
        if len(row) != len(header):
            raise ValueError(
                f"rows must have the header's {len(header)} cells. "
                f"Received: {len(row)} in {reprlib.repr(','.join(row))}"
            )
        for column, cell in enumerate(row):
            if cell.strip():
                numbers[index, column] = _number(cell, header[column])
    return numbers


def _number(cell, column):
    try:
        return float(cell)
    except ValueError as error:
        raise ValueError(
            f"cells must be numbers. Received: {reprlib.repr(cell)} for {column}"
        ) from error


def _places(frames):
    """Returns the index of each row's frame, and the number of frames."""
    if not len(frames):
        return np.zeros(0, int), 0
    whole = np.isfinite(frames) & (frames == np.round(frames))
    if not whole.all() or (np.diff(frames) <= 0).any():
        first = np.flatnonzero(~whole | (np.diff(frames, prepend=-np.inf) <= 0))
        raise ValueError(
            f"{FRAME} must hold whole numbers that rise from row to row. "
            f"Received: {frames[first[0]]:g} in row {first[0] + 1}"
        )
    num_frames = frames[-1] - frames[0] + 1
    if num_frames > MAX_FRAMES:
        raise ValueError(
            f"{FRAME} must count at most {MAX_FRAMES} frames. "
            f"Received: {frames[0]:g} to {frames[-1]:g}"
        )
    return (frames - frames[0]).astype(int), int(num_frames)


def _spread(values, places, num_frames, are_flags):
    """Puts rows at their frames; other frames are missing and invisible."""
    fill = 0 if are_flags else math.nan
    spread = np.full((num_frames, *values.shape[1:]), fill, float)
    spread[places] = values
    return spread


def _take(columns, skeleton, suffixes, num_rows):
    """Removes the columns of all joints; returns `[rows, J, suffixes]`."""
    absent = np.full(num_rows, math.nan)
    values = [
        [columns.pop(f"{joint}_{suffix}", absent) for suffix in suffixes]
        for joint in skeleton.joints
    ]
    return np.moveaxis(np.array(values), -1, 0)
