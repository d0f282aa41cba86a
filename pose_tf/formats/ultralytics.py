"""Reads what people save of Ultralytics' pose models.

- `results.to_json()`: a list of detections, each an object with `keypoints`,
  lists of `x`, `y` and, if the model gives them, `visible`; `box`; `confidence`;
  and `track_id` if it was tracked. A file holds the list of one frame, or one
  such list per frame, in a list or line by line; or objects with `frame` and
  `detections`.
- Folders of label files, see `label_folders`.
- Tables of a tracker, see `tracker_tables`.

Coordinates are pixels, or from 0 to 1 where all of them are. Joints at (0, 0)
are missing: there the models put what they do not find.
"""

import collections

import numpy as np

from pose_tf.formats import (
    assembly,
    cells,
    detections,
    label_folders,
    numbering,
    rows,
    sources,
    tracker_tables,
)

SUFFIXES = (".json", *sources.LINES, ".csv", sources.FOLDER)
FRAMES = ("frame", "frame_id", "frame_idx", "frame_number")
LISTS = ("detections", "results", "predictions", "people")
CORNERS = ("x1", "y1", "x2", "y2")


def difference(source) -> str:
    """Returns how a source differs from this format, "" if it does not."""
    if source.suffix == sources.FOLDER:
        return label_folders.difference(source)
    if source.suffix == ".csv":
        return tracker_tables.difference(source)
    return rows.first_difference(source.json, _detections, _differs)


def read(source, options) -> detections.Detections:
    """Reads the poses of a file or folder.

    Args:
        source: `sources.Source` of the file or folder.
        options: `sources.Options`; its skeleton names the joints, or else their
            number does.

    Raises:
        ValueError: If it is not in this format; the message names the item,
            or the file, and the line.
    """
    if source.suffix == sources.FOLDER:
        return label_folders.read(source, options)
    if source.suffix == ".csv":
        return tracker_tables.read(source, options)
    people, frames, every_frame = _people(source.json)
    if not len(people):
        return assembly.nobody(options, every_frame)
    keypoints = people.column("keypoints")
    joints = rows.Rows(
        keypoints, people.owners, people.within, people.ranks, people.item
    )
    x, y = (joints.numbers(joints.column(axis), axis) for axis in "xy")
    if x.shape != y.shape:
        raise ValueError(
            "keypoints must have as many y as x. "
            f"Received: {y.shape[1]} and {x.shape[1]}"
        )
    poses = cells.without_origin(np.stack([x, y], -1))
    cells.check_places(poses, people.place)
    return detections.Detections(
        skeleton=assembly.body(poses.shape, options),
        unit=cells.unit(poses),
        y_up=False,
        **assembly.ordered(
            frames,
            every_frame,
            poses=poses,
            confidence=_confidence(joints, x.shape),
            boxes=_boxes(people),
            ids=assembly.identities(people.optional("track_id"), frames),
            scores=people.scores(people.optional("confidence")),
        ),
    )


def _people(items):
    """Returns the rows of all detections, their frames, and all frames.

    Raises:
        ValueError: If an item holds no detections, or a list of one frame has
            two of one track.
    """
    if items and all(map(_is_detection, items)):
        people = rows.Rows(items)
        _check_one_frame(people)
        return people, np.zeros(len(items), int), np.zeros(1, int)
    found = [{"detections": _detections(item)} for item in items]
    people = rows.nested(found, "detections")
    numbers = [_number(item, index) for index, item in enumerate(items)]
    every_frame = numbering.numbers(numbers, rows.Rows(items))
    return people, every_frame[people.owners], every_frame


def _is_detection(item):
    """Returns whether an item is a detection that does not name its frame."""
    return isinstance(item, dict) and not any(
        name in item for name in (*FRAMES, *LISTS)
    )


def _detections(item):
    """Returns the detections of an item: of a frame, or itself."""
    if isinstance(item, str):  # What to_json returned, put into JSON again.
        try:
            item = sources.load_json(item.encode())
        except ValueError:
            return item
    if isinstance(item, dict):
        lists = [item[name] for name in LISTS if name in item]
        item = lists[0] if lists else [item]
    return item


def _number(item, index):
    """Returns the frame that an item names, by default its index."""
    names = [name for name in FRAMES if isinstance(item, dict) and name in item]
    return item[names[0]] if names else index


def _check_one_frame(people):
    """Checks that a list without frames is of one frame."""
    tracks = collections.Counter(map(str, people.optional("track_id") or []))
    tracks.pop(str(None), None)
    for track, count in tracks.most_common(1):
        if count > 1:
            raise ValueError(
                "there must be a list of detections per frame. Received: one "
                f"list, with the track_id {track} {count} times"
            )


def _confidence(joints, shape):
    """Returns the confidence of joints `[N, J]`, or None if there is none."""
    given = joints.optional("visible")
    if given is None:
        return None
    sure = [1.0] * shape[1]
    given = [sure if values is None else values for values in given]
    confidence = joints.numbers(given, "visible")
    if confidence.shape != shape:
        raise ValueError(
            "keypoints must have as many visible as x. "
            f"Received: {confidence.shape[1]} and {shape[1]}"
        )
    return confidence


def _boxes(people):
    """Returns the boxes `[N, 4]`, or None if nobody has one."""
    given = people.optional("box")
    if given is None:
        return None
    return people.boxes(
        [
            [box.get(corner) for corner in CORNERS]
            if isinstance(box, dict)
            else None
            for box in given
        ]
    )


def _differs(detection):
    """Returns how a detection differs from those of this format."""
    if not isinstance(detection, dict) or "keypoints" not in detection:
        return f"is {rows.found(detection)}, without 'keypoints'"
    keypoints = detection["keypoints"]
    if not isinstance(keypoints, dict):
        return f"has keypoints that are {rows.found(keypoints)}, not x and y"
    for axis in "xy":
        if not isinstance(keypoints.get(axis), list):
            return f"has keypoints without a list {axis!r}"
    return ""
