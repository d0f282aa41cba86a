"""Kinetics-skeleton."""

import json

import numpy as np
import pytest

from pose_tf.formats import kinetics, read, sources
from pose_tf.pose import skeletons
from tests.support import json_recordings, refusals, two_people

SKELETON = skeletons.OPENPOSE_18


def test_people_are_in_shares_of_the_frame(tmp_path):
    path = json_recordings.write_kinetics(tmp_path)
    clips = read.read(path, frame_size=two_people.FRAME_SIZE)
    poses = two_people.poses(SKELETON)
    knee = SKELETON.joints.index("left_knee")
    assert len(clips) == 2
    for person, one in enumerate(clips):
        assert one.skeleton == SKELETON
        assert (one.start, len(one.poses)) == (0, two_people.NUM_FRAMES)
        seen = one.visibility
        np.testing.assert_allclose(
            one.poses[seen], poses[person][seen], atol=0.05
        )
        hidden = np.zeros_like(seen)
        hidden[:, knee] = person == 0
        np.testing.assert_array_equal(np.isnan(one.poses).all(-1), hidden)
        np.testing.assert_array_equal(seen, ~hidden)


def test_without_a_size_frames_are_wide(tmp_path):
    path = json_recordings.write_kinetics(tmp_path)
    with pytest.warns(UserWarning, match="Assumed frames of 16:9"):
        one = read.read(path)[0]
    assert one.frame_size == (1920, 1080)
    wrist = SKELETON.joints.index("right_wrist")
    place = two_people.poses(SKELETON)[0, 0, wrist]
    np.testing.assert_allclose(one.poses[0, wrist], 3 * place, atol=0.2)


def test_frames_are_sorted_and_gaps_stay(tmp_path):
    one = {"pose": [0.5, 0.25] * 18, "score": [0.5] * 18}
    data = [
        {"frame_index": frame, "skeleton": [one] * count}
        for frame, count in ((8, 1), (3, 2), (11, 0))
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"data": data, "label": "a"}))
    found = kinetics.read(sources.Source(path), sources.Options())
    assert found.frames.tolist() == [0, 0, 5]
    assert found.num_frames == 9
    assert found.unit == "normalized"


@pytest.mark.parametrize(
    "data", [[], [{"frame_index": 1, "skeleton": []}]], ids=["", "one frame"]
)
def test_nobody_is_no_clip(tmp_path, data):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"data": data, "label": "a", "label_index": 0}))
    assert read.read(path) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"pose": [0.5] * 34},
            "pose must have the same length everywhere. "
            + "Received: 34 in item 2, skeleton 2, pose, and 36 before",
        ),
        (
            {"score": ["a"] * 18},
            "cells must be numbers. Received: 'a' in item 2, skeleton 2, score",
        ),
        (
            {"pose": {}},
            "pose must be lists. Received: an empty object in item 2, skeleton "
            + "2, pose",
        ),
    ],
)
def test_a_bad_cell_is_named(tmp_path, change, said):
    path = json_recordings.write_kinetics(tmp_path)
    assert said == refusals.of_changed(
        path, lambda value: value["data"][1]["skeleton"][1].update(change)
    )


def test_a_missing_key_and_a_wrong_number_of_joints_are_named(tmp_path):
    path = json_recordings.write_kinetics(tmp_path)
    said = refusals.of_changed(
        path, lambda value: value["data"][30].pop("frame_index")
    )
    assert said.startswith("each must have 'frame_index'. Received: ")
    assert said.endswith(" in item 31")
    value = json.loads(path.read_text())
    value["data"][30] = value["data"][3]
    path.write_text(json.dumps(value))
    assert refusals.message(path) == (
        "frames must have different numbers. Received: 4 in item 4 and in item "
        "31"
    )
    one = {"pose": [0.5, 0.5] * 17, "score": [0.5] * 17}
    data = [{"frame_index": 1, "skeleton": [one]}]
    path.write_text(json.dumps({"data": data, "label": "a"}))
    assert refusals.message(path) == (
        "pose must have 36 numbers, 2 per joint. Received: 34 in item 1, "
        "skeleton 1"
    )
