"""The command `pose-tf`, but for its use of models: test_model_commands.py."""

import itertools
import re
import subprocess
import sys

import pytest

from pose_tf import configs, presets, trainers
from pose_tf.cli import main
from pose_tf.pose import skeletons
from pose_tf.version import __version__
from tests.support import fake_models


def error_of(argv, capsys):
    """What `pose-tf` says on stderr of a mistake, having checked its code."""
    with pytest.raises(SystemExit) as exit_:
        main.main(argv)
    assert exit_.value.code == 2
    return capsys.readouterr().err


def test_help_lists_every_command(capsys):
    assert main.main(["--help"]) == 0
    printed = capsys.readouterr().out
    commands = [
        "build",
        "run",
        "train",
        "evaluate",
        "learn",
        "embed",
        "classify",
        "generate",
        "timeline",
        "map",
        "show",
        "convert",
    ]
    for command in commands:
        assert f"\n  {command} " in printed
    assert [command.__name__ for command in main.COMMANDS] == commands


def test_no_command_is_a_mistake_that_shows_the_help(capsys):
    assert main.main([]) == 2
    assert "usage: pose-tf" in capsys.readouterr().out


def test_version(capsys):
    main.main(["--version"])
    assert capsys.readouterr().out.strip() == __version__


@pytest.mark.parametrize("command", [c.__name__ for c in main.COMMANDS])
def test_every_command_explains_itself(command, capsys):
    try:
        assert main.main([command, "--help"]) == 0
    except SystemExit as exit_:
        assert not exit_.code
    assert f"usage: pose-tf {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        *([c.__name__] for c in main.COMMANDS if c is not main.train),
        *(["train", kind] for kind in trainers.KINDS),
    ],
    ids=" ".join,
)
def test_every_option_says_what_it_is(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")
    with pytest.raises(SystemExit, match="0"):
        main.main([*command, "--help"])
    lines = [x.strip("│ ") for x in capsys.readouterr().out.splitlines()]
    assert not any("{None}" in line for line in lines)
    texts = {}
    for line, following in itertools.pairwise(lines[1:]):
        if match := re.match(r"(--\w+|[A-Z]{2,}|{\w+,\S*)(.*)", line):
            _, _, text = match[2].partition("  ")
            texts[match[1]] = text.strip() or following
    assert {"--workdir", "--data_dir", "--output"} & set(texts)
    for name, text in texts.items():
        assert re.match(r"(A )?[A-Z]\w+|`\w+` ", text), (name, text)
        assert len(text.split()) > 2, (name, text)
        assert not re.match("Of |How many|After |From |On |Its ", text), name


@pytest.mark.parametrize(
    ("argv", "known"),
    [
        (["trian"], "build, run, train"),
        (["train", "gan"], "vae, classifier, generator"),
        (["train"], "vae, classifier, generator"),
        (["build", "coco"], "keypoint_files, penn_action, synthetic_actions"),
        (
            ["train", "vae", "--workdir=w", "--preset=huge"],
            "default, original",
        ),
        (["run", "--workdir=w", "--dataset=coco"], "penn_action"),
        (["run", "--workdir=w", "--preset=huge"], "default"),
    ],
)
def test_unknown_names_list_the_known_in_one_line(
    argv, known, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    told = error_of(argv, capsys)
    assert known in told
    assert told.count("\n") == 1
    assert argv[-1].split("=")[-1] in told


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["build", "penn_action", "--data_dir={}"], "`data_dir`"),
        (["run", "--workdir={}"], "`workdir`"),
        (["run", "--workdir=w", "--data_dir={}"], "`data_dir`"),
        (["run", "--workdir=w", "--destination={}"], "`destination`"),
        (["train", "vae", "--workdir={}"], "`workdir`"),
        (["train", "vae", "--workdir=w", "--data_dir={}"], "`data_dir`"),
    ],
)
@pytest.mark.parametrize("inside", ["", "/new/folder"])
def test_files_are_no_folders(
    argv, told, inside, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    error = error_of([x.format(f"file{inside}") for x in argv], capsys)
    assert f"{told} must be a folder" in error
    assert f"file{inside}, and file is a file" in error
    assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_schema_that_is_not_there_is_told_first(tmp_path, capsys):
    argv = ["run", f"--workdir={tmp_path}/run", f"--schema={tmp_path}"]
    assert f"`schema` must be a file. Received: {tmp_path}" in error_of(
        argv, capsys
    )
    assert list(tmp_path.iterdir()) == []


def test_unknown_kind_to_evaluate_lists_the_known(capsys):
    told = error_of(["evaluate", "gan", "--workdir=w"], capsys)
    assert all(kind in told for kind in trainers.KINDS)


def test_evaluate_requires_the_folder_of_a_run(capsys, tmp_path):
    told = error_of(["evaluate", "vae", f"--workdir={tmp_path}"], capsys)
    assert "config.json" in told and str(tmp_path) in told


def test_evaluate_by_the_seed_protocol(capsys, tmp_path, tiny_data_dir):
    config = presets.get("generator", "tiny")
    configs.save(config, tmp_path / "config.json")
    fake_models.save(
        fake_models.FakeGenerator(),
        tmp_path / "saved_model",
        skeletons.PENN_ACTION.joints,
    )
    main.main(
        ["evaluate", "generator", "--next_frame"]
        + [f"--workdir={tmp_path}", f"--data_dir={tiny_data_dir}"]
    )
    told, *lines = capsys.readouterr().out.splitlines()
    assert "on 6 test clips of penn_action" in told
    rows = {name: values for name, *values in map(str.split, lines)}
    assert rows["num_windows"] == ["177", "75", "24"]
    assert len(rows["mae"]) == len(rows["zero_velocity_mae"]) == 3


def test_only_a_generator_has_the_seed_protocol(capsys):
    told = error_of(["evaluate", "vae", "--workdir=w", "--next_frame"], capsys)
    assert "`next_frame`" in told and "vae" in told


def test_manual_dir_that_is_not_there(capsys, tmp_path):
    missing = tmp_path / "nowhere"
    told = error_of(
        ["build", "penn_action", f"--manual_dir={missing}"]
        + [f"--data_dir={tmp_path}"],
        capsys,
    )
    assert str(missing) in told
    assert told.count("\n") == 1


def test_as_a_process():
    """No traceback, whatever the shell that runs it."""
    process = subprocess.run(
        [sys.executable, "-m", "pose_tf.cli.main", "trian"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 2
    assert process.stdout == ""
    assert process.stderr.startswith("pose-tf: error: ")


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m pose_tf.cli.main --help | true"
    process = subprocess.run(
        ["bash", "-c", command], check=False, capture_output=True, text=True
    )
    assert process.stderr == ""


def test_the_help_of_run_lists_the_presets_of_all_trainers(capsys):
    with pytest.raises(SystemExit, match="0"):
        main.main(["run", "--help"])
    shown = re.sub(r"\W+", " ", capsys.readouterr().out)
    common = {
        name
        for name in presets.PRESETS["vae"]
        if len(presets.of_all(name)) >= len(trainers.KINDS) - 1
    }
    assert common == {"default", "demo", "original", "tiny"}
    assert "default demo original or tiny" in shown
