"""Writes what detectors write as JSON, and MediaPipe as CSV."""

import csv
import json

import numpy as np

from pose_tf.pose import skeletons
from tests.support import two_people

COCO, PENN = skeletons.COCO_17, skeletons.PENN_ACTION
SCORE = 0.8


def _write(path, value, **options):
    path.write_text(json.dumps(value, **options))
    return path


def _rows(skeleton):
    """Yields frame, person and the pose `[J, 3]`, frame by frame."""
    both = two_people.with_confidence(skeleton)
    for frame in range(two_people.NUM_FRAMES):
        for person, pose in enumerate(both[:, frame]):
            yield frame, person, pose


def _corner_and_size(pose):
    x1, y1, x2, y2 = two_people.box(pose)
    return [x1, y1, x2 - x1, y2 - y1]


def write_coco(folder):
    """Writes results as COCO's evaluation reads them; images count from 1."""
    rows = [
        {
            "image_id": frame + 1,
            "category_id": 1,
            "keypoints": pose.ravel().tolist(),
            "score": SCORE,
        }
        for frame, _, pose in _rows(COCO)
    ]
    return _write(folder / "person_keypoints_results.json", rows)


def write_alphapose(folder):
    """Writes HALPE's joints with track ids, as AlphaPose does."""
    rows = [
        {
            "image_id": f"{frame}.jpg",
            "category_id": 1,
            "keypoints": (pose * [1, 1, 1.15]).round(3).ravel().tolist(),
            "score": 2.9,
            "box": _corner_and_size(pose),
            "idx": [person + 1.0] if frame % 2 else person + 1,
        }
        for frame, person, pose in _rows(skeletons.HALPE_26)
    ]
    return _write(folder / "alphapose-results.json", rows)


def write_coco_annotations(folder):
    """Writes annotations with flags: the first one's left knee is hidden."""
    width, height = two_people.FRAME_SIZE
    images = [
        {
            "id": 100 + frame,
            "file_name": f"jumps_{frame:06d}.png",
            "width": width,
            "height": height,
        }
        for frame in range(two_people.NUM_FRAMES)
    ]
    annotations = []
    for frame, person, pose in _rows(PENN):
        flags = np.where(pose[:, 2:] > 0.5, 2, 1)
        annotations.append(
            {
                "id": len(annotations) + 1,
                "image_id": 100 + frame,
                "category_id": 1,
                "track_id": person,
                "keypoints": np.hstack([pose[:, :2], flags]).ravel().tolist(),
                "num_keypoints": PENN.num_joints,
                "bbox": _corner_and_size(pose),
                "iscrowd": 0,
            }
        )
    person = {"id": 1, "name": "person", "keypoints": list(PENN.joints)}
    return _write(
        folder / "person_keypoints_train.json",
        {
            "info": {"description": "jumps"},
            "images": images,
            "annotations": annotations[::-1],
            "categories": [person],
        },
    )


def _instances(skeleton=COCO):
    frames = [[] for _ in range(two_people.NUM_FRAMES)]
    for frame, _, pose in _rows(skeleton):
        frames[frame].append(
            {
                "keypoints": pose[:, :2].tolist(),
                "keypoint_scores": pose[:, 2].tolist(),
                "bbox": [two_people.box(pose)],
                "bbox_score": SCORE,
            }
        )
    return frames


def write_mmpose(folder):
    """Writes what MMPose's inferencer writes of a video."""
    frames = [
        {"frame_id": frame, "instances": instances}
        for frame, instances in enumerate(_instances())
    ]
    return _write(folder / "jumps.json", frames)


def write_mmpose_demo(folder):
    """Writes what MMPose's demo of a detector and a pose model writes."""
    names = {str(n): joint for n, joint in enumerate(COCO.joints)}
    meta = {
        "dataset_name": "coco",
        "num_keypoints": len(names),
        "keypoint_id2name": names,
        "keypoint_name2id": {name: int(n) for n, name in names.items()},
    }
    frames = [
        {"frame_id": frame, "instances": instances}
        for frame, instances in enumerate(_instances(), 1)
    ]
    return _write(
        folder / "results_jumps.json",
        {"meta_info": meta, "instance_info": frames},
        indent="\t",
    )


def _openpose_frames(skeleton):
    frames = [[] for _ in range(two_people.NUM_FRAMES)]
    for frame, _, pose in _rows(skeleton):
        frames[frame].append(pose.ravel().tolist())
    return frames


def write_openpose(folder):
    """Writes a folder of a file per frame, as OpenPose does."""
    path = folder / "openpose"
    path.mkdir()
    for frame, poses in enumerate(_openpose_frames(skeletons.OPENPOSE_25)):
        people = [
            {
                "person_id": [-1],
                "pose_keypoints_2d": pose,
                "face_keypoints_2d": [],
                "hand_left_keypoints_2d": [],
                "hand_right_keypoints_2d": [],
                "pose_keypoints_3d": [],
            }
            for pose in poses
        ]
        name = f"jumps_{frame:012d}_keypoints.json"
        _write(path / name, {"version": 1.3, "people": people})
    return path


def write_alphapose_by_image(folder):
    """Writes OpenPose's 18 joints by image, as AlphaPose does if asked."""
    images = {
        f"{frame}.jpg": {
            "version": "AlphaPose v0.3",
            "bodies": [{"joints": pose} for pose in poses],
        }
        for frame, poses in enumerate(_openpose_frames(skeletons.OPENPOSE_18))
    }
    return _write(folder / "alphapose-results-cmu.json", images)


def write_kinetics(folder):
    """Writes a video of Kinetics-skeleton; the hidden knee is at 0, 0."""
    data = []
    for frame, person, pose in _rows(skeletons.OPENPOSE_18):
        if not person:
            data.append({"frame_index": frame + 1, "skeleton": []})
        shares = pose[:, :2] / two_people.FRAME_SIZE
        hidden = pose[:, 2] < 0.5
        shares[hidden] = 0
        data[-1]["skeleton"].append(
            {
                "pose": shares.round(4).ravel().tolist(),
                "score": np.where(hidden, 0, pose[:, 2]).tolist(),
            }
        )
    value = {"data": data, "label": "jumping jacks", "label_index": 168}
    return _write(folder / "kinetics.json", value)


def _landmarks(pose):
    shares = pose[:, :2] / two_people.FRAME_SIZE
    return [
        {"x": x, "y": y, "z": -0.1, "visibility": visibility}
        for (x, y), visibility in zip(shares.round(5).tolist(), pose[:, 2])
    ]


def _first_person():
    """Returns the landmarks of the first person in each frame."""
    return [
        _landmarks(pose)
        for _, person, pose in _rows(skeletons.MEDIAPIPE_33)
        if not person
    ]


def write_mediapipe(folder):
    """Writes the messages of the older API, of one person; none in frame 3."""
    frames = [{"landmark": landmarks} for landmarks in _first_person()]
    frames[3] = None
    return _write(folder / "pose_landmarks.json", frames)


def write_mediapipe_tasks(folder):
    """Writes the results of the Tasks API, both people, with timestamps."""
    frames = []
    for frame, person, pose in _rows(skeletons.MEDIAPIPE_33):
        landmarks = [
            {**landmark, "presence": 0.99} for landmark in _landmarks(pose)
        ]
        if not person:
            stamp = round(frame * 40)  # Milliseconds.
            frames.append({"timestamp_ms": stamp, "pose_landmarks": []})
        frames[-1]["pose_landmarks"].append(landmarks)
    return _write(folder / "pose_landmarker.json", frames)


def _table(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def write_mediapipe_table(folder):
    """Writes 132 numbers per frame after a class, under x1, y1, z1, v1, …"""
    header = [f"{axis}{n}" for n in range(1, 34) for axis in "xyzv"]
    rows = [
        ["jumps", *(value for mark in marks for value in mark.values())]
        for marks in _first_person()
    ]
    return _table(folder / "coords.csv", [["class", *header], *rows])


def write_mediapipe_bare(folder):
    """Writes 132 numbers per frame and nothing else."""
    rows = [
        [value for mark in marks for value in mark.values()]
        for marks in _first_person()
    ]
    return _table(folder / "landmarks.csv", rows)


def write_mediapipe_named(folder):
    """Writes columns that MediaPipe's own names of landmarks begin."""
    own = {"left_mouth": "mouth_left", "right_mouth": "mouth_right"} | {
        f"{side}_big_toe": f"{side}_foot_index" for side in ("left", "right")
    }
    joints = skeletons.MEDIAPIPE_33.joints
    names = [own.get(joint, joint).upper() for joint in joints]
    endings = ("x", "y", "z", "visibility")
    header = [f"{name}_{ending}" for name in names for ending in endings]
    rows = [
        [frame, *(value for mark in marks for value in mark.values())]
        for frame, marks in enumerate(_first_person())
    ]
    return _table(folder / "named.csv", [["frame", *header], *rows])


FOLDERS = (write_openpose,)
TABLES = (
    write_mediapipe_table,
    write_mediapipe_bare,
    write_mediapipe_named,
)
SAMPLES = {
    "coco": (write_coco, write_alphapose, write_coco_annotations),
    "mmpose": (write_mmpose, write_mmpose_demo),
    "openpose": (*FOLDERS, write_alphapose_by_image),
    "kinetics": (write_kinetics,),
    "mediapipe": (write_mediapipe, write_mediapipe_tasks, *TABLES),
}
