"""Penn Action's .mat files: what a clip becomes, and every bad file's error."""

import pathlib

import numpy as np
import pytest
import scipy.io

from pose_tf.datasets.penn_action import annotations


@pytest.fixture
def read(penn_annotations_of, write_penn, tmp_path):
    """Writes a .mat file with changed keys and reads it."""

    def write_and_read(**changes):
        folder = write_penn(tmp_path, [penn_annotations_of(**changes)])
        return annotations.read_clip(folder / "labels" / "0001.mat")

    return write_and_read


def test_a_clip_is_read_as_written(read):
    x = np.arange(26.0).reshape(2, 13)
    visibility = np.ones((2, 13), np.uint8)
    visibility[1, 3] = 0
    split, clip = read(
        num_frames=2,
        action="golf_swing",
        split="test",
        x=x,
        y=x + 100,
        visibility=visibility,
        pose="left",
        bbox=np.array([[1.0, 2, 30, 40], [5, 6, 70, 80]]),
        dimensions=np.array([[270, 480, 2]], np.uint16),
    )
    assert split == "test"
    assert clip["clip_id"] == "0001"
    assert clip["action"] == "golf_swing"
    assert clip["view"] == "left"
    np.testing.assert_array_equal(clip["frame_size"], [480, 270])
    np.testing.assert_array_equal(clip["poses"][1, 2], [15, 115])
    np.testing.assert_array_equal(clip["boxes"][1], [5, 6, 70, 80])
    assert clip["visibility"].sum() == 25 and not clip["visibility"][1, 3]
    assert clip["poses"].dtype == clip["boxes"].dtype == np.float32
    assert clip["visibility"].dtype == np.bool_
    assert clip["frame_size"].dtype == np.int32


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_differences_of_unsigned_coordinates_do_not_wrap(read, dtype):
    x = np.full((2, 13), 200, dtype)
    x[1] = 198
    _, clip = read(num_frames=2, x=x, y=x)
    np.testing.assert_array_equal(
        clip["poses"][1] - clip["poses"][0], np.full((13, 2), -2.0)
    )


def test_a_clip_of_one_frame_is_legal(read):
    _, clip = read(num_frames=1)
    assert clip["poses"].shape == (1, 13, 2)
    assert clip["visibility"].shape == (1, 13)
    assert clip["boxes"].shape == (1, 4)


@pytest.mark.parametrize(
    "missing", [range(13), (7, 8)], ids=["any joint", "hips"]
)
def test_a_clip_without_a_visible_joint_or_hip_is_legal(read, missing):
    visibility = np.ones((3, 13), np.uint8)
    visibility[:, list(missing)] = 0
    _, clip = read(num_frames=3, visibility=visibility)
    np.testing.assert_array_equal(clip["visibility"], visibility)


def test_a_box_row_that_is_missing_repeats_the_last(read):
    _, clip = read(num_frames=3, bbox=np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]]))
    np.testing.assert_array_equal(
        clip["boxes"], [[1, 2, 3, 4], [5, 6, 7, 8], [5, 6, 7, 8]]
    )


def test_what_is_not_finite_is_missing(read):
    x = np.full((2, 13), 5.0)
    x[0, 0], x[1, 1], x[1, 2] = np.nan, np.inf, 1e300
    visibility = np.ones((2, 13), np.uint8)
    visibility[0, 0] = visibility[1, 1] = visibility[1, 2] = 0
    _, clip = read(num_frames=2, x=x, visibility=visibility)
    missing = np.isnan(clip["poses"]).all(-1)
    assert np.argwhere(missing).tolist() == [[0, 0], [1, 1], [1, 2]]
    assert np.isfinite(clip["poses"][~missing]).all()
    assert clip["poses"][0, 1, 0] == 5


@pytest.mark.parametrize(
    ("place", "visible", "missing"),
    [
        ((1, 1), 0, True),
        ((0, 0), 0, True),
        ((1.52, 1.52), 0, True),  # Clips were resized: so was the 1.
        ((2, 2), 0, True),
        ((2.1, 2.1), 0, False),
        ((1, 0.9), 0, False),  # Off the diagonal: a guess.
        ((1, 1), 1, False),
    ],
)
def test_an_invisible_joint_in_the_corner_is_missing(
    read, place, visible, missing
):
    x, y = np.full((1, 13), 50.0), np.full((1, 13), 60.0)
    x[0, 4], y[0, 4] = place
    visibility = np.ones((1, 13), np.uint8)
    visibility[0, 4] = visible
    _, clip = read(num_frames=1, x=x, y=y, visibility=visibility)
    expected = [np.nan] * 2 if missing else np.float32(place)
    np.testing.assert_array_equal(clip["poses"][0, 4], expected)
    assert np.isfinite(np.delete(clip["poses"], 4, axis=1)).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_joint_of_whole_pixels_is_missing_too(read, dtype):
    x = np.full((1, 13), 50, dtype)
    x[0, 4] = 1
    visibility = np.ones((1, 13), np.uint8)
    visibility[0, 4] = 0
    _, clip = read(num_frames=1, x=x, y=x, visibility=visibility)
    assert np.isnan(clip["poses"][0, 4]).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_visible_joints_must_be_finite(read, value):
    x = np.full((2, 13), 5.0)
    x[1, 3] = value
    with pytest.raises(
        ValueError, match=r"0001\.mat: visible .* right_elbow in frame 1"
    ):
        read(num_frames=2, x=x, visibility=np.ones((2, 13), np.uint8))


@pytest.mark.parametrize("key", annotations.KEYS)
def test_all_keys_are_required(read, key):
    with pytest.raises(
        ValueError, match=rf"0001\.mat: must have the keys .*\['{key}'\]"
    ):
        read(**{key: None})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y": np.ones((4, 13))}, r"x and y .* \[3, 13\] and \[4, 13\]"),
        (
            {"visibility": np.ones((2, 13))},
            r"visibility .* \[3, 13\]. Received: \[2, 13\]",
        ),
        ({"x": np.ones((3, 14)), "y": np.ones((3, 14))}, r"poses .*3, 13, 2"),
        ({"x": np.ones((0, 13)), "y": np.ones((0, 13))}, "at least 1 frame"),
        ({"x": "abc", "y": "abc"}, "poses, .* must be numbers"),
        ({"visibility": "seen"}, "visibility, .* must be numbers"),
        ({"visibility": np.full((3, 13), 2)}, r"0 or 1. Received: \[2.0\]"),
        ({"visibility": np.full((3, 13), np.nan)}, "0 or 1"),
        ({"bbox": np.ones((1, 4))}, r"boxes .* \[3, 4\]. Received: \[1, 4\]"),
        ({"bbox": np.ones((0, 4))}, "boxes"),
        ({"bbox": np.full((3, 4), np.nan)}, "boxes must be finite"),
        ({"dimensions": np.array([[0, 480, 3]])}, r"from 1 to .*480, 0"),
        ({"dimensions": np.array([[2.5, 480, 3]])}, r"whole .*480.0, 2.5"),
        ({"dimensions": np.array([[2**31, 480, 3]])}, "from 1 to 2147483647"),
        ({"dimensions": np.array([[480]])}, r"dimensions .*\[\[480\]\]"),
        ({"dimensions": np.array([[np.nan, 480, 3]])}, "from 1 to .*nan"),
        ({"dimensions": "big"}, "dimensions"),
        ({"action": "yoga"}, r"action must be one of .*squat.*'yoga'"),
        ({"action": 3}, "action must be a text"),
        ({"pose": "above"}, "view must be one of back, front, left, right"),
        ({"train": 0}, "train must be 1 or -1"),
        ({"train": "yes"}, "train must be a number"),
        ({"train": np.array([1, -1])}, "train must be a number"),
    ],
)
def test_bad_values_are_named(read, changes, message):
    with pytest.raises(ValueError, match=rf"0001\.mat: .*{message}"):
        read(num_frames=3, **changes)


def test_an_empty_file_is_named(tmp_path):
    path = tmp_path / "0007.mat"
    path.touch()
    with pytest.raises(ValueError, match=r"0007\.mat: must be a readable"):
        annotations.read_clip(path)


def test_a_file_that_is_no_mat_file_is_named(tmp_path):
    path = tmp_path / "0007.mat"
    path.write_bytes(b"<html>404</html>" * 50)
    with pytest.raises(ValueError, match=r"0007\.mat: must be a readable"):
        annotations.read_clip(path)


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    path = tmp_path / "0007.mat"
    path.mkdir()
    with pytest.raises(ValueError, match=r"0007\.mat: .*IsADirectoryError"):
        annotations.read_clip(path)


def test_a_file_cut_anywhere_is_an_error(
    penn_annotations_of, write_penn, tmp_path
):
    folder = write_penn(tmp_path, [penn_annotations_of(num_frames=3)])
    path = folder / "labels" / "0001.mat"
    content = path.read_bytes()
    for size in range(0, len(content), 97):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match=r"^0001\.mat: must "):
            annotations.read_clip(path)


def test_every_real_file_is_read_to_the_bit(penn_action_dir):
    paths = sorted(pathlib.Path(penn_action_dir, "labels").glob("*.mat"))
    assert len(paths) == 2326
    kinds = {"f": 0, "uint8": 0, "uint16": 0}
    num_missing = num_above_1 = num_clips_above_1 = 0
    for path in paths:
        _, clip = annotations.read_clip(path)
        raw = scipy.io.loadmat(path, variable_names=["x", "y", "visibility"])
        annotated = np.stack([raw["x"], raw["y"]], -1).astype(np.float32)
        missing = np.isnan(clip["poses"]).all(-1)
        np.testing.assert_array_equal(
            clip["poses"][~missing], annotated[~missing]
        )
        above_1 = (annotated[missing] > 1).all(-1).sum()
        num_missing += missing.sum()
        num_above_1 += above_1
        num_clips_above_1 += above_1 > 0
        np.testing.assert_array_equal(clip["visibility"], raw["visibility"])
        kind = raw["x"].dtype
        kinds["f" if kind == np.float64 else kind.name] += 1
    assert kinds == {"f": 2195, "uint8": 41, "uint16": 90}
    # A threshold of 1 px would take the second number for guesses.
    assert (num_missing, num_above_1, num_clips_above_1) == (187352, 17571, 88)
