"""Many clips, as commands find them: of datasets, and in folders."""

import numpy as np
import pytest

from pose_tf.cli import collections
from tests.support import keypoint_folders


def test_a_dataset_is_its_training_and_its_test_clips(tiny_data_dir):
    whole = collections.find("penn_action", tiny_data_dir)
    parts = [
        collections.find(f"penn_action/{part}", tiny_data_dir)
        for part in ("train", "test")
    ]
    assert whole.actions == parts[0].actions + parts[1].actions
    (clip,) = whole.read([len(parts[0].actions)])
    (same,) = parts[1].read([0])
    assert clip["clip_id"] == same["clip_id"]
    assert clip["action"] == whole.actions[len(parts[0].actions)]


def test_a_folder_needs_neither_splits_nor_actions(tmp_path):
    root = keypoint_folders.make(tmp_path / "mine")
    poses = np.full((3, 13, 2), 7.0)
    keypoint_folders.add(root, "wave/a.npz", poses)
    keypoint_folders.add(root, "b.json", 2 * poses)
    found = collections.find(root)
    assert found.skeleton.name == "penn_action"
    assert sorted(found.actions) == ["unlabelled", "wave"]
    (clip,) = found.read([found.actions.index("unlabelled")])
    assert (clip["clip_id"], clip["action"]) == ("b", "unlabelled")
    assert (clip["poses"] == 14).all() and clip["visibility"].all()


def test_a_folder_without_clips_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="must hold clips.*: /"):
        collections.find(tmp_path)
