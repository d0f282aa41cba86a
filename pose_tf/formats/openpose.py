"""Reads OpenPose's JSON, and AlphaPose's in the same form.

OpenPose writes a folder with a file per frame, `clip_000000000012_keypoints.json`:

    people          list, each with
        pose_keypoints_2d   x1, y1, c1, x2, y2, c2, … of 25 or 18 joints, pixels
        person_id           [who it is], or [-1]

One such file is read, too; so are a list of them, and an object of them by the
names of pictures, as AlphaPose writes it, in which `bodies` with `joints` may
take the place of `people`.
"""

import numpy as np

from pose_tf.formats import assembly, detections, frame_files, rows, sources
from pose_tf.pose import own_skeletons, skeletons

SUFFIXES = (".json", sources.FOLDER)
PEOPLE = ("people", "bodies")
POSES = ("pose_keypoints_2d", "joints", "pose_keypoints")
_ENDING = "_keypoints.json"
# The joints of the oldest model, MPI; it has the head's top, and the chest.
_MPI = (
    "head_top neck right_shoulder right_elbow right_wrist left_shoulder "
    "left_elbow left_wrist right_hip right_knee right_ankle left_hip left_knee "
    "left_ankle spine"
)
SKELETONS = {
    25: skeletons.OPENPOSE_25,
    18: skeletons.OPENPOSE_18,
    15: own_skeletons.of_joints(_MPI.split()),
}


def difference(source) -> str:
    """Returns how a file or folder differs from OpenPose's, "" if it does not."""
    if source.suffix == sources.FOLDER:
        return _difference_of_folder(source)
    value = source.json
    if isinstance(value, list):
        if not value:
            return "is an empty list"
        return "" if _holds_people(value[0]) else _unlike(value[0], "item 1")
    if not isinstance(value, dict) or not value or _holds_people(value):
        return "" if _holds_people(value) else _unlike(value, "it")
    name, first = next(iter(value.items()))
    return "" if _holds_people(first) else _unlike(first, repr(name))


def read(source, options) -> detections.Detections:
    """Reads the people in all frames.

    Args:
        source: `sources.Source` of the file or folder.
        options: `sources.Options`.

    Raises:
        ValueError: If a file cannot be read, two files have the same number, a
            key is missing, a cell is not a number, or the number of joints is
            not OpenPose's; the message names the file or the item.
    """
    items, names = _items(source)
    if names is None:
        every_frame = np.arange(len(items))
    else:
        every_frame = frame_files.numbers(names)
    people = _people(items, names)
    if not len(people):
        return assembly.nobody(options, every_frame)
    frames = every_frame[people.owners]
    cells = people.numbers(_poses(people), "pose_keypoints_2d")
    skeleton = _skeleton(cells.shape[1], people, options)
    cells = cells.reshape(len(cells), -1, 3)
    ids = assembly.identities(people.optional("person_id"), frames)
    return detections.Detections(
        skeleton=skeleton,
        **assembly.ordered(
            frames,
            every_frame,
            poses=cells[..., :2],
            confidence=cells[..., 2],
            ids=ids,
        ),
        frame_size=_frame_size(items[0]),
        y_up=False,
    )


def _difference_of_folder(source):
    names = frame_files.named(source, _ENDING)
    if not names:
        return "has no file …_keypoints.json, nor 0.json"
    if names[0].endswith(_ENDING):
        return ""
    try:
        (first,) = frame_files.load(source, names[:1])
    except ValueError as error:
        return str(error)
    return "" if _holds_people(first) else _unlike(first, names[0])


def _holds_people(value):
    return isinstance(value, dict) and any(
        isinstance(value.get(key), list) for key in PEOPLE
    )


def _unlike(value, what):
    return f"{what} is {rows.found(value)}, without 'people'"


def _items(source):
    """Returns the objects of all frames, and their names, or None."""
    if source.suffix == sources.FOLDER:
        names = frame_files.named(source, _ENDING)
        return frame_files.load(source, names), names
    value = source.json
    if isinstance(value, list):
        return value, None
    if _holds_people(value):
        return [value], None
    return [*value.values()], [*value]


def _people(items, names):
    """Returns the people of all frames, without those of faces or hands only."""
    first = items[0]
    key = next((key for key in PEOPLE if key in first), PEOPLE[0])
    people = rows.nested(items, key, names or "item")
    if not len(people):
        return people
    poses = people.column(_key_of_poses(people))
    return people.take([row for row, pose in enumerate(poses) if pose != []])


def _poses(people):
    return people.column(_key_of_poses(people))


def _key_of_poses(people):
    first = people.entries[0]
    present = isinstance(first, dict)
    return next((key for key in POSES if present and key in first), POSES[0])


def _skeleton(num_numbers, people, options):
    skeleton = options.skeleton or SKELETONS.get(num_numbers // 3)
    if skeleton is None or num_numbers != 3 * skeleton.num_joints:
        wanted = [skeleton.num_joints] if skeleton else [*SKELETONS]
        raise ValueError(
            "pose_keypoints_2d must hold 3 numbers per joint, of "
            f"{' or '.join(map(str, wanted))} joints. Received: {num_numbers} "
            f"in {people.place(0)}"
        )
    return skeleton


def _frame_size(first):
    """Returns (width, height), which some tools' lists of frames have."""
    size = (first.get("canvas_width"), first.get("canvas_height"))
    return None if None in size else size
