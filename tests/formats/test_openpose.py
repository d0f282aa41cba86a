"""OpenPose's folders, and AlphaPose's files of the same form."""

import json
import pathlib

import numpy as np
import pytest

from pose_tf.formats import detections, openpose, read, sources
from pose_tf.pose import skeletons
from tests.support import json_recordings, refusals, two_people

BODY_25 = skeletons.OPENPOSE_25
POSE = (np.arange(75.0) + 1).tolist()


def raw(path) -> detections.Detections:
    return openpose.read(sources.Source(path), sources.Options())


def folder_of(folder, frames, name="a_{:012d}_keypoints.json", **person):
    """Writes a folder of files with some people each, by frame."""
    path = folder / "json"
    path.mkdir()
    for frame, count in frames.items():
        people = [{"pose_keypoints_2d": POSE, **person}] * count
        value = {"version": 1.3, "people": people}
        (path / name.format(frame)).write_text(json.dumps(value))
    return path


def test_people_of_a_folder(tmp_path):
    clips = read.read(json_recordings.write_openpose(tmp_path))
    poses = two_people.poses(BODY_25)
    confidence = two_people.confidence(BODY_25)
    assert len(clips) == 2
    for person, one in enumerate(clips):
        assert one.clip_id == "openpose"
        assert one.skeleton == BODY_25
        np.testing.assert_allclose(one.poses, poses[person], atol=1e-3)
        np.testing.assert_allclose(
            one.confidence, confidence[person], atol=1e-3
        )


def test_alphapose_writes_18_joints_by_picture(tmp_path):
    clips = read.read(json_recordings.write_alphapose_by_image(tmp_path))
    poses = two_people.poses(skeletons.OPENPOSE_18)
    for person, one in enumerate(clips):
        assert one.skeleton == skeletons.OPENPOSE_18
        np.testing.assert_allclose(one.poses, poses[person], atol=1e-3)


def test_alphapose_writes_a_file_per_picture_too(tmp_path):
    path = tmp_path / "sep-json"
    path.mkdir()
    for frame in (2, 10):  # Not in the order of names.
        body = {"joints": [frame, 5.0, 0.9] * 18}
        value = {"version": "AlphaPose v0.3", "bodies": [body]}
        (path / f"{frame}.json").write_text(json.dumps(value))
    found = raw(path)
    assert found.frames.tolist() == [0, 8]
    assert found.poses[:, 0, 0].tolist() == [2, 10]
    assert read.is_recording(path)


def test_frames_count_by_the_digits_of_names_and_nobody_counts_too(tmp_path):
    found = raw(folder_of(tmp_path, {12: 0, 15: 2, 13: 1, 20: 0}))
    assert found.frames.tolist() == [1, 3, 3]
    assert found.num_frames == 9
    assert found.ids is None


def test_other_files_in_the_folder_stay_unread(tmp_path):
    path = folder_of(tmp_path, {0: 1, 1: 1})
    (path / "settings.json").write_text("{}")
    (path / "2.json").write_text("not JSON")
    (path / "video.mp4").write_bytes(b"1")
    assert raw(path).frames.tolist() == [0, 1]


def test_person_ids_are_kept_and_minus_1_is_nobody(tmp_path):
    found = raw(folder_of(tmp_path, {0: 1, 1: 1}, person_id=[3]))
    assert found.ids.tolist() == [3, 3]
    assert raw(json_recordings.write_openpose(tmp_path)).ids is None


def test_people_of_faces_only_are_left_out(tmp_path):
    path = folder_of(tmp_path, {0: 1, 1: 1})
    (path / "a_2_keypoints.json").write_text(
        json.dumps({"people": [{"pose_keypoints_2d": []}]})
    )
    found = raw(path)
    assert found.frames.tolist() == [0, 1]
    assert found.num_frames == 3


def test_one_file_is_one_frame(tmp_path):
    path = folder_of(tmp_path, {7: 2}) / "a_000000000007_keypoints.json"
    found = raw(path)
    assert found.frames.tolist() == [0, 0]
    assert found.poses[0, 0].tolist() == [1, 2]


def test_a_list_of_frames_may_know_its_size(tmp_path):
    path = tmp_path / "a.json"
    one = {"pose_keypoints_2d": POSE}
    frame = {"people": [one], "canvas_width": 768, "canvas_height": 512}
    path.write_text(json.dumps([frame, {**frame, "people": []}, frame]))
    found = raw(path)
    assert found.frames.tolist() == [0, 2]
    assert found.frame_size == (768, 512)


def test_the_oldest_models_have_15_joints(tmp_path):
    pose = {"pose_keypoints": [float(n) for n in range(45)]}
    path = tmp_path / "a_0_keypoints.json"
    path.write_text(json.dumps({"people": [pose]}))
    found = raw(path)
    wrist = found.skeleton.joints.index("left_wrist")
    assert found.poses[0, wrist].tolist() == [21, 22]


def test_nobody_is_no_clip(tmp_path):
    assert read.read(folder_of(tmp_path, {0: 0, 1: 0})) == []


def test_a_folder_of_something_else_is_no_recording(tmp_path):
    (tmp_path / "0.json").write_text('{"poses": []}')
    assert not read.is_recording(tmp_path)
    said = refusals.message(tmp_path)
    assert "0.json is an object of 'poses', without 'people'" in said


def broken(folder, text):
    """Writes a folder of 1,000 files, one of which holds this text."""
    path = folder_of(folder, dict.fromkeys(range(1000), 1))
    (path / "a_000000000500_keypoints.json").write_text(text)
    return refusals.message(path)


def test_the_one_truncated_file_of_a_thousand_is_named(tmp_path):
    said = broken(tmp_path, '{"people": [{')
    assert said.startswith(
        "a_000000000500_keypoints.json: the file must be whole JSON. Received: "
    )


def test_the_one_file_without_people_is_named(tmp_path):
    assert broken(tmp_path, '{"version": 1.3}') == (
        "each must have 'people'. Received: an object of 'version' in "
        "a_000000000500_keypoints.json"
    )


def test_the_one_file_with_a_text_is_named(tmp_path):
    people = [{"pose_keypoints_2d": POSE}, {"pose_keypoints_2d": ["abc"] * 75}]
    assert broken(tmp_path, json.dumps({"people": people})) == (
        "cells must be numbers. Received: 'abc' in "
        "a_000000000500_keypoints.json, people 2, pose_keypoints_2d"
    )


def test_the_one_unreadable_file_is_named(tmp_path, monkeypatch):
    path = folder_of(tmp_path, dict.fromkeys(range(3), 1))
    read_bytes = pathlib.Path.read_bytes

    def refuse(file):
        if file.name == "a_000000000001_keypoints.json":
            raise PermissionError(13, "Permission denied", str(file))
        return read_bytes(file)

    monkeypatch.setattr(pathlib.Path, "read_bytes", refuse)
    said = refusals.message(path)
    assert said.startswith("a_000000000001_keypoints.json: ")
    assert "Permission denied" in said


def test_a_folder_of_two_recordings_is_refused(tmp_path):
    path = folder_of(tmp_path, {0: 1, 1: 1})
    (path / "b_1_keypoints.json").write_text('{"people": []}')
    assert refusals.message(path) == (
        "frames must have different numbers. Received: "
        "a_000000000001_keypoints.json and b_1_keypoints.json"
    )


def test_a_wrong_number_of_joints_is_named(tmp_path):
    path = folder_of(tmp_path, {0: 1}, pose_keypoints_2d=[1.0] * 51)
    assert refusals.message(path) == (
        "pose_keypoints_2d must hold 3 numbers per joint, of 25 or 18 or 15 "
        "joints. Received: 51 in a_000000000000_keypoints.json, people 1"
    )


def test_coordinates_from_0_to_1_need_a_frame_size(tmp_path):
    pose = np.random.default_rng(0).uniform(0.1, 0.9, 75).tolist()
    path = folder_of(tmp_path, {0: 1}, pose_keypoints_2d=pose)
    assert "or `frame_size` must be given" in refusals.message(path)
    with pytest.warns(UserWarning, match="shares of the frame"):
        (one,) = read.read(path, frame_size=(200, 100), min_confidence=0)
    np.testing.assert_allclose(
        one.poses[0, 0], [200 * pose[0], 100 * pose[1]], rtol=1e-5
    )
