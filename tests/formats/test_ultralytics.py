"""What Ultralytics' models give: JSON, folders of labels and tables."""

import json

import numpy as np
import pytest

from pose_tf.formats import read as reader
from pose_tf.pose import skeletons
from tests.support import same_people, tool_recordings, two_people

COCO = skeletons.COCO_17
SIZE = two_people.FRAME_SIZE
NUM_FRAMES = 5001  # For what is wrong in a late frame.


def read(path, **options):
    return reader.read(path, "ultralytics", **options)


def write(folder, value):
    path = folder / "results.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def detection(x=10.0, **others):
    """Returns one whose joint j is at (x + j, 2 j + 1), surely."""
    return {
        "name": "person",
        "class": 0,
        "confidence": 0.7,
        "box": {"x1": 1.0, "y1": 2.0, "x2": 3.0, "y2": 4.0},
        **others,
        "keypoints": {
            "x": [x + j for j in range(17)],
            "y": [2.0 * j + 1 for j in range(17)],
            "visible": [0.9] * 17,
        },
    }


@pytest.mark.parametrize(
    "sample",
    [
        tool_recordings.write_ultralytics,
        tool_recordings.write_ultralytics_numbered,
        tool_recordings.write_tracker_table,
        tool_recordings.write_ultralytics_labels,
    ],
)
def test_tracked_people(tmp_path, sample):
    """Frames of the later one come first; and those of labels count from 1."""
    clips = read(sample(tmp_path), frame_size=SIZE)
    same_people.check(clips, (3, 4))


def test_people_without_tracks_a_line_per_frame(tmp_path):
    same_people.check(read(tool_recordings.write_ultralytics_lines(tmp_path)))


def test_boxes_and_scores(tmp_path):
    (clip,) = read(write(tmp_path, [[detection()]] * 6))
    assert clip.boxes.tolist() == [[1, 2, 3, 4]] * 6
    assert clip.poses[0, 2].tolist() == [12, 5]


def test_one_frame(tmp_path):
    both = [detection(), detection(400.0)]
    clips = read(write(tmp_path, both))
    assert [len(clip.poses) for clip in clips] == [1, 1]


def test_frames_without_anybody_are_unseen(tmp_path):
    frames = [[], [], *[[detection()]] * 6, [], [detection()], []]
    (clip,) = read(write(tmp_path, frames))
    assert clip.start == 2
    assert clip.visibility.all(-1).tolist() == [True] * 6 + [False, True]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "[]"),
        ("a.json", "[[], []]"),
        ("a.jsonl", "[]\n[]"),
        ("a.jsonl", ""),
    ],
)
def test_nobody(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    assert read(path) == []


def test_texts_of_json_in_json(tmp_path):
    """As when the results of `to_json` are collected and written again."""
    frames = [json.dumps([detection()])] * 6
    (clip,) = read(write(tmp_path, frames))
    assert len(clip.poses) == 6


def test_joints_at_the_origin_are_missing(tmp_path):
    one = detection()
    one["keypoints"]["x"][3] = one["keypoints"]["y"][3] = 0.0
    (clip,) = read(write(tmp_path, [[one]] * 6))
    assert np.argwhere(~clip.visibility[0]).tolist() == [[3]]


def test_models_without_confidences_of_joints(tmp_path):
    one = detection()
    del one["keypoints"]["visible"]
    (clip,) = read(write(tmp_path, [[one]] * 6))
    assert clip.confidence is None and clip.visibility.all()


def test_normalized_coordinates(tmp_path):
    one = detection()
    one["keypoints"]["x"] = [0.5] * 17
    one["keypoints"]["y"] = [j / 16 for j in range(17)]
    path = write(tmp_path, [[one]] * 6)
    (clip,) = read(path, frame_size=(200, 160))
    assert clip.poses[0, 2].tolist() == [100, 20]
    with pytest.warns(UserWarning, match="16:9"):
        (clip,) = read(path)
    assert clip.poses[0, 16].tolist() == [960, 1080]


def test_own_joints(tmp_path):
    one = detection()
    for values in one["keypoints"].values():
        del values[4:]
    path = write(tmp_path, [[one]] * 6)
    with pytest.raises(ValueError, match="Received: 4 joints"):
        read(path)
    joints = "neck,left_hip,right_hip,tail"
    (clip,) = read(path, skeleton=joints)
    assert clip.skeleton.joints[-1] == "tail"


def without(*keys):
    """Returns a detection without a field."""
    one = detection()
    value = one
    for key in keys[:-1]:
        value = value[key]
    del value[keys[-1]]
    return one


def with_x(*cells):
    one = detection()
    one["keypoints"]["x"][: len(cells)] = cells
    return one


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (without("keypoints"), "'keypoints'.*item 5000"),
        (without("keypoints", "y"), "'y'.*item 5000"),
        (with_x("12"), "must be numbers. Received: '12' in item 5000"),
        (with_x(True), "must be numbers. Received: True in item 5000"),
        (with_x(1e308), r"at most 1,000,000. Received: 1e\+308 in item 5000"),
        (with_x(*range(20)), "20 in item 5000"),
    ],
)
def test_what_is_wrong_in_a_late_frame(tmp_path, wrong, message):
    frames = [[detection()]] * NUM_FRAMES
    frames[4999] = [wrong]
    with pytest.raises(ValueError, match=message) as error:
        read(write(tmp_path, frames))
    assert "\n" not in str(error.value)


def test_nan_and_null_are_missing(tmp_path):
    (clip,) = read(write(tmp_path, [[with_x(np.nan, None)]] * 6))
    assert np.argwhere(~clip.visibility[0]).ravel().tolist() == [0, 1]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (json.dumps([[detection()]] * 3)[:-40], "whole JSON.*line 1 column"),
        ("[[1, 2]]", "item 1 is 1, without 'keypoints'"),
        ([[{"name": "person"}]], "without 'keypoints'"),
        ([[{"keypoints": [1, 2, 3]}]], "a list of 3, not x and y"),
        ({"people": []}, "not a list"),
        ([detection(track_id=1)] * 300, "track_id 1 300 times"),
        ([{"frame": "one", "detections": []}] * 2, None),
        ([{"frame": 0.5, "detections": [detection()]}], "whole numbers.*0.5"),
    ],
)
def test_what_is_not_this_format(tmp_path, value, message):
    path = write(tmp_path, value)
    if message is None:
        assert read(path) == []
        return
    with pytest.raises(ValueError, match=message) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_truncated_lines(tmp_path):
    path = tmp_path / "results.jsonl"
    line = json.dumps([detection()])
    path.write_text(f"{line}\n{line}\n{line[:50]}")
    with pytest.raises(ValueError, match="whole JSON.*line 3"):
        read(path)
