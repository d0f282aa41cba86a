"""Clips in files of their own."""

import json

import numpy as np
import pytest
from PIL import Image

from pose_tf.cli import clips
from pose_tf.datasets.keypoint_files import folder, keypoints
from pose_tf.formats import outputs
from pose_tf.pose import skeletons


def read(source, data_dir=None):
    (clip,) = clips.read_people(source, data_dir)
    return clip.poses, clip.visibility


POSES = np.arange(2 * 13 * 2, dtype=np.float32).reshape(2, 13, 2)
VISIBILITY = np.arange(26).reshape(2, 13) % 3 > 0


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_what_is_written_is_read(tmp_path, suffix):
    path = tmp_path / f"clip{suffix}"
    outputs.write(path, {"poses": POSES, "visibility": VISIBILITY})
    poses, visibility = read(path)
    np.testing.assert_array_equal(poses, POSES)
    np.testing.assert_array_equal(visibility, VISIBILITY)
    assert (poses.dtype, visibility.dtype) == (np.float32, np.bool_)


def test_without_visibility_the_finite_joints_are_visible(tmp_path):
    poses = POSES.astype(np.float64)
    poses[1, 4, 0] = np.nan
    np.savez(tmp_path / "clip.npz", poses=poses)
    poses, visibility = read(tmp_path / "clip.npz")
    assert not visibility[1, 4]
    assert visibility.sum() == 25
    assert np.argwhere(np.isnan(poses).all(-1)).tolist() == [[1, 4]]


def test_unsigned_coordinates_become_floats(tmp_path):
    np.savez(tmp_path / "clip.npz", poses=POSES.astype(np.uint8))
    assert read(tmp_path / "clip.npz")[0].dtype == np.float32


def test_integers_as_visibility_are_taken_as_flags(tmp_path):
    text = json.dumps(
        {"poses": POSES.tolist(), "visibility": VISIBILITY.astype(int).tolist()}
    )
    (tmp_path / "clip.json").write_text(text)
    np.testing.assert_array_equal(read(tmp_path / "clip.json")[1], VISIBILITY)


def test_a_coordinate_that_is_null_makes_a_joint_missing(tmp_path):
    poses = POSES.tolist()
    poses[1][4] = [None, 90]
    (tmp_path / "clip.json").write_text(json.dumps({"poses": poses}))
    poses, visibility = read(tmp_path / "clip.json")
    assert np.argwhere(~visibility).tolist() == [[1, 4]]
    # Not (NaN, 90): what lacks one coordinate lacks the other.
    assert np.isnan(poses[1, 4]).all()


def test_a_clip_means_what_it_means_in_keypoint_files(tmp_path):
    """With NaN, a joint that is occluded, and a detector's confidence."""
    poses = POSES.astype(np.float64)
    poses[0, 2] = np.nan
    arrays = {
        "poses": poses,
        "visibility": VISIBILITY & np.isfinite(poses).all(-1),
        "confidence": np.linspace(0, 1, 26).reshape(2, 13),
    }
    np.savez(tmp_path / "clip.npz", **arrays)
    (tmp_path / "dataset.json").write_text('{"skeleton": "penn_action"}')
    (file,) = folder.find_clips(tmp_path)
    expected = keypoints.read_clip(
        file, folder.described(tmp_path), ("unlabelled",), ("unknown",)
    )
    poses, visibility = read(tmp_path / "clip.npz")
    np.testing.assert_array_equal(poses, expected["poses"])
    np.testing.assert_array_equal(visibility, expected["visibility"])
    assert 0 < visibility.sum() < VISIBILITY.sum()


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"x": POSES}, "must hold poses.*: x"),
        ({"poses": POSES[0]}, r"joints, coordinates\].*\[13, 2\]"),
        ({"poses": POSES[:0]}, "at least 1 frame"),
        ({"poses": np.array([["a"]])}, "numbers"),
        (
            {"poses": POSES, "visibility": VISIBILITY[:1]},
            r"visibility.*\[2, 13\].*\[1, 13\]",
        ),
        ({"poses": POSES, "visibility": POSES[..., 0] * 0.3}, "0 or 1.*0.6"),
        ({"poses": POSES, "visibility": POSES[..., 0] * np.nan}, "0 or 1.*nan"),
        (
            {"poses": np.full_like(POSES, np.inf), "visibility": VISIBILITY},
            r"visible .* finite.*\[inf, inf\] for right_shoulder in frame 0",
        ),
    ],
)
def test_arrays_that_are_no_clip(tmp_path, arrays, told):
    np.savez(tmp_path / "clip.npz", **arrays)
    with pytest.raises(ValueError, match=rf"clip\.npz: .*{told}"):
        read(tmp_path / "clip.npz")


@pytest.mark.parametrize("name", ["clip.npz", "clip.json"])
@pytest.mark.parametrize("content", [b"", b"no clip", b"[1, 2]", b"PK\3\4"])
def test_files_that_are_no_arrays_are_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=name):
        read(tmp_path / name)


def test_lists_of_unequal_length_are_named(tmp_path):
    (tmp_path / "clip.json").write_text('{"poses": [[[1, 2]], [[1]]]}')
    with pytest.raises(ValueError, match="clip.json"):
        read(tmp_path / "clip.json")


def test_missing_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.npz"):
        read(tmp_path / "nowhere.npz")


@pytest.mark.parametrize("source", ["clip.txt", "penn_action/test", "a/b/0"])
def test_sources_that_are_neither_file_nor_example(source):
    with pytest.raises(ValueError, match="penn_action/test/0.*" + source):
        read(source)


def test_index_must_be_a_number():
    with pytest.raises(ValueError, match="whole number.*'first'"):
        read("synthetic_actions/test/first")


def test_unknown_dataset_lists_the_known(tmp_path):
    with pytest.raises(ValueError, match="synthetic_actions.*'coco'"):
        read("coco/test/0", data_dir=tmp_path)


@pytest.mark.parametrize("suffix", [".gif", ".png"])
def test_pictures(tmp_path, suffix):
    path = tmp_path / "new" / f"poses{suffix}"
    clips.draw(
        path, [(POSES, VISIBILITY)], skeletons.PENN_ACTION, ["truth"], prefix=1
    )
    with Image.open(path) as image:
        assert image.format == suffix[1:].upper()
        assert getattr(image, "n_frames", 1) == (2 if suffix == ".gif" else 1)


@pytest.mark.parametrize("name", ["poses.mp4", "poses"])
def test_other_suffixes_list_the_known(tmp_path, name):
    with pytest.raises(ValueError, match=r"\.gif or \.png"):
        clips.draw(tmp_path / name, [], skeletons.PENN_ACTION, [])
    with pytest.raises(ValueError, match=r"\.npz or \.json"):
        outputs.write(tmp_path / name, {})
