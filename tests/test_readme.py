"""Every command of the README is run, or something smaller in its place.

    make …            dry: `make --dry-run` must plan what the README promises
    pip install …     not here: `.ci/run` installs by this very line
    tensorboard …     served for a moment and asked for its page
    all others        in the README's order, in one process that spares each of
                      them the import of TensorFlow (`readme_process.py`), with
                      the changes of `SMALLER` and nothing else

The folder in which they run holds what the README says is there: annotations
in `path/to/Penn_Action` (made-up ones of 24 clips), our `saved_models/` and the
clip of the first example. Python blocks run as they stand.
"""

import json
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest

from tests.support import (
    documents,
    fake_motion_model,
    keypoint_folders,
    standing_figure,
)

ROOT = pathlib.Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()

# Pattern and replacement, on whole commands.
SMALLER = (
    (r"--preset=default", "--preset=tiny"),
    (  # Its preset `tiny` is another class of classifier, which needs a VAE.
        r"(?m)^(python -m pose_tf\.trainers\.classifier .*)$",
        r"\1 --window=16 --filters=8 --num_epochs=1 --live_epochs=1 --verbose=0",
    ),
    (
        r"(?m)^(python -m pose_tf\.trainers\.(?!classifier).*)$",
        r"\1 --preset=tiny --verbose=0",
    ),
    (r"synthetic_actions/test/", "synthetic_actions/tiny/test/"),
    (r"penn_action/test/315", "penn_action/test/0"),
)


def commands():
    return documents.commands(README)


def test_blocks_are_of_known_languages():
    languages = {language for language, _ in documents.blocks(README)}
    assert languages == {"bash", "python"}


def test_every_command_is_claimed():
    known = {"make", "pip", "tensorboard", "pose-tf", "python"}
    assert {command.split()[0] for command in commands()} == known


def test_install_command_is_the_one_that_ci_runs():
    installs = [c for c in commands() if c.startswith("pip install")]
    assert installs == ["pip install -e ."]
    assert (
        "grep -m 1 -o '^pip install .*' README.md"
        in (ROOT / ".ci" / "run").read_text()
    )


@pytest.mark.parametrize(
    ("target", "planned"),
    [
        ("demo", "-m pose_tf.cli.demo"),
        ("test", "-m pytest"),
        ("study", "-m studies"),
        ("study-quick", "-m studies --quick"),
        ("study-check", "-m studies check"),
    ],
)
def test_make_plans_what_the_readme_promises(target, planned):
    assert f"make {target}" in commands()
    plan = subprocess.run(
        ["make", "--dry-run", target, "VENV=nowhere"],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout
    assert "-m venv nowhere" in plan
    assert planned in plan


@pytest.fixture(scope="module")
def folder(tmp_path_factory, write_penn, penn_annotations_of):
    """The folder that the README's reader is in."""
    folder = tmp_path_factory.mktemp("readme")
    splits = ["train"] * 6 + ["test"] * 2
    write_penn(
        folder / "path/to/Penn_Action",
        [
            penn_annotations_of(
                action=action, split=split, num_frames=30 + seed, seed=seed
            )
            for action in ("bowl", "squat", "jumping_jacks")
            for seed, split in enumerate(splits)
        ],
    )
    (folder / "saved_models").symlink_to(ROOT / "saved_models")
    (folder / "runs").mkdir()
    (folder / "docs").mkdir()
    for name in ("jumping_jacks.npz", "yolo.json"):
        shutil.copy(ROOT / "docs" / name, folder / "docs")
    my_clips = keypoint_folders.make(folder / "my_clips")
    for seed, kind in enumerate(fake_motion_model.KINDS):
        for place in (kind, "unlabelled"):
            poses = fake_motion_model.clip(kind, seed + 10 * len(place))
            keypoint_folders.add(my_clips, f"{place}/{kind}.npz", poses)
    return folder


@pytest.mark.slow
def test_commands_and_python_blocks_run(folder):
    printed = documents.run(documents.steps(README, SMALLER), folder)
    # The first example says so itself; TensorFlow alone says the same.
    assert "\n1 jumping_jacks\n" in printed
    assert re.search(r"\njumping_jacks 0\.[89]\d*\n", printed)
    for made in (
        "runs/penn/examples/examples.json",
        "runs/vae/saved_model/saved_model.pb",
        "runs/classifier/saved_model/saved_model.pb",
        "runs/generator/saved_model/saved_model.pb",
        "runs/embedding.npz",
        "runs/future.gif",
        "runs/small/config.json",
        "runs/mine/saved_model/saved_model.pb",
        "runs/my_actions/saved_model.pb",
    ):
        assert (folder / made).exists(), made


@pytest.mark.slow
def test_tensorboard_answers(folder):
    """Needs no runs: an empty log folder gives the page as well."""
    (command,) = [c for c in commands() if c.startswith("tensorboard")]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [sys.executable, "-m", "tensorboard.main"]
    flags = [*shlex.split(command)[1:], f"--port={port}", "--host=127.0.0.1"]
    server = subprocess.Popen(
        program + flags, cwd=folder, stderr=subprocess.DEVNULL
    )
    try:
        page, deadline = b"", time.monotonic() + 120
        while not page and time.monotonic() < deadline:
            assert server.poll() is None
            try:
                url = f"http://127.0.0.1:{port}/"
                with urllib.request.urlopen(url, timeout=10) as answer:
                    page = answer.read()
            except OSError:
                time.sleep(0.5)
        assert b"TensorBoard" in page
    finally:
        server.terminate()
        server.wait()


def test_the_clip_of_the_first_example_is_what_its_script_makes():
    with np.load(ROOT / "docs" / "jumping_jacks.npz") as clip:
        assert list(clip) == ["poses"]
        np.testing.assert_allclose(
            clip["poses"], standing_figure.jumping_jacks(), atol=1e-3
        )


def test_the_recording_of_the_first_commands_is_what_its_script_makes():
    made = json.loads(json.dumps(standing_figure.yolo()))
    assert json.loads((ROOT / "docs" / "yolo.json").read_text()) == made


def test_files_that_the_readme_links_to_are_there():
    text = documents.FENCE.sub("", README)  # Code, too, has brackets.
    links = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


def test_folders_that_the_readme_names_are_there():
    table = README[README.index("## Where things are") :]
    names = re.findall(r"`((?:\w+/)+|(?:\w+/)+\w+\.py)`", table)
    assert len(names) > 8
    for name in names:
        assert (ROOT / name).exists(), name
