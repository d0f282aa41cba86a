"""Files of pose-format: which component is the body, and what is missing."""

import sys

import numpy as np
import pytest

from pose_tf.formats import read as reader
from pose_tf.pose import skeletons
from tests.support import same_people, space_recordings, two_people

needs_library = pytest.mark.skipif(
    bool(space_recordings.needs("pose_format")),
    reason="pose-format is not installed",
)


@needs_library
def test_landmarks_of_mediapipe(tmp_path):
    clips = reader.read(space_recordings.write_pose_format(tmp_path))
    same_people.check(clips, [0], skeletons.MEDIAPIPE_33, [0])
    assert clips[0].fps == space_recordings.FPS
    assert clips[0].frame_size == two_people.FRAME_SIZE


@needs_library
def test_several_people_of_openpose(tmp_path):
    """They are nobody in particular: the first frame has them swapped."""
    both = two_people.with_confidence(skeletons.OPENPOSE_25)
    both[:, 0] = both[::-1, 0]
    points = [
        joint.title()
        .replace("_", "")
        .replace("Left", "L")
        .replace("Right", "R")
        for joint in skeletons.OPENPOSE_25.joints
    ]
    points = ["MidHip" if point == "Pelvis" else point for point in points]
    path = tmp_path / "both.pose"
    space_recordings.write_pose(
        path, {"pose_keypoints_2d": points}, both, "XYC"
    )
    clips = reader.read(path)
    assert sorted(len(clip.poses) for clip in clips) == [40, 40]
    assert {clip.skeleton.name for clip in clips} == {"openpose_25"}
    first = min(clips, key=lambda clip: np.nanmean(clip.poses[5, :, 0]))
    np.testing.assert_allclose(
        first.poses[1:, 0], both[0, 1:, 0, :2], atol=0.01
    )


@needs_library
def test_points_without_confidence_are_missing(tmp_path):
    both = two_people.with_confidence(skeletons.MEDIAPIPE_33)[:1]
    both[0, 3, 4, 2] = 0
    path = tmp_path / "one.pose"
    points = [joint.upper() for joint in skeletons.MEDIAPIPE_33.joints]
    space_recordings.write_pose(path, {"POSE_LANDMARKS": points}, both, "XYC")
    (clip,) = reader.read(path)
    assert not clip.visibility[3, 4] and np.isnan(clip.poses[3, 4]).all()


@needs_library
@pytest.mark.parametrize(
    ("components", "message"),
    [
        ({"LEFT_HAND_LANDMARKS": ["WRIST"]}, "Received: LEFT_HAND_LANDMARKS"),
        ({"POSE_WORLD_LANDMARKS": ["a", "b"]}, "must have the points"),
    ],
)
def test_files_without_a_body(tmp_path, components, message):
    path = tmp_path / "hand.pose"
    (points,) = components.values()
    both = np.ones((1, 6, len(points), 3))
    space_recordings.write_pose(path, components, both, "XYC")
    with pytest.raises(ValueError, match=message):
        reader.read(path)


@needs_library
@pytest.mark.parametrize("size", [2, 40, 700, -100])
def test_truncated_files(tmp_path, size):
    path = space_recordings.write_pose_format(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ValueError, match="whole .pose file|bytes") as error:
        reader.read(path)
    assert "\n" not in str(error.value)


def test_other_bytes(tmp_path):
    path = tmp_path / "a.pose"
    path.write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(ValueError, match="begins with the version"):
        reader.read(path)


def test_without_the_library_the_message_names_the_extra(tmp_path, monkeypatch):
    path = tmp_path / "a.pose"
    path.write_bytes(np.float32(0.2).tobytes() + b"\0" * 90)
    monkeypatch.setitem(sys.modules, "pose_format", None)
    with pytest.raises(ValueError, match=r"pip install pose_tf\[pose_format\]"):
        reader.read(path)
