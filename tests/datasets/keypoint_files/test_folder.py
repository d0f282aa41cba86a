"""Which clips a folder holds, and of what action, view and split."""

import pytest

from pose_tf.datasets.keypoint_files import folder
from tests.support.keypoint_folders import add, describe


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
        ("clip_id,action\nb,wave\n", "one row per clip.*: 'b'$"),
        ("clip_id,action\na,wave\na,jump\n", "one row per clip.*: 'a' twice"),
        ("clip_id,split\na,dev\n", "train or test. Received: 'dev' for a"),
        ("name,action\na,wave\n", r"columns clip_id .*'action', 'name'"),
        ("clip_id,color\na,red\n", "columns clip_id .*'color'"),
        ("", r"labels\.csv: a table must have a header"),
        ("clip_id,action\n", "must have rows .*: 0 rows"),
        ("clip_id,action,action\na,wave,jump\n", "'action' twice"),
        ("clip_id,action\na,wave,jump\n", "2 cells. Received: 3"),
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
