"""BVH by pybvh: bones become joints, and y points down."""

import sys

import numpy as np
import pytest

from pose_tf.formats import bvh
from pose_tf.formats import read as reader
from tests.support import space_recordings, two_people

needs_pybvh = pytest.mark.skipif(
    bool(space_recordings.needs("bvh")), reason="pybvh is not installed"
)
JOINTS = [
    f"{side}_{joint}"
    for side in ("left", "right")
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
]


@pytest.fixture
def text(tmp_path):
    return space_recordings.write_bvh(tmp_path).read_text()


def read(folder, text, **options):
    path = folder / "changed.bvh"
    path.write_text(text)
    return reader.read(path, **options)


@needs_pybvh
def test_bones_of_mixamo(tmp_path):
    (clip,) = reader.read(space_recordings.write_bvh(tmp_path))
    assert clip.fps == space_recordings.FPS and clip.visibility.any(-1).all()
    chosen = list(clip.skeleton.indices(JOINTS))
    figure = clip.skeleton
    expected = two_people.poses(figure)[0, :, chosen, :2].swapaxes(0, 1)
    np.testing.assert_allclose(clip.poses[:, chosen, :2], expected, atol=0.01)
    np.testing.assert_allclose(clip.poses[:, chosen, 2], 0, atol=1e-4)


@needs_pybvh
@pytest.mark.parametrize("space", [":", "", "_"])
def test_prefixes_of_names(tmp_path, text, space):
    named = text.replace("JOINT ", f"JOINT mixamorig{space}")
    (clip,) = read(tmp_path, named)
    assert clip.visibility[:, clip.skeleton.joints.index("left_knee")].all()


@needs_pybvh
def test_z_up(tmp_path, text):
    """The same person lies on the back of the file's axes, and is turned."""
    (upright,) = read(tmp_path, text)
    order = list(upright.skeleton.indices(JOINTS))
    (turned,) = read(tmp_path, _z_up(text))
    np.testing.assert_allclose(
        turned.poses[:, order], upright.poses[:, order], atol=0.01
    )


def _z_up(text):
    """Returns the file with x, y, z as x, -z, y, offsets and rotations."""
    lines = []
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["OFFSET"]:
            x, y, z = map(float, words[1:])
            line = f"OFFSET {x} {-z} {y}"
        elif words[:1] == ["CHANNELS"]:
            # A rotation about z becomes one about y, the other way round.
            line = line.replace(
                "Zrotation Xrotation Yrotation", "Yrotation Xrotation Zrotation"
            )
        elif len(words) > 6 and words[0][0] in "-0123456789":
            numbers = [float(word) for word in words]
            numbers[1:3] = [-numbers[2], numbers[1]]
            for index in range(3, len(numbers), 3):
                numbers[index] *= -1
            line = " ".join(map(str, numbers))
        lines.append(line)
    return "\n".join(lines) + "\n"


SMPL = {
    "LeftArm": "L_Shoulder",
    "LeftForeArm": "L_Elbow",
    "LeftHand": "L_Wrist",
    "LeftUpLeg": "L_Hip",
    "LeftLeg": "L_Knee",
    "LeftFoot": "L_Ankle",
    "LeftShoulder": "L_Collar",
}
POSER = {
    "LeftArm": "lShldr",
    "LeftForeArm": "lForeArm",
    "LeftHand": "lHand",
    "LeftUpLeg": "lThigh",
    "LeftLeg": "lShin",
    "LeftFoot": "lFoot",
    "LeftShoulder": "lCollar",
    "Hips": "hip",
    "Spine": "abdomen",
}


@needs_pybvh
@pytest.mark.parametrize("names", [SMPL, POSER])
def test_names_of_other_tools(tmp_path, text, names):
    (expected,) = read(tmp_path, text)
    for name, other in names.items():
        for side, short in (("Left", "L"), ("Right", "R")):
            swap = short.lower() if other[0].islower() else short
            own = swap + other[1:] if "Left" in name else other
            text = text.replace(f" {name.replace('Left', side)}\n", f" {own}\n")
    (clip,) = read(tmp_path, text)
    np.testing.assert_array_equal(clip.poses, expected.poses)


@needs_pybvh
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Frames: 40", "Frames: 41", "must be 41 frames.*Received: 40"),
        ("LeftArm", "RightArm", "'RightArm' twice"),
        ("Frame Time", "Frame", "must hold Frames: and Frame Time:"),
        ("CHANNELS 3", "CHANNELS three", "must be whole BVH"),
    ],
)
def test_what_is_wrong(tmp_path, text, old, new, message):
    with pytest.raises(ValueError, match=message) as error:
        read(tmp_path, text.replace(old, new))
    assert "\n" not in str(error.value)


@needs_pybvh
def test_bodies_without_a_torso(tmp_path, text):
    for bone in ("Shoulder", "Arm", "Neck"):
        text = text.replace(bone, "Tail" + bone[-1])
    with pytest.raises(ValueError, match="measured by its torso"):
        read(tmp_path, text)


@needs_pybvh
@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("", r"numbers. Received: 56 in line \d+"),
        ("up", "whole BVH.*'up'"),
        ("1e308", r"1e\+308 in frame 21"),
    ],
)
def test_numbers_that_are_wrong_in_a_late_frame(
    tmp_path, text, number, message
):
    lines = text.splitlines()
    words = lines[-20].split()
    words[0] = number
    lines[-20] = " ".join(words)
    with pytest.raises(ValueError, match=message) as error:
        read(tmp_path, "\n".join(lines) + "\n")
    assert "\n" not in str(error.value)


@needs_pybvh
def test_nan_is_missing(tmp_path, text):
    lines = text.splitlines()
    words = lines[-20].split()
    words[0] = "nan"
    lines[-20] = " ".join(words)
    (clip,) = read(tmp_path, "\n".join(lines) + "\n")
    assert np.flatnonzero(~clip.visibility.any(-1)).tolist() == [20]


def test_without_pybvh_the_message_names_the_extra(tmp_path, monkeypatch):
    path = space_recordings.write_bvh(tmp_path)
    monkeypatch.setitem(sys.modules, "pybvh", None)
    with pytest.raises(ValueError, match=r"pip install pose_tf\[bvh\]"):
        reader.read(path)
    assert bvh.EXTRA == "bvh"


def test_other_texts(tmp_path):
    with pytest.raises(ValueError, match="does not begin with HIERARCHY"):
        read(tmp_path, "MOTION\n")
