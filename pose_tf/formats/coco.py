"""Reads COCO's keypoints: results of detectors, and annotations.

A results file is a list of people, one after the other; so are AlphaPose's and
the `predictions.json` that Ultralytics writes when it validates:

    image_id      number of the image, or its name, whose last digits count
    keypoints     x1, y1, c1, x2, y2, c2, …, pixels and confidences, also with
                  a list per joint
    score         of the person, optional
    bbox, box     x, y, width, height, pixels, optional
    idx           who it is, if AlphaPose tracked; so may be `track_id`

In an annotations file there are `images`, `annotations` and `categories`,
which name the joints. There a third number 0 means that a joint is missing, 1
that it is hidden, 2 that it is visible.
"""

import numpy as np

from pose_tf.formats import assembly, detections, numbering, rows, sources
from pose_tf.pose import own_skeletons

SUFFIXES = (".json", *sources.LINES)
BOXES = ("bbox", "box")
IDS = ("track_id", "idx", "person_id", "instance_id")
MISSING, HIDDEN, VISIBLE = 0, 1, 2


def difference(source) -> str:
    """Returns how a file differs from COCO's, "" if it does not."""
    value = source.json
    if not isinstance(value, dict):
        return rows.lacking(value, ("image_id", "keypoints"))
    for key in ("images", "annotations"):
        if not isinstance(value.get(key), list):
            return f"has no list {key!r}"
    if not isinstance(value.get("categories", []), list):
        return "has 'categories' that are no list"
    return ""


def read(source, options) -> detections.Detections:
    """Reads people from results or annotations.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If a key is missing, a cell is not a number, or the number
            of joints is that of no known skeleton; the message names the item.
    """
    if isinstance(source.json, dict):
        return _annotations(source.json, options)
    people = rows.Rows(source.json)
    frames = numbering.numbers(people.column("image_id"), people)
    if not len(people):
        return assembly.nobody(options)
    cells = _cells(people)
    skeleton = assembly.body(cells[..., :2].shape, options)
    cells = cells[:, : skeleton.num_joints]
    return detections.Detections(
        skeleton=skeleton,
        **assembly.ordered(
            frames,
            frames,
            poses=cells[..., :2],
            confidence=cells[..., 2],
            scores=people.scores(people.optional("score")),
            **_boxes_and_ids(people, frames),
        ),
        y_up=False,
    )


def _annotations(value, options):
    names = _names(value.get("categories"))
    images = rows.Rows(value["images"], item="image")
    frame_of = numbering.of_pictures(
        images.labels("id"), images.optional("file_name") or []
    )
    people = _people(value["annotations"], names)
    every_frame = list(frame_of.values())
    if not len(people):
        return assembly.nobody(options, every_frame)
    frames = _frames(people, frame_of)
    cells = _cells(people)
    skeleton = _skeleton(people, names, cells[..., :2].shape, options)
    cells = cells[:, : skeleton.num_joints]
    return detections.Detections(
        skeleton=skeleton,
        **assembly.ordered(
            frames,
            every_frame,
            **_with_flags(cells),
            scores=people.scores(people.optional("score")),
            **_boxes_and_ids(people, frames),
        ),
        frame_size=_frame_size(images),
        y_up=False,
    )


def _names(categories):
    """Returns the names of joints, or None, by the id of a category."""
    categories = rows.Rows(categories or [], item="category")
    ids = categories.labels("id")
    names = [entry.get("keypoints") for entry in categories.entries]
    for row, joints in enumerate(names):
        if joints is not None and not isinstance(joints, list):
            raise ValueError(
                "keypoints must be lists. Received: "
                f"{rows.found(joints)} in {categories.place(row)}"
            )
    return dict(zip(ids, names, strict=True))


def _people(annotations, names):
    """Returns the annotations of one person, without crowds and objects."""
    every = rows.Rows(annotations, item="annotation")
    every.labels("image_id")
    chosen = [
        row
        for row, entry in enumerate(annotations)
        if not entry.get("iscrowd")
        and ("keypoints" in entry or _has_joints(entry, names))
    ]
    return every.take(chosen)


def _has_joints(entry, names):
    """Returns whether what is annotated has joints, as far as is known."""
    category = entry.get("category_id")
    known = isinstance(category, int | str) and category in names
    return bool(names[category]) if known else True


def _frames(people, frame_of):
    ids = people.column("image_id")
    for row, image in enumerate(ids):
        if image not in frame_of:
            raise ValueError(
                "image_id must be the id of one of images. Received: "
                f"{rows.found(image)} in {people.place(row)}"
            )
    return np.array([frame_of[image] for image in ids], np.int64)


def _cells(people):
    """Returns x, y and the third number of all joints: `[N, J, 3]`."""
    keypoints = people.column("keypoints")
    first = keypoints[0]
    if isinstance(first, list) and first and isinstance(first[0], list):
        cells = people.numbers(keypoints, "keypoints", ndim=2)
        cells = cells.reshape(len(cells), -1)
    else:
        cells = people.numbers(keypoints, "keypoints")
    if cells.shape[1] % 3 or not cells.shape[1]:
        raise ValueError(
            "keypoints must hold 3 numbers per joint. "
            f"Received: {cells.shape[1]} in {people.place(0)}"
        )
    return cells.reshape(len(cells), -1, 3)


def _skeleton(people, names, shape, options):
    category = people.entries[0].get("category_id")
    known = isinstance(category, int | str)
    joints = names.get(category) if known else None
    if options.skeleton is not None or not joints:
        return assembly.body(shape, options)
    if len(joints) != shape[1]:
        raise ValueError(
            f"keypoints must be those of the {len(joints)} joints that "
            f"categories name. Received: {shape[1]} in {people.place(0)}"
        )
    return own_skeletons.of_joints([str(joint) for joint in joints])


def _with_flags(cells):
    """Returns poses and what the third numbers say about them."""
    poses, flags = cells[..., :2].copy(), cells[..., 2]
    if not np.isin(flags, (MISSING, HIDDEN, VISIBLE)).all():
        # Some tools write a detector's confidences as annotations.
        return {"poses": poses, "confidence": flags, "visibility": None}
    poses[flags == MISSING] = np.nan
    # Where nothing at all is 2, 1 says no more than that a joint is labeled.
    least = VISIBLE if (flags == VISIBLE).any() else HIDDEN
    return {"poses": poses, "confidence": None, "visibility": flags >= least}


def _boxes_and_ids(people, frames):
    boxes = people.boxes(people.optional(*BOXES))
    if boxes is not None:
        boxes[:, 2:] += boxes[:, :2]
    ids = people.optional(*IDS)
    if ids is None:  # CVAT keeps what is its own apart.
        attributes = [entry.get("attributes") or {} for entry in people.entries]
        if all(isinstance(own, dict) for own in attributes):
            ids = rows.Rows(attributes).optional(*IDS)
    return {"boxes": boxes, "ids": assembly.identities(ids, frames)}


def _frame_size(images):
    """Returns (width, height) if all images have the same."""
    sizes = [
        (entry.get("width"), entry.get("height")) for entry in images.entries
    ]
    if not sizes or None in sizes[0] or sizes.count(sizes[0]) < len(sizes):
        return None
    return sizes[0]
