"""The clip of a user's file: every format, and what is wrong with it."""

import json
import tracemalloc

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from pose_tf.datasets.keypoint_files import keypoints
from pose_tf.formats import conventions
from pose_tf.pose import skeletons
from tests.support.keypoint_folders import add, describe, read

PENN = skeletons.PENN_ACTION


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_all_that_a_file_may_say(root, suffix):
    poses = np.arange(52.0).reshape(2, 13, 2)
    visibility = np.arange(26).reshape(2, 13) % 3 > 0
    boxes = np.arange(8).reshape(2, 4)
    add(
        root,
        f"a{suffix}",
        poses,
        visibility=visibility,
        boxes=boxes,
        frame_size=[640, 480],
    )
    clip = read(root)
    np.testing.assert_array_equal(clip["poses"], poses)
    np.testing.assert_array_equal(clip["visibility"], visibility)
    np.testing.assert_array_equal(clip["boxes"], boxes)
    np.testing.assert_array_equal(clip["frame_size"], [640, 480])
    assert clip["poses"].dtype == clip["boxes"].dtype == np.float32
    assert clip["visibility"].dtype == np.bool_
    assert clip["frame_size"].dtype == np.int32


def test_all_that_a_table_may_say(root):
    (root / "a.csv").write_text(
        "frame,head_x,head_y,left_hip_x,left_hip_y,left_hip_confidence\n"
        "7,1,2,3,4,0.9\n"
        "8,5,6,7,8,0.1\n"
        "9,,,9,10,0.3\n"
    )
    clip = read(root)
    head, hip = PENN.indices(["head", "left_hip"])
    assert clip["poses"].shape == (3, 13, 2)
    np.testing.assert_array_equal(clip["poses"][:2, head], [[1, 2], [5, 6]])
    np.testing.assert_array_equal(clip["visibility"][:, head], [1, 1, 0])
    np.testing.assert_array_equal(
        clip["poses"][:, hip], [[3, 4], [7, 8], [9, 10]]
    )
    np.testing.assert_array_equal(clip["visibility"][:, hip], [1, 0, 1])
    assert clip["visibility"].sum() == 4


def test_a_table_of_poses_in_space(root):
    describe(root, "human36m_17")
    (root / "a.csv").write_text("neck_x,neck_y,neck_z\n1,2,3\n")
    clip = read(root)
    (neck,) = skeletons.HUMAN36M_17.indices(["neck"])
    assert clip["poses"].shape == (1, 17, 3)
    np.testing.assert_array_equal(clip["poses"][0, neck], [1, 2, 3])
    np.testing.assert_array_equal(np.flatnonzero(clip["visibility"]), [neck])


def test_joints_without_finite_coordinates_are_missing(root):
    poses = np.ones((2, 13, 2)).tolist()
    poses[0][3] = [None, 4]
    (root / "a.json").write_text(json.dumps({"poses": poses}))
    clip = read(root)
    assert clip["visibility"].sum() == 25
    assert not clip["visibility"][0, 3]
    # Not (NaN, 4): what lacks one coordinate lacks the other.
    assert np.isnan(clip["poses"][0, 3]).all()


def test_confidence_decides_what_is_visible(root):
    describe(root, min_confidence=0.5)
    confidence = np.full((2, 13), 0.6)
    confidence[1, 2], confidence[1, 3] = 0.49, 0.5
    add(root, "a.npz", confidence=confidence)
    assert np.argwhere(~read(root)["visibility"]).tolist() == [[1, 2]]


def test_another_skeleton_may_be_asked_for(root):
    describe(root, "coco_17", convert_to="penn_action")
    poses = np.zeros((1, 17, 2))
    left, right = skeletons.COCO_17.indices(["left_ear", "right_ear"])
    poses[0, left], poses[0, right] = (2, 4), (4, 8)
    add(root, "a.npz", poses)
    clip = read(root)
    assert clip["poses"].shape == (1, 13, 2)
    np.testing.assert_array_equal(clip["poses"][0, 0], [3, 6])


def test_boxes_surround_the_visible_joints():
    poses = np.zeros((5, 13, 2))
    poses[1, :2] = [[3, 9], [5, 7]]
    poses[4, 0] = [8, 8]
    visibility = np.zeros((5, 13), bool)
    visibility[1, :2] = visibility[4, 0] = True
    boxes = keypoints.boxes_around(poses, visibility, (640, 480))
    seen, last = [3, 7, 5, 9], [8, 8, 8, 8]
    np.testing.assert_array_equal(boxes, [seen, seen, seen, last, last])


def test_the_box_of_nothing_is_the_frame():
    boxes = keypoints.boxes_around(
        np.zeros((2, 13, 2)), np.zeros((2, 13), bool), (640, 480)
    )
    np.testing.assert_array_equal(boxes, [[0, 0, 640, 480]] * 2)


@pytest.mark.parametrize(
    ("described", "told", "expected"),
    [
        (None, None, [12, 34]),
        ([640, 480], None, [640, 480]),
        ([640, 480], [320, 240], [320, 240]),
    ],
)
def test_frame_size_is_given_or_holds_all_joints(
    root, described, told, expected
):
    poses = np.tile([11.2, 33.4], (2, 13, 1))
    poses[0, 1] = 99  # Not visible, so it does not count.
    visibility = np.ones((2, 13))
    visibility[0, 1] = 0
    describe(root, frame_size=described)
    arrays = {"frame_size": told} if told else {}
    add(root, "a.npz", poses, visibility=visibility, **arrays)
    np.testing.assert_array_equal(read(root)["frame_size"], expected)


def test_a_clip_of_one_frame_without_a_visible_joint_is_legal(root):
    add(root, "a.npz", np.ones((1, 13, 2)), visibility=np.zeros((1, 13)))
    clip = read(root)
    assert not clip["visibility"].any()
    np.testing.assert_array_equal(clip["boxes"], [[0, 0, 1, 1]])


def test_unsigned_coordinates_do_not_wrap(root):
    poses = np.full((2, 13, 2), 200, np.uint8)
    poses[1] = 198
    add(root, "a.npz", poses)
    assert (np.diff(read(root)["poses"], axis=0) == -2).all()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.npz", b"", "readable .npz"),
        ("a.npz", b"PK\x03\x04 and no more", "readable .npz"),
        ("a.json", b"", "whole JSON.*line 1 column 1"),
        ("a.json", b"[1, 2]", "known format.*arrays: holds a list"),
        ("a.json", b'{"poses": [[1, 2], [3]]}', "readable .json"),
        ("a.json", b'{"poses": [[1, 2], [3, 4]]}', "poses must have the shape"),
        ("a.json", b'{"poses": []}', "poses must have the shape"),
        ("a.json", b'{"keypoints": []}', "arrays: has no 'poses'"),
        ("a.json", b"[" * 100_000, "nested that deeply"),
        ("a.csv", b"", "must have a header"),
        ("a.csv", b"head_x,head_y\n", "at least 1 frame"),
        ("a.csv", b"head_x,head_y\n1\n", "2 cells. Received: 1 in '1'"),
        ("a.csv", b"head_x,head_y\n1,2,3\n", "2 cells. Received: 3 in"),
        (
            "a.csv",
            b"head_x,head_y\n1,up\n",
            "numbers. Received: 'up' for head_y",
        ),
        ("a.csv", b"head_x,head_y,tail_x\n1,2,3\n", "<joint>_ .*: tail_x"),
        ("a.csv", b"head_x,head_y,head_z\n1,2,3\n", "<joint>_ .*: head_z"),
        (
            "a.csv",
            b"frame,head_x,head_y\n3,2,3\n1,2,3\n",
            "rise .*: 1 in row 2",
        ),
        (
            "a.csv",
            b"frame,head_x,head_y\n1,2,3\n1,2,3\n",
            "rise .*: 1 in row 2",
        ),
        ("a.csv", b"frame,head_x,head_y\n1.5,2,3\n", "whole .*: 1.5 in row 1"),
        ("a.csv", b"frame,head_x,head_y\n,2,3\n", "whole .*: nan in row 1"),
        ("a.csv", b"frame,head_x\n0,2\n1e9,2\n", "at most 1000000 frames"),
        ("a.csv", b"head_x,head_y,head_x\n1,2,3\n", "different .*'head_x'"),
        (
            "a.csv",
            b"head_x\n\n\xfc\n",
            "UTF-8. Received: the byte 0xfc in line 3",
        ),
        ("a.csv", b"head_x\n" + b"1" * 200_000, "must be CSV"),
        ("a.json", b'{"poses": [], "poses": []}', "'poses' twice"),
    ],
)
def test_unreadable_files_are_named(root, name, content, message):
    (root / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{name}: .*{message}"):
        read(root)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"poses": np.ones((2, 17, 2))}, r"poses .* \[2, 13, 2\].*2, 17, 2"),
        ({"poses": np.ones((2, 13, 3))}, r"poses .* \[2, 13, 2\].*2, 13, 3"),
        ({"poses": np.ones((0, 13, 2))}, "at least 1 frame"),
        ({"poses": np.full((2, 13, 2), "a")}, "must be numbers"),
        ({"poses": np.array(["a", None])}, "readable .npz"),  # Pickled.
        ({"visibility": np.ones((3, 13))}, r"visibility .* \[2, 13\].*3, 13"),
        ({"visibility": np.full((2, 13), 0.5)}, "visibility must be 0 or 1"),
        ({"confidence": np.ones(13)}, r"confidence .* \[2, 13\].*\[13\]"),
        ({"boxes": np.ones((1, 4))}, r"boxes .* \[2, 4\].*\[1, 4\]"),
        ({"frame_size": [0, 5]}, r"from 1 to .*: \[0, 5\]"),
        ({"frame_size": [5.5, 5]}, r"whole numbers .*: \[5.5, 5.0\]"),
        ({"frame_size": [True, True]}, r"whole numbers .*True, True"),
        ({"frame_size": [2**31, 5]}, "to 2147483647. Received"),
        ({"frame_size": [[5, 5]]}, r"a width and a height.*: \[\[5, 5\]\]"),
        ({"frame_size": [5]}, r"a width and a height.*: \[5\]"),
    ],
)
def test_bad_arrays_are_named(root, arrays, message):
    add(root, "a.npz", **arrays)
    with pytest.raises(ValueError, match=rf"a\.npz: .*{message}"):
        read(root)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_joints_called_visible_must_be_finite(root, value):
    poses = np.ones((2, 13, 2))
    poses[1, 0] = value
    add(root, "a.npz", poses, visibility=np.ones((2, 13)))
    with pytest.raises(ValueError, match="visible .* head in frame 1"):
        read(root)


@hypothesis.given(cut=st.integers(0, 500), flip=st.integers(0, 10**6))
def test_garbled_files_are_an_error_or_a_clip(tmp_path_factory, cut, flip):
    root = tmp_path_factory.mktemp("garbled")
    describe(root)
    for suffix in (".npz", ".json"):
        path = add(root, f"a{suffix}", np.ones((1, 13, 2)))
        content = bytearray(path.read_bytes())[: -cut or None]
        if content:
            content[flip % len(content)] ^= 1 << flip % 8
        path.write_bytes(content)
        try:
            assert read(root)["poses"].shape == (1, 13, 2)
        except ValueError as error:
            assert f"a{suffix}: " in str(error)
        path.unlink()


def test_other_keys_of_a_file_are_ignored_with_a_warning(root):
    add(root, "a.npz", scores=1, names=np.array(["bob", None], object))
    (root / "b.json").write_text(
        json.dumps({"poses": np.ones((2, 13, 2)).tolist(), "person": "bob"})
    )
    for name, unread in (("a", "names, scores"), ("b", "person")):
        with pytest.warns(UserWarning, match=f"log_prob: {unread}$"):
            assert read(root, name)["visibility"].all()


def test_a_list_that_is_null_counts_as_absent(root):
    poses = np.ones((2, 13, 2)).tolist()
    text = json.dumps({"poses": poses, "confidence": None, "frame_size": None})
    (root / "a.json").write_text(text)
    clip = read(root)
    assert clip["visibility"].all()
    assert clip["frame_size"].tolist() == [1, 1]


def test_a_size_of_true_is_refused_in_json(root):
    poses = np.ones((2, 13, 2)).tolist()
    text = json.dumps({"poses": poses, "frame_size": [True, 480]})
    (root / "a.json").write_text(text)
    with pytest.raises(ValueError, match=r"whole numbers .*\[True, 480\]"):
        read(root)


def test_joints_at_the_origin_are_missing_where_no_flag_says_more(root):
    poses = np.full((2, 13, 2), 9)
    poses[0, 3], poses[1, 4] = 0, (0, 1)
    add(root, "a.npz", poses)
    add(root, "b.npz", poses, visibility=np.ones((2, 13)))
    add(root, "c.npz", poses, confidence=np.ones((2, 13)))
    assert np.argwhere(~read(root)["visibility"]).tolist() == [[0, 3]]
    assert read(root, "b")["visibility"].all()
    assert read(root, "c")["visibility"].all()


def test_frames_without_a_row_are_unseen(root):
    (root / "a.csv").write_text(
        "frame,head_x,head_y,head_confidence\n7,1,2,0.9\n\n10,3,4,0.9\n"
    )
    clip = read(root)
    assert clip["poses"].shape == (4, 13, 2)
    assert clip["visibility"][:, 0].tolist() == [True, False, False, True]
    assert not clip["visibility"][:, 1:].any()
    # Frame 8 has the box of frame 7, and 9 that of 10.
    assert clip["boxes"][:, 0].tolist() == [1, 1, 3, 3]


def test_confidence_may_be_in_percent(root):
    confidence = np.full((2, 13), 30.0)
    confidence[1, 5], confidence[1, 6] = 29.9, -1
    add(root, "a.npz", confidence=confidence)
    with pytest.warns(UserWarning, match="percent"):
        visible = read(root)["visibility"]
    assert np.argwhere(~visible).tolist() == [[1, 5], [1, 6]]


@pytest.mark.parametrize("largest", [100.5, np.inf])
def test_confidence_on_no_known_scale_is_refused(root, largest):
    confidence = np.full((2, 13), 2.0)
    confidence[1, 5] = largest
    add(root, "a.npz", confidence=confidence)
    with pytest.raises(ValueError, match=f"in percent.*up to {largest:g}"):
        read(root)


def test_a_detectors_own_scale_is_not_percent(root):
    confidence = np.full((2, 13), 1.7)
    confidence[0, 5], confidence[1, 5] = 0.29, np.nan
    add(root, "a.npz", confidence=confidence)
    assert np.argwhere(~read(root)["visibility"]).tolist() == [[0, 5], [1, 5]]


def test_a_joint_of_a_detector_that_jumps_off_and_back_is_missing(root):
    """The torso is 60 px long, and the jump 100 px: 1.67 torso lengths."""
    poses = np.full((9, 13, 2), 10.0)
    poses[:, 7:9, 1] += 60
    poses[4, 6] += [0, 100]
    flags = {"confidence": np.ones((9, 13))}
    add(root, "a.npz", poses, **flags)
    add(root, "b.npz", poses)
    assert np.argwhere(~read(root)["visibility"]).tolist() == [[4, 6]]
    assert read(root, "b")["visibility"].all()
    describe(root, max_jump=1.5)
    assert np.argwhere(~read(root, "b")["visibility"]).tolist() == [[4, 6]]
    describe(root, max_jump=None)
    assert read(root)["visibility"].all()


def standing(up):
    """Two frames of a Kinect's joints: head at 2 m, hips at 1, feet at 0."""
    skeleton = skeletons.KINECT_25
    poses = np.full((2, 25, 3), np.nan)
    for joint, height in (("head", 2.0), ("left_hip", 1.0), ("left_foot", 0)):
        (index,) = skeleton.indices([joint])
        poses[:, index] = 0.5, height * up, 3
    return poses


def test_poses_that_stand_on_their_heads_are_turned(root):
    describe(root, "kinect_25", convert_to="penn_action")
    add(root, "a.npz", standing(up=-1))
    add(root, "b.npz", standing(up=1))
    head, hip = PENN.indices(["head", "left_hip"])
    poses = read(root)["poses"]
    np.testing.assert_array_equal(poses[0, head], [0.5, -2])
    np.testing.assert_array_equal(poses[0, hip], [0.5, -1])
    with pytest.warns(UserWarning, match="point up.* 2 of 2 frames"):
        turned = read(root, "b")["poses"]
    np.testing.assert_array_equal(turned, poses)


def test_axes_turn_poses(root):
    """A Kinect's x points to its left and y up: half a turn about z."""
    describe(
        root, "kinect_25", convert_to="penn_action", axes=["-x", "-y", "z"]
    )
    add(root, "a.npz", standing(up=1))
    (head,) = PENN.indices(["head"])
    np.testing.assert_array_equal(read(root)["poses"][0, head], [-0.5, -2])
    np.testing.assert_array_equal(
        conventions.turned(np.array([[1.0, 2, 3]]), ["x", "-z", "y"]),
        [[1, -3, 2]],
    )


def test_boxes_of_a_long_clip_need_memory_linear_in_frames():
    """A frame of 13 joints has 208 bytes; a table T x T would have 3.2 GB."""
    num_frames = 20_000
    poses = np.ones((num_frames, 13, 2))
    visibility = np.ones((num_frames, 13), bool)
    visibility[5::7] = False
    tracemalloc.start()
    keypoints.boxes_around(poses, visibility, (640, 480))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * poses.nbytes


@hypothesis.given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_a_frame_without_a_box_has_the_nearest_the_earlier_of_two(seen):
    poses = np.tile(np.arange(len(seen))[:, None, None], (1, 1, 2))
    boxes = keypoints.boxes_around(poses, np.array(seen)[:, None], (640, 480))
    for frame, box in enumerate(boxes[:, 0]):
        known = [index for index, flag in enumerate(seen) if flag] or [0]
        assert box == min(known, key=lambda index: (abs(index - frame), index))
