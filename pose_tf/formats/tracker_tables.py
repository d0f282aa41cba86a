"""Reads tables of a tracker: a row is a person in a frame.

The columns are `frame`; `track_id`, `id` or the like, if there are several
people; `<joint>_x`, `<joint>_y` and `<joint>_conf` in any order, where a joint
has a name of a known skeleton or, as in `keypoint_0_x`, a number; and a box
`x1`, `y1`, `x2`, `y2`. Blank cells and joints at (0, 0) are missing. Other
columns are ignored.
"""

import operator
import re

import numpy as np

from pose_tf.formats import assembly, cells, detections, named_joints, tables
from pose_tf.pose import own_skeletons

FRAME = ("frame", "frame_id", "frame_idx", "frame_number", "frame_num")
ID = (
    "track_id",
    "id",
    "person_id",
    "person",
    "track",
    "tracker_id",
    "player_id",
)
SCORE = ("confidence", "conf", "score", "box_conf", "bbox_conf", "det_conf")
BOX = ("x1", "y1", "x2", "y2")
_AXES = ("x", "y", "z")
_CONFIDENCE = ("conf", "confidence", "score", "c", "likelihood")
_COLUMN = re.compile(
    rf"(?P<joint>.+?)[_\s.\-](?P<field>{'|'.join((*_AXES, *_CONFIDENCE))})",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?:kpt?s?|keypoints?|joints?|points?)?_?(\d+)", re.IGNORECASE
)
_OF_BOX = re.compile(r"b?box_")
MIN_JOINTS = 4  # Fewer make no torso.


def difference(source) -> str:
    """Returns how a table differs from this format, "" if it does not."""
    try:
        table = _Columns(next(tables.lines(source.content)))
    except ValueError as error:  # Of files with another kind of header.
        return str(error)
    if table.twice:
        return f"line 1 names a joint again in {table.twice!r}"
    names = [*table.joints["x"]]
    if len(names) < MIN_JOINTS:
        return f"line 1 has {len(names)} columns <joint>_x of known joints"
    without = [name for name in names if name not in table.joints["y"]]
    if without:
        return f"line 1 has no y of {without[0]}"
    if table.joints["z"]:
        return "line 1 has a z of joints"
    if not table.joints["confidence"] and table.find(ID) is None:
        return f"line 1 has neither {ID[0]} nor <joint>_conf"
    return ""


def read(source, options) -> detections.Detections:
    """Reads the poses of a table.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If the file is not such a table; the message names the row,
            of which the first is the one under the header, and the column.
    """
    table = _Table(source.content)
    if not len(table.values):
        return assembly.nobody(options)
    columns = table.columns
    names = [*columns.joints["x"]]
    skeleton, order = _arrange(names, options)
    fields = {
        field: named_joints.pick(
            table.numbers([of.get(name) for name in names]), order
        )
        for field, of in columns.joints.items()
        if of
    }
    poses = np.stack([fields["x"], fields["y"]], -1)
    poses = cells.without_origin(poses)
    cells.check_places(poses, _place)
    frames = table.frames()
    score = columns.find(SCORE)
    return detections.Detections(
        skeleton=skeleton,
        unit=cells.unit(poses),
        y_up=False,
        **assembly.ordered(
            frames,
            frames,
            poses=poses,
            confidence=fields.get("confidence"),
            boxes=table.numbers(columns.box) if columns.box else None,
            ids=assembly.identities(table.ids, frames),
            scores=None if score is None else table.numbers([score])[:, 0],
        ),
    )


class _Columns:
    """Finds the columns of a table, by what they are called.

    Attributes:
        header: Names of columns.
        joints: Indices of columns, by field and name of joint.
        twice: Name of a column of a joint and field that another has, or "".
        box: Indices of the columns of a box, or [].
    """

    def __init__(self, header):
        self.header = header
        self.twice = ""
        self.joints: dict[str, dict[str, int]] = {
            field: {} for field in (*_AXES, "confidence")
        }
        for index, column in enumerate(header):
            self._add(index, column)
        plain = [_OF_BOX.sub("", name.lower()) for name in header]
        of_box = {*BOX} <= {*plain}
        self.box = [plain.index(name) for name in BOX] if of_box else []

    def _add(self, index, column):
        match = _COLUMN.fullmatch(column)
        name = _joint(match["joint"]) if match else ""
        if match and name:
            field = match["field"].lower()
            of = self.joints["confidence" if field in _CONFIDENCE else field]
            if name in of:
                self.twice = column
            of[name] = index

    def find(self, names) -> int | None:
        """Returns the index of the first column with one of some names."""
        lower = [name.lower().replace(" ", "_") for name in self.header]
        return next(
            (lower.index(name) for name in names if name in lower), None
        )

    def of_numbers(self) -> list[int]:
        """Returns the indices of all columns of numbers that are read."""
        indices = [*self.box, self.find(FRAME), self.find(SCORE)]
        for of in self.joints.values():
            indices += of.values()
        return sorted({index for index in indices if index is not None})


class _Table:
    """Holds what the rows of a table say.

    Attributes:
        columns: Its `_Columns`.
        values: Numbers `[N, chosen columns]`.
        ids: Who each row is, as a text, None where it is blank; or None.
    """

    def __init__(self, content):
        lines = tables.lines(content)
        self.columns = _Columns(next(lines))
        chosen = self.columns.of_numbers()
        index = self.columns.find(ID)
        ids: list[str] = []

        def texts():
            # Row by row, since the texts of an hour's cells fill a gigabyte.
            pick = operator.itemgetter(*chosen)
            size = len(self.columns.header)
            for number, row in enumerate(lines):
                if len(row) != size:
                    raise ValueError(
                        f"rows must have the header's {size} cells. "
                        f"Received: {len(row)} in {_place(number)}"
                    )
                if index is not None:
                    ids.append(row[index].strip().removesuffix(".0"))
                yield pick(row)

        names = [self.columns.header[column] for column in chosen]
        self.values = cells.stream(texts(), names, _place)
        self.ids = None if index is None else [name or None for name in ids]
        self._places = {column: place for place, column in enumerate(chosen)}

    def numbers(self, indices) -> np.ndarray:
        """Returns columns `[N, indices]`, NaN where an index is None."""
        places = [self._places.get(index, -1) for index in indices]
        return named_joints.pick(self.values, np.array(places))

    def frames(self) -> np.ndarray:
        """Returns the frame of each row, by default one per row."""
        index = self.columns.find(FRAME)
        if index is not None:
            return cells.whole(self.numbers([index])[:, 0], _place)
        if len({*(self.ids or [])}) > 1:
            raise ValueError(
                "the table must have a column frame, since it has several "
                f"people. Received: {', '.join(self.columns.header[:5])}, …"
            )
        return np.arange(len(self.values))


def _place(row):
    return f"row {row + 1}"


def _joint(text):
    """Returns the name of a known joint, or a number as a text, or ""."""
    if number := _NUMBER.fullmatch(text):
        return number[1]
    name = own_skeletons.canonical(text)
    return name if name in named_joints.KNOWN else ""


def _arrange(names, options):
    """Returns the skeleton of joints, and their order; see `named_joints`."""
    if all(name.isdigit() for name in names):
        skeleton = assembly.body((0, len(names), 2), options)
        return skeleton, np.argsort([int(name) for name in names])
    return named_joints.arrange(names, 2, options)
