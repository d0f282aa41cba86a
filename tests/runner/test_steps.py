"""Steps: skipped, run again, resumed after a kill, never half-written."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from pose_tf import files
from pose_tf.runner import steps


class Step:
    """Counts its runs; writes what its input and config say."""

    def __init__(self, tmp_path):
        self.folder = tmp_path / "run" / "step"
        self.source = tmp_path / "source.txt"
        self.source.write_text("one")
        self.runs = 0
        self.error = None
        self.found = []

    def __call__(self, config=None):
        def run(folder):
            self.runs += 1
            self.found = sorted(path.name for path in folder.iterdir())
            (folder / "checkpoint").write_text("half-way")
            if self.error:
                raise self.error
            (folder / "model").mkdir(exist_ok=True)
            (folder / "model" / "weights").write_text(self.source.read_text())

        return steps.run_step(
            self.folder,
            run,
            inputs={"source": self.source},
            config=config,
            outputs=["model"],
        )


@pytest.fixture
def step(tmp_path):
    return Step(tmp_path)


class TestRunStep:
    def test_unchanged_is_skipped(self, step):
        assert step({"rate": 0.1}) is True
        assert step({"rate": 0.1}) is False
        assert step.runs == 1

    def test_manifest_lists_inputs_and_outputs(self, step):
        step({"rate": np.float32(0.5), "path": pathlib.Path("a")})
        manifest = json.loads((step.folder / "manifest.json").read_text())
        assert manifest["recipe"]["config"] == {"rate": 0.5, "path": "a"}
        # sha256 of "one".
        assert manifest["recipe"]["inputs"]["source"].startswith("7692c3ad3540")
        assert set(manifest["outputs"]) == {"model"}
        assert {"pose_tf", "tensorflow", "keras"} <= set(
            manifest["recipe"]["versions"]
        )

    def test_other_input_starts_afresh(self, step):
        step()
        step.source.write_text("two")
        assert step() is True
        assert step.found == ["manifest.json"]  # No checkpoint of before.
        assert (step.folder / "model" / "weights").read_text() == "two"

    def test_other_config_or_versions_start_afresh(self, step, monkeypatch):
        step({"rate": 1})
        assert step({"rate": 2}) is True
        monkeypatch.setattr(steps, "versions", lambda: {"pose_tf": "9"})
        assert step({"rate": 2}) is True
        assert step.found == ["manifest.json"]

    def test_changed_output_is_made_again(self, step):
        step()
        (step.folder / "model" / "weights").write_text("tampered")
        assert step() is True
        assert (step.folder / "model" / "weights").read_text() == "one"

    def test_a_failed_step_resumes_in_its_folder(self, step):
        step.error = OSError(28, "No space left on device")
        with pytest.raises(OSError, match="No space"):
            step()
        step.error = None
        assert step() is True
        assert step.found == ["checkpoint", "manifest.json"]
        assert step() is False

    def test_failed_of_another_recipe_starts_afresh(self, step):
        step.error = OSError(28, "No space left on device")
        with pytest.raises(OSError):
            step({"rate": 1})
        step.error = None
        assert step({"rate": 2}) is True
        assert step.found == ["manifest.json"]

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"a": 1}'])
    def test_a_damaged_manifest_is_named(self, step, text):
        step()
        (step.folder / "manifest.json").write_text(text)
        with pytest.raises(ValueError, match=f"^{step.folder}/manifest.json"):
            step()
        assert (step.folder / "model").exists()

    def test_files_of_others_are_not_touched(self, step):
        step.folder.mkdir(parents=True)
        (step.folder / "thesis.tex").write_text("important")
        with pytest.raises(ValueError, match=r"`folder`.*no manifest.json"):
            step()
        assert (step.folder / "thesis.tex").read_text() == "important"

    def test_missing_input(self, step):
        step.source.unlink()
        with pytest.raises(FileNotFoundError, match="source.txt"):
            step()
        assert not step.folder.exists()

    def test_missing_output(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="model"):
            steps.run_step(
                tmp_path / "step", lambda folder: None, outputs=["model"]
            )


KILLED = """
    import os, pathlib, signal, sys
    from pose_tf.runner import steps

    def run(folder):
        done = folder / "checkpoint"
        if done.exists():
            (folder / "model").write_text("whole")
            return
        done.write_text("half-way")
        os.kill(os.getpid(), signal.SIGKILL)

    ran = steps.run_step(
        pathlib.Path(sys.argv[1]), run, config=1, outputs=["model"]
    )
    print(ran)
"""


def test_a_killed_step_resumes(tmp_path):
    def start():
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(KILLED), tmp_path / "step"],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    assert start().returncode == -signal.SIGKILL
    assert not (tmp_path / "step" / "model").exists()
    for expected in ("True", "False"):
        again = start()
        assert again.returncode == 0, again.stderr
        assert again.stdout.strip() == expected
    assert (tmp_path / "step" / "model").read_text() == "whole"


def test_after_a_kill_before_the_first_manifest_the_step_runs_again(tmp_path):
    folder = tmp_path / "step"
    folder.mkdir()
    (folder / ".manifest.0123abcd.aside.json").write_text("{")
    run = lambda folder: (folder / "model").write_text("whole")
    assert steps.run_step(folder, run, outputs=["model"]) is True
    assert sorted(p.name for p in folder.iterdir()) == [
        "manifest.json",
        "model",
    ]


class TestDigest:
    def test_of_a_file(self, tmp_path):
        (tmp_path / "a").write_bytes(b"abc")
        # The test vector of FIPS 180.
        assert files.digest(tmp_path / "a") == (
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )

    def test_of_a_folder_depends_on_names_and_contents(self, tmp_path):
        def digest_of(texts):
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            for name, text in texts.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text)
            return files.digest(folder)

        one = digest_of({"a/x": "1", "b": "2"})
        assert one == digest_of({"b": "2", "a/x": "1"})
        others = [{"a/x": "2", "b": "1"}, {"a/y": "1", "b": "2"}, {"b": "2"}]
        assert len({one, *map(digest_of, others)}) == 4

    def test_of_nothing(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="`path`.*nowhere"):
            files.digest(tmp_path / "nowhere")


def test_plain():
    values = {
        1: np.array([1.5, np.nan]),
        "b": (np.int64(2), np.bool_(True)),
        "c": pathlib.Path("x"),
        "d": None,
    }
    assert files.plain(values) == {
        "1": [1.5, None],
        "b": [2, True],
        "c": "x",
        "d": None,
    }
