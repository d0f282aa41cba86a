"""What MMPose's inferencers and demos write."""

import json

import numpy as np
import pytest

from pose_tf.formats import detections, mmpose, read, sources
from pose_tf.pose import skeletons
from tests.support import json_recordings, refusals, two_people

COCO = skeletons.COCO_17
POSE = np.arange(1.0, 35).reshape(17, 2).tolist()
ONE = {"keypoints": POSE, "keypoint_scores": [0.5] * 17}


def raw(value, folder) -> detections.Detections:
    path = folder / "a.json"
    path.write_text(json.dumps(value))
    return mmpose.read(sources.Source(path), sources.Options())


@pytest.mark.parametrize(
    "write", [json_recordings.write_mmpose, json_recordings.write_mmpose_demo]
)
def test_people_of_a_video(tmp_path, write):
    """The demo counts frames from 1, the inferencer from 0."""
    clips = read.read(write(tmp_path))
    poses, confidence = two_people.poses(), two_people.confidence()
    assert len(clips) == 2
    for person, one in enumerate(clips):
        assert one.skeleton == COCO
        assert (one.start, len(one.poses)) == (0, two_people.NUM_FRAMES)
        np.testing.assert_allclose(one.poses, poses[person], atol=1e-3)
        np.testing.assert_allclose(
            one.confidence, confidence[person], atol=1e-3
        )
        np.testing.assert_allclose(
            one.boxes[0], two_people.box(poses[person, 0]), atol=1e-3
        )


def test_frames_are_sorted_and_rebased_and_gaps_stay(tmp_path):
    frames = [
        {"frame_id": frame, "instances": instances}
        for frame, instances in (
            (9, [ONE, ONE]),
            (4, []),
            (6, [ONE]),
            (12, None),
        )
    ]
    found = raw(frames, tmp_path)
    assert found.frames.tolist() == [2, 5, 5]
    assert found.num_frames == 9


def test_boxes_scores_and_ids_are_optional_and_may_be_wrapped(tmp_path):
    people = [
        {**ONE, "bbox": [[1, 2, 3, 4]], "bbox_score": 0.5, "track_id": 7},
        {**ONE, "bbox": [5, 6, 7, 8], "bbox_score": [0.25]},
        {**ONE, "bbox_score": {"__ndarray__": 0.75, "dtype": "float32"}},
    ]
    found = raw([{"frame_id": 0, "instances": people}], tmp_path)
    np.testing.assert_array_equal(
        found.boxes, [[1, 2, 3, 4], [5, 6, 7, 8], [np.nan] * 4]
    )
    assert found.scores.tolist() == [0.5, 0.25, 0.75]
    assert found.ids.tolist() == [7, -1, -1]


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_picture_is_one_frame(tmp_path, wrapped):
    people = [ONE, ONE]
    value = {"meta_info": {}, "instance_info": people} if wrapped else people
    found = raw(value, tmp_path)
    assert found.frames.tolist() == [0, 0]
    np.testing.assert_array_equal(found.poses[1], POSE)


def test_a_folder_of_pictures_is_a_recording(tmp_path):
    path = tmp_path / "predictions"
    path.mkdir()
    for frame, people in ((7, []), (8, [ONE, ONE]), (10, [ONE])):
        (path / f"{frame:06d}.json").write_text(json.dumps(people))
    assert read.is_recording(path)
    source = sources.Source(path)
    found = mmpose.read(source, sources.Options())
    assert found.frames.tolist() == [1, 1, 3]
    (path / "000009.json").write_text(json.dumps([ONE, {"keypoints": 1}]))
    assert refusals.message(path) == (
        "keypoints must be lists. Received: 1 in 000009.json, instances 2, "
        "keypoints"
    )
    (path / "9.json").write_text("[]")
    assert "Received: 000009.json and 9.json" in refusals.message(path)


def test_a_frame_twice_is_refused(tmp_path):
    path = tmp_path / "a.json"
    frames = [{"frame_id": n, "instances": [ONE]} for n in (4, 6, 5, 6)]
    path.write_text(json.dumps(frames))
    assert refusals.message(path) == (
        "frames must have different numbers. Received: 6 in item 2 and in item 4"
    )


def test_meta_names_joints(tmp_path):
    """Keys sort as numbers: "10" comes after "9"."""
    joints = [f"part_{n}" for n in range(8)]
    joints += ["neck", "left_hip", "right_hip"]
    names = {str(n): joint for n, joint in enumerate(joints)}
    one = {"keypoints": POSE[:11], "keypoint_scores": [0.5] * 11}
    value = {
        "meta_info": {"keypoint_id2name": dict(sorted(names.items()))},
        "instance_info": [{"frame_id": 1, "instances": [one]}],
    }
    found = raw(value, tmp_path)
    assert found.skeleton.joints == tuple(joints)
    names.pop("3")
    assert "those of the 10 joints that meta_info names. Received: 11" in (
        refusals.message(rewritten(value, tmp_path, keypoint_id2name=names))
    )


def rewritten(value, folder, **meta):
    path = folder / "a.json"
    path.write_text(json.dumps({**value, "meta_info": meta}))
    return path


def test_whole_bodies_are_read_down_to_the_body(tmp_path):
    names = {str(n): f"face-{n}" for n in range(133)}
    names |= {str(n): joint for n, joint in enumerate(COCO.joints)}
    one = {"keypoints": [[1.0, 2.0]] * 133, "keypoint_scores": [0.5] * 133}
    value = {
        "meta_info": {"keypoint_id2name": names},
        "instance_info": [{"frame_id": 1, "instances": [one]}],
    }
    found = raw(value, tmp_path)
    assert found.skeleton == COCO
    assert found.confidence.shape == (1, 17)


def test_lifted_poses_point_right_down_and_away(tmp_path):
    """MMPose's lifter makes (x, y, z) of a camera (-x, -z, -y)."""
    one = {"keypoints": [[-1.0, -3.0, -2.0]] * 17, "keypoint_scores": [1] * 17}
    found = raw([{"frame_id": 0, "instances": [one]}], tmp_path)
    assert found.skeleton == skeletons.HUMAN36M_17
    assert found.unit == detections.METERS
    assert found.poses[0, 5].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "value",
    [
        [{"frame_id": 0, "instances": []}, {"frame_id": 1, "instances": []}],
        {"meta_info": {}, "instance_info": []},
    ],
)
def test_nobody_is_no_clip(tmp_path, value):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value))
    assert read.read(path) == []


def test_the_item_of_a_missing_key_is_named(tmp_path):
    path = tmp_path / "a.json"
    frames = [{"frame_id": n, "instances": [ONE]} for n in range(5001)]
    path.write_text(json.dumps(frames))
    said = refusals.of_changed(
        path, lambda frames: frames[4999].pop("frame_id")
    )
    assert said == (
        "each must have 'frame_id'. Received: an object of 'instances' in item "
        "5000"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"keypoint_scores": [0.5] * 16},
            "keypoint_scores must have the same length everywhere. "
            + "Received: 16 in item 3, instances 2, keypoint_scores, and 17 "
            + "before",
        ),
        (
            {"keypoints": POSE[:16]},
            "keypoints must have the same length everywhere. "
            + "Received: 16 in item 3, instances 2, keypoints, and 17 before",
        ),
        (
            {"keypoints": [*POSE[:16], [1]]},
            "keypoints must have the same length everywhere. "
            + "Received: 1 in item 3, instances 2, keypoints, and 2 before",
        ),
        (
            {"keypoints": [*POSE[:16], ["abc", 1]]},
            "cells must be numbers. Received: 'abc' in item 3, instances 2, "
            + "keypoints",
        ),
        (
            {"keypoints": [*POSE[:16], 5]},
            "keypoints must be lists. Received: 5 in item 3, instances 2, "
            + "keypoints",
        ),
    ],
)
def test_a_bad_cell_is_named(tmp_path, change, said):
    path = json_recordings.write_mmpose(tmp_path)
    assert said == refusals.of_changed(
        path, lambda frames: frames[2]["instances"][1].update(change)
    )


def test_fewer_scores_than_keypoints_are_refused(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{**ONE, "keypoint_scores": [0.5]}]))
    assert refusals.message(path) == (
        "keypoint_scores must be 17 numbers, as keypoints. Received: 1 in the "
        "picture, person 1"
    )
