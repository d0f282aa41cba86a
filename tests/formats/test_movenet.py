"""MoveNet and PoseNet: named keypoints in JSON, and arrays of y, x, score."""

import json

import numpy as np
import pytest

from pose_tf.formats import read as reader
from tests.support import same_people, tool_recordings, two_people

SIZE = two_people.FRAME_SIZE


def read(path, **options):
    return reader.read(path, "movenet", **options)


def write(folder, value, name="poses.json"):
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def pose(x=10.0, joints=tool_recordings.COCO.joints, **others):
    """Returns one whose joint j is at (x + j, 20 + 5 j)."""
    keypoints = [
        {"name": joint, "x": x + j, "y": 20 + 5.0 * j, "score": 0.9}
        for j, joint in enumerate(joints)
    ]
    return {"keypoints": keypoints, "score": 0.8, **others}


@pytest.mark.parametrize(
    "sample",
    [
        tool_recordings.write_movenet_multipose,
        tool_recordings.write_movenet_poses,
    ],
)
def test_both_people(tmp_path, sample):
    same_people.check(read(sample(tmp_path), frame_size=SIZE))


@pytest.mark.parametrize(
    "sample",
    [
        tool_recordings.write_movenet,
        tool_recordings.write_movenet_lists,
        tool_recordings.write_posenet,
    ],
)
def test_one_person(tmp_path, sample):
    clips = read(sample(tmp_path), frame_size=SIZE)
    same_people.check(clips, [0], people=[0])


def test_boxes_and_scores_of_multipose(tmp_path):
    path = tool_recordings.write_movenet_multipose(tmp_path)
    clip, _ = read(path, frame_size=SIZE)
    box = two_people.box(two_people.with_confidence()[0, 0])
    np.testing.assert_allclose(clip.boxes[0], box, atol=0.01)


@pytest.mark.parametrize(
    "frames",
    [
        [pose()] * 6,
        [[pose()]] * 6,
        [pose()["keypoints"]] * 6,
        [{"poses": [pose()]}] * 6,
        {"fps": 30, "frames": [{"poses": [pose()]}] * 6},
    ],
)
def test_lists_of_poses(tmp_path, frames):
    (clip,) = read(write(tmp_path, frames))
    assert clip.visibility.all() and len(clip.poses) == 6
    assert clip.poses[0, 3].tolist() == [13, 35]


def test_one_pose_is_one_frame(tmp_path):
    (clip,) = read(write(tmp_path, pose()["keypoints"]))
    assert clip.poses.shape == (1, 17, 2)


def test_frames_with_numbers_in_any_order(tmp_path):
    frames = [
        {"frame": n, **pose(x=float(n))} for n in (24, 23, 20, 21, 22, 27)
    ]
    (clip,) = read(write(tmp_path, frames))
    seen = clip.visibility.any(-1).tolist()
    assert seen == [True] * 5 + [False, False, True]
    assert clip.poses[[0, 4, 7], 0, 0].tolist() == [20, 24, 27]


def test_ids_of_the_tracker(tmp_path):
    frames = [[pose(id=4), pose(400.0, id=2)]] * 6
    first, second = read(write(tmp_path, frames))
    assert (first.person, second.person) == (4, 2)
    assert second.poses[0, 0].tolist() == [400, 20]


def test_joints_in_another_order_and_absent_ones(tmp_path):
    """A name counts, not a place; a joint that a pose lacks is missing."""
    frames = [pose() for _ in range(6)]
    frames[1]["keypoints"].reverse()
    frames[2]["keypoints"].pop()
    (clip,) = read(write(tmp_path, frames))
    assert clip.poses[1, [0, 1], 0].tolist() == [10, 11]
    assert np.argwhere(~clip.visibility).tolist() == [[2, 16]]


def test_keypoints_without_names(tmp_path):
    one = pose()
    for point in one["keypoints"]:
        del point["name"]
    (clip,) = read(write(tmp_path, [one] * 6))
    assert clip.poses[0, 16].tolist() == [26, 100]
    wrong = {"keypoints": one["keypoints"][:-1]}
    with pytest.raises(ValueError, match="Received: 16 in item 4, poses 1"):
        read(write(tmp_path, [*[one] * 3, wrong]))


def test_landmarks_of_blazepose(tmp_path):
    """TensorFlow.js names MediaPipe's 33 in the same way."""
    names = [
        {"left_mouth": "mouth_left", "right_mouth": "mouth_right"}.get(
            joint, joint.replace("big_toe", "foot_index")
        )
        for joint in reader.skeletons.MEDIAPIPE_33.joints
    ]
    (clip,) = read(write(tmp_path, [pose(joints=names)] * 6))
    assert clip.skeleton.name == "mediapipe_33" and clip.visibility.all()


@pytest.mark.parametrize("frames", [[], [[], []], [{"poses": []}] * 3])
def test_nobody(tmp_path, frames):
    assert read(write(tmp_path, frames)) == []


def changed(**fields):
    one = pose()
    point = {**one["keypoints"][2], **fields}
    one["keypoints"][2] = {k: v for k, v in point.items() if v != "none"}
    return one


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (changed(y="none"), "'y'.* in item 5000, poses 1, keypoints 3"),
        (
            changed(name=["nose"]),
            "a list of 1 in item 5000, poses 1, keypoints 3",
        ),
        (changed(name="none"), "null in item 5000, poses 1, keypoints 3"),
        (changed(score="none"), "'score'.* in item 5000, poses 1, keypoints 3"),
        (changed(x="left"), "'left' in item 5000, poses 1, keypoints 3"),
        (changed(x=-1e308), r"-1e\+308 in item 5000, poses 1"),
        (changed(name="nose"), "'nose' twice in item 5000, poses 1"),
        ({"keypoints": 3}, "Received: 3 in item 5000"),
        ({"score": 1}, "'keypoints'"),
    ],
)
def test_what_is_wrong_in_a_late_frame(tmp_path, wrong, message):
    frames = [pose()] * 5001
    frames[4999] = wrong
    with pytest.raises(ValueError, match=message) as error:
        read(write(tmp_path, frames))
    assert "\n" not in str(error.value)


def test_joints_named_twice_in_two_ways(tmp_path):
    one = pose()
    one["keypoints"].append({**one["keypoints"][0], "name": "Nose"})
    with pytest.raises(ValueError, match="'nose' twice"):
        read(write(tmp_path, [one] * 6))


def array(*shape):
    """Returns y, x, score of somebody who stands still; all from 0 to 1."""
    one = np.random.default_rng(0).uniform(0.1, 0.9, (17, 3))
    return np.broadcast_to(one, (*shape, 17, 3))


def save(folder, values, name="poses.npy"):
    path = folder / name
    np.save(path, values)
    return path


@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 1, 1), (6, 1, 1, 1)])
def test_shapes_of_one_person(tmp_path, shape):
    values = array(*shape)
    (clip,) = read(
        save(tmp_path, values), frame_size=(100, 200), min_confidence=0
    )
    expected = values.reshape(6, 17, 3)[..., [1, 0]] * [100, 200]
    np.testing.assert_allclose(clip.poses, expected, rtol=1e-5)


def test_one_output_is_one_frame(tmp_path):
    (clip,) = read(save(tmp_path, array(1, 1)), frame_size=(100, 200))
    assert len(clip.poses) == 1


def test_outputs_in_pixels(tmp_path):
    values = array(6, 1, 1) * [200, 100, 1]
    (clip,) = read(save(tmp_path, values), min_confidence=0)
    np.testing.assert_allclose(
        clip.poses[0], values[0, 0, 0, :, [1, 0]].T, 1e-5
    )


@pytest.mark.parametrize("suffix", ["npy", "json", "npz"])
def test_pixels_in_the_order_x_y_score(tmp_path, suffix):
    """Another reader's: what is not normalized has x first."""
    values = array(6) * [200, 100, 1]
    path = tmp_path / f"poses.{suffix}"
    if suffix == "json":
        path.write_text(json.dumps(values.tolist()))
    else:
        {"npy": np.save, "npz": lambda p, v: np.savez(p, poses=v)}[suffix](
            path, values
        )
    (clip,) = reader.read(path, min_confidence=0)
    np.testing.assert_allclose(clip.poses, values[..., :2], rtol=1e-5)
    np.testing.assert_allclose(clip.confidence, values[..., 2], rtol=1e-5)


def test_poses_in_space_are_no_scores(tmp_path):
    """Human3.6M's [T, 17, 3]: z, too, is negative somewhere, or beyond 1."""
    for values in (array(6) - 0.5, array(6) * 4 + 1):
        (clip,) = reader.read(save(tmp_path, values))
        assert clip.skeleton.name == "human36m_17"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (array(6)[:, :16], r"shape \[6, 16, 3\]"),
        (array(6) * [1, 1, 2], "scores that are not from 0 to 1"),
        (array(6) * [9, 9, 1], "coordinates that are not from 0 to 1"),
        (array(0), "is empty"),
        (np.full((6, 17, 3), np.nan), "scores"),
        (np.array(["a", "b"]), "holds <U1"),
    ],
)
def test_other_arrays(tmp_path, values, message):
    with pytest.raises(ValueError, match=message):
        read(save(tmp_path, values))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lists: lists[4999].pop(), "16 in item 5000"),
        (lambda lists: lists[4999][3].append(1.0), "item 5000"),
        (lambda lists: lists[4999][3].__setitem__(0, "a"), "'a' in item 5000"),
    ],
)
def test_lists_that_are_wrong_in_a_late_frame(tmp_path, change, message):
    lists = array(5001).round(2).tolist()
    change(lists)
    with pytest.raises(ValueError, match=message):
        read(write(tmp_path, lists))


def test_truncated_files(tmp_path):
    path = save(tmp_path, array(6))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match=r"poses\.npy: must be"):
        reader.read(path)
    path = write(tmp_path, json.dumps(array(6).tolist())[:-5])
    with pytest.raises(ValueError, match="whole JSON"):
        reader.read(path)
