"""Every command and Python block of the how-tos in `docs/` is run."""

import json
import pathlib
import re
import shutil

import numpy as np
import pytest

from tests.support import documents, standing_figure
from tests.support.keypoint_folders import add

ROOT = documents.ROOT
PAGES = ("long_recordings", "streams", "new_skeleton", "few_labels")
# One small model in place of all: tests/datasets/keypoint_files runs the whole.
SMALLER = ((r"^pose-tf run (.*)$", r"pose-tf train vae \1 --preset=tiny"),)
OWN = "neck,belly,face,right shoulder,left shoulder,right hip,left hip"


def text_of(page):
    return (ROOT / "docs" / f"{page}.md").read_text()


@pytest.fixture
def folder(tmp_path):
    """The folder that a reader is in, with clips of seven joints of its own."""
    (tmp_path / "saved_models").symlink_to(ROOT / "saved_models")
    for name in ("runs", "docs", "my_clips"):
        (tmp_path / name).mkdir()
    for name in ("jumping_jacks.npz", "yolo.json"):
        shutil.copy(ROOT / "docs" / name, tmp_path / "docs")
    return tmp_path


def own_joints(folder):
    """Fills `my_clips` with two actions of a figure of the joints `OWN`."""
    names = {"belly": "spine", "face": "head"}
    joints = OWN.split(",")
    places = [
        standing_figure.PLACES[names.get(joint, joint.replace(" ", "_"))]
        for joint in joints
    ]
    (folder / "my_clips/dataset.json").write_text(
        json.dumps({"joints": joints})
    )
    for number in range(12):
        sway = 10 * np.sin(np.arange(50) / 5 + number)
        poses = np.tile(np.array(places, float), (50, 1, 1))
        poses[..., number % 2] += sway[:, None]
        action = ("pour", "nod")[number % 2]
        split = "test" if number > 7 else "train"
        name = "ab"[number] if number < 2 else f"c{number}"
        add(folder / "my_clips", f"{split}/{action}/{name}.npz", poses)


def few_labels(folder):
    """Fills `my_clips` and `more_clips` with jumping jacks and standing."""
    jacks = standing_figure.jumping_jacks()
    still = np.repeat(jacks[:1], 60, 0)
    for root in ("my_clips", "more_clips"):
        (folder / root).mkdir(exist_ok=True)
        for name, poses in (("jump/a", jacks), ("wave/b", still)):
            for moved in (0, 9):
                add(folder / root, f"{name}{moved}.npz", poses + moved)


PREPARED = {"new_skeleton": own_joints, "few_labels": few_labels}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_its_commands_and_python_blocks_run(page, folder, monkeypatch):
    PREPARED.get(page, lambda folder: None)(folder)
    found = documents.steps(text_of(page), SMALLER)
    assert found
    documents.run_here(found, folder, monkeypatch)
    for name in re.findall(r"--output=(\S+)", text_of(page)):
        assert (folder / name).exists(), name


@pytest.mark.parametrize("page", [*PAGES, "own_keypoints"])
def test_files_that_it_links_to_are_there(page):
    text = documents.FENCE.sub("", text_of(page))
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (ROOT / "docs" / pathlib.Path(link)).exists(), link
