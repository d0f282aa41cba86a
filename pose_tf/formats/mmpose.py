"""Reads what MMPose's inferencers and demos write.

    frame_id      number of the frame
    instances     the people in it, each with
        keypoints        [[x, y], …], pixels
        keypoint_scores  [c, …]
        bbox, bbox_score x1, y1, x2, y2, pixels, optional
        track_id         optional

Such a list is the file, or is its `instance_info` beside a `meta_info` that
names the joints. Of a picture there are instances alone, and of a folder of
pictures a folder of such files, by their names.
"""

import numpy as np

from pose_tf.formats import (
    arrays,
    assembly,
    conventions,
    detections,
    frame_files,
    numbering,
    rows,
    sources,
)
from pose_tf.pose import own_skeletons, skeletons

SUFFIXES = (".json", *sources.LINES, sources.FOLDER)
VIDEO = ("frame_id", "instances")
PERSON = ("keypoints", "keypoint_scores")
# What the lifter to space turned x right, y down and z away into.
LIFTED_AXES = ("-x", "-z", "-y")


def difference(source) -> str:
    """Returns how a file or folder differs from MMPose's, "" if it does not."""
    if source.suffix == sources.FOLDER:
        return _difference_of_folder(source)
    items = _items(source.json)
    if items is None:
        return "has no 'instance_info'"
    if not rows.lacking(items, VIDEO):
        return ""
    return rows.lacking(items, PERSON)


def read(source, options) -> detections.Detections:
    """Reads the people in a video or a picture.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If a key is missing, a cell is not a number, or joints are
            those of no known skeleton; the message names the item.
    """
    people, every_frame = _people(source)
    if not len(people):
        return assembly.nobody(options, every_frame)
    frames = every_frame[people.owners]
    poses = people.numbers(people.column("keypoints"), "keypoints", ndim=2)
    scores = people.numbers(people.column("keypoint_scores"), "keypoint_scores")
    if scores.shape != poses.shape[:2]:
        raise ValueError(
            f"keypoint_scores must be {poses.shape[1]} numbers, as keypoints. "
            f"Received: {scores.shape[1]} in {people.place(0)}"
        )
    skeleton = _skeleton(source, poses.shape, options)
    poses = poses[:, : skeleton.num_joints]
    if poses.shape[-1] == 3:
        poses = conventions.turned(poses, LIFTED_AXES)
    in_space = poses.shape[-1] == 3
    ids = assembly.identities(people.optional("track_id"), frames)
    boxes = None if in_space else people.boxes(people.optional("bbox"))
    return detections.Detections(
        skeleton=skeleton,
        **assembly.ordered(
            frames,
            every_frame,
            poses=poses,
            confidence=scores[:, : skeleton.num_joints],
            boxes=boxes,
            scores=people.scores(people.optional("bbox_score")),
            ids=ids,
        ),
        unit=detections.METERS if in_space else detections.PIXELS,
        y_up=False,
    )


def _difference_of_folder(source):
    names = frame_files.named(source)
    for name in names:
        try:
            (people,) = frame_files.load(source, [name])
        except ValueError as error:
            return str(error)
        if people:
            differs = rows.lacking(people, PERSON)
            return f"{name}: {differs}" if differs else ""
        if people != []:
            return f"{name} is {rows.found(people)}"
    return "" if names else "has no file such as 000001.json"


def _items(value):
    return value.get("instance_info") if isinstance(value, dict) else value


def _people(source):
    """Returns the rows of all people, and the number of each frame."""
    if source.suffix == sources.FOLDER:
        names = frame_files.named(source)
        values = frame_files.load(source, names)
        items = [{"instances": value} for value in values]
        people = rows.nested(items, "instances", names)
        return people, frame_files.numbers(names)
    items = _items(source.json)
    if items and "instances" not in items[0]:
        owners, ranks = np.zeros(len(items), np.int64), np.arange(len(items))
        people = rows.Rows(items, owners, "person", ranks, ["the picture"])
        return people, np.zeros(1, np.int64)
    people = rows.nested(items, "instances")
    video = rows.Rows(items)
    return people, numbering.different(video.column("frame_id"), video)


def _skeleton(source, shape, options):
    if shape[-1] == 3:
        return arrays.guess(shape, options)
    names = None if source.suffix == sources.FOLDER else _names(source.json)
    known = skeletons.COCO_17.joints
    # COCO's joints, those of whole bodies and HALPE begin with these.
    if options.skeleton or not names or names[: len(known)] == known:
        return assembly.body(shape, options)
    if len(names) != shape[1]:
        raise ValueError(
            f"keypoints must be those of the {len(names)} joints that "
            f"meta_info names. Received: {shape[1]}"
        )
    return own_skeletons.of_joints(names)


def _names(value):
    """Returns the names of joints in their order, or None."""
    meta = value.get("meta_info") if isinstance(value, dict) else None
    names = meta.get("keypoint_id2name") if isinstance(meta, dict) else None
    if not isinstance(names, dict):
        return None
    try:
        return tuple(str(names[key]) for key in sorted(names, key=int))
    except ValueError:
        return None
