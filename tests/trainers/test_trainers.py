"""Every trainer: a whole run, a kill in the middle of one, bad input."""

import copy
import dataclasses
import importlib
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf import configs, presets, trainers
from pose_tf.trainers import tfx
from pose_tf.trainers.classifier import ClassifierTrainer
from pose_tf.trainers.tfx import FnArgs
from pose_tf.trainers.vae import VAETrainer
from tests.support.runs import SMALL, small

TRAINERS = {kind: trainers.get(kind) for kind in trainers.KINDS}


class Stop(Exception):
    """Stands in for a kill."""


class StopAt(keras.callbacks.Callback):
    """Stops a training after its step `last`."""

    def __init__(self, last):
        super().__init__()
        self.left = last

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            raise Stop


@pytest.fixture(params=TRAINERS)
def run(request, run_of):
    """A finished run of each kind; the classifier on the embedding."""
    return run_of(request.param)


def test_a_run_writes_all_its_files(run):
    config_class = TRAINERS[run.kind].config_class
    assert (run.workdir / "saved_model" / "saved_model.pb").is_file()
    assert configs.load(config_class, run.workdir / "config.json") == run.config
    assert (run.workdir / "model.keras").is_file()
    written = json.loads((run.workdir / "metrics.json").read_text())
    assert written["split"] == "test"
    assert {k: written[k] for k in run.scores} == run.scores
    assert list((run.workdir / "logs").rglob("events*"))
    assert not list(run.workdir.glob(".*aside*"))


def test_evaluate_says_what_it_scored_and_how_it_went(run):
    assert f"Scoring the {run.kind} on 6 test clips of penn_action" in run.told
    assert "etter than its baselines" in run.told or "NOT better" in run.told
    assert "[" not in run.told  # Lists of horizons go to the file.
    assert str(run.workdir / "metrics.json") in run.told
    baseline = {
        "vae": "pca_mpjpe",
        "motion_vae": "pca_top1_with_1_per_action",
        "classifier": "nearest_neighbor_top1",
    }
    assert baseline.get(run.kind, "zero_velocity_mean_pck") in run.told


def test_without_test_clips_validation_ones_are_scored(run_of, tmp_path):
    trainer = copy.copy(run_of("motion_vae").trainer)
    trainer.clips = dataclasses.replace(
        trainer.clips, test=trainer.clips.test.take(0)
    )
    trainer.workdir = tmp_path
    scores = trainer.evaluate("test")
    written = json.loads((tmp_path / "metrics.json").read_text())
    assert written["split"] == "validation"
    assert scores == trainer.evaluate("validation")


def test_without_any_clips_to_score_the_protocol_is_named(run_of):
    trainer = copy.copy(run_of("vae").trainer)
    trainer.config = dataclasses.replace(
        trainer.config, split_protocol="official"
    )
    trainer.clips = dataclasses.replace(
        trainer.clips, test=trainer.clips.test.take(0)
    )
    with pytest.raises(ValueError, match="`clips`.*test clip.*'official'"):
        trainer.evaluate("test")


def test_every_table_has_its_baseline(run):
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
    for name in names[run.kind]:
        assert np.isfinite(run.scores[name])


def test_a_latent_may_be_wider_than_the_pose(tiny_clips, tmp_path):
    trainer = VAETrainer(
        small("vae", latent_dim=80), tmp_path, clips=tiny_clips, verbose=0
    )
    trainer.model = trainer.build()
    scores = trainer.measure(trainer.clips_of("test")[1])
    assert 1 <= scores["pca_num_components"] <= 26


def test_a_finished_run_is_read_again(run):
    for one, two in zip(
        run.trainer.load_or_get_model().get_weights(), run.weights, strict=True
    ):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("kind", sorted({*TRAINERS} - {"motion_vae"}))
def test_what_is_fitted_sees_only_training_clips(run_of, kind, tiny_clips):
    """The statistics of the transform are those of the training part."""
    model = run_of(kind).trainer.model
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


def test_motions_are_fitted_to_training_clips_only(run_of, tiny_clips):
    from pose_tf.models import motion_vae
    from pose_tf.pipeline import example_gen

    trainer = run_of("motion_vae").trainer
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


# That of the VAE is a real one, and begins with weights: see test_starts.py.
@pytest.mark.parametrize("kind", sorted({*TRAINERS} - {"vae"}))
def test_killed_and_started_again_it_ends_with_the_same_bits(
    kind, run_of, tmp_path
):
    straight = run_of(kind)

    def train(**options):
        trainer = TRAINERS[kind](
            straight.config,
            tmp_path,
            clips=straight.clips,
            verbose=0,
            **options,
        )
        return trainer, trainer.fit()

    steps = straight.trainer.steps_per_epoch()
    assert steps > 2  # Else there is no middle of an epoch.
    with pytest.raises(Stop):
        train(callbacks=[StopAt(steps + steps // 2)])
    resumed, history = train()
    assert history == straight.history
    for one, two in zip(
        resumed.model.get_weights(), straight.weights, strict=True
    ):
        np.testing.assert_array_equal(one, two)


def module_of(kind):
    return importlib.import_module(f"pose_tf.trainers.{kind}")


def test_run_fn(tiny_clips, tmp_path):
    trainer = module_of("vae").run_fn(
        FnArgs(
            train_files=[tiny_clips.path],
            eval_files=[tiny_clips.path],
            train_steps=2,
            eval_steps=None,
            schema_path=None,
            serving_model_dir=str(tmp_path / "serving"),
            model_run_dir=str(tmp_path / "run"),
            custom_config={"preset": "tiny", **SMALL["vae"]},
        )
    )
    assert (tmp_path / "serving" / "saved_model.pb").is_file()
    saved = configs.load(trainer.config_class, tmp_path / "run" / "config.json")
    assert saved == trainer.config
    assert saved.num_epochs == 1  # Two steps are less than an epoch.


@pytest.mark.parametrize("kind", TRAINERS)
def test_every_kind_has_its_run_fn(kind, monkeypatch):
    monkeypatch.setattr(tfx, "run_fn", lambda *given: given)
    assert module_of(kind).run_fn("given") == (TRAINERS[kind], "given")


def test_another_config_needs_another_folder(run_of, tiny_data_dir):
    run = run_of("vae")
    config = dataclasses.replace(run.config, latent_dim=7)
    with pytest.raises(ValueError, match="`workdir` must be new"):
        VAETrainer(config, run.workdir, data_dir=tiny_data_dir).fit()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        # The longest is the fifth of the third action: its sixth is held back.
        (
            {"horizon": 1000, "model": "recurrent"},
            "`horizon` must be at most 40.*1000",
        ),
        ({"horizon": 1000}, "`horizon` must be at most .*validation.*1000"),
        (
            {"prefix": 1000, "rollout": 10},
            "`prefix` must be at most 30, to leave 10 .*1000",
        ),
    ],
)
def test_a_window_longer_than_every_clip_is_refused(
    tiny_clips, tmp_path, changes, message
):
    trainer = TRAINERS["generator"](
        small("generator", **changes), tmp_path / "run", clips=tiny_clips
    )
    with pytest.raises(ValueError, match=message):
        trainer.fit()
    assert not (tmp_path / "run").exists()


def test_training_that_diverges_exports_nothing(
    tiny_data_dir, tmp_path, capsys
):
    kind = "generator"
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
    run_of, tiny_clips, tmp_path, changes, message
):
    vae = str(run_of("vae").workdir)
    config = small("classifier", inputs="embedding", vae=vae, **changes)
    trainer = ClassifierTrainer(config, tmp_path, clips=tiny_clips)
    with pytest.raises(ValueError, match=message):
        trainer.fit()


def test_an_unknown_split_lists_the_known(run_of):
    with pytest.raises(ValueError, match="train, validation, test"):
        run_of("vae").trainer.evaluate("dev")


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
