"""Hyperparameters: their presets, their limits, their files."""

import dataclasses
import json

import numpy as np
import pytest

from pose_tf import configs, presets

KINDS = {
    "vae": configs.VAEConfig,
    "motion_vae": configs.MotionVAEConfig,
    "classifier": configs.ClassifierConfig,
    "generator": configs.GeneratorConfig,
}
EVERY_PRESET = [
    (kind, name) for kind in presets.PRESETS for name in presets.PRESETS[kind]
]


class TestPresets:
    @pytest.mark.parametrize("kind", KINDS)
    def test_all_kinds_have_the_same_and_some_have_more(self, kind):
        names = {"default", "demo", "tiny"}
        # The original work had no motion VAE.
        more = {
            "vae": {"original"},
            "motion_vae": {"learned"},
            "classifier": {"original", "small", "causal", "frames"},
            "generator": {"original", "recurrent", "tprnn"},
        }
        assert set(presets.PRESETS[kind]) == names | more[kind]

    @pytest.mark.parametrize(("kind", "name"), EVERY_PRESET)
    def test_are_configs_of_their_kind(self, kind, name):
        assert type(presets.get(kind, name)) is KINDS[kind]

    @pytest.mark.parametrize("kind", KINDS)
    def test_one_is_the_class_default(self, kind):
        # Configs from before there was a choice are of these.
        older = {"classifier": "frames", "generator": "recurrent"}
        name = older.get(kind, "default")
        assert presets.get(kind, name) == KINDS[kind]()

    def test_the_seed_repeats_the_original(self):
        vae = presets.get("vae", "original")
        assert (vae.latent_dim, vae.normalization) == (80, "frame")
        classifier = presets.get("classifier", "original")
        assert (classifier.units, classifier.num_lstms) == (100, 4)
        assert (classifier.dropout_rate, classifier.optimizer) == (
            0.2,
            "rmsprop",
        )
        assert classifier.learning_rate == 1e-3
        generator = presets.get("generator", "original")
        assert (generator.units, generator.dropout_rate) == (1000, 0.1)
        assert (generator.prefix, generator.horizon) == (5, 1)

    def test_unknown_names_list_the_known(self):
        with pytest.raises(
            ValueError, match="vae, motion_vae, classifier, gen.*'gan'"
        ):
            presets.get("gan", "tiny")
        with pytest.raises(ValueError, match="default, original, .*'huge'"):
            presets.get("vae", "huge")


class TestLimits:
    @pytest.mark.parametrize(
        ("kind", "name", "value"),
        [
            ("classifier", "dropout_rate", 1.0),
            ("classifier", "dropout_rate", -0.1),
            ("generator", "dropout_rate", 1.0),
            ("generator", "dropout_rate", -0.1),
            ("vae", "ema_momentum", 1.0),
            ("vae", "ema_momentum", -0.1),
            ("vae", "ema_momentum", float("nan")),
            ("classifier", "label_smoothing", 1.0),
            ("classifier", "label_smoothing", -0.1),
            ("classifier", "frame_loss_weight", 1.1),
            ("classifier", "frame_loss_weight", -0.1),
            ("classifier", "filters", 0),
            ("classifier", "filters", -4),
            ("classifier", "num_convs", -1),
            ("classifier", "num_networks", 0),
            ("classifier", "num_features", -1),
            ("classifier", "num_features", 83),
            ("classifier", "repeat", 1.1),
            ("classifier", "repeat", -0.1),
            ("vae", "latent_dim", 0),
            ("vae", "latent_dim", 2.5),
            ("vae", "latent_dim", 2.0),
            ("vae", "latent_dim", True),
            ("vae", "latent_dim", "2"),
            ("vae", "num_epochs", 1e3),
            ("vae", "seed", -1),
            ("vae", "seed", None),
            ("vae", "beta", float("nan")),
            ("vae", "beta", -1.0),
            ("vae", "learning_rate", 0.0),
            ("vae", "batch_size", 0),
            ("generator", "horizon", 0),
            ("generator", "stride", 0.5),
            ("generator", "inputs", "pixels"),
            ("generator", "windows", "all"),
            ("vae", "optimizer", "sgd"),
            ("vae", "schedule", "steps"),
            ("vae", "normalization", "none"),
            ("vae", "split_protocol", "random"),
        ],
    )
    def test_beyond_them_the_field_and_the_value_are_named(
        self, kind, name, value
    ):
        with pytest.raises(ValueError, match=f"`{name}`.*Received: {value!r}"):
            KINDS[kind](**{name: value})

    @pytest.mark.parametrize(
        ("name", "value"),
        [("inputs", "embedding"), ("vae", "runs/vae"), ("use_occluded", True)],
    )
    @pytest.mark.parametrize("preset", ["default", "causal"])
    def test_classifiers_of_clips_take_no_vae(self, preset, name, value):
        config = presets.get("classifier", preset)
        with pytest.raises(ValueError, match=f"`{name}`.*preset=frames"):
            dataclasses.replace(config, **{name: value})

    @pytest.mark.parametrize(
        ("name", "value"), [("num_networks", 3), ("num_features", 84)]
    )
    @pytest.mark.parametrize("preset", ["frames", "causal"])
    def test_only_classifiers_of_clips_have_committees(
        self, preset, name, value
    ):
        config = presets.get("classifier", preset)
        with pytest.raises(ValueError, match=f"`{name}`.*the model is 'clip'"):
            dataclasses.replace(config, **{name: value})

    @pytest.mark.parametrize(
        ("kind", "values"),
        [
            ("classifier", {"dropout_rate": 0.0, "label_smoothing": 0.0}),
            ("classifier", {"frame_loss_weight": 0.0, "mixup_alpha": 0.0}),
            ("classifier", {"frame_loss_weight": 1.0, "ema_momentum": 0.0}),
            ("classifier", {"num_convs": 0, "filters": 0}),
            ("generator", {"dropout_rate": 0.999, "clip_norm": 0.0}),
            ("vae", {"ema_momentum": 0.9999, "beta": 0.0, "patience": 0}),
        ],
    )
    def test_up_to_them_all_is_well(self, kind, values):
        config = KINDS[kind](**values)
        assert values.items() <= dataclasses.asdict(config).items()

    def test_numpy_integers_are_refused_before_json_would(self):
        with pytest.raises(ValueError, match="`latent_dim`.*whole"):
            configs.VAEConfig(latent_dim=np.int64(2))

    def test_configs_are_frozen(self):
        with pytest.raises(dataclasses.FrozenInstanceError):
            configs.VAEConfig().latent_dim = 3


class TestFiles:
    @pytest.mark.parametrize(("kind", "name"), EVERY_PRESET)
    def test_what_is_saved_is_loaded(self, kind, name, tmp_path):
        config = presets.get(kind, name)
        configs.save(config, tmp_path / "config.json")
        assert configs.load(KINDS[kind], tmp_path / "config.json") == config

    def test_fields_that_are_not_there_have_their_defaults(self, tmp_path):
        (tmp_path / "config.json").write_text('{"latent_dim": 3}')
        config = configs.load(configs.VAEConfig, tmp_path / "config.json")
        assert config == configs.VAEConfig(latent_dim=3)

    def test_unknown_fields_are_named(self, tmp_path):
        configs.save(configs.VAEConfig(), tmp_path / "config.json")
        with pytest.raises(
            ValueError, match=r"config\.json.*GeneratorConfig.*hidden_dim"
        ):
            configs.load(configs.GeneratorConfig, tmp_path / "config.json")

    def test_bad_values_are_named(self, tmp_path):
        values = {**dataclasses.asdict(configs.VAEConfig()), "latent_dim": 2.5}
        (tmp_path / "config.json").write_text(json.dumps(values))
        with pytest.raises(
            ValueError, match=r"config\.json: `latent_dim`.*2.5"
        ):
            configs.load(configs.VAEConfig, tmp_path / "config.json")

    @pytest.mark.parametrize("text", ["", "{", "[1]", "null", "{}"])
    def test_damaged_files_are_named(self, tmp_path, text):
        (tmp_path / "config.json").write_text(text)
        with pytest.raises(ValueError, match=f"^{tmp_path}/config.json must"):
            configs.load(configs.VAEConfig, tmp_path / "config.json")


@pytest.mark.parametrize("value", [float("inf"), float("nan"), "1", True])
@pytest.mark.parametrize(
    "kind, field",
    [
        ("vae", "beta"),
        ("vae", "learning_rate"),
        ("classifier", "mixup_alpha"),
        ("generator", "nll_weight"),
    ],
)
def test_numbers_must_be_finite(kind, field, value):
    with pytest.raises(ValueError, match=f"`{field}` must be a finite number"):
        dataclasses.replace(presets.get(kind, "tiny"), **{field: value})


class TestTitle:
    @pytest.mark.parametrize("kind, name", EVERY_PRESET)
    def test_of_a_preset_is_its_name(self, kind, name):
        assert presets.title(presets.get(kind, name)) == name

    def test_names_what_differs_from_the_closest(self):
        config = dataclasses.replace(presets.get("vae", "tiny"), seed=3)
        assert presets.title(config) == "tiny, seed=3"


class TestDigest:
    def test_tells_values_apart(self):
        digests = {
            configs.digest(presets.get(kind, name))
            for kind, name in EVERY_PRESET
        }
        assert len(digests) == len(EVERY_PRESET)

    def test_tells_classes_apart(self):
        config = configs.TrainingConfig()

        @dataclasses.dataclass(frozen=True, kw_only=True)
        class Other(configs.TrainingConfig):
            pass

        assert configs.digest(Other()) != configs.digest(config)

    def test_equal_configs_have_the_same(self):
        digest = configs.digest(configs.VAEConfig(latent_dim=3))
        assert digest == configs.digest(configs.VAEConfig(latent_dim=3))
        assert len(digest) == 16


@pytest.mark.parametrize(
    "changes",
    [{"rollout": 7}, {"prefix": 4}, {"windows": "tprnn"}],
)
def test_chunks_are_whole_and_of_consecutive_frames(changes):
    with pytest.raises(ValueError, match="`model` 'chunks' needs chunks of 5"):
        configs.GeneratorConfig(model="chunks", **changes)


def test_only_chunks_are_embedded():
    with pytest.raises(ValueError, match="`model` must be one of chunks"):
        configs.GeneratorConfig(model="recurrent", chunk_dim=8)
    config = configs.GeneratorConfig(model="chunks", chunk_dim=8)
    assert config.chunk_dim == 8


def test_a_chunk_is_as_long_as_the_model_says():
    from pose_tf.models import generator

    assert generator.CHUNK == configs.CHUNK_FRAMES
