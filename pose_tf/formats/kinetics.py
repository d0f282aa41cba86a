"""Reads the JSON of Kinetics-skeleton, which ST-GCN is trained on.

data            list of frames
    frame_index     counts from 1
    skeleton        the people in the frame, each with
        pose            x1, y1, x2, y2, … of OpenPose's 18 joints: shares of
                        the frame's width and height; 0, 0 is missing
        score           c1, c2, …
label, label_index
"""

from pose_tf.formats import assembly, detections, numbering, rows
from pose_tf.pose import skeletons

SUFFIXES = (".json",)


def difference(source) -> str:
    """Returns how a file differs from Kinetics-skeleton, "" if it does not."""
    value = source.json
    if not isinstance(value, dict):
        return f"holds {rows.found(value)}, not an object"
    if "data" not in value:
        return "has no 'data'"
    differs = rows.lacking(value["data"], ("frame_index", "skeleton"))
    if not differs and not value["data"] and "label" not in value:
        return "has no 'label'"
    return differs and f"data: {differs}"


def read(source, options) -> detections.Detections:
    """Reads the people in a video.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If a key is missing, a cell is not a number, or there are
            not 18 joints; the message names the frame's place in `data`.
    """
    video = rows.Rows(source.json["data"])
    every_frame = numbering.different(video.column("frame_index"), video)
    people = rows.nested(source.json["data"], "skeleton")
    if not len(people):
        return assembly.nobody(options, every_frame)
    skeleton = options.skeleton or skeletons.OPENPOSE_18
    poses = people.numbers(people.column("pose"), "pose")
    scores = people.numbers(people.column("score"), "score")
    for name, cells, per_joint in (("pose", poses, 2), ("score", scores, 1)):
        if cells.shape[1] != per_joint * skeleton.num_joints:
            raise ValueError(
                f"{name} must have {per_joint * skeleton.num_joints} numbers, "
                f"{per_joint} per joint. Received: {cells.shape[1]} in "
                f"{people.place(0)}"
            )
    frames = every_frame[people.owners]
    return detections.Detections(
        skeleton=skeleton,
        **assembly.ordered(
            frames,
            every_frame,
            poses=poses.reshape(*scores.shape, 2),
            confidence=scores,
        ),
        unit=detections.NORMALIZED,
        y_up=False,
    )
