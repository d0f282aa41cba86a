"""Writes what Ultralytics, MoveNet and DeepLabCut give of two people."""

import csv
import json

import numpy as np

from pose_tf.pose import skeletons
from tests.support import two_people

COCO = skeletons.COCO_17
SCORE = 0.8
_ENDS = ("x", "y", "conf")
FIRST = 1  # Ultralytics counts the frames of a video from 1.


def _detection(person, pose, **others):
    x1, y1, x2, y2 = two_people.box(pose)
    x, y, visible = pose.T.tolist()
    return {
        "name": "person",
        "class": 0,
        "confidence": SCORE,
        "box": {"x1": x1, "y1": y1, "x2": x2, "y2": y2},
        **others,
        "keypoints": {"x": x, "y": y, "visible": visible},
    }


def _frames(**others):
    """Returns a list of detections per frame."""
    both = two_people.with_confidence()
    # The first one's left knee is where the model puts what it does not see.
    both[0, :, COCO.joints.index("left_knee"), :2] = 0
    return [
        [
            _detection(person, pose, **others)
            for person, pose in enumerate(poses)
        ]
        for poses in both.swapaxes(0, 1)
    ]


def _tracked():
    frames = _frames()
    for frame in frames:
        for person, detection in enumerate(frame):
            detection["track_id"] = person + 3
    return frames


def write_ultralytics(folder):
    """Writes a list per frame, with tracks."""
    path = folder / "tracked.json"
    path.write_text(json.dumps(_tracked()))
    return path


def write_ultralytics_lines(folder):
    """Writes a line per frame, without tracks."""
    path = folder / "results.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in _frames()))
    return path


def write_ultralytics_numbered(folder):
    """Writes objects with the number of the frame, the later ones first."""
    path = folder / "numbered.json"
    frames = [
        {"frame": FIRST + frame, "detections": found}
        for frame, found in enumerate(_tracked())
    ]
    path.write_text(json.dumps(frames[::-1], indent=2))
    return path


def write_ultralytics_labels(folder):
    """Writes a label file per frame, with confidences and tracks."""
    path = folder / "track" / "labels"
    path.mkdir(parents=True)
    width, height = two_people.FRAME_SIZE
    for frame, poses in enumerate(two_people.with_confidence().swapaxes(0, 1)):
        lines = []
        for person, pose in enumerate(poses):
            x1, y1, x2, y2 = two_people.box(pose)
            box = [x1 + x2, y1 + y2, 2 * (x2 - x1), 2 * (y2 - y1)]
            box = np.array(box) / 2 / [width, height, width, height]
            joints = (pose / [width, height, 1]).ravel()
            values = [0, *box, *joints, SCORE, person + 3]
            lines.append(" ".join(f"{value:g}" for value in values) + "\n")
        (path / f"jumps_{FIRST + frame}.txt").write_text("".join(lines))
    return path


def _table(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def write_tracker_table(folder):
    """Writes a row per frame and person; the first one's knee is blank."""
    names = [f"{joint}_{end}" for joint in COCO.joints for end in _ENDS]
    rows = [["frame", "track_id", *names]]
    for frame, both in enumerate(two_people.with_confidence().swapaxes(0, 1)):
        for person, pose in enumerate(both):
            cells = np.where(pose[:, 2:] < 0.5, "", pose.astype(str))
            rows.append([frame, person + 3, *cells.ravel()])
    return _table(folder / "tracker.csv", rows)


def _movenet():
    """Returns y, x, score of both people: `[T, 2, 17, 3]`, normalized."""
    x, y, score = np.moveaxis(two_people.with_confidence(), -1, 0)
    width, height = two_people.FRAME_SIZE
    return np.stack([y / height, x / width, score], -1).swapaxes(0, 1)


def write_movenet(folder):
    """Writes the outputs of the single pose model, joined, of the first one."""
    path = folder / "movenet.npy"
    np.save(path, _movenet()[:, 0].astype(np.float32))
    return path


def write_movenet_lists(folder):
    """Writes the outputs `[1, 1, 17, 3]` as nested lists."""
    path = folder / "movenet.json"
    path.write_text(json.dumps(_movenet()[:, :1, None].tolist()))
    return path


def write_movenet_multipose(folder):
    """Writes outputs `[1, 6, 56]`, of which four people are nobody."""
    both = _movenet()
    outputs = np.zeros((len(both), 1, 6, 56), np.float32)
    corners = [both[..., :2].min(2), both[..., :2].max(2)]
    outputs[:, 0, :2, :51] = both.reshape(len(both), 2, 51)
    outputs[:, 0, :2, 51:55] = np.concatenate(corners, -1)
    outputs[:, 0, :2, 55] = SCORE
    path = folder / "multipose.npz"
    np.savez(path, output_0=outputs)
    return path


def _named(pose, joints=COCO.joints):
    return [
        {"x": x, "y": y, "score": score, "name": joint}
        for joint, (x, y, score) in zip(joints, pose.tolist(), strict=True)
    ]


def write_movenet_poses(folder):
    """Writes a list of poses per frame, as TensorFlow.js gives them."""
    frames = [
        [{"keypoints": _named(pose), "score": SCORE} for pose in both]
        for both in two_people.with_confidence().swapaxes(0, 1)
    ]
    path = folder / "poses.json"
    path.write_text(json.dumps(frames))
    return path


def write_posenet(folder):
    """Writes a line per frame, of the first one; names are camelCase."""
    lines = []
    for pose in two_people.with_confidence()[0]:
        keypoints = [
            {
                "score": point["score"],
                "part": _camel(point["name"]),
                "position": {"x": point["x"], "y": point["y"]},
            }
            for point in _named(pose)
        ]
        lines.append(json.dumps({"score": SCORE, "keypoints": keypoints}))
    path = folder / "posenet.jsonl"
    path.write_text("\n".join(lines))
    return path


def _camel(name):
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def write_deeplabcut(folder):
    """Writes three rows of header, of the first one."""
    poses = two_people.with_confidence()[0]
    names = ("x", "y", "likelihood")
    rows = [
        ["scorer", *["DLC_resnet50"] * 51],
        ["bodyparts", *np.repeat(COCO.joints, 3)],
        ["coords", *names * 17],
        *([frame, *pose.ravel()] for frame, pose in enumerate(poses)),
    ]
    return _table(folder / "jumpsDLC_resnet50.csv", rows)


def write_deeplabcut_individuals(folder):
    """Writes four rows of header; the second one is not found in frame 3."""
    poses = two_people.with_confidence().swapaxes(0, 1).astype(str)
    poses[3, 1] = ""
    rows = [
        ["scorer", *["DLC_dlcrnet"] * 102],
        ["individuals", *np.repeat(["anna", "ben"], 51)],
        ["bodyparts", *list(np.repeat(COCO.joints, 3)) * 2],
        ["coords", *("x", "y", "likelihood") * 34],
        *([frame, *both.ravel()] for frame, both in enumerate(poses)),
    ]
    return _table(folder / "jumpsDLC_dlcrnet_el.csv", rows)


TABLES = (
    write_tracker_table,
    write_deeplabcut,
    write_deeplabcut_individuals,
)
IN_JSON = (
    write_ultralytics,
    write_ultralytics_numbered,
    write_movenet_lists,
    write_movenet_poses,
)
SAMPLES = {
    "ultralytics": (
        write_ultralytics,
        write_ultralytics_lines,
        write_ultralytics_numbered,
        write_ultralytics_labels,
        write_tracker_table,
    ),
    "movenet": (
        write_movenet,
        write_movenet_lists,
        write_movenet_multipose,
        write_movenet_poses,
        write_posenet,
    ),
    "deeplabcut": (write_deeplabcut, write_deeplabcut_individuals),
}
