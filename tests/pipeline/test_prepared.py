"""Damaged datasets: which file, what is wrong with it, and what to do."""

import json
import shutil

import pytest

from pose_tf.cli import main
from pose_tf.pipeline import build, example_gen, prepared

TRAIN = "penn_action-train.tfrecord-00000-of-00001"
JSON_FILES = ("dataset_info.json", "features.json", "metadata.json")


@pytest.fixture
def data_dir(tiny_data_dir, tmp_path):
    """A copy of `tiny_data_dir` to be damaged."""
    return shutil.copytree(tiny_data_dir, tmp_path / "data")


@pytest.fixture
def folder(data_dir):
    return data_dir / "penn_action" / "2.0.0"


def truncate(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip_a_byte(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


def empty(file):
    file.write_bytes(b"")


def delete(file):
    file.unlink()


def empty_object(file):
    file.write_text("{}")


def list_instead(file):
    file.write_text("[1]")


def add_a_clip(file):
    file.write_bytes(2 * file.read_bytes())


DAMAGES = [
    *((TRAIN, damage) for damage in (truncate, flip_a_byte, empty, delete)),
    (TRAIN, add_a_clip),
    *(
        (name, damage)
        for name in JSON_FILES
        for damage in (
            truncate,
            flip_a_byte,
            empty,
            delete,
            empty_object,
            list_instead,
        )
    ),
    *(
        (f"{name}.labels.txt", damage)
        for name in ("action", "view")
        for damage in (truncate, flip_a_byte, empty, delete)
    ),
    ("sources.json", truncate),
]


@pytest.mark.parametrize(("name", "damage"), DAMAGES)
def test_a_damaged_file_is_named_with_what_to_do(
    name, damage, data_dir, folder
):
    damage(folder / name)
    for use in (
        lambda: example_gen.load("penn_action", data_dir=data_dir),
        lambda: example_gen.read(folder),
    ):
        with pytest.raises((ValueError, FileNotFoundError)) as caught:
            use()
        said = str(caught.value)
        # That a dataset of others names its skeleton is asked for later.
        assert name in said or "must name its skeleton" in said
        command = f"`pose-tf build penn_action --data_dir={data_dir}`"
        assert f"Delete {folder} and run {command}" in said
        assert ("is missing" in said) == (
            damage is delete and name != "metadata.json"
        )


@pytest.mark.parametrize("name", [TRAIN, "dataset_info.json", "features.json"])
def test_build_does_not_take_what_is_damaged_for_prepared(
    name, data_dir, folder
):
    truncate(folder / name)
    with pytest.raises(ValueError, match=f"{folder}/{name} is damaged: "):
        build.build("penn_action", data_dir=data_dir)


def test_the_advice_helps(data_dir, folder, tiny_penn_dir):
    truncate(folder / "dataset_info.json")
    with pytest.raises(ValueError, match="with --manual_dir as before"):
        build.build("penn_action", data_dir=data_dir)
    shutil.rmtree(folder)
    build.build("penn_action", data_dir=data_dir, manual_dir=tiny_penn_dir)
    assert len(example_gen.read(folder).train_index) == 18


def test_commands_say_it_in_one_line(data_dir, folder, capsys):
    flip_a_byte(folder / TRAIN)
    commands = (
        ["build", "penn_action"],
        ["run", "--dataset=penn_action", f"--workdir={data_dir}/run"],
        ["train", "vae", f"--workdir={data_dir}/vae"],
    )
    for command in commands:
        with pytest.raises(SystemExit, match="2"):
            main.main([*command, f"--data_dir={data_dir}"])
        said = capsys.readouterr().err
        assert f"{folder}/{TRAIN} is damaged: corrupted record" in said
        assert said.count("\n") == 1


def test_a_quarantine_is_a_list(folder):
    file = folder / prepared.QUARANTINE_FILE
    file.write_text("[]")
    assert len(example_gen.read(folder).train_index) == 18
    file.write_text("{}")
    with pytest.raises(ValueError, match=f"{file} is damaged: .* a dict"):
        example_gen.read(folder)


def test_datasets_of_others_are_named_without_a_command(data_dir, folder):
    other = shutil.copytree(folder, data_dir / "other" / "1.0.0")
    delete(other / TRAIN)
    with pytest.raises(FileNotFoundError, match="and build the dataset again"):
        example_gen.read(other)


def test_configs_are_part_of_the_command(data_dir):
    path = data_dir / "synthetic_actions" / "tiny" / "2.0.0"
    command = f"pose-tf build synthetic_actions/tiny --data_dir={data_dir}"
    assert command in prepared.remedy(path)


def test_what_was_prepared_as_something_else_is_no_damage(data_dir, folder):
    info = json.loads((folder / "dataset_info.json").read_text())
    assert info["fileFormat"] == "tfrecord"
    with pytest.raises(ValueError, match="prepared as tfrecord"):
        build.build(
            "penn_action", data_dir=data_dir, file_format="array_record"
        )
