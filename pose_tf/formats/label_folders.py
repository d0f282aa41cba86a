"""Reads folders of label files, one per frame, as Ultralytics writes them.

A line is a person: class, then from 0 to 1 the middle, width and height of a
box, then x and y of each joint, and with most models a third number; at the end
the confidence of the person, if it was saved, and the id of a track, if there
is one. The third number is a confidence, or in annotations 0, 1 or 2, where 0
is a joint that is not labeled. The number at the end of a file's name is that
of the frame; frames without a file are without anybody.
"""

import re
import reprlib

import numpy as np

from pose_tf.formats import assembly, cells, detections, sources
from pose_tf.pose import skeletons

COCO = skeletons.COCO_17
BOX = 5  # Numbers before the joints: the class and the box.
MAX_ENDS = 2  # Numbers after the joints: the confidence and the track.
LABELS = "labels"  # The folder of these files in that of a prediction.
_FRAME = re.compile(r"(\d+)\.txt", re.IGNORECASE)
_FLAGS = (0, 1, 2)  # Not labeled, labeled but hidden, visible.


def difference(source) -> str:
    """Returns how a folder differs from this format, "" if it does not."""
    folder, names = _files(source)
    if not names:
        return "has no file <name>_<frame>.txt"
    for name in names:
        if line := (folder / name).read_bytes().partition(b"\n")[0].split():
            return _differs(name, line)
    return ""  # Of nobody.


def read(source, options) -> detections.Detections:
    """Reads the poses of a folder.

    Args:
        source: `sources.Source` of the folder.
        options: `sources.Options`.

    Raises:
        ValueError: If a file is not in this format; the message names it and
            the line.
    """
    folder, names = _files(source)
    lines, frames, places = _lines(folder, names)

    def place(row):
        return "line {1} of {0}".format(*places[row])

    every_frame = [_number(name) for name in names]
    if not lines:
        return assembly.nobody(options, every_frame)
    values = cells.numbers(lines, place)
    skeleton, size, num_ends = _layout(values.shape[1], options)
    end = values.shape[1] - num_ends
    joints = values[:, BOX:end].reshape(len(values), -1, size)
    poses = cells.without_origin(joints[..., :2])
    cells.check_places(poses, place)
    scores, ids = _ends(values[:, end:])
    middles, sides = values[:, 1:3], values[:, 3:5]
    return detections.Detections(
        skeleton=skeleton,
        unit=detections.NORMALIZED,
        y_up=False,
        **assembly.ordered(
            frames,
            every_frame,
            poses=poses,
            boxes=np.hstack([middles - sides / 2, middles + sides / 2]),
            ids=ids,
            scores=scores,
            **_certainty(joints[..., 2:]),
        ),
    )


def _files(source):
    """Returns the folder of label files, and their names by frame."""
    folder, names = source.path, source.names
    if not any(map(_FRAME.search, names)) and (folder / LABELS).is_dir():
        folder = folder / LABELS
        names = sources.Source(folder).names
    return folder, sorted(filter(_FRAME.search, names), key=_number)


def _number(name):
    """Returns the frame of a file of this format."""
    match = _FRAME.search(name)
    return int(match[1]) if match else 0


def _lines(folder, names):
    """Returns cells of all lines, their frames, and (file, line) of each."""
    lines, frames, places = [], [], []
    for name in names:
        text = sources.decode((folder / name).read_bytes())
        for number, line in enumerate(text.splitlines(), 1):
            if numbers := line.split():
                lines.append(numbers)
                frames.append(_number(name))
                places.append((name, number))
    return lines, frames, places


def _differs(name, line):
    try:
        values = list(map(float, line))
    except ValueError:
        first = line[0].decode("utf-8", "replace")
        return f"line 1 of {name} begins with {reprlib.repr(first)}"
    if len(values) < BOX + 2:
        return f"line 1 of {name} has {len(values)} numbers and no joints"
    box = values[1:BOX]
    if values[0] != round(values[0]) or not all(0 <= n <= 1 for n in box):
        return f"line 1 of {name} has the box {box}, not from 0 to 1"
    return ""


def _layout(num_cells, options):
    """Returns the skeleton, numbers per joint and numbers after the joints."""
    given = options.skeleton or options.likely
    known = skeletons.SKELETONS.values()
    for skeleton in [given] if options.skeleton else [given, COCO, *known]:
        if skeleton is None or skeleton.num_coordinates != 2:
            continue
        for size in (3, 2):
            num_ends = num_cells - BOX - size * skeleton.num_joints
            if 0 <= num_ends <= MAX_ENDS:
                return skeleton, size, num_ends
    wanted = "a known skeleton" if options.skeleton is None else "`skeleton`"
    raise ValueError(
        f"lines must have a class, a box and the joints of {wanted}; name "
        "others in `skeleton` (on the command line, `--joints`). "
        f"Received: {num_cells} numbers"
    )


def _certainty(third):
    """Returns confidences or flags of joints, by name, from `[N, J, 0 or 1]`."""
    if not third.shape[-1]:
        return {}
    third = third[..., 0]
    if np.isin(third, _FLAGS).all():
        return {"visibility": third > 0}
    return {"confidence": third}


def _ends(values):
    """Returns scores and ids `[N]`, or None, from `[N, 0 to 2]`."""
    scores, ids = None, None
    if values.shape[1] and (values[:, -1] == np.round(values[:, -1])).all():
        values, ids = values[:, :-1], values[:, -1].astype(np.int64)
    if values.shape[1]:
        scores = values[:, 0]
    return scores, ids
