"""Files and folders that are there whole or not at all."""

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from pose_tf import files


def write_folder(path, text):
    with files.writing(path) as aside:
        aside.mkdir()
        (aside / "a.txt").write_text(text)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def run(script, path):
    """Runs a script that imports no more than it needs."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )


class TestFile:
    def test_the_file_appears_only_at_the_end(self, tmp_path):
        path = tmp_path / "new" / "a.json"
        with files.writing(path) as aside:
            aside.write_text("1")
            assert not path.exists()
            assert aside.suffix == ".json" and aside.parent == path.parent
        assert path.read_text() == "1"
        assert names(path.parent) == ["a.json"]

    def test_replaces_one(self, tmp_path):
        files.write_json(tmp_path / "a.json", {"a": 1})
        files.write_json(tmp_path / "a.json", {"a": 2})
        assert json.loads((tmp_path / "a.json").read_text()) == {"a": 2}
        assert names(tmp_path) == ["a.json"]

    def test_an_error_in_the_middle_leaves_the_one_before(self, tmp_path):
        path = tmp_path / "a.txt"
        path.write_text("before")
        with pytest.raises(OSError, match="full"), files.writing(path) as aside:
            aside.write_text("half of")
            raise OSError("full")
        assert path.read_text() == "before"
        assert names(tmp_path) == ["a.txt"]

    def test_what_is_no_json_leaves_nothing(self, tmp_path):
        with pytest.raises(TypeError):
            files.write_json(tmp_path / "a.json", {"a": object()})
        assert names(tmp_path) == []

    def test_json_has_null_for_what_is_not_finite(self, tmp_path):
        path = tmp_path / "a.json"
        files.write_json(path, {"a": [float("nan"), float("inf"), 1.5]})
        assert json.loads(path.read_text()) == {"a": [None, None, 1.5]}

    @pytest.mark.parametrize("name", [None, "aside"])
    def test_a_full_disk_names_the_file_itself(self, tmp_path, name):
        path = tmp_path / "a.txt"
        path.write_text("before")
        with (
            pytest.raises(OSError, match=r"No space.*a\.txt'$") as raised,
            files.writing(path) as aside,
        ):
            raise OSError(errno.ENOSPC, "No space left", name and str(aside))
        assert raised.value.errno == errno.ENOSPC
        assert ".aside" not in str(raised.value)
        assert path.read_text() == "before"

    def test_an_error_names_the_file_and_not_the_temporary_one(self, tmp_path):
        path = tmp_path / "folder" / "a.txt"
        with (
            pytest.raises(FileNotFoundError, match=f"'{path}'$"),
            files.writing(path) as aside,
        ):
            path.parent.rmdir()
            aside.write_text("lost")

    def test_never_replaces_a_folder(self, tmp_path):
        path = tmp_path / "a.txt"
        path.mkdir()
        (path / "mine").touch()
        with (
            pytest.raises(IsADirectoryError, match=f"'{path}'"),
            files.writing(path) as aside,
        ):
            aside.touch()
        assert names(path) == ["mine"]
        assert names(tmp_path) == ["a.txt"]

    def test_a_file_that_appears_during_writing_is_not_replaced(self, tmp_path):
        path = tmp_path / "a.txt"
        with (
            pytest.raises(FileExistsError),
            files.writing(path, replace=False) as aside,
        ):
            aside.write_text("mine")
            path.write_text("another's")
        assert path.read_text() == "another's"
        assert names(tmp_path) == ["a.txt"]


class TestSweep:
    def test_deletes_what_writing_and_scratch_left_and_nothing_else(
        self, tmp_path
    ):
        kept = ["a.json", ".a.json", ".aside", "b.0123abcd.aside", ".b.before"]
        for name in kept:
            (tmp_path / name).write_text("")
        with contextlib.ExitStack() as stack:
            for name in ("a.json", "b", "model.keras"):
                writing = files.writing(tmp_path / "left" / name)
                stack.enter_context(writing).write_text("half")
            scratch = stack.enter_context(files.scratch(tmp_path / "left"))
            (scratch / "c").write_text("")
            for path in (tmp_path / "left").iterdir():
                target = tmp_path / path.name
                if path.is_dir():
                    shutil.copytree(path, target)
                else:
                    shutil.copyfile(path, target)
            stack.pop_all()
        assert len(names(tmp_path)) == len(kept) + 1 + 4
        files.sweep(tmp_path)
        assert names(tmp_path) == sorted([*kept, "left"])

    def test_a_folder_that_is_not_there_is_swept(self, tmp_path):
        files.sweep(tmp_path / "nowhere")


class TestLocked:
    def test_another_waits_until_the_folder_is_given_back(self, tmp_path):
        waited = []
        with files.locked(tmp_path) as held:
            assert held
            thread = threading.Thread(target=self.hold, args=(tmp_path, waited))
            thread.start()
            thread.join(timeout=0.5)
            assert waited == ["waiting"]
        thread.join(timeout=10)
        assert waited == ["waiting", True]
        assert names(tmp_path) == []

    @staticmethod
    def hold(folder, waited):
        with files.locked(folder, lambda: waited.append("waiting")) as held:
            waited.append(held)


def test_versions_are_folders_and_files_named_by_a_number(tmp_path):
    for name in ("10", "9", "²", "٣", "007", "0", "-1", "1a"):
        (tmp_path / name).mkdir()
    assert files.versions(tmp_path) == {
        9: tmp_path / "9",
        10: tmp_path / "10",
    }
    assert list(files.versions(tmp_path)) == [9, 10]


class TestFolder:
    def test_replaces_one(self, tmp_path):
        path = tmp_path / "folder"
        write_folder(path, "before")
        (path / "only_before").touch()
        write_folder(path, "after")
        assert names(path) == ["a.txt"]
        assert (path / "a.txt").read_text() == "after"
        assert names(tmp_path) == ["folder"]

    def test_an_error_in_the_middle_leaves_the_one_before(self, tmp_path):
        path = tmp_path / "folder"
        write_folder(path, "before")
        with pytest.raises(OSError, match="full"), files.writing(path) as aside:
            aside.mkdir()
            (aside / "a.txt").write_text("half of")
            raise OSError("full")
        assert (path / "a.txt").read_text() == "before"
        assert names(tmp_path) == ["folder"]

    def test_so_does_an_error_between_the_renames(self, tmp_path):
        path = tmp_path / "folder"
        write_folder(path, "before")
        with pytest.raises(FileNotFoundError), files.writing(path):
            pass  # There is nothing to rename.
        assert (path / "a.txt").read_text() == "before"
        assert names(tmp_path) == ["folder"]


KILLED = """
    import os, pathlib, signal, sys
    from pose_tf import files

    renamed = []
    rename = pathlib.Path.rename

    def rename_and_die(self, target):
        rename(self, target)
        renamed.append(target)
        if len(renamed) == {count}:
            os.kill(os.getpid(), signal.SIGKILL)

    pathlib.Path.rename = rename_and_die
    with files.writing(sys.argv[1]) as aside:
        aside.mkdir()
        (aside / "a.txt").write_text("killed")
        if not {count}:
            os.kill(os.getpid(), signal.SIGKILL)
"""


class TestKill:
    """After so many of the renames that replace a folder."""

    @pytest.fixture(params=[0, 1, 2, 3])
    def count(self, request):
        return request.param

    @pytest.fixture
    def path(self, tmp_path, count):
        path = tmp_path / "folder"
        write_folder(path, "before")
        killed = run(KILLED.format(count=count), path)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        return path

    def test_leaves_one_of_both_or_one_to_recover(self, path, count):
        expected = {0: "before", 1: None, 2: "killed", 3: "killed"}[count]
        if expected is None:
            assert not path.exists()
        else:
            assert (path / "a.txt").read_text() == expected

    def test_the_next_that_fails_finds_a_folder(self, path, count):
        with pytest.raises(OSError, match="full"), files.writing(path):
            raise OSError("full")
        expected = "before" if count < 2 else "killed"
        assert (path / "a.txt").read_text() == expected

    def test_the_next_replaces_it(self, path):
        write_folder(path, "after")
        assert (path / "a.txt").read_text() == "after"
        assert not list(path.parent.glob("*.before"))
