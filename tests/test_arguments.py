"""Command lines of the trainers."""

import pathlib
import warnings

import pytest

from pose_tf import arguments, presets


def test_preset_is_the_default_of_every_flag():
    config, workdir, options = arguments.parse_trainer(
        "classifier", ["--preset", "tiny", "--workdir", "runs/c"]
    )
    assert config == presets.get("classifier", "tiny")
    assert workdir == pathlib.Path("runs/c")
    assert options == arguments.Options(preset="tiny")


@pytest.mark.parametrize("kind", sorted(presets.PRESETS))
@pytest.mark.parametrize("flag", ["--batch_size=3", "--batch-size=3"])
def test_flags_change_a_preset_in_either_spelling(kind, flag):
    for name in presets.PRESETS[kind]:
        config, _, _ = arguments.parse_trainer(
            kind, [flag, f"--preset={name}", "--workdir=w"]
        )
        preset = presets.get(kind, name)
        assert config.batch_size == 3
        assert type(config) is type(preset)
        assert config.num_epochs == preset.num_epochs


def test_switches_and_folders():
    config, _, options = arguments.parse_trainer(
        "vae",
        ["--workdir=w", "--no_augment", "--data_dir=d", "--manual_dir=m"]
        + ["--verbose=0", "--dataset=synthetic_actions"],
    )
    assert config.augment is False
    assert config.dataset == "synthetic_actions"
    assert options.data_dir == pathlib.Path("d")
    assert options.manual_dir == pathlib.Path("m")
    assert options.verbose == 0


def test_arguments_of_the_process_are_the_default(monkeypatch):
    monkeypatch.setattr("sys.argv", ["x", "--workdir=w", "--latent_dim=7"])
    assert arguments.parse_trainer("vae")[0].latent_dim == 7


def test_unknown_preset_lists_the_known():
    with pytest.raises(ValueError, match="default, original, .*tiny.*'huge'"):
        arguments.parse_trainer("vae", ["--workdir=w", "--preset=huge"])


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--latent_dim=0", "--workdir=w"], "`latent_dim` must be positive"),
        (["--latnt_dim=4", "--workdir=w"], "--latent_dim"),
        (["--latent_dim=many", "--workdir=w"], "many"),
        ([], "--workdir"),
    ],
)
def test_mistakes_exit_with_2_and_name_the_flag(flags, told, capsys):
    with pytest.raises(SystemExit) as exit_:
        arguments.parse_trainer("vae", flags)
    assert exit_.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [ValueError("two\nlines"), FileNotFoundError("two\nlines")]
)
def test_errors_become_one_line(error, capsys, monkeypatch):
    monkeypatch.delenv(arguments.TRACEBACK_VARIABLE, raising=False)
    with (
        pytest.raises(SystemExit) as exit_,
        arguments.one_line_errors("pose-tf"),
    ):
        raise error
    assert exit_.value.code == 2
    assert capsys.readouterr().err == "pose-tf: error: two lines\n"


def test_other_errors_and_wanted_tracebacks_pass(monkeypatch):
    with pytest.raises(ZeroDivisionError), arguments.one_line_errors("pose-tf"):
        raise ZeroDivisionError
    monkeypatch.setenv(arguments.TRACEBACK_VARIABLE, "1")
    with pytest.raises(ValueError), arguments.one_line_errors("pose-tf"):
        raise ValueError


def test_run_trainer_goes_from_flags_to_export(capsys):
    calls = []

    class Trainer:
        def __init__(self, config, workdir, **kwargs):
            calls.append((config.latent_dim, workdir, kwargs))

        def fit(self):
            calls.append("fit")

        def evaluate(self):
            calls.append("evaluate")

        def export(self):
            calls.append("export")
            return "w/saved_model"

    arguments.run_trainer(
        "vae", lambda: Trainer, ["--workdir=w", "--latent_dim=5", "--verbose=0"]
    )
    folders = {"data_dir": None, "manual_dir": None, "verbose": 0}
    assert calls[0] == (5, pathlib.Path("w"), folders)
    assert calls[1:] == ["fit", "evaluate", "export"]
    assert "w/saved_model" in capsys.readouterr().out


def test_warnings_are_one_line(capsys):
    with arguments.one_line_errors("pose-tf"):
        warnings.warn("Ignored\nlog_prob", stacklevel=1)
    assert capsys.readouterr().err == "pose-tf: warning: Ignored log_prob\n"
