"""NTU RGB+D's skeletons: several bodies, states, and frames without anybody."""

import numpy as np
import pytest

from pose_tf.formats import read as reader
from pose_tf.pose import skeletons
from tests.support import space_recordings

KINECT = skeletons.KINECT_25
BODY = "72057594037931101 0 1 1 0 0 0 0.02 0.05 2"
JOINT = "0.2 0.1 3.7 277 191 1036 519 -0.2 0.05 0.9 -0.1 2"


def read(folder, text, **options):
    path = folder / "S001C001P001R001A001.skeleton"
    path.write_text(text)
    return reader.read(path, **options)


def lines(num_frames=6):
    frame = ["1", BODY, "25", *[JOINT] * 25]
    return [str(num_frames), *frame * num_frames]


def test_two_bodies(tmp_path):
    clips = reader.read(space_recordings.write_ntu(tmp_path))
    assert [clip.person for clip in clips] == [0, 1]
    expected = space_recordings.in_space(KINECT)
    knee, foot = KINECT.indices(["left_knee", "left_foot"])
    for clip, poses in zip(clips, expected, strict=True):
        assert clip.skeleton == KINECT and clip.fps == 30
        seen = clip.visibility.any(-1)
        assert np.flatnonzero(~seen).tolist() == [space_recordings.EMPTY]
        visible = clip.visibility
        np.testing.assert_allclose(
            clip.poses[visible], poses[visible], atol=1e-5
        )
    first, second = clips
    assert first.confidence[0, [knee, foot]].tolist() == [0.5, 0]
    assert not first.visibility[:, foot].any()
    assert second.confidence[0].tolist() == [1] * 25


def test_the_left_is_on_the_pictures_right(tmp_path):
    """Of a person who faces the camera; Kinect's x points to the other side."""
    clip, _ = reader.read(space_recordings.write_ntu(tmp_path))
    left, right, head, pelvis = KINECT.indices(
        ["left_hip", "right_hip", "head", "pelvis"]
    )
    assert (clip.poses[:5, left, 0] > clip.poses[:5, right, 0]).all()
    assert (clip.poses[:5, head, 1] < clip.poses[:5, pelvis, 1]).all()
    assert (clip.poses[:5, head, 2] == space_recordings.DISTANCE).all()


def test_inferred_joints_can_be_left_out(tmp_path):
    path = space_recordings.write_ntu(tmp_path)
    clip, _ = reader.read(path, min_confidence=0.6)
    knee = KINECT.joints.index("left_knee")
    assert not clip.visibility[:, knee].any()


@pytest.mark.parametrize("text", ["0\n", "3\n0\n0\n0\n"])
def test_nobody(tmp_path, text):
    assert read(tmp_path, text) == []


def with_line(number, line):
    """Returns a whole file with another line, counted from 1."""
    changed = lines(5001)
    changed[number - 1] = line
    return "\n".join(changed)


LATE = 2 + 28 * 4999  # The line of the number of bodies in frame 5000.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n".join(lines()[:100]), "after line 100. Received: the end"),
        ("\n".join(lines()[:-25]), "the number of joints|25 joints"),
        ("\n".join([*lines(), "1", BODY]), "end after 6 frames, with line 169"),
        (with_line(LATE, "two"), f"number of bodies in line {LATE}.*'two'"),
        (with_line(LATE + 1, ""), f"a body in line {LATE + 1}.*blank"),
        (
            with_line(LATE + 2, "24"),
            f"25 joints. Received: '24' in line {LATE + 2}",
        ),
        (
            with_line(LATE + 5, JOINT.replace("0.1 ", "up ")),
            f"'up' in line {LATE + 5}, cell 2",
        ),
        (with_line(LATE + 5, "0.1 0.2"), f"Received: 2 in line {LATE + 5}"),
        (
            with_line(LATE + 5, JOINT.replace("0.2 ", "1e308 ", 1)),
            rf"Received: 1e\+308 in line {LATE + 5}",
        ),
        ("", "line 1 is '', not the number of frames"),
        ("frames 3", "line 1 is 'frames 3'"),
    ],
)
def test_what_is_wrong(tmp_path, text, message):
    with pytest.raises(ValueError, match=message) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value)


def test_nan_is_missing(tmp_path):
    text = "\n".join(lines()).replace(JOINT, JOINT.replace("0.2", "nan", 1), 1)
    (clip,) = read(tmp_path, text)
    assert np.argwhere(~clip.visibility).tolist() == [[0, 0]]


def test_lines_of_windows(tmp_path):
    (clip,) = read(tmp_path, "\r\n".join(lines()))
    assert len(clip.poses) == 6
