"""What TensorFlow logs does not reach the terminal; all else does."""

import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import sides
from pose_tf import terminal
from tests.support import fake_sides

ROOT = pathlib.Path(__file__).parents[1]
CLIP = "docs/jumping_jacks.npz"
CLASSIFIER, GENERATOR = (
    f"saved_models/penn_action_{kind}" for kind in ("classifier", "generator")
)
LOG = re.compile(
    r"absl|oneDNN|cuda|rebuild TensorFlow|\.(cc|h):\d+\]", re.IGNORECASE
)
SHORT_TRAINING = ("--preset=tiny", "--num_epochs=1", "--verbose=0")


def run(*arguments, level=None):
    """Runs Python in the project's folder, with this TF_CPP_MIN_LOG_LEVEL."""
    environment = {k: v for k, v in os.environ.items() if k != terminal.LEVEL}
    if level is not None:
        environment[terminal.LEVEL] = level
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        check=False,
        capture_output=True,
        cwd=ROOT,
        env=environment,
        text=True,
    )


def log_of(process):
    """The lines of TensorFlow's log that a process printed."""
    lines = (process.stdout + process.stderr).splitlines()
    return [line for line in lines if LOG.search(line)]


@pytest.mark.parametrize("level", [None, "3"])
def test_a_command_prints_nothing_of_tensorflow(level):
    command = ("-m", "pose_tf.cli.main", "classify", CLASSIFIER, CLIP)
    process = run(*command, level=level)
    assert " jumping_jacks" in process.stdout.splitlines()[0]
    assert process.stderr == ""


def test_a_user_can_ask_for_the_log():
    command = ("-m", "pose_tf.cli.main", "classify", CLASSIFIER, CLIP)
    assert log_of(run(*command, level="0"))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["pose_tf.cli.main", "build", "penn_action"], "manual_dir"),
        (["pose_tf.cli.demo"], "Not a directory"),
        (["pose_tf.trainers.vae", "--dataset=penn_action"], "manual_dir"),
        (["pose_tf.trainers.classifier", "--dataset=coco"], "coco"),
        (["pose_tf.trainers.generator", "--dataset=coco"], "coco"),
        (["studies", "--quick"], "manual_dir"),
    ],
)
def test_an_error_after_the_import_is_still_one_line(command, said, tmp_path):
    name = command[0]
    folders = {"manual_dir": "nowhere", "data_dir": "data", "workdir": "run"}
    if name == "pose_tf.cli.demo":
        (tmp_path / "run" / "data").mkdir(parents=True)
        (tmp_path / "run" / "data" / "synthetic_actions").touch()
        folders = {"workdir": "run"}
    elif name == "studies":
        folders = {**folders, "runs": "runs", "output": "page"}
        del folders["workdir"]
    elif "build" in command:
        del folders["workdir"]
    flags = [f"--{flag}={tmp_path / f}" for flag, f in folders.items()]
    process = run("-m", *command, *flags)
    assert process.returncode == 2
    assert said in process.stderr
    assert process.stderr.count("\n") == 1


def test_a_training_prints_nothing_of_tensorflow(tiny_data_dir, tmp_path):
    folders = (f"--workdir={tmp_path}", f"--data_dir={tiny_data_dir}")
    process = run("-m", "pose_tf.trainers.vae", *SHORT_TRAINING, *folders)
    assert process.returncode == 0, process.stderr
    assert log_of(process) == []


def test_scripts_run_without_the_log(tmp_path):
    poses = np.load(ROOT / CLIP)["poses"]
    clip = {"poses": poses, "visibility": np.isfinite(poses).all(-1)}
    np.savez(tmp_path / "clip.npz", **clip)
    models = (CLASSIFIER, GENERATOR)
    script = ("docs/without_pose_tf.py", *models, tmp_path / "clip.npz")
    process = run("-m", "pose_tf.terminal", *script)
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout.startswith("classified  jumping_jacks")


def test_sides_of_benchmarks_print_nothing_of_tensorflow(capfd, monkeypatch):
    monkeypatch.delenv(terminal.LEVEL, raising=False)
    side = sides.Side(fake_sides.tensorflow)
    assert side.measure("version")
    side.close()
    assert capfd.readouterr() == ("", "")


NOISE = """\
WARNING: All log messages before absl::InitializeLog() is called are written
I0000 00:00:1795806328.873854    9850 port.cc:153] oneDNN custom operations
E0000 00:00:1795806343.550717    9850 cuda_platform.cc:52] failed call to cuInit
2026-11-27 19:03:00.123456: I tensorflow/core/util/port.cc:153] oneDNN custom
To enable the following instructions: AVX2 FMA, rebuild TensorFlow with flags.
"""
ALL_ELSE = """\
F0000 00:00:1795806343.550717    9850 tensor.cc:52] Check failed: dtype
WARNING: a word of ours
I0000 is a name

é
and no end"""


def test_everything_but_the_log_is_printed_even_after_a_crash(tmp_path):
    mixed = "".join(map("".join, zip(NOISE.splitlines(True), ["X\n"] * 5)))
    script = tmp_path / "crash.py"
    script.write_text(
        f"import os; os.write(2, {(mixed + ALL_ELSE).encode()!r}); os.abort()"
    )
    process = run("-m", "pose_tf.terminal", script)
    assert process.returncode != 0
    assert process.stderr == "X\n" * 5 + ALL_ELSE


def test_what_takes_long_comes_at_once(tmp_path):
    """Also a line that is written in pieces."""
    script = tmp_path / "slow.py"
    script.write_text(
        "import os, sys\n"
        "os.write(2, b'at '); os.write(2, b'once\\n'); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "pose_tf.terminal", script],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stderr.readline() == b"at once\n"


def test_a_closed_stderr_is_left_closed():
    code = (
        "import os; os.close(2); from pose_tf import terminal\n"
        "with terminal.filtered(): print('ran')"
    )
    assert run("-c", code).stdout == "ran\n"


def test_an_import_that_fails_fails_as_ever(tmp_path):
    (tmp_path / "tensorflow.py").write_text("print('Here'); 1 / 0")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from pose_tf import terminal; terminal.quiet_tensorflow()\n"
        "import tensorflow"
    )
    process = run("-c", code)
    assert process.stdout == "Here\n"
    assert process.stderr.endswith("ZeroDivisionError: division by zero\n")


HELP = """
import runpy, sys
sys.argv = {argv!r}
try:
    runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
except SystemExit as exit_:
    print(exit_.code, "tensorflow" in sys.modules)
"""


@pytest.mark.parametrize(
    "kind", ["vae", "motion_vae", "classifier", "generator"]
)
@pytest.mark.parametrize("by", ["pose-tf", "module"])
def test_the_help_of_a_trainer_does_not_import_tensorflow(kind, by):
    if by == "pose-tf":
        module, argv = "pose_tf.cli.main", ["", "train", kind, "--help"]
    else:
        module, argv = f"pose_tf.trainers.{kind}", ["", "--help"]
    process = run("-c", HELP.format(argv=argv, module=module))
    assert f"usage: pose-tf train {kind}" in process.stdout
    assert process.stdout.endswith("0 False\n")
