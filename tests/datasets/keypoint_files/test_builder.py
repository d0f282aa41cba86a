"""The dataset that is built from a user's own files."""

import json

import numpy as np
import pytest
import tensorflow_datasets as tfds

from pose_tf.pipeline import build
from tests.support.keypoint_folders import add, describe


def test_a_folder_must_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match="`manual_dir` must .*no$"):
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
    with pytest.warns(UserWarning, match=r"3 bad clips.*quarantine\.json"):
        path = build.build(
            "keypoint_files", on_bad_clip="quarantine", **options
        )
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


def test_an_action_is_one_class_whatever_blanks_are_around_it(root, tmp_path):
    """TFDS keeps a name per line: one of two lines would be two classes."""
    describe(root, test_fraction=0)
    for name in ("wave/a", " wave/b", "jump/c"):
        add(root, f"{name}.npz")
    (root / "labels.csv").write_text('clip_id,action\njump/c,"ju\nmp"\n')
    path = build.build(
        "keypoint_files", data_dir=tmp_path / "data", manual_dir=root
    )
    assert prepared(path, "train") == {
        " wave/b": "wave",
        "jump/c": "ju mp",
        "wave/a": "wave",
    }
    builder = tfds.builder_from_directory(path)
    assert builder.info.features["action"].names == ["ju mp", "wave"]
