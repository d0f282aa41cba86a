"""Reads DeepLabCut's .csv files, with their three or four rows of header.

    scorer       the model, in every column
    individuals  who it is; only if there may be several
    bodyparts    the joint
    coords       x, y, pixels, and likelihood; in files of labels x and y alone

The first cell of each of these rows is its name. The first column, or the first
few, hold the number of the frame or the name of its picture. Joints are known by
their names; those of the model zoo's human, `ankle1`, `knee1`, …, are MPII's, of
which 1 is the right side and 2 the left.
"""

import csv
import io
import itertools
import reprlib

import numpy as np

from pose_tf.formats import (
    assembly,
    cells,
    detections,
    named_joints,
    numbering,
    rows,
)

SUFFIXES = (".csv",)
_INDIVIDUALS = "individuals"
_LIKELIHOOD = "likelihood"
LEVELS = ("scorer", _INDIVIDUALS, "bodyparts", "coords")
_SIDES = {"1": "right", "2": "left"}  # Of MPII's joints, as the zoo names them.
_ZOO = {"ankle", "knee", "hip", "wrist", "elbow", "shoulder"}
_AXES = ("x", "y", "z")
_BYTES = 10_000  # Of a file, that show what begins its first lines.


def difference(source) -> str:
    """Returns how a file differs from this format, "" if it does not."""
    start = source.content[:_BYTES].decode("utf-8-sig", "replace")
    first = start.partition(",")[0].strip()
    if first != LEVELS[0]:
        return f"line 1 begins with {reprlib.repr(first)}, not {LEVELS[0]!r}"
    return ""


def read(source, options) -> detections.Detections:
    """Reads the poses of a file.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If the file is not in this format, or the joints have no
            torso; the message names the line.
    """
    lines = csv.reader(io.StringIO(source.text, newline=""))
    try:
        header, lines = _header(lines)
        first = _num_indices(header)
        columns = _columns(header, first)
        every_frame, values = _values(lines, len(header), columns, first)
    except csv.Error as error:
        raise ValueError(f"the file must be CSV. Received: {error}") from error
    people, parts, coords = ([*dict.fromkeys(of)] for of in zip(*columns))
    axes = [axis for axis in _AXES if axis in coords]
    skeleton, order = named_joints.arrange(
        _zoo_names(parts), len(axes), options
    )
    if not len(values):
        return assembly.nobody(options)
    chosen = [
        [
            [columns.get((who, part, coord), -1) for coord in coords]
            for part in parts
        ]
        for who in people
    ]
    # [T, people, joints, coords]
    joints = _taken(values, np.array(chosen), order)
    places = joints[..., [*map(coords.index, axes)]]
    cells.check_places(places, _place(len(header)))
    return detections.Detections(
        skeleton=skeleton,
        y_up=False,
        **_found(joints, coords, axes, every_frame),
    )


def _found(joints, coords, axes, every_frame):
    """Returns arguments of `Detections`: of who has a joint in a frame.

    Others have blank cells there.
    """
    poses = joints[..., [*map(coords.index, axes)]]
    row, person = np.nonzero(np.isfinite(poses).all(-1).any(-1))
    confidence = None
    if _LIKELIHOOD in coords:
        confidence = joints[row, person, :, coords.index(_LIKELIHOOD)]
    return assembly.ordered(
        every_frame[row],
        every_frame,
        poses=poses[row, person],
        confidence=confidence,
        ids=person,
    )


def _taken(values, chosen, order):
    """Returns `[T, people, joints, coords]` of values `[T, columns]`.

    Args:
        values: Float array.
        chosen: Indices of columns `[people, parts, coords]`; -1 is NaN.
        order: Indices in parts of the joints, see `named_joints.pick`.
    """
    padded = np.hstack([values, np.full((len(values), 1), np.nan)])
    by_part = padded[:, chosen].swapaxes(1, 2)
    return named_joints.pick(by_part, order).swapaxes(1, 2)


def _header(lines):
    """Returns the rows of the header, by name, and the lines below it."""
    header: dict[str, list[str]] = {}
    for line in lines:
        if not line or line[0] not in LEVELS or line[0] in header:
            lines = itertools.chain([line], lines)
            break
        header[line[0]] = line
    for name in LEVELS:
        if name not in header and name != _INDIVIDUALS:
            raise ValueError(
                f"the header must have the rows {', '.join(LEVELS)}. "
                f"Received: {', '.join(header)}"
            )
    widths = {len(line) for line in header.values()}
    if len(widths) > 1:
        raise ValueError(
            "the rows of the header must have the same number of cells. "
            f"Received: {', '.join(map(str, sorted(widths)))}"
        )
    return header, lines


def _place(num_header_lines):
    """Returns a function that says where a row is."""
    return lambda row: f"line {num_header_lines + row + 1}"


def _values(lines, num_header_lines, columns, first):
    """Returns the frames `[T]` and numbers `[T, columns]` of the lines.

    Texts are not kept, since those of an hour's cells fill a gigabyte.
    """
    place = _place(num_header_lines)
    indices = []

    def texts():
        for row, line in enumerate(lines):
            if not any(line):
                continue  # An empty line at the end.
            if len(line) != first + len(columns):
                raise ValueError(
                    f"lines must have the header's {first + len(columns)} "
                    f"cells. Received: {len(line)} in {place(row)}"
                )
            indices.append(line[:first])
            yield line[first:]

    names = [", ".join(filter(None, column)) for column in columns]
    values = cells.stream(texts(), names, place)
    return _frames(indices, place), values


def _num_indices(header):
    """Returns how many columns name the frames: those without coordinates."""
    coords = header[LEVELS[-1]]
    known = (*_AXES, _LIKELIHOOD)
    return next((i for i, name in enumerate(coords) if name in known), 1)


def _columns(header, first):
    """Returns the index of each (individual, body part, coordinate)."""
    names = [header.get(level) for level in LEVELS[1:]]
    columns: dict[tuple[str, str, str], int] = {}
    for index in range(first, len(header[LEVELS[0]])):
        who, part, coord = (row[index].strip() if row else "" for row in names)
        if (who, part, coord) in columns:
            raise ValueError(
                "columns must have different names. Received: "
                f"{', '.join(filter(None, (who, part, coord)))} twice"
            )
        columns[who, part, coord] = index - first
    if not columns:
        raise ValueError("there must be body parts. Received: no column")
    return columns


def _zoo_names(parts):
    """Returns the names of joints, those of the model zoo's human with sides."""
    named = []
    for part in parts:
        stem, number = part[:-1].rstrip("_"), part[-1:]
        side = _SIDES.get(number) if stem in _ZOO else None
        named.append(f"{side}_{stem}" if side else part)
    return named


def _frames(indices, place):
    """Returns the frame of each line: its number, or that of its picture."""
    names = [line[-1] for line in indices]
    if all(name.strip().isdigit() for name in names):
        return np.array([int(name) for name in names])
    for row, name in enumerate(names):
        if not numbering.split(name):
            raise ValueError(
                "lines must begin with the number of a frame. "
                f"Received: {reprlib.repr(name)} in {place(row)}"
            )
    return numbering.numbers(names, rows.Rows(names, item="line"))
