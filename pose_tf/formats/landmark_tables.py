"""Reads tables of MediaPipe's 33 landmarks: a row per frame.

A header may name the columns `x1, y1, z1, v1, x2, …`, `landmark_0_x, …` or by
MediaPipe's own names, `nose_x, LEFT_SHOULDER_visibility, …`; what else it
names, a class or a file, is left out, but for the numbers of a frame and of a
person. Without a header there are 132 numbers in a row (x, y, z, visibility), or 99 (x, y, z),
after or before a name or class or two.
"""

import csv
import itertools
import math
import operator
import re
import reprlib
from collections.abc import Iterator

import numpy as np

from pose_tf.formats import assembly, numbering, rows
from pose_tf.pose import own_skeletons, skeletons

SKELETON = skeletons.MEDIAPIPE_33
NUM_JOINTS = SKELETON.num_joints
# Numbers of landmarks of tables that begin with the pose's: it alone, and with
# the face's, without and with irises.
COUNTS = (NUM_JOINTS, 501, 511)
# Numbers per landmark of tables without a header.
BARE = (4, 3)
MAX_EXTRA = 2  # Cells beside the landmarks there: a name and a class.
ENDINGS = {"x": 0, "y": 1} | dict.fromkeys(
    ("v", "vis", "visibility", "c", "conf", "confidence", "score"), 2
)
OTHERS = ("z", "p", "pres", "presence")
PEOPLE = ("person_id", "track_id", "person", "pose_id", "person_idx")
FRAMES = ("frame", "frame_number", "frame_id", "frame_index", "frame_num")
EMPTY = ("none", "null", "na")  # Cells, besides those of blanks and nan.
FEWEST_NAMES = 12  # Of landmarks in a header that are MediaPipe's own.
# Joints that no other estimator of whole bodies names.
_OWN = ("left_eye_inner", "left_pinky", "left_thumb", "left_index")
# What tables of this package call two of them; these are not MediaPipe's.
_OURS = re.compile(r"left_(mouth|big_toe)_x")
_ALL = "|".join(sorted((*ENDINGS, *OTHERS), key=len, reverse=True))
_LAST = re.compile(rf"^(.*?)[_.\s-]*(?<![a-z])({_ALL})$")  # nose_x
_FIRST = re.compile(rf"^({_ALL})[_.\s-]*(\d+)$")  # x12
_INDEX = re.compile(r"^(.*?)[_.\s-]*(\d+)$")
_HEAD = 65536  # Characters in which the first line must end.


def difference(source) -> str:
    """Returns how a .csv file differs from such a table, "" if it does not."""
    line = source.text[:_HEAD].partition("\n")[0]
    first = next(csv.reader([line]), [])
    if _bare(first) is not None or _named(first) is not None:
        return ""
    return f"line 1 has no 33 landmarks, but {len(first)} cells"


def read(text) -> dict | None:
    """Returns arguments of `Detections`; None if the table has no row.

    Raises:
        ValueError: If rows differ in length, a column has the same name as
            another, or a cell is not a number; the message names the line.
    """
    # Row by row, since the texts of an hour's cells fill a gigabyte.
    lines: Iterator[list[str]] = filter(None, csv.reader(text.splitlines()))
    try:
        first = next(lines, [])
        columns, extra = _named(first), (None, None)
        if columns is None:
            columns = _bare(first)
            lines = itertools.chain([first], lines)
        else:
            extra = _column(first, FRAMES), _column(first, PEOPLE)
        numbers, people, cells = _cells(lines, columns, extra, len(first))
    except csv.Error as error:
        raise ValueError(f"a table must be CSV. Received: {error}") from error
    if not len(cells):
        return None
    confidence = cells[..., 2]
    return assembly.ordered(
        numbers,
        numbers,
        poses=cells[..., :2],
        confidence=confidence if np.isfinite(confidence).any() else None,
        ids=assembly.identities(people, numbers),
    )


def by_place(marks) -> list | None:
    """Returns landmarks from an object of them by name or number.

    It is None if these are not all of them.
    """
    places = {}
    for name, mark in marks.items():
        index = _joint(str(name))
        if index is None or not isinstance(mark, dict):
            return None
        places[index] = mark
    indices = range(NUM_JOINTS)
    return [places[n] for n in indices] if {*indices} <= {*places} else None


def _joint(name):
    """Returns the index of a landmark from its name or number, or None."""
    if name.isdecimal():
        return int(name)
    name = own_skeletons.canonical(name.lower())
    joints = SKELETON.joints
    return joints.index(name) if name in joints else None


def _bare(cells):
    """Returns the columns `[33, 3]` of x, y and visibility, or None.

    A column is -1 if there is none.
    """
    numeric = [_is_number(cell) for cell in cells]
    for per_joint in BARE:
        length = per_joint * NUM_JOINTS
        starts = [
            start
            for start in range(len(cells) - length, -1, -1)
            if all(numeric[start : start + length])
        ]
        if not starts or len(cells) - length > MAX_EXTRA:
            continue
        # A class that is a number must not shift them: what fits worst is z,
        # which is negative for what is nearer than the hips.
        start = max(starts, key=lambda start: _fit(cells, start, per_joint))
        columns = start + np.arange(length).reshape(NUM_JOINTS, per_joint)
        flags = columns[:, 3] if per_joint == 4 else [-1] * NUM_JOINTS
        return np.column_stack([columns[:, :2], flags])
    return None


def _fit(cells, start, per_joint):
    """Returns how many numbers may be x, y or visibility where these are."""
    stop = start + per_joint * NUM_JOINTS
    numbers = np.array(cells[start:stop], float).reshape(-1, per_joint)
    flags = numbers[:, 3:]
    return (numbers[:, :2] >= 0).sum() + ((flags >= 0) & (flags <= 1)).sum()


def _named(header):
    """Returns the columns `[33, 3]` of x, y and visibility, or None."""
    if any(_OURS.fullmatch(name) for name in header):
        return None
    groups: dict[str, dict[tuple[int, int], int]] = {}
    named: dict[tuple[int, int], int] = {}
    for column, name in enumerate(header):
        stem, ending = _parts(name.strip().lower())
        if ending not in ENDINGS:
            continue
        place = ENDINGS[ending]
        if (joint := _joint(stem)) is not None and not stem.isdecimal():
            _put(named, (joint, place), column, name)
        elif match := _INDEX.match(stem):
            group = groups.setdefault(match[1], {})
            _put(group, (int(match[2]), place), column, name)
    joints = {joint for joint, _ in named}
    if len(joints) >= FEWEST_NAMES and joints & {*SKELETON.indices(_OWN)}:
        return _columns(named, 0)
    for prefix in sorted(groups, key=lambda prefix: "pose" not in prefix):
        indices = {index for index, _ in groups[prefix]}
        first = min(indices)
        whole = len(indices) in COUNTS and max(indices) - first + 1
        if first <= 1 and whole == len(indices):
            return _columns(groups[prefix], first)
    return None


def _parts(name):
    """Returns what a column is of, and its ending: ("nose", "x")."""
    if match := _FIRST.match(name):
        return match[2], match[1]
    match = _LAST.match(name)
    return (match[1], match[2]) if match else ("", "")


def _put(columns, key, column, name):
    if key in columns:
        raise ValueError(
            "columns must have different names. Received: "
            f"{name!r} for the same landmark as an earlier column"
        )
    columns[key] = column


def _columns(found, first):
    columns = np.full((NUM_JOINTS, 3), -1)
    for (index, place), column in found.items():
        if index - first < NUM_JOINTS:
            columns[index - first, place] = column
    return columns


def _column(header, wanted):
    """Returns the column with the first of some names that there is, or None."""
    names = [re.sub(r"[\s-]+", "_", name.strip().lower()) for name in header]
    return next((names.index(name) for name in wanted if name in names), None)


def _cells(lines, columns, extra, width):
    """Returns the number of each frame, who is in it, and its cells.

    Args:
        lines: Iterator of lists of texts.
        columns: Those of x, y and visibility, `[33, 3]`; -1 if there is none.
        extra: Columns of the frame and of who it is, or Nones.
        width: Number of cells in a line.

    Returns:
        int64 `[T]`, list of texts or None, and float64 `[T, 33, 3]`, NaN if
        empty.
    """
    used = np.unique(columns[columns >= 0]).tolist()
    chosen = operator.itemgetter(*used)
    frame, person = extra
    numbers, people, cells = [], [], []
    for row, line in enumerate(lines):
        if len(line) != width:
            raise ValueError(
                f"rows must have {width} cells, as the first line. Received: "
                f"{len(line)} in row {row + 1}"
            )
        try:
            values = [*map(float, chosen(line))]
        except ValueError:
            values = [_number(line[column], row, column) for column in used]
        cells.append(np.array(values))
        numbers.append(
            row if frame is None else _number(line[frame], row, frame)
        )
        people.append(None if person is None else line[person].strip() or None)
    if not cells:
        return np.zeros(0, np.int64), people, np.zeros((0, NUM_JOINTS, 3))
    places = np.searchsorted(used, np.maximum(columns, used[0]))
    known = np.where(columns < 0, math.nan, np.stack(cells)[:, places])
    of = rows.Rows(cells, item="row")
    return numbering.numbers(numbers, of), people, known


def _number(cell, row, column):
    """Returns the number in a cell; NaN if it is empty."""
    cell = cell.strip()
    if not cell or cell.lower() in EMPTY:
        return math.nan
    try:
        return float(cell)
    except ValueError as error:
        raise ValueError(
            f"cells must be numbers. Received: {reprlib.repr(cell)} in row "
            f"{row + 1}, column {column + 1}"
        ) from error


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True
