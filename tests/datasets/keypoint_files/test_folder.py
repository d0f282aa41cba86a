"""Which clips a folder holds, and of what action, view and split."""

import os

import pytest

from pose_tf.datasets.keypoint_files import folder
from tests.support.keypoint_folders import add, describe, read


def labels(root):
    return {
        clip.clip_id: (clip.action, clip.view, clip.split)
        for clip in folder.find_clips(root)
    }


def test_folders_give_action_and_split(root):
    for name in ("train/wave/a", "train/wave/ann/b", "test/jump/c"):
        add(root, f"{name}.npz")
    assert labels(root) == {
        "test/jump/c": ("jump", "", "test"),
        "train/wave/a": ("wave", "", "train"),
        "train/wave/ann/b": ("wave", "", "train"),
    }


def test_a_table_takes_precedence_over_folders(root):
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


def test_splits_and_suffixes_may_be_in_any_case(root):
    for name in ("Train/wave/a.NPZ", "TEST/wave/b.Json"):
        add(root, name)
    (root / "train/wave").mkdir(parents=True)
    (root / "train/wave/c.CSV").write_text("head_x,head_y\n1,2\n")
    assert labels(root) == {
        "TEST/wave/b": ("wave", "", "test"),
        "Train/wave/a": ("wave", "", "train"),
        "train/wave/c": ("wave", "", "train"),
    }
    for name in labels(root):
        assert len(read(root, name)["poses"]) == (1 if name[-1] == "c" else 2)


def test_tables_may_be_in_any_case(root):
    add(root, "a.npz")
    add(root, "b.npz")
    (root / "dataset.json").rename(root / "Dataset.JSON")
    (root / "LABELS.csv").write_text("Clip_ID, Action,Split\na,wave,Train\n")
    with pytest.raises(ValueError, match="none for b"):
        labels(root)
    (root / "b.npz").unlink()
    assert labels(root) == {"a": ("wave", "", "train")}
    assert [path.name for path in folder.find_files(root)] == [
        "Dataset.JSON",
        "LABELS.csv",
        "a.npz",
    ]


def test_two_descriptions_are_refused(root):
    add(root, "a.npz")
    (root / "Dataset.json").write_text("{}")
    with pytest.raises(ValueError, match=r"one dataset\.json.*Dataset\.json"):
        labels(root)


def test_what_is_hidden_is_no_clip(root):
    for name in ("wave/a.npz", "wave/._a.npz", ".ipynb_checkpoints/a.json"):
        add(root, name)
    assert list(labels(root)) == ["wave/a"]


def test_linked_folders_are_followed(root, tmp_path):
    add(tmp_path / "elsewhere", "ann/b.npz")
    (root / "wave").symlink_to(tmp_path / "elsewhere")
    assert list(labels(root)) == ["wave/ann/b"]


def test_a_linked_folder_is_read_once(root):
    """Under its own path, though the link comes first by name."""
    add(root, "wave/a.npz")
    (root / "all").symlink_to(root / "wave")
    with pytest.warns(UserWarning, match=r"Left out the link .*/all: "):
        assert list(labels(root)) == ["wave/a"]


@pytest.mark.parametrize("target", [".", "wave"])
def test_a_circular_link_ends_with_a_warning(root, target):
    add(root, "wave/a.npz")
    (root / "wave" / "again").symlink_to(root / target)
    with pytest.warns(UserWarning, match="wave/again"):
        assert list(labels(root)) == ["wave/a"]


def test_a_link_to_a_folder_above_is_refused(root):
    add(root, "wave/a.npz")
    (root / "wave" / "up").symlink_to(root.parent)
    with pytest.raises(ValueError, match="folder above .*wave/up"):
        labels(root)


def test_a_link_to_nowhere_is_refused(root):
    add(root, "wave/a.npz")
    (root / "jump").symlink_to(root / "gone")
    with pytest.raises(ValueError, match="lead somewhere.*/jump"):
        labels(root)


def test_blanks_and_line_breaks_make_no_other_action(root):
    for name in ("wave/a", " wave/b", "wave /c", "jump/d", "jump/e"):
        add(root, f"{name}.npz")
    (root / "labels.csv").write_text(
        'clip_id,action,view\njump/d,"ju\nmp\n", left \njump/e,ju  mp,left\n'
    )
    assert labels(root) == {
        " wave/b": ("wave", "", "train"),
        "jump/d": ("ju mp", "left", labels(root)["jump/d"][2]),
        "jump/e": ("ju mp", "left", labels(root)["jump/e"][2]),
        "wave /c": ("wave", "", labels(root)["wave /c"][2]),
        "wave/a": ("wave", "", labels(root)["wave/a"][2]),
    }


def test_accents_have_one_form(root):
    """As macOS writes them in names of files, and editors in tables."""
    add(root, "hu\u0308pfen/a.npz")
    add(root, "x/b.npz")
    (root / "labels.csv").write_text(
        "clip_id,action,split\nh\xfcpfen/a,,train\nx/b,h\xfcpfen,train\n"
    )
    assert {action for action, _, _ in labels(root).values()} == {"h\xfcpfen"}


def test_a_blank_in_a_clip_id_matters_only_if_it_distinguishes_clips(root):
    add(root, "wave/a.npz")
    table = root / "labels.csv"
    table.write_text("clip_id,action,split\n wave/a ,jump,train\n,,\n")
    assert labels(root) == {"wave/a": ("jump", "", "train")}
    add(root, " wave/a.npz")
    table.write_text(
        "clip_id,action,split\n wave/a,one,train\nwave/a,two,train\n"
    )
    assert labels(root) == {
        " wave/a": ("one", "", "train"),
        "wave/a": ("two", "", "train"),
    }


def test_a_table_in_latin_1_is_named_with_its_line(root):
    add(root, "a.npz")
    table = "clip_id,action\na,h\xfcpfen\n".encode("latin-1")
    (root / "labels.csv").write_bytes(table)
    with pytest.raises(
        ValueError, match=r"labels\.csv: .* UTF-8\. .*0xfc in line 2"
    ):
        labels(root)


def test_a_table_may_begin_with_a_byte_order_mark(root):
    add(root, "a.npz")
    text = "clip_id,action,split\na,wave,train\n"
    (root / "labels.csv").write_text(text, encoding="utf-8-sig")
    assert labels(root) == {"a": ("wave", "", "train")}


def test_names_of_files_must_be_utf_8(root):
    add(root, "a.npz").rename(root / os.fsdecode(b"h\xfcpfen.npz"))
    with pytest.raises(ValueError, match=r"UTF-8. Received: b'h\\xfcpfen.npz'"):
        labels(root)
