"""Every trainer: a whole run, a kill in the middle of one, bad input."""

import copy
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from pose_tf import configs, presets, trainers
from pose_tf.trainers.classifier import ClassifierTrainer
from pose_tf.trainers.pretrained import load_model
from pose_tf.trainers.tfx import FnArgs
from pose_tf.trainers.vae import VAETrainer

TRAINERS = {kind: trainers.get(kind) for kind in trainers.KINDS}
SMALL = {
    "vae": {"batch_size": 64},
    "motion_vae": {},
    "classifier": {"batch_size": 4, "inputs": "raw"},
    "generator": {"batch_size": 16},
}
LONG = {"num_epochs": 2, "checkpoint_steps": 2}
# A process that trains, and kills itself at a step or at the end of an epoch if
# it is told to. With operations in one order only, two processes give the same
# bits.
PROGRAM = """
import json, os, signal, sys
import keras
from pose_tf import configs, presets, trainers
from tests.trainers import test_trainers as t

kind, workdir, data_dir, kill_at, changes = sys.argv[1:]

class Kill(keras.callbacks.Callback):
    step = 0
    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        self.end(f"step {self.step}")
    def on_epoch_end(self, epoch, logs=None):
        self.end(f"epoch {epoch}")
    def end(self, place):
        if place == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

trainer = t.TRAINERS[kind](
    t.small(kind, **json.loads(changes)), workdir,
    data_dir=data_dir, callbacks=[Kill()], verbose=0)
history = trainer.fit()
print(json.dumps(history))
"""


def small(kind, **changes):
    return dataclasses.replace(
        presets.get(kind, "tiny"), **{**SMALL[kind], **changes}
    )


@pytest.fixture(scope="module")
def runs(tiny_data_dir, tmp_path_factory):
    """A finished tiny run of every kind; the classifier on the embedding."""
    folder = tmp_path_factory.mktemp("runs")
    trained = {}
    for kind, trainer_class in TRAINERS.items():
        changes = {}
        if kind == "classifier":
            changes = {"inputs": "embedding", "vae": str(folder / "vae")}
        config = dataclasses.replace(
            small(kind), **{**changes, "num_epochs": 1}
        )
        trainer = trainer_class(
            config, folder / kind, data_dir=tiny_data_dir, verbose=0
        )
        trainer.fit()
        trained[kind] = trainer
    return trained


@pytest.mark.parametrize("kind", TRAINERS)
def test_a_run_writes_all_its_files(runs, kind):
    trainer = runs[kind]
    scores = trainer.evaluate()
    path = trainer.export()
    assert (path / "saved_model.pb").is_file()
    assert configs.load(type(trainer.config), trainer.workdir / "config.json")
    assert (trainer.workdir / "model.keras").is_file()
    written = json.loads((trainer.workdir / "metrics.json").read_text())
    assert written["split"] == "test"
    assert {k: written[k] for k in scores} == scores
    logs = list((trainer.workdir / "logs").rglob("events*"))
    assert logs
    assert not list(trainer.workdir.glob(".*aside*"))


@pytest.mark.parametrize("kind", TRAINERS)
def test_evaluate_says_what_it_scored_and_how_it_went(runs, kind, capsys):
    runs[kind].evaluate()
    told = capsys.readouterr().out
    assert f"Scoring the {kind} on 6 test clips of penn_action" in told
    assert "etter than its baselines" in told or "NOT better" in told
    assert "[" not in told  # Lists of horizons go to the file.
    assert str(runs[kind].workdir / "metrics.json") in told
    baseline = {
        "vae": "pca_mpjpe",
        "motion_vae": "pca_top1_with_1_per_action",
        "classifier": "nearest_neighbor_top1",
    }
    assert baseline.get(kind, "zero_velocity_mean_pck") in told


@pytest.mark.parametrize("kind", TRAINERS)
def test_without_test_clips_validation_ones_are_scored(runs, kind, tmp_path):
    trainer = copy.copy(runs[kind])
    trainer.clips = dataclasses.replace(
        trainer.clips, test=trainer.clips.test.take(0)
    )
    trainer.workdir = tmp_path
    scores = trainer.evaluate("test")
    written = json.loads((tmp_path / "metrics.json").read_text())
    assert written["split"] == "validation"
    assert scores == trainer.evaluate("validation")


def test_without_any_clips_to_score_the_protocol_is_named(runs):
    trainer = copy.copy(runs["vae"])
    trainer.config = dataclasses.replace(
        trainer.config, split_protocol="official"
    )
    trainer.clips = dataclasses.replace(
        trainer.clips, test=trainer.clips.test.take(0)
    )
    with pytest.raises(ValueError, match="`clips`.*test clip.*'official'"):
        trainer.evaluate("test")


@pytest.mark.parametrize("kind", TRAINERS)
def test_every_table_has_its_baseline(runs, kind):
    scores = runs[kind].measure(runs[kind].clips_of("validation")[1])
    names = {
        "vae": (
            "mpjpe",
            "pca_mpjpe",
            "rate",
            "distortion",
            "elbo",
            "bound",
            "active_units",
        ),
        "motion_vae": (
            "top1_with_1_per_action",
            "worst_with_5_per_action",
            "pca_top1_with_5_per_action",
        ),
        "classifier": (
            "top1",
            "macro_f1",
            "num_clips",
            "nearest_neighbor_top1",
            "logistic_regression_top1",
        ),
        "generator": (
            "mean_pck",
            "zero_velocity_mean_pck",
            "constant_velocity_mean_pck",
        ),
    }
    for name in names[kind]:
        assert np.isfinite(scores[name])


def test_a_latent_may_be_wider_than_the_pose(tiny_clips, tmp_path):
    trainer = VAETrainer(
        small("vae", latent_dim=80), tmp_path, clips=tiny_clips, verbose=0
    )
    trainer.model = trainer.build()
    scores = trainer.measure(trainer.clips_of("test")[1])
    assert 1 <= scores["pca_num_components"] <= 26


@pytest.mark.parametrize("kind", TRAINERS)
def test_a_finished_run_is_read_again(runs, kind, tiny_data_dir):
    trainer = runs[kind]
    again = TRAINERS[kind](
        trainer.config, trainer.workdir, data_dir=tiny_data_dir, verbose=0
    )
    for one, two in zip(
        trainer.load_or_get_model().get_weights(),
        again.load_or_get_model().get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("kind", sorted({*TRAINERS} - {"motion_vae"}))
def test_what_is_fitted_sees_only_training_clips(runs, kind, tiny_clips):
    """The statistics of the transform are those of the training part."""
    trainer = runs[kind]
    model = trainer.load_or_get_model()
    transform = model.features.transform if kind != "vae" else model.transform
    from pose_tf.pipeline import example_gen
    from pose_tf.pose.transform import PoseTransform

    expected = PoseTransform("penn_action", use_occluded=transform.use_occluded)
    train = example_gen.split(tiny_clips, "validation")["train"]
    expected.fit(
        train.map(
            lambda clip: tf.nest.map_structure(
                lambda x: x[None], {k: clip[k] for k in ("poses", "visibility")}
            )
        )
    )
    for one, two in zip(
        transform.get_weights(), expected.get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-5)


def test_motions_are_fitted_to_training_clips_only(runs, tiny_clips):
    from pose_tf.models import motion_vae
    from pose_tf.pipeline import example_gen

    trainer = runs["motion_vae"]
    train = example_gen.split(tiny_clips, "validation")["train"]
    expected = trainer.new_model()
    expected.adapt(motion_vae.sequences(expected, trainer.batches(train)))
    model = trainer.load_or_get_model()
    for name in ("convolutions", "components"):
        weights = getattr(model, name).get_weights()
        for one, two in zip(
            weights, getattr(expected, name).get_weights(), strict=True
        ):
            np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-4)
    assert int(model.num_references) == len(train)


def run_process(kind, workdir, data_dir, kill_at, **changes):
    root = pathlib.Path(__file__).parents[2]
    path = f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            PROGRAM,
            *map(str, (kind, workdir, data_dir, kill_at)),
            json.dumps(changes),
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("kind", TRAINERS)
def test_killed_and_started_again_it_ends_with_the_same_bits(
    kind, tiny_data_dir, tmp_path
):
    trainer = TRAINERS[kind](
        small(kind), tmp_path / "none", data_dir=tiny_data_dir
    )
    steps = trainer.steps_per_epoch()
    assert steps > 2  # Else there is no middle of an epoch.
    kill_at = f"step {steps + steps // 2}"
    require_same_bits(kind, tiny_data_dir, tmp_path, kill_at, **LONG)


def test_killed_at_the_end_of_an_epoch_it_ends_with_the_same_bits(
    tiny_data_dir, tmp_path
):
    """With a checkpoint due at each epoch's last step."""
    trainer = VAETrainer(
        small("vae"), tmp_path / "none", data_dir=tiny_data_dir
    )
    changes = {"num_epochs": 4, "checkpoint_steps": trainer.steps_per_epoch()}
    require_same_bits("vae", tiny_data_dir, tmp_path, "epoch 1", **changes)


def require_same_bits(kind, data_dir, tmp_path, kill_at, **changes):
    """Trains with a kill and without; asserts equal histories and weights."""
    straight = TRAINERS[kind](
        small(kind, **changes),
        tmp_path / "straight",
        data_dir=data_dir,
        verbose=0,
    )
    killed = run_process(
        kind, tmp_path / "killed", data_dir, kill_at, **changes
    )
    history = straight.fit()
    outputs = killed.communicate()
    assert killed.returncode == -signal.SIGKILL, outputs[1][-2000:]
    resumed = run_process(kind, tmp_path / "killed", data_dir, "", **changes)
    output, errors = resumed.communicate()
    assert resumed.returncode == 0, errors[-2000:]
    assert json.loads(output.splitlines()[-1]) == history
    for one, two in zip(
        load_model(tmp_path / "straight").get_weights(),
        load_model(tmp_path / "killed").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("kind", TRAINERS)
def test_run_fn(kind, tiny_clips, tmp_path):
    import importlib

    module = importlib.import_module(f"pose_tf.trainers.{kind}")
    trainer = module.run_fn(
        FnArgs(
            train_files=[tiny_clips.path],
            eval_files=[tiny_clips.path],
            train_steps=2,
            eval_steps=None,
            schema_path=None,
            serving_model_dir=str(tmp_path / "serving"),
            model_run_dir=str(tmp_path / "run"),
            custom_config={"preset": "tiny", **SMALL[kind]},
        )
    )
    assert (tmp_path / "serving" / "saved_model.pb").is_file()
    saved = configs.load(trainer.config_class, tmp_path / "run" / "config.json")
    assert saved == trainer.config
    assert saved.num_epochs == 1  # Two steps are less than an epoch.


def test_another_config_needs_another_folder(runs, tiny_data_dir):
    trainer = runs["vae"]
    config = dataclasses.replace(trainer.config, latent_dim=7)
    with pytest.raises(ValueError, match="`workdir` must be new"):
        VAETrainer(config, trainer.workdir, data_dir=tiny_data_dir).fit()


def test_a_window_longer_than_every_clip_is_refused(tiny_clips, tmp_path):
    trainer = TRAINERS["generator"](
        small("generator", horizon=1000), tmp_path / "run", clips=tiny_clips
    )
    # The longest is the fifth of the third action: its sixth is held back.
    with pytest.raises(ValueError, match=r"`horizon` must be at most 40.*1000"):
        trainer.fit()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("kind", TRAINERS)
def test_training_that_diverges_exports_nothing(
    kind, tiny_data_dir, tmp_path, capsys
):
    flags = [f"--{name}={value}" for name, value in SMALL[kind].items()]
    with pytest.raises(SystemExit) as exit_:
        trainers.main(
            kind,
            [
                *flags,
                f"--workdir={tmp_path}",
                f"--data_dir={tiny_data_dir}",
                "--preset=tiny",
                "--learning_rate=1e30",
                "--verbose=0",
            ],
        )
    assert exit_.value.code == 2
    told = capsys.readouterr().err
    assert "training diverged: at epoch" in told
    default = presets.get(kind, "default").learning_rate
    assert f"Look at `learning_rate` (1e+30, by default {default})" in told
    assert not (tmp_path / "saved_model").exists()
    assert not (tmp_path / "model.keras").exists()


def test_an_unknown_kind_lists_the_known():
    with pytest.raises(ValueError, match="vae, classifier, gen.*'robot'"):
        trainers.get("robot")


def test_an_embedding_needs_a_vae(tiny_clips, tmp_path):
    config = dataclasses.replace(
        small("classifier"), inputs="embedding", vae=""
    )
    trainer = ClassifierTrainer(config, tmp_path, clips=tiny_clips)
    with pytest.raises(ValueError, match="`vae` must name"):
        trainer.fit()
    config = dataclasses.replace(config, vae=str(tmp_path / "nowhere"))
    trainer = ClassifierTrainer(config, tmp_path / "b", clips=tiny_clips)
    with pytest.raises(FileNotFoundError, match="model.keras"):
        trainer.fit()


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"normalization": "frame"}, "same `normalization`, 'frame'"),
        ({"split_protocol": "official"}, "same `split_protocol`, 'official'"),
    ],
)
def test_a_vae_must_have_been_trained_on_the_same_split_and_normalization(
    runs, tiny_clips, tmp_path, changes, message
):
    vae = str(runs["vae"].workdir)
    config = small("classifier", inputs="embedding", vae=vae, **changes)
    trainer = ClassifierTrainer(config, tmp_path, clips=tiny_clips)
    with pytest.raises(ValueError, match=message):
        trainer.fit()


def test_an_unknown_split_lists_the_known(runs):
    with pytest.raises(ValueError, match="train, validation, test"):
        runs["vae"].evaluate("dev")


@pytest.mark.parametrize(
    "kind, changes",
    [
        ("vae", {"latent_dim": 0}),
        ("vae", {"beta": -1.0}),
        ("vae", {"split_protocol": "random"}),
        ("vae", {"patience": 3, "split_protocol": "official"}),
        ("classifier", {"inputs": "pixels"}),
        ("generator", {"horizon": 0}),
        ("generator", {"windows": "all"}),
        ("generator", {"skeleton": "octopus"}),
    ],
)
def test_configs_refuse_bad_values(kind, changes):
    name, value = next(iter(changes.items()))
    with pytest.raises(ValueError, match=f"`{name}`.*{value}"):
        small(kind, **changes)
