"""Writes what motion capture and depth cameras give, and .pose files.

In space the made-up people are flat, 1 m per `PIXELS_PER_METER`, `DISTANCE` away
from the camera, which looks at the middle of the picture.
"""

import importlib.util

import numpy as np
import pytest

from pose_tf.pose import own_skeletons, skeletons
from tests.support import standing_figure, two_people

PIXELS_PER_METER = 100
DISTANCE = 3.0  # Meters.
FPS = 25
_MIDDLE = np.array(two_people.FRAME_SIZE) / 2


def in_space(skeleton) -> np.ndarray:
    """Returns both people `[2, T, J, 3]`, meters, x right, y down, z away."""
    flat = (two_people.poses(skeleton) - _MIDDLE) / PIXELS_PER_METER
    depth = np.full((*flat.shape[:-1], 1), DISTANCE)
    return np.concatenate([flat, depth], -1)


# What the sensor calls the two, and which frame nobody is found in.
BODIES = (72057594037931101, 72057594037944738)
EMPTY = 5
BLANK = 2  # The frame of a marker with blank cells.


def write_ntu(folder):
    """Writes both; a knee is inferred, a foot not tracked, one frame empty."""
    joints = skeletons.KINECT_25.joints
    states = np.full((2, len(joints)), 2)
    states[0, joints.index("left_knee")] = 1
    states[0, joints.index("left_foot")] = 0
    lines = [two_people.NUM_FRAMES]
    for frame, both in enumerate(in_space(skeletons.KINECT_25).swapaxes(0, 1)):
        if frame == EMPTY:
            lines.append(0)
            continue
        lines.append(len(both))
        for body, pose, of_body in zip(BODIES, both, states, strict=True):
            lines += [f"{body} 0 1 1 0 0 0 0.02 0.05 2", len(pose)]
            for (x, y, z), state in zip(pose, of_body, strict=True):
                # x points to the sensor's left, y up.
                place = f"{-x:.6f} {-y:.6f} {z:.6f}"
                lines.append(
                    f"{place} 277 191 1036 519 0.1 0.2 0.3 0.4 {state}"
                )
    path = folder / "S001C001P001R001A027.skeleton"
    path.write_text("\n".join(map(str, lines)) + "\n")
    return path


# Pose2Sim's names of some joints.
MARKERS = {
    "Hip": "pelvis",
    "RHip": "right_hip",
    "RKnee": "right_knee",
    "RAnkle": "right_ankle",
    "LHip": "left_hip",
    "LKnee": "left_knee",
    "LAnkle": "left_ankle",
    "Neck": "neck",
    "Head": "head",
    "Nose": "nose",
    "RShoulder": "right_shoulder",
    "RElbow": "right_elbow",
    "RWrist": "right_wrist",
    "LShoulder": "left_shoulder",
    "LElbow": "left_elbow",
    "LWrist": "left_wrist",
}


def write_trc(folder):
    """Writes markers of the first one in mm, frames from 1; a blank wrist."""
    figure = own_skeletons.of_joints(list(MARKERS.values()))
    poses = in_space(figure)[0] * [1000, -1000, -1000]
    num_frames = len(poses)
    axes = [f"{axis}{n + 1}" for n in range(len(MARKERS)) for axis in "XYZ"]
    header = {
        "DataRate": FPS,
        "CameraRate": FPS,
        "NumFrames": num_frames,
        "NumMarkers": len(MARKERS),
        "Units": "mm",
        "OrigDataRate": FPS,
        "OrigDataStartFrame": 1,
        "OrigNumFrames": num_frames,
    }
    lines = [
        ["PathFileType", 4, "(X/Y/Z)", "jumps.trc"],
        [*header],
        [*header.values()],
        ["Frame#", "Time", *(f"{name}\t\t" for name in MARKERS)],
        ["", "", *axes],
        [""],
    ]
    for frame, pose in enumerate(poses):
        cells = [f"{value:.3f}" for value in pose.ravel()]
        if frame == BLANK:
            cells[-3:] = ["", "", ""]
        lines.append([frame + 1, f"{frame / FPS:.4f}", *cells])
    path = folder / "jumps.trc"
    text = "\n".join("\t".join(map(str, line)) for line in lines)
    path.write_text(f"{text}\n")
    return path


# Bones: name, what they hang from, joint in which they begin, joint that turns
# with the limb, or None. Mixamo's names.
BONES = (
    ("Hips", None, "pelvis"),
    ("Spine", "Hips", "spine"),
    ("Neck", "Spine", "neck"),
    ("Head", "Neck", "upper_neck"),
    *(
        (f"{side.title()}{bone}", parent and parent.format(side.title()), joint)
        for side in ("left", "right")
        for bone, parent, joint in (
            ("Shoulder", "Neck", "neck"),
            ("Arm", "{}Shoulder", f"{side}_shoulder"),
            ("ForeArm", "{}Arm", f"{side}_elbow"),
            ("Hand", "{}ForeArm", f"{side}_wrist"),
            ("UpLeg", "Hips", f"{side}_hip"),
            ("Leg", "{}UpLeg", f"{side}_knee"),
            ("Foot", "{}Leg", f"{side}_ankle"),
        )
    ),
)
# Which bones turn, all else hangs straight: the joint at their other end.
TURNING = {"Arm": "elbow", "UpLeg": "knee"}


def write_bvh(folder):
    """Writes the first one in centimeters, facing z, y up; legs are straight."""
    children: dict = {}
    for bone, parent, _ in BONES:
        children.setdefault(parent, []).append(bone)
    lines, order = ["HIERARCHY"], []
    _write_bone(lines, order, children, "Hips", 0)
    phase = np.linspace(0, 4 * np.pi, two_people.NUM_FRAMES)
    spread = (1 - np.cos(phase)) / 2
    poses = two_people.poses(own_skeletons.of_joints(["pelvis", "neck"]))[0]
    angles = {
        end: closed + (opened - closed) * spread
        for end, _, _, closed, opened in standing_figure.LIMBS
    }
    lines += ["MOTION", f"Frames: {len(poses)}", f"Frame Time: {1 / FPS}"]
    for frame, pose in enumerate(poses):
        x, y = pose[0]
        numbers = [x, -y, 0]
        for bone in order:
            side = "Left" if bone.startswith("Left") else "Right"
            end = TURNING.get(bone.removeprefix(side))
            angle = angles[end][frame] if end else 0
            numbers += [angle if side == "Left" else -angle, 0, 0]
        lines.append(" ".join(f"{number:.6f}" for number in numbers))
    path = folder / "jumps.bvh"
    path.write_text("\n".join(lines) + "\n")
    return path


def _write_bone(lines, order, children, bone, depth):
    """Writes a bone and what hangs from it."""
    indent = "  " * depth
    parents = {name: parent for name, parent, _ in BONES}
    joints = {name: joint for name, _, joint in BONES}
    order.append(bone)
    kind = "JOINT" if depth else "ROOT"
    position = "" if depth else "Xposition Yposition Zposition "
    lines += [f"{indent}{kind} {bone}", indent + "{"]
    x, y = _hanging(joints[bone], joints.get(parents[bone]))
    lines.append(f"{indent}  OFFSET {x:.6f} {y:.6f} 0.0")
    channels = f"{position}Zrotation Xrotation Yrotation"
    lines.append(f"{indent}  CHANNELS {len(channels.split())} {channels}")
    for child in children.get(bone, ()):
        _write_bone(lines, order, children, child, depth + 1)
    if bone not in children:
        lines += [f"{indent}  End Site", indent + "  {"]
        top = standing_figure.PLACES["upper_neck"][1]
        length = top - standing_figure.PLACES["head_top"][1]
        lines += [f"{indent}    OFFSET 0.0 {length:.6f} 0.0", indent + "  }"]
    lines.append(indent + "}")


def _hanging(joint, parent):
    """Returns the offset of a joint, y up, where limbs hang straight down."""
    if parent is None:
        return 0.0, 0.0
    for end, start, length, _, _ in standing_figure.LIMBS:
        if joint.endswith(end) and parent.endswith(start):
            return 0.0, -float(length)
    x, y = np.subtract(
        standing_figure.PLACES[joint], standing_figure.PLACES[parent]
    )
    return float(x), -float(y)


def write_pose(path, components, people, point_format):
    """Writes a .pose file.

    Args:
        path: Its path.
        components: Dict of names and lists of points.
        people: Places and confidence `[P, T, points, 3]`.
        point_format: "XYC" or "XYZC", where depth is 0.
    """
    import pose_format
    from pose_format.numpy import NumPyPoseBody
    from pose_format.pose_header import (
        PoseHeader,
        PoseHeaderComponent,
        PoseHeaderDimensions,
    )

    people = people.swapaxes(0, 1).astype(np.float32)
    data = np.zeros((*people.shape[:-1], len(point_format) - 1), np.float32)
    data[..., :2] = people[..., :2]
    header = PoseHeader(
        0.2,
        PoseHeaderDimensions(*two_people.FRAME_SIZE, 1000),
        [
            PoseHeaderComponent(name, points, [], [], point_format)
            for name, points in components.items()
        ],
    )
    body = NumPyPoseBody(FPS, data, people[..., 2])
    with path.open("wb") as file:
        pose_format.Pose(header, body).write(file)


def write_pose_format(folder):
    """Writes MediaPipe's landmarks of the first one, behind a hand."""
    others = {"left_mouth": "mouth_left", "right_mouth": "mouth_right"}
    points = [
        others.get(joint, joint).replace("big_toe", "foot_index").upper()
        for joint in skeletons.MEDIAPIPE_33.joints
    ]
    people = two_people.with_confidence(skeletons.MEDIAPIPE_33)[:1]
    hand = np.zeros_like(people[:, :, :1])
    path = folder / "jumps.pose"
    components = {"LEFT_HAND_LANDMARKS": ["WRIST"], "POSE_LANDMARKS": points}
    write_pose(path, components, np.concatenate([hand, people], 2), "XYZC")
    return path


def needs(dialect) -> list:
    """Returns marks of tests of a dialect: to skip them without its library."""
    library = LIBRARIES.get(dialect)
    if library is None or importlib.util.find_spec(library) is not None:
        return []
    return [pytest.mark.skip(reason=f"{library} is not installed")]


# Those that need a library to be read, and the .pose file to be written.
LIBRARIES = {"bvh": "pybvh", "pose_format": "pose_format"}
SAMPLES = {
    "ntu": (write_ntu,),
    "trc": (write_trc,),
    "bvh": (write_bvh,),
    "pose_format": (write_pose_format,),
}
