"""Recordings of several people, folders of frames, and files that say it all."""

import json

import numpy as np
import pytest

from pose_tf.datasets.keypoint_files import folder, keypoints
from pose_tf.pipeline import build, example_gen
from pose_tf.pose import skeletons
from tests.support import standing_figure
from tests.support.keypoint_folders import add, describe

COCO = skeletons.COCO_17
JACKS = standing_figure.jumping_jacks(num_frames=12, skeleton=COCO)


def frame(people):
    """Returns the text of OpenPose's file of a frame, of 25 joints."""
    rows = []
    for pose in people:
        body = np.zeros((25, 3))
        for index, joint in enumerate(skeletons.OPENPOSE_25.joints):
            if joint in COCO.joints:
                body[index] = *pose[COCO.joints.index(joint)], 0.9
        rows.append({"pose_keypoints_2d": body.ravel().tolist()})
    return json.dumps({"version": 1.3, "people": rows})


def record(path, people):
    """Writes a folder of OpenPose's frames; `people`: poses [T, 17, 2] each."""
    path.mkdir(parents=True)
    for number, poses in enumerate(zip(*people, strict=True)):
        file = path / f"{path.name}_{number:012d}_keypoints.json"
        file.write_text(frame(poses))


@pytest.fixture
def recordings(tmp_path):
    """Two actions; in one recording two people stand 400 pixels apart."""
    root = tmp_path / "recordings"
    for action in ("jump", "wave"):
        for split in ("Train", "TEST"):
            record(root / split / action / f"{action}.one", [JACKS])
    record(root / "Train" / "wave" / "two", [JACKS, JACKS + [400, 0]])
    return root


def read(root, name):
    described = folder.described(root)
    (file,) = [c for c in folder.find_clips(root) if c.clip_id == name]
    return keypoints.read_clips(file, described, ["jump", "wave"], ["unknown"])


def test_a_folder_of_frames_is_a_recording_and_says_its_skeleton(recordings):
    clips = {
        c.clip_id: (c.action, c.split) for c in folder.find_clips(recordings)
    }
    assert clips == {
        "TEST/jump/jump.one": ("jump", "test"),
        "TEST/wave/wave.one": ("wave", "test"),
        "Train/jump/jump.one": ("jump", "train"),
        "Train/wave/two": ("wave", "train"),
        "Train/wave/wave.one": ("wave", "train"),
    }
    assert folder.described(recordings).target.name == "openpose_25"


def test_everybody_in_a_recording_is_a_clip(recordings):
    first, second = read(recordings, "Train/wave/two")
    assert (first["clip_id"], second["clip_id"]) == (
        "Train/wave/two",
        "Train/wave/two#1",
    )
    (nose,) = skeletons.OPENPOSE_25.indices(["nose"])
    np.testing.assert_allclose(
        second["poses"][:, nose] - first["poses"][:, nose], [[400, 0]] * 12
    )


def test_only_the_one_seen_longest_may_be_asked_for(recordings):
    path = recordings / "Train/wave/two/two_000000000003_keypoints.json"
    path.write_text(frame([JACKS[3] + [400, 0]]))
    (recordings / "dataset.json").write_text('{"people": "longest"}')
    (only,) = read(recordings, "Train/wave/two")
    (nose,) = skeletons.OPENPOSE_25.indices(["nose"])
    np.testing.assert_allclose(only["poses"][0, nose], JACKS[0, 0] + [400, 0])


def test_recordings_of_several_people_are_built(recordings, tmp_path):
    build.build(
        "keypoint_files", data_dir=tmp_path / "data", manual_dir=recordings
    )
    clips = example_gen.load("keypoint_files", data_dir=tmp_path / "data")
    assert clips.skeleton.name == "openpose_25"
    assert clips.train.cardinality() == 4
    assert clips.test.cardinality() == 2


def test_own_joints_go_through_a_prepared_dataset(root, tmp_path):
    joints = ["neck", "left hip", "right hip", "LKnee", "RKnee", "tail"]
    describe(root, skeleton="", joints=joints)
    add(root, "train/wag/a.npz", np.arange(24.0).reshape(2, 6, 2) + 9)
    build.build("keypoint_files", data_dir=tmp_path / "data", manual_dir=root)
    clips = example_gen.load("keypoint_files", data_dir=tmp_path / "data")
    assert clips.skeleton.joints[3:] == ("left_knee", "right_knee", "tail")
    assert clips.skeleton.mirror_indices == (0, 2, 1, 4, 3, 5)


def test_one_unreadable_frame_is_named_or_quarantined(recordings, tmp_path):
    bad = recordings / "Train/wave/two/two_000000000003_keypoints.json"
    bad.write_text(bad.read_text()[:100])
    with pytest.raises(ValueError, match=r"two_000000000003_keypoints\.json"):
        build.build(
            "keypoint_files", data_dir=tmp_path / "a", manual_dir=recordings
        )
    with pytest.warns(UserWarning, match="1 bad clips left out"):
        build.build(
            "keypoint_files",
            data_dir=tmp_path / "b",
            manual_dir=recordings,
            on_bad_clip="quarantine",
        )
