"""Our own files of a clip: what is written, and what a detector leaves."""

import json

import numpy as np
import pytest

from pose_tf.formats import arrays
from pose_tf.pose import skeletons

PENN = skeletons.PENN_ACTION


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_the_first_future_is_a_clip(tmp_path, suffix):
    """Its joints are visible where that is likelier than not."""
    futures = np.arange(2 * 4 * 13 * 2, dtype=float).reshape(2, 4, 13, 2) + 1
    visibility = np.full((2, 4, 13), 0.51)
    visibility[0, 2, 5], visibility[1] = 0.5, 0
    path = tmp_path / f"futures{suffix}"
    arrays.write(
        path,
        {"poses": futures, "visibility": visibility, "log_prob": [-1.0, -2.0]},
    )
    with pytest.warns(UserWarning, match="first of 2 futures"):
        poses, visible = arrays.read_clip(path)
    np.testing.assert_array_equal(poses, futures[0])
    assert np.argwhere(~visible).tolist() == [[2, 5]]


@pytest.mark.parametrize("shape", [(4, 13, 2), (0, 4, 13, 2), (13,)])
def test_futures_must_have_four_axes(tmp_path, shape):
    path = tmp_path / "futures.npz"
    arrays.write(path, {"poses": np.zeros(shape), "log_prob": [0.0]})
    with pytest.raises(ValueError, match=r"futures\.npz: poses with log_prob"):
        arrays.read_clip(path)


def test_probabilities_must_fit_the_futures(tmp_path):
    path = tmp_path / "futures.npz"
    values = {"poses": np.ones((1, 4, 13, 2)), "visibility": np.ones((1, 3))}
    arrays.write(path, {**values, "log_prob": [0.0]})
    with pytest.raises(ValueError, match=r"visibility .*\[1, 4, 13\]"):
        arrays.read_clip(path)


def test_a_suffix_in_capitals_is_written_and_read(tmp_path):
    poses = np.ones((2, 13, 2))
    for name in ("a.NPZ", "a.Json"):
        arrays.write(tmp_path / name, {"poses": poses})
        np.testing.assert_array_equal(
            arrays.read_clip(tmp_path / name)[0], poses
        )
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["a.Json", "a.NPZ"]


def test_a_detectors_joints_that_jump_are_missing_for_a_known_skeleton(
    tmp_path,
):
    """The torso is 60 px long, and the jump 100 px: 1.67 torso lengths."""
    poses = np.full((9, 13, 2), 10.0)
    poses[:, 7:9, 1] += 60
    poses[4, 6] += [0, 100]
    values = {"poses": poses, "confidence": np.ones((9, 13))}
    arrays.write(tmp_path / "a.npz", values)
    _, visible = arrays.read_clip(tmp_path / "a.npz", PENN)
    assert np.argwhere(~visible).tolist() == [[4, 6]]
    assert arrays.read_clip(tmp_path / "a.npz")[1].all()
    assert arrays.read_clip(tmp_path / "a.npz", skeletons.COCO_17)[1].all()
    # Annotations, which have no confidence, are taken as they are.
    arrays.write(tmp_path / "b.npz", {"poses": poses})
    assert arrays.read_clip(tmp_path / "b.npz", PENN)[1].all()


def test_json_of_a_name_twice_or_nested_without_end_is_refused():
    assert arrays.load_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    with pytest.raises(ValueError, match="'a' twice"):
        arrays.load_json(b'{"b": {"a": 1, "a": 2}}')
    with pytest.raises(ValueError, match="nested that deeply"):
        arrays.load_json(b"[" * 100_000 + b"]" * 100_000)


def test_extra_lists_of_any_kind_stay_unread(tmp_path):
    path = tmp_path / "a.json"
    extra = {"who": {"name": "bob"}, "tags": ["a", 1]}
    path.write_text(json.dumps({"poses": np.ones((1, 2, 2)).tolist(), **extra}))
    with pytest.warns(UserWarning, match=": tags, who$"):
        assert set(arrays.read_arrays(path)) == {"poses"}
