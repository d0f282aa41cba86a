"""A made-up person who faces the camera, still or doing jumping jacks.

    python -m tests.support.standing_figure docs

writes docs/skeletons.png, each known skeleton (above) and what `convert` makes
of it for `penn_action` (below), the person's left in blue and the right in
orange; docs/jumping_jacks.npz, the clip of the README's first example; and
docs/yolo.json, what YOLO's tracker would have written of two people.
"""

import argparse
import json
import pathlib

import numpy as np

from pose_tf.pose import conversion, skeletons

# Pixels, x right and y down. The person's own left lies on the picture's
# right and is raised, so that a swap would show.
MIDDLE = {
    "head": (100, 30),
    "head_top": (100, 12),
    "nose": (100, 34),
    "upper_neck": (100, 50),
    "neck": (100, 60),
    "spine": (100, 90),
    "pelvis": (100, 120),
}
LEFT = {
    "eye_inner": (103, 28),
    "eye": (106, 27),
    "eye_outer": (109, 28),
    "ear": (114, 30),
    "mouth": (105, 41),
    "shoulder": (125, 60),
    "elbow": (152, 52),
    "wrist": (165, 25),
    "hand": (167, 16),
    "hand_tip": (168, 8),
    "thumb": (160, 14),
    "index": (165, 12),
    "pinky": (171, 14),
    "hip": (114, 120),
    "knee": (120, 165),
    "ankle": (122, 205),
    "heel": (121, 210),
    "foot": (132, 213),
    "big_toe": (132, 213),
    "small_toe": (137, 211),
}
RIGHT = {joint: (200 - x, y) for joint, (x, y) in LEFT.items()} | {
    "elbow": (70, 92),
    "wrist": (64, 122),
    "hand": (62, 131),
    "hand_tip": (61, 139),
    "thumb": (69, 133),
    "index": (65, 137),
    "pinky": (58, 135),
}
PLACES = {
    **MIDDLE,
    **{f"left_{joint}": place for joint, place in LEFT.items()},
    **{f"right_{joint}": place for joint, place in RIGHT.items()},
}
COLORS = {"left": "tab:blue", "right": "tab:orange", "middle": "dimgray"}


def pose(skeleton) -> np.ndarray:
    """Returns the person's pose [J, D], pixels; depth, if any, is zero."""
    places = np.array([PLACES[joint] for joint in skeleton.joints], float)
    depth = np.zeros((skeleton.num_joints, skeleton.num_coordinates - 2))
    return np.concatenate([places, depth], -1)


def as_penn_action(skeleton):
    """Returns what `convert` makes of it: pose [13, 2], visibility [13]."""
    visible = np.ones(skeleton.num_joints, bool)
    return conversion.convert(
        pose(skeleton), visible, skeleton, skeletons.PENN_ACTION
    )


# Of the limbs in jumping jacks: joint, the joint it hangs from, length in
# pixels, and degrees from straight down, at the start and half a period later.
LIMBS = (
    ("elbow", "shoulder", 33, 10, 160),
    ("wrist", "elbow", 30, 10, 160),
    ("knee", "hip", 47, 4, 28),
    ("ankle", "knee", 45, 4, 28),
)
# What moves with the end of a limb.
ENDS = {
    "wrist": ("hand", "hand_tip", "thumb", "index", "pinky"),
    "ankle": ("heel", "foot", "big_toe", "small_toe"),
}
JUMP = 12  # Pixels.


def jumping_jacks(
    num_frames=60, num_jumps=2, skeleton=skeletons.PENN_ACTION
) -> np.ndarray:
    """Returns poses [T, J, 2], pixels, facing the camera."""
    phase = np.linspace(0, 2 * np.pi * num_jumps, num_frames)
    spread = ((1 - np.cos(phase)) / 2)[:, None]  # 0 closed, 1 open.
    up = np.concatenate([0 * spread, JUMP * np.sin(np.pi * spread)], -1)
    places = {
        joint: np.tile(PLACES[joint], (num_frames, 1)) for joint in PLACES
    }
    for side, sign in (("left", 1), ("right", -1)):
        for joint, start, length, closed, opened in LIMBS:
            angle = np.radians(closed + (opened - closed) * spread)
            offset = np.concatenate([sign * np.sin(angle), np.cos(angle)], -1)
            places[f"{side}_{joint}"] = (
                places[f"{side}_{start}"] + length * offset
            )
            for end in ENDS.get(joint, ()):
                hangs = np.subtract(
                    PLACES[f"{side}_{end}"], PLACES[f"{side}_{joint}"]
                )
                places[f"{side}_{end}"] = places[f"{side}_{joint}"] + hangs
    poses = np.stack([places[joint] - up for joint in skeleton.joints], 1)
    return poses.astype(np.float32)


def yolo(num_frames=120, late=40) -> list:
    """Returns frames of two people, as `to_json()` of YOLO's tracker gives them.

    Both do jumping jacks. The second one, who is smaller, comes `late` frames
    after the first.
    """
    coco = skeletons.COCO_17
    jacks = jumping_jacks(num_frames, num_frames // late, skeleton=coco)
    people = np.stack([jacks + [60, 80], 0.8 * jacks + [360, 110]], 1)
    noise = np.random.default_rng(0).normal(0, 0.5, people.shape)
    return [
        [
            _detection(pose, track)
            for track, pose in enumerate(frame, 1)
            if track == 1 or number >= late
        ]
        for number, frame in enumerate(np.round(people + noise, 1))
    ]


def _detection(pose, track):
    """Returns what YOLO says of a person; it sees everything equally well."""
    (x1, y1), (x2, y2) = pose.min(0).tolist(), pose.max(0).tolist()
    return {
        "name": "person",
        "class": 0,
        "confidence": 0.9,
        "box": {"x1": x1, "y1": y1, "x2": x2, "y2": y2},
        "track_id": track,
        "keypoints": {
            "x": pose[:, 0].tolist(),
            "y": pose[:, 1].tolist(),
            "visible": [0.9] * len(pose),
        },
    }


def picture(path) -> None:
    """Writes a PNG of all known skeletons and their conversions."""
    from matplotlib.figure import Figure

    figure = Figure((15, 4.6), layout="constrained")
    panels = figure.subplots(2, len(skeletons.SKELETONS))
    for column, skeleton in zip(panels.T, skeletons.SKELETONS.values()):
        column[0].set_title(skeleton.name, fontsize=10)
        _draw(column[0], pose(skeleton), skeleton)
        _draw(column[1], as_penn_action(skeleton)[0], skeletons.PENN_ACTION)
    panels[0, 0].set_ylabel("as given")
    panels[1, 0].set_ylabel("as penn_action")
    figure.savefig(path, dpi=80)


def _draw(panel, points, skeleton):
    for a, b in skeleton.bones:
        side = {_side(a), _side(b)} - {"middle"}
        color = COLORS[side.pop() if len(side) == 1 else "middle"]
        ends = points[list(skeleton.indices((a, b)))]
        panel.plot(*ends[:, :2].T, color=color, lw=2)
    for joint, point in zip(skeleton.joints, points):
        panel.plot(*point[:2], ".", color=COLORS[_side(joint)], ms=6)
    panel.set(xlim=(40, 185), ylim=(222, 0), aspect="equal")
    panel.set(xticks=[], yticks=[])
    panel.spines[:].set_visible(False)


def _side(joint):
    side = joint.split("_")[0]
    return side if side in ("left", "right") else "middle"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path, help="Folder to write to.")
    folder = parser.parse_args().folder
    picture(folder / "skeletons.png")
    np.savez_compressed(folder / "jumping_jacks.npz", poses=jumping_jacks())
    (folder / "yolo.json").write_text(json.dumps(yolo()))
