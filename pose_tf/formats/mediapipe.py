"""Reads the 33 landmarks of MediaPipe's pose models, from JSON and tables.

MediaPipe itself writes no files; what users write has these forms. In JSON a
landmark is an object of `x`, `y` and, as a rule, `z`, `visibility` and
`presence`, or a list of numbers in that order. A person is a list of 33, or an
object of them by name. A frame is a person, a list of people or an object that
has them under one of `LANDMARKS`, perhaps beside a frame number or a time; in
a frame of nobody it is null or empty. A file is a list of frames, or an object
that has one under one of `FRAMES`. For tables see `landmark_tables`. Arrays in .npy files are `[T, 33, 3 to 5]`, or
`[T, 132]` and with faces and hands `[T, 1662]`, which begin with 33 times x, y,
z and visibility.

x and y are shares of the frame's width and height, unless they are far beyond 1
(some users multiply): then they are pixels. z is dropped.
"""

import io
import itertools

import numpy as np

from pose_tf.formats import (
    assembly,
    detections,
    landmark_tables,
    numbering,
    rows,
    sources,
    timing,
)
from pose_tf.pose import skeletons

SUFFIXES = (".json", *sources.LINES, ".csv", ".npy")
SKELETON = skeletons.MEDIAPIPE_33
LANDMARKS = (
    "pose_landmarks",
    "poseLandmarks",
    "landmarks",
    "landmark",
    "pose",
    "keypoints",
)
FRAMES = ("frames", "results", "data")
CONFIDENCES = ("visibility", "presence", "score")
PEOPLE = ("person_id", "personId", "track_id", "trackId")
LANDMARK = ((3,), (4,), (5,))  # Shapes of one: x, y, z, visibility, presence.
FLAT = ((132,), (1662,))  # Shapes of a frame: 33 of four, then others.
MAX_DEPTH = 3  # Of lists and objects around a person in a frame.
MAX_SHARE = 4  # Of the median coordinate; in pixels, it is far more.


def difference(source) -> str:
    """Returns how a file differs from landmarks, "" if it does not."""
    if source.suffix == ".csv":
        return landmark_tables.difference(source)
    if source.suffix == ".npy":
        shape = _load(source).shape
        fits = shape[1:2] == (SKELETON.num_joints,) and shape[2:] in LANDMARK
        listed = list(shape)
        return "" if fits or shape[1:] in FLAT else f"has the shape {listed}"
    frames, _ = _frames(source.json)
    if frames is None:
        return f"it is {rows.found(source.json)}, without landmarks"
    for number, frame in enumerate(frames, 1):
        people = _people(frame)
        if people is None:
            return f"item {number} is {rows.found(frame)}, without landmarks"
        if people:
            num_joints = len(people[0])
            if num_joints == SKELETON.num_joints:
                return ""
            return f"item {number} has {num_joints} landmarks, not 33"
    return ""


def read(source, options) -> detections.Detections:
    """Reads the people in all frames.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If a frame holds something else than landmarks, there are
            not 33, or a cell is not a number; the message names the item.
    """
    if source.suffix == ".csv":
        found = landmark_tables.read(source.text)
    elif source.suffix == ".npy":
        found = _of_array(_load(source))
    else:
        found = _read_json(source.json)
    if found is None:
        return assembly.nobody(options)
    located = np.abs(found["poses"][np.isfinite(found["poses"])])
    in_pixels = located.size and np.median(located) > MAX_SHARE
    confidence = found["confidence"]
    if confidence is not None and not (confidence > 0).any():
        # Some versions for browsers write 0 for all that they see.
        found["confidence"] = None
    return detections.Detections(
        skeleton=SKELETON,
        **found,
        unit=detections.PIXELS if in_pixels else detections.NORMALIZED,
        y_up=False,
    )


def _read_json(value):
    frames, names = _frames(value)
    people = _rows(frames)
    numbers, fps = timing.of(frames, names)
    if isinstance(value, dict) and timing.is_finite(value.get("fps")):
        fps = value["fps"]
    if not len(people):
        return None
    cells = _cells(people)
    has_confidence = np.isfinite(cells[..., 2]).any()
    ids = rows.Rows(frames).optional(*PEOPLE)
    alone = len(np.unique(people.owners)) == len(people)
    ids = [ids[owner] for owner in people.owners] if ids and alone else None
    return {
        **assembly.ordered(
            numbers[people.owners],
            numbers,
            ids=assembly.identities(ids, numbers[people.owners]),
            poses=cells[..., :2],
            confidence=cells[..., 2] if has_confidence else None,
        ),
        "fps": fps,
    }


def _load(source):
    """Returns the array of a .npy file; an empty one if there is none."""
    try:
        array = np.load(io.BytesIO(source.content), allow_pickle=False)
    except (ValueError, EOFError):  # `arrays` says why.
        return np.zeros(0)
    numeric = isinstance(array, np.ndarray) and array.dtype.kind in "fiu"
    return array if numeric else np.zeros(0)


def _of_array(array):
    frames = np.arange(len(array))
    if not len(array):
        return None
    if array.ndim == 2:
        array = array[:, : FLAT[0][0]].reshape(len(array), -1, LANDMARK[1][0])
    has_confidence = array.shape[-1] > LANDMARK[0][0]
    return {
        **assembly.ordered(frames, frames, poses=array[..., :2]),
        "confidence": array[..., 3] if has_confidence else None,
    }


def _frames(value):
    """Returns the frames of a file and their names, or Nones."""
    if isinstance(value, dict):
        for key in FRAMES:
            if isinstance(value.get(key), list):
                return value[key], None
        if _people(value):
            return [value], None
        first = next(iter(value.values()), None)
        if _people(first) and all(map(numbering.split, value)):
            return [*value.values()], [*value]
        return None, None
    if not isinstance(value, list):
        return None, None
    return [value] if value and _is_landmark(value[0]) else value, None


def _people(frame, depth=0):
    """Returns the people in a frame, or None if it holds something else."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(frame, dict):
        for key in LANDMARKS:
            if key in frame:
                return _people(frame[key], depth + 1)
        if not frame:
            return []
        by_name = landmark_tables.by_place(frame)
        return None if by_name is None else [by_name]
    if frame is None or frame == []:
        return []
    if not isinstance(frame, list):
        return None
    if _is_landmark(frame[0]):
        return [frame]
    people = []
    for one in frame:
        inner = _people(one, depth + 1)
        if inner is None or len(inner) > 1:
            return None
        people += inner
    return people


def _is_landmark(value):
    if isinstance(value, list):
        numbers = 3 <= len(value) <= len(("x", "y", "z", *CONFIDENCES[:2]))
        return numbers and not isinstance(value[0], list | dict)
    return isinstance(value, dict) and "x" in value and "y" in value


def _rows(frames):
    """Returns the people of all frames, each a list of landmarks."""
    lists = [_people(frame) for frame in frames]
    if None in lists:
        at = lists.index(None)
        raise ValueError(
            "frames must hold landmarks. Received: "
            f"{rows.found(frames[at])} in item {at + 1}"
        )
    lengths = [*map(len, lists)]
    ranks = [rank for length in lengths for rank in range(length)]
    people = rows.Rows(
        list(itertools.chain.from_iterable(lists)),
        np.repeat(np.arange(len(lists)), lengths),
        "person",
        np.array(ranks, np.int64),
    )
    for row, landmarks in enumerate(people.entries):
        if len(landmarks) != SKELETON.num_joints:
            raise ValueError(
                "a person must have 33 landmarks. Received: "
                f"{len(landmarks)} in {people.place(row)}"
            )
    return people


def _cells(people):
    """Returns x, y and the confidence of all landmarks: `[N, 33, 3]`."""
    marks = list(itertools.chain.from_iterable(people.entries))
    if isinstance(marks[0], list):
        cells = people.numbers(people.entries, "landmarks", ndim=2)
        places = np.full((*cells.shape[:2], 3), np.nan)
        places[..., :2] = cells[..., :2]
        if cells.shape[-1] > 3:
            places[..., 2] = cells[..., 3]
        return places
    each = rows.Rows(
        marks,
        np.repeat(people.owners, SKELETON.num_joints),
        "landmark",
        np.tile(np.arange(SKELETON.num_joints), len(people)),
    )
    flags = each.optional(*CONFIDENCES) or [None] * len(marks)
    columns = [
        each.cells(each.column("x"), "x"),
        each.cells(each.column("y"), "y"),
        each.cells(flags, "visibility"),
    ]
    cells = np.stack(columns, -1)
    return cells.reshape(len(people), SKELETON.num_joints, len(columns))
