"""A user's own files: every format, labels and splits, and what is wrong."""

import json

import hypothesis
import numpy as np
import pytest
import tensorflow_datasets as tfds
from hypothesis import strategies as st

from pose_tf.datasets.keypoint_files import folder, keypoints
from pose_tf.pipeline import build
from pose_tf.pose import skeletons

PENN = skeletons.PENN_ACTION
HEAD_ONLY = np.eye(13, dtype=bool)[:1]


@pytest.fixture
def root(tmp_path):
    """A folder with a description and no clip yet."""
    root = tmp_path / "clips"
    root.mkdir()
    describe(root)
    return root


def describe(root, skeleton="penn_action", **values):
    text = json.dumps({"skeleton": skeleton, **values})
    (root / "dataset.json").write_text(text)


def add(root, name, poses=None, **arrays):
    """Writes a clip as .npz or .json, as the name says; by default 2 frames."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    poses = np.ones((2, 13, 2)) if poses is None else poses
    arrays = {"poses": poses, **arrays}
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        lists = {k: np.asarray(v).tolist() for k, v in arrays.items()}
        path.write_text(json.dumps(lists))
    return path


def read(root, name="a"):
    """Reads the clip of that id."""
    clips = folder.find_clips(root)
    (clip,) = [clip for clip in clips if clip.clip_id == name]
    actions = sorted({clip.action or folder.UNLABELLED for clip in clips})
    views = sorted({clip.view or folder.UNKNOWN_VIEW for clip in clips})
    return keypoints.read_clip(clip, folder.describe(root), actions, views)


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
    # Not (0, 4), which would be the guessed place of an occluded joint.
    np.testing.assert_array_equal(clip["poses"][0, 3], [0, 0])


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
def test_frame_size_is_told_or_holds_all_joints(
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


def without_header(text):
    return text.split("\n", 1)[1]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.npz", b"", "readable .npz"),
        ("a.npz", b"PK\x03\x04 and no more", "readable .npz"),
        ("a.json", b"", "readable .json"),
        ("a.json", b"[1, 2]", "readable .json"),
        ("a.json", b'{"poses": [[1, 2], [3]]}', "readable .json"),
        ("a.json", b'{"poses": [[1, 2], [3, 4]]}', "poses must have the shape"),
        ("a.json", b'{"poses": []}', "poses must have the shape"),
        ("a.json", b'{"keypoints": []}', "must hold poses .*: keypoints"),
        ("a.json", b"[" * 100_000, "readable .json"),
        ("a.csv", b"", "readable .csv"),
        ("a.csv", b"head_x,head_y\n", "at least 1 frame"),
        ("a.csv", b"head_x,head_y\n1\n", "readable .csv"),
        ("a.csv", b"head_x,head_y\n1,up\n", "could not convert .* 'up'"),
        ("a.csv", b"head_x,head_y,tail_x\n1,2,3\n", "<joint>_ .*: tail_x"),
        ("a.csv", b"head_x,head_y,head_z\n1,2,3\n", "<joint>_ .*: head_z"),
        ("a.csv", b"frame,head_x,head_y\n1,2,3\n3,2,3\n", "frame must count"),
        ("a.csv", b"\xff\xfe\x00", "readable .csv"),
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
        ({"boxes": np.full((2, 4), np.nan)}, "boxes must be finite"),
        ({"frame_size": [0, 5]}, "size must be positive"),
        ({"frame_size": [5]}, r"size must have the shape \[2\]"),
        ({"scores": 1}, "must hold poses .*: poses, scores"),
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


def labels(root):
    return {
        clip.clip_id: (clip.action, clip.view, clip.split)
        for clip in folder.find_clips(root)
    }


def test_folders_tell_action_and_split(root):
    for name in ("train/wave/a", "train/wave/ann/b", "test/jump/c"):
        add(root, f"{name}.npz")
    assert labels(root) == {
        "test/jump/c": ("jump", "", "test"),
        "train/wave/a": ("wave", "", "train"),
        "train/wave/ann/b": ("wave", "", "train"),
    }


def test_a_table_tells_more_than_folders(root):
    for name in ("wave/a", "b"):
        add(root, f"{name}.npz")
    (root / "labels.csv").write_text(
        "clip_id,action,view,split\nwave/a,jump,left,test\nb,wave,,train\n"
    )
    assert labels(root) == {
        "b": ("wave", "", "train"),
        "wave/a": ("jump", "left", "test"),
    }


def test_a_share_of_each_action_is_for_testing(root):
    describe(root, test_fraction=0.25)
    for number in range(8):
        add(root, f"wave/{number}.npz")
    for number in range(5):
        add(root, f"jump/{number}.npz")
    first = labels(root)
    splits = [(action, split) for action, _, split in first.values()]
    assert splits.count(("wave", "test")) == 2
    assert splits.count(("jump", "test")) == 1  # round(1.25)
    assert labels(root) == first
    # One clip more moves at most one other clip.
    add(root, "wave/8.npz")
    moved = [name for name in first if labels(root)[name] != first[name]]
    assert len(moved) <= 1


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("clip_id,action\nb,wave\n", r"one row a clip.*\['b'\]"),
        ("clip_id,action\na,wave\na,jump\n", "a clip_id twice"),
        ("clip_id,split\na,dev\n", "train or test. Received: 'dev' for a"),
        ("name,action\na,wave\n", r"columns clip_id .*'action', 'name'"),
        ("clip_id,color\na,red\n", "columns clip_id .*'color'"),
        ("", "must have rows"),
        ("clip_id,split\na,test\n", "at least one clip must be a training"),
    ],
)
def test_tables_must_fit_the_folder(root, table, message):
    add(root, "a.npz")
    (root / "labels.csv").write_text(table)
    with pytest.raises(ValueError, match=message):
        labels(root)


def test_a_clip_is_one_file(root):
    add(root, "a.npz")
    add(root, "a.json")
    with pytest.raises(ValueError, match="several of a"):
        labels(root)


def test_all_clips_or_none_have_a_split(root):
    add(root, "train/a.npz")
    add(root, "b.npz")
    with pytest.raises(ValueError, match="split, train or test.*none for b"):
        labels(root)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a JSON object with `skeleton`"),
        ("[]", "must be a JSON object with `skeleton`"),
        ("{}", "`skeleton`"),
        ('{"skeleton": "smurf"}', "must be one of coco_17, .*'smurf'"),
        ('{"skeleton": "coco_17", "convert_to": "smurf"}', "'smurf'"),
        ('{"skeleton": "coco_17", "size": 1}', "test_fraction.*'size'"),
        ('{"skeleton": "coco_17", "test_fraction": 1}', "below 1. Received: 1"),
        ('{"skeleton": "coco_17", "test_fraction": "all"}', "test_fraction"),
    ],
)
def test_descriptions_must_be_good(root, text, message):
    (root / "dataset.json").write_text(text)
    with pytest.raises(ValueError, match=rf"dataset\.json .*{message}"):
        folder.describe(root)


def test_a_folder_must_be_described(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"dataset\.json.*Received: "):
        build.build(
            "keypoint_files", data_dir=tmp_path, manual_dir=tmp_path / "no"
        )


def test_a_folder_must_hold_clips(root):
    with pytest.raises(FileNotFoundError, match=r"\*\.csv or \*\.json"):
        build.build("keypoint_files", data_dir=root / "data", manual_dir=root)


def test_a_folder_must_be_named(tmp_path):
    with pytest.raises(ValueError, match="`manual_dir` must name"):
        build.build("keypoint_files", data_dir=tmp_path)


def prepared(path, split):
    builder = tfds.builder_from_directory(path)
    names = builder.info.features["action"].names
    clips = tfds.as_numpy(builder.as_dataset(split=split))
    return {clip["clip_id"].decode(): names[clip["action"]] for clip in clips}


def test_built_once_the_folder_is_needed_no_more(root, tmp_path):
    describe(root, "coco_17")
    add(root, "train/wave/a.npz", np.ones((3, 17, 2)))
    add(root, "train/jump/b.json", np.ones((2, 17, 2)))
    add(root, "test/jump/c.npz", np.ones((1, 17, 2)))
    data_dir = tmp_path / "data"
    path = build.build("keypoint_files", data_dir=data_dir, manual_dir=root)
    assert build.build("keypoint_files", data_dir=data_dir) == path
    builder = build.builder("keypoint_files", data_dir=data_dir)
    assert builder.info.metadata["skeleton"] == "coco_17"
    assert builder.info.features["action"].names == ["jump", "wave"]
    assert builder.info.features["poses"].shape == (None, 17, 2)
    assert prepared(path, "test") == {"test/jump/c": "jump"}
    assert prepared(path, "train") == {
        "train/jump/b": "jump",
        "train/wave/a": "wave",
    }


def test_a_changed_folder_is_not_mistaken_for_what_was_built(root, tmp_path):
    options = {"data_dir": tmp_path / "data", "manual_dir": root}
    add(root, "wave/a.npz")
    build.build("keypoint_files", **options)
    (root / "wave").rename(root / "jump")
    with pytest.raises(ValueError, match="prepared from other files"):
        build.build("keypoint_files", **options)


def test_actions_are_optional(root, tmp_path):
    describe(root, test_fraction=0)
    add(root, "a.npz")
    path = build.build(
        "keypoint_files", data_dir=tmp_path / "data", manual_dir=root
    )
    assert prepared(path, "train") == {"a": "unlabelled"}


def test_bad_clips_stop_the_build_or_are_quarantined(root, tmp_path):
    add(root, "train/wave/a.npz")
    add(root, "train/wave/b.npz", np.ones((2, 12, 2)))
    add(root, "train/c.npz")  # Of no action, though others have one.
    add(root, "test/wave/d.npz")
    (root / "test/wave/e.npz").touch()
    options = {"data_dir": tmp_path / "data", "manual_dir": root}
    with pytest.raises(ValueError, match=r"c\.npz: action must be one of wave"):
        build.build("keypoint_files", **options)
    path = build.build("keypoint_files", on_bad_clip="quarantine", **options)
    assert prepared(path, "train") == {"train/wave/a": "wave"}
    assert prepared(path, "test") == {"test/wave/d": "wave"}
    bad = json.loads((path / "quarantine.json").read_text())
    assert sorted(entry["file"] for entry in bad) == [
        "test/wave/e.npz",
        "train/c.npz",
        "train/wave/b.npz",
    ]


def test_a_split_may_be_quarantined_as_a_whole(root, tmp_path):
    add(root, "train/wave/a.npz")
    add(root, "train/wave/b.npz")
    for name in ("c", "d"):
        add(root, f"test/wave/{name}.npz", np.ones((2, 12, 2)))
    path = build.build(
        "keypoint_files",
        data_dir=tmp_path / "data",
        manual_dir=root,
        on_bad_clip="quarantine",
    )
    assert list(tfds.builder_from_directory(path).info.splits) == ["train"]
    assert len(prepared(path, "train")) == 2
    bad = json.loads((path / "quarantine.json").read_text())
    assert [clip["file"] for clip in bad] == [
        "test/wave/c.npz",
        "test/wave/d.npz",
    ]
    assert (path / "sources.json").exists()


def test_some_training_clip_must_be_usable(root, tmp_path):
    add(root, "train/wave/a.npz", np.ones((2, 12, 2)))
    add(root, "test/wave/b.npz")
    data_dir = tmp_path / "data"
    with pytest.raises(
        ValueError, match=r"training clip .* 1 bad .*a\.npz: .*2, 12, 2"
    ):
        build.build(
            "keypoint_files",
            data_dir=data_dir,
            manual_dir=root,
            on_bad_clip="quarantine",
        )
    assert not list(data_dir.rglob("dataset_info.json"))
