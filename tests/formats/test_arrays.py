"""Our own files of a clip: what is written, and what a detector leaves."""

import json

import numpy as np
import pytest

from pose_tf.formats import outputs, sources
from pose_tf.formats import read as reader


def read(path, **options):
    """Returns the one clip of a file."""
    (clip,) = reader.read(path, **options)
    return clip


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_the_first_future_is_a_clip(tmp_path, suffix):
    """Its joints are visible where that is likelier than not."""
    futures = np.arange(2 * 4 * 13 * 2, dtype=float).reshape(2, 4, 13, 2) + 1
    visibility = np.full((2, 4, 13), 0.51)
    visibility[0, 2, 5], visibility[1] = 0.5, 0
    path = tmp_path / f"futures{suffix}"
    outputs.write(
        path,
        {"poses": futures, "visibility": visibility, "log_prob": [-1.0, -2.0]},
    )
    with pytest.warns(UserWarning, match="first of 2 futures"):
        clip = read(path)
    np.testing.assert_array_equal(clip.poses, futures[0])
    assert np.argwhere(~clip.visibility).tolist() == [[2, 5]]


@pytest.mark.parametrize("shape", [(4, 13, 2), (0, 4, 13, 2), (13,)])
def test_futures_must_have_four_axes(tmp_path, shape):
    path = tmp_path / "futures.npz"
    outputs.write(path, {"poses": np.zeros(shape), "log_prob": [0.0]})
    with pytest.raises(ValueError, match=r"futures\.npz: poses with log_prob"):
        read(path)


def test_probabilities_must_fit_the_futures(tmp_path):
    path = tmp_path / "futures.npz"
    values = {"poses": np.ones((1, 4, 13, 2)), "visibility": np.ones((1, 3))}
    outputs.write(path, {**values, "log_prob": [0.0]})
    with pytest.raises(ValueError, match=r"visibility .*\[1, 4, 13\]"):
        read(path)


def test_a_suffix_in_capitals_is_written_and_read(tmp_path):
    poses = np.ones((2, 13, 2))
    for name in ("a.NPZ", "a.Json"):
        outputs.write(tmp_path / name, {"poses": poses})
        np.testing.assert_array_equal(read(tmp_path / name).poses, poses)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["a.Json", "a.NPZ"]


def test_a_detectors_joints_that_jump_are_missing(tmp_path):
    """The torso is 60 px long, and the jump 100 px: 1.67 torso lengths."""
    poses = np.full((9, 13, 2), 10.0)
    poses[:, 7:9, 1] += 60
    poses[4, 6] += [0, 100]
    values = {"poses": poses, "confidence": np.ones((9, 13))}
    outputs.write(tmp_path / "a.npz", values)
    visible = read(tmp_path / "a.npz").visibility
    assert np.argwhere(~visible).tolist() == [[4, 6]]
    # Annotations, which have no confidence, are taken as they are.
    outputs.write(tmp_path / "b.npz", {"poses": poses})
    assert read(tmp_path / "b.npz").visibility.all()


def test_json_of_a_name_twice_or_nested_without_end_is_refused():
    assert sources.load_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    with pytest.raises(ValueError, match="'a' twice"):
        sources.load_json(b'{"b": {"a": 1, "a": 2}}')
    with pytest.raises(ValueError, match="nested that deeply"):
        sources.load_json(b"[" * 100_000 + b"]" * 100_000)


def test_extra_lists_of_any_kind_stay_unread(tmp_path):
    path = tmp_path / "a.json"
    extra = {"who": {"name": "bob"}, "tags": ["a", 1]}
    path.write_text(
        json.dumps({"poses": np.ones((1, 13, 2)).tolist(), **extra})
    )
    with pytest.warns(UserWarning, match=": tags, who$"):
        assert read(path).visibility.all()


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ((2, 13, 2), "penn_action"),
        ((2, 17, 2), "coco_17"),
        ((2, 17, 3), "human36m_17"),
        ((2, 18, 2), "openpose_18"),
        ((2, 33, 2), "mediapipe_33"),
    ],
)
def test_the_number_of_joints_says_which_skeleton_it_is(tmp_path, shape, name):
    outputs.write(tmp_path / "a.npz", {"poses": np.ones(shape)})
    assert read(tmp_path / "a.npz").skeleton.name == name


def test_a_number_of_joints_that_nobody_has_lists_the_known(tmp_path):
    outputs.write(tmp_path / "a.npz", {"poses": np.ones((2, 5, 2))})
    with pytest.raises(ValueError, match=r"coco_17 \(17 joints .*: 5 joints"):
        read(tmp_path / "a.npz")
    ours = "neck,left_hip,right_hip,left_knee,right_knee"
    clip = read(tmp_path / "a.npz", skeleton=ours)
    assert clip.skeleton.name == ours
    with pytest.raises(ValueError, match=r"\[2, 17, 2\].*\[2, 5, 2\]"):
        read(tmp_path / "a.npz", skeleton="coco_17")


def test_a_file_may_name_its_joints_and_rate(tmp_path):
    joints = ["Neck", "LHip", "RHip", "tail"]
    arrays = {"poses": np.ones((2, 4, 2)), "joints": joints, "fps": 25}
    for suffix in (".npz", ".json"):
        outputs.write(tmp_path / f"a{suffix}", arrays)
        clip = read(tmp_path / f"a{suffix}")
        assert clip.skeleton.joints == ("neck", "left_hip", "right_hip", "tail")
        assert clip.fps == 25


def test_a_pickle_is_never_opened(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{"poses": 1}], object))
    (tmp_path / "b.pkl").write_bytes(b"\x80")
    for name in ("a.npy", "b.pkl"):
        with pytest.raises(ValueError, match=rf"{name}.*pickle.*np"):
            read(tmp_path / name)
