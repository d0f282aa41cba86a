"""Files and folders that are there whole or not at all."""

import json
import os
import signal
import subprocess
import sys
import textwrap

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
    def test_is_there_afterwards_and_not_before(self, tmp_path):
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
