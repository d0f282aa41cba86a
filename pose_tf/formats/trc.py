"""Reads .trc files of markers in space, as OpenSim, Pose2Sim and OpenCap do.

Line 1 begins with PathFileType; lines 2 and 3 hold names and values, among them
DataRate, the frames per second, NumFrames, and Units, mm, cm or m; line 4
Frame#, Time and the markers; line 5 their axes. Then there is a line per frame.
Blank cells are missing, and so are markers at the origin. Markers are joints by
their names. y points up.
"""

import reprlib

import numpy as np

from pose_tf.formats import assembly, cells, detections, named_joints
from pose_tf.pose import clip

SUFFIXES = (".trc",)
FIRST = "PathFileType"
METERS_PER = {"mm": 1e-3, "cm": 1e-2, "m": 1.0}
NUM_HEADER_LINES = 5
_KEYS, _VALUES, _MARKERS = 1, 2, 3  # Lines, from 0.
_BEFORE = 2  # Cells before the markers: frame and time.


def difference(source) -> str:
    """Returns how a file differs from this format, "" if it does not."""
    line = source.text.partition("\n")[0]
    if not line.startswith(FIRST):
        return f"line 1 is {reprlib.repr(line)} and does not begin with {FIRST}"
    return ""


def read(source, options) -> detections.Detections:
    """Reads the poses of a file, in meters.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If the file is not in this format, ends before its last
            frame, or the markers are not those of a person; the message names
            the line.
    """
    lines = [_split(line) for line in source.text.splitlines()]
    if len(lines) < NUM_HEADER_LINES:
        raise ValueError(
            f"the header must have {NUM_HEADER_LINES} lines. "
            f"Received: {len(lines)}"
        )
    header = dict(zip(lines[_KEYS], lines[_VALUES]))
    names = [name for name in lines[_MARKERS][_BEFORE:] if name]
    skeleton, order = named_joints.arrange(names, 3, options)
    frames, poses = _frames(lines, len(names))
    _check_number(header, len(frames))
    return detections.Detections(
        skeleton=skeleton,
        fps=_fps(header),
        unit=detections.METERS,
        y_up=True,
        **assembly.ordered(
            frames,
            frames,
            poses=named_joints.pick(poses * _scale(header), order),
            ids=np.zeros(len(frames), int),
        ),
    )


def _frames(lines, num_markers):
    """Returns numbers of frames `[N]` and the places `[N, markers, 3]`."""
    numbered = list(enumerate(lines, 1))[NUM_HEADER_LINES:]
    numbered = [(number, line) for number, line in numbered if any(line)]

    def place(row):
        return f"line {numbered[row][0]}"

    num_cells = _BEFORE + 3 * num_markers
    if not numbered:
        return np.zeros(0, int), np.zeros((0, num_markers, 3))
    values = cells.numbers(
        [_trimmed(line, num_cells) for _, line in numbered], place
    )
    if values.shape[1] != num_cells:
        raise ValueError(
            f"lines must have {num_cells} cells, 3 per marker. "
            f"Received: {values.shape[1]} in {place(0)}"
        )
    poses = values[:, _BEFORE:].reshape(len(values), -1, 3)
    cells.check_places(poses, place)
    return cells.whole(values[:, 0], place), poses


def _split(line):
    parts = line.split("\t") if "\t" in line else line.split()
    return [part.strip() for part in parts]


def _trimmed(line, num_cells):
    """Returns the cells of a line, without or with blank ones at the end."""
    blank = [""] * (num_cells - len(line))
    if len(line) > num_cells and not any(line[num_cells:]):
        return line[:num_cells]
    return line + blank if len(line) > _BEFORE else line


def _check_number(header, num_frames):
    wanted = header.get("NumFrames", "")
    if wanted.isdigit() and int(wanted) != num_frames:
        raise ValueError(
            f"there must be as many frames as NumFrames in line {_VALUES + 1}, "
            f"{wanted}. Received: {num_frames}"
        )


def _scale(header):
    unit = header.get("Units", "")
    if unit not in METERS_PER:
        raise ValueError(
            f"Units in line {_VALUES + 1} must be one of "
            f"{', '.join(METERS_PER)}. Received: {unit!r}"
        )
    return METERS_PER[unit]


def _fps(header):
    try:
        return clip.checked_fps(float(header.get("DataRate", "")))
    except ValueError:
        return None
