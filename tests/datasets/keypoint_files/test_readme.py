"""The README of keypoint_files: its folder, tables and commands are true."""

import dataclasses
import pathlib
import re
import shlex

import numpy as np
import pytest

from pose_tf.cli import main
from pose_tf.datasets.keypoint_files import description, folder
from pose_tf.formats import arrays
from pose_tf.pipeline import example_gen
from pose_tf.pose import outliers, skeletons
from tests.support.keypoint_folders import add

ROOT = pathlib.Path(__file__).parents[3]
README = (ROOT / "datasets/keypoint_files/README.md").read_text()
COCO = skeletons.COCO_17


def blocks():
    """The texts between fences, in order."""
    return re.findall(r"^```\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def rows(title):
    """Names in the first column of the table under a title."""
    (section,) = re.findall(
        rf"^## {title}\n(.*?)(?=^## )", README, re.DOTALL | re.MULTILINE
    )
    return re.findall(r"^\| `(\w+)`", section, re.MULTILINE)


def walking(num_frames, speed):
    """Two lines of joints that sway, [T, 17, 2] pixels."""
    poses = np.stack([np.arange(17) % 2 * 20, np.arange(17) * 12], -1) + 100.0
    sway = 20 * np.sin(np.arange(num_frames) * speed)
    return poses + sway[:, None, None] * np.linspace(0, 1, 17)[:, None]


@pytest.fixture
def reader(tmp_path, monkeypatch):
    """The folder of a reader who has made the README's files."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "my_clips"
    root.mkdir()
    lines = [line.split(maxsplit=1) for line in blocks()[0].splitlines()[1:]]
    (root / lines[0][0]).write_text(lines[0][1])
    for number, (name, *_) in enumerate(lines[1:]):
        poses = walking(40 + number, 0.2 + 0.1 * number)
        if not name.endswith(".csv"):
            add(root, name, poses, confidence=np.full(poses.shape[:2], 0.9))
            continue
        header = [f"{joint}_{axis}" for joint in COCO.joints for axis in "xy"]
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        np.savetxt(
            root / name,
            poses.reshape(len(poses), -1),
            delimiter=",",
            header=",".join(header),
            comments="",
        )
    return tmp_path


def test_its_folder_is_built_by_its_command(reader, capsys):
    main.main(shlex.split(blocks()[1])[1:])
    path = capsys.readouterr().out.splitlines()[-1]
    clips = example_gen.read(path)
    assert clips.skeleton is COCO
    assert clips.actions == ("jump", "wave")
    assert [key.clip_id for key in clips.train_index + clips.test_index] == [
        "train/jump/bob_07",
        "train/wave/ann_01",
        "test/wave/eve_02",
    ]


@pytest.mark.slow
def test_its_dataset_trains_all_models(reader):
    for action in ("wave", "jump"):  # Validation holds one clip back.
        name = f"train/{action}/more.npz"
        add(reader / "my_clips", name, walking(50, 0.3))
    for command in blocks()[1:3]:
        argv = shlex.split(command)[1:]
        # The smallest models; the default takes hours.
        main.main(argv + ["--preset=tiny"] * (argv[0] == "run"))
    for kind in ("vae", "classifier", "generator"):
        saved = reader / "my_run" / kind / "saved_model" / "assets"
        assert (saved / "joints.txt").read_text().split() == list(COCO.joints)


def test_its_tables_name_all_fields_and_arrays():
    fields = [f.name for f in dataclasses.fields(description.Description)]
    assert rows(r"dataset\.json") == fields
    assert rows("Files") == list(arrays.ARRAYS)
    assert all(f"`{name}`" in README for name in skeletons.SKELETONS)


def test_its_defaults_are_those_of_the_code():
    default = description.Description(skeleton="coco_17")
    assert f"visible joint; by default {default.min_confidence}" in README
    assert f"splits them; by default {default.test_fraction}" in README
    assert f"By default {outliers.MAX_JUMP} in files" in README


def test_its_labels_are_read(reader):
    (reader / "my_clips" / "labels.csv").write_text(blocks()[3])
    (clip,) = [
        clip for clip in folder.find_clips(reader / "my_clips") if clip.view
    ]
    assert (clip.action, clip.view, clip.split) == ("jump", "left", "train")
