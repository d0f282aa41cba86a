"""Reads what MoveNet and PoseNet give.

In JSON, as TensorFlow.js has it, a pose is an object of `keypoints`, a list of
objects with `name` or `part`, `x` and `y` or a `position` of them, and `score`;
`score` and `id` of the person are optional. A file holds a pose per frame, or a
list of poses per frame, in a list or line by line; or objects with `frame` and
`poses`. Coordinates are pixels, or from 0 to 1 where all of them are.

Arrays, in .npy, .npz or nested lists of .json, are `movenet_arrays`'s.
"""

import numpy as np

from pose_tf.formats import (
    assembly,
    cells,
    detections,
    movenet_arrays,
    named_joints,
    numbering,
    rows,
    sources,
)

SUFFIXES = (".json", *sources.LINES, ".npy", ".npz")
FRAMES = ("frame", "frame_id", "frame_idx", "frameIndex", "frame_index")
LISTS = ("poses", "people", "persons")


def difference(source) -> str:
    """Returns how a file differs from this format, "" if it does not."""
    if source.suffix in (".npy", ".npz") or movenet_arrays.is_nested(
        source.json
    ):
        try:
            return movenet_arrays.difference(movenet_arrays.load(source))
        except ValueError as error:
            return str(error)
    return rows.first_difference(_items(source.json), _poses, _pose_differs)


def read(source, options) -> detections.Detections:
    """Reads the poses of a file.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If the file is not in this format; the message names the
            item and the joint.
    """
    if source.suffix in (".npy", ".npz") or movenet_arrays.is_nested(
        source.json
    ):
        return movenet_arrays.read(movenet_arrays.load(source))
    items = _items(source.json)
    numbers = [_number(item, index) for index, item in enumerate(items)]
    every_frame = numbering.numbers(numbers, rows.Rows(items))
    people = rows.nested([{"poses": _poses(item)} for item in items], "poses")
    if not len(people):
        return assembly.nobody(options, every_frame)
    names, values = _joints(people)
    cells.check_places(values[..., :2], people.place)
    if names:
        skeleton, order = named_joints.arrange(names, 2, options)
        values = named_joints.pick(values, order)
    else:
        skeleton = assembly.body(values[..., :2].shape, options)
    frames = every_frame[people.owners]
    return detections.Detections(
        skeleton=skeleton,
        unit=cells.unit(values[..., :2]),
        y_up=False,
        **assembly.ordered(
            frames,
            every_frame,
            poses=values[..., :2],
            confidence=values[..., 2],
            ids=assembly.identities(people.optional("id"), frames),
            scores=people.scores(people.optional("score")),
        ),
    )


def _items(value):
    """Returns the items of a file, one per frame."""
    if isinstance(value, dict):
        # An empty `poses` is `arrays`'s.
        lists = [value[name] for name in ("frames", *LISTS) if value.get(name)]
        value = lists[0] if lists else value
    if isinstance(value, list) and value and all(map(_is_keypoint, value)):
        return [value]
    return value


def _poses(item):
    """Returns the poses in an item, which is a frame, a pose or a list."""
    if isinstance(item, dict):
        lists = [item[name] for name in LISTS if name in item]
        return lists[0] if lists else [item]
    if isinstance(item, list) and item and _is_keypoint(item[0]):
        return [{"keypoints": item}]
    return item


def _is_keypoint(value):
    return (
        isinstance(value, dict)
        and "keypoints" not in value
        and "score" in value
    )


def _number(item, index):
    """Returns the frame that an item names, by default its index."""
    names = [name for name in FRAMES if isinstance(item, dict) and name in item]
    return item[names[0]] if names else index


def _pose_differs(pose):
    """Returns how a pose differs from those of this format."""
    if not isinstance(pose, dict) or "keypoints" not in pose:
        return f"is {rows.found(pose)}, without 'keypoints'"
    keypoints = pose["keypoints"]
    if not isinstance(keypoints, list) or not keypoints:
        return f"has keypoints that are {rows.found(keypoints)}, not a list"
    first = keypoints[0]
    for keys in (("score",), ("x", "position")):
        if not isinstance(first, dict) or not any(key in first for key in keys):
            return f"has keypoint 1 {rows.found(first)}, without {keys[0]!r}"
    return ""


def _joints(people):
    """Returns names of joints, or [], and x, y, score `[N, J, 3]` of people.

    Raises:
        ValueError: If a pose has a joint twice, or, where they have no names,
            another number of joints than the first.
    """
    places = [people.place(row) for row in range(len(people))]
    points = rows.nested(people.entries, "keypoints", item=places)
    given = points.optional("name", "part")
    counts = np.bincount(points.owners, minlength=len(people))
    if given is None:
        odd = counts != counts[0]
        if odd.any():
            raise ValueError(
                f"poses must have {counts[0]} keypoints, as the first. "
                f"Received: {counts[odd][0]} in {places[int(odd.argmax())]}"
            )
        names, columns = [], points.ranks
    else:
        _check_texts(given, points)
        names = list(dict.fromkeys(given))
        indices = {name: index for index, name in enumerate(names)}
        columns = np.array([indices[name] for name in given])
    num_joints = len(names) or counts[0]
    cell = points.owners * num_joints + columns
    twice = np.bincount(cell, minlength=1) > 1
    if twice.any():
        row, joint = divmod(int(twice.argmax()), num_joints)
        raise ValueError(
            "keypoints of a pose must have different names. "
            f"Received: {names[joint]!r} twice in {places[row]}"
        )
    values = np.full((len(people) * num_joints, 3), np.nan)
    values[cell] = np.stack(
        [points.numbers(column, name, 0) for name, column in _columns(points)],
        -1,
    )
    return names, values.reshape(len(people), num_joints, 3)


def _check_texts(names, points):
    odd = set(map(type, names)) - {str}
    if odd:
        row = next(row for row, name in enumerate(names) if type(name) in odd)
        raise ValueError(
            "keypoints must have names. "
            f"Received: {rows.found(names[row])} in {points.place(row)}"
        )


def _columns(points):
    """Yields x, y and the score of all keypoints, by name."""
    places = points
    if points.entries and "position" in points.entries[0]:
        places = rows.Rows(
            points.column("position"),
            points.owners,
            points.within,
            points.ranks,
            points.item,
        )
    for axis in "xy":
        yield axis, places.column(axis)
    yield "score", points.column("score")
