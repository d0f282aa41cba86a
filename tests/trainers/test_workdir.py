"""A folder belongs to one config and to the clips that it was made of."""

import dataclasses
import json

import pytest
import tensorflow as tf

from pose_tf import configs, presets, run_files
from pose_tf.trainers import workdir
from pose_tf.trainers.vae import VAETrainer

CONFIG = presets.get("vae", "tiny")


def changed(**changes):
    return dataclasses.replace(CONFIG, **changes)


@pytest.fixture
def folder(tiny_clips, tmp_path):
    """The folder of a run on `tiny_clips`."""
    workdir.claim(tmp_path / "run", CONFIG, tiny_clips)
    return tmp_path / "run"


def with_train(clips, change):
    return dataclasses.replace(clips, train=clips.train.map(change))


class TestData:
    def test_the_same_clips_go_on(self, folder, tiny_clips):
        workdir.claim(folder, CONFIG, dataclasses.replace(tiny_clips))

    @pytest.mark.parametrize(
        "key, change",
        [
            ("poses", lambda poses: poses + 1),
            ("visibility", tf.logical_not),
            ("clip_id", lambda name: name + "x"),
            ("action", lambda action: action * 0),
        ],
    )
    def test_other_content_is_refused(self, folder, tiny_clips, key, change):
        others = with_train(
            tiny_clips, lambda clip: {**clip, key: change(clip[key])}
        )
        with pytest.raises(ValueError, match="`workdir`.*of other content"):
            workdir.claim(folder, CONFIG, others)

    def test_other_actions_are_named(self, folder, tiny_clips):
        others = dataclasses.replace(
            tiny_clips, actions=("sit", *tiny_clips.actions[1:])
        )
        with pytest.raises(ValueError, match="have actions .*, not .*'sit'"):
            workdir.claim(folder, CONFIG, others)

    def test_fewer_clips_are_counted(self, folder, tiny_clips):
        fewer = dataclasses.replace(tiny_clips, test=tiny_clips.test.take(1))
        with pytest.raises(ValueError, match="have num_test 6, not 1"):
            workdir.claim(folder, CONFIG, fewer)

    def test_a_model_is_not_used_on_other_clips(self, folder, tiny_clips):
        """Its actions would go by other names."""
        others = dataclasses.replace(
            tiny_clips, actions=("sit", *tiny_clips.actions[1:])
        )
        trainer = VAETrainer(CONFIG, folder, clips=others)
        for use in (trainer.fit, trainer.evaluate, trainer.export):
            with pytest.raises(ValueError, match="run on the same clips"):
                use()


class TestConfig:
    def test_refused_fields_are_named_with_both_values(
        self, folder, tiny_clips
    ):
        with pytest.raises(
            ValueError, match="with latent_dim: 4 -> 7, beta: 0.05 -> 0.5$"
        ):
            workdir.claim(folder, changed(latent_dim=7, beta=0.5), tiny_clips)
        assert configs.load(configs.VAEConfig, folder / "config.json") == CONFIG

    def test_only_more_epochs_go_on(self, folder, tiny_clips):
        workdir.claim(folder, changed(num_epochs=3), tiny_clips)
        saved = json.loads((folder / "config.json").read_text())
        assert saved["num_epochs"] == 3
        with pytest.raises(ValueError, match="num_epochs: 3 -> 2$"):
            workdir.claim(folder, CONFIG, tiny_clips)

    def test_training_resumes_to_more_epochs(self, run_of, tmp_path):
        """The schedule is constant: another one depends on the epochs."""
        straight = run_of("vae")
        few = dataclasses.replace(straight.config, num_epochs=1)
        options = {"clips": straight.clips, "verbose": 0}
        first = VAETrainer(few, tmp_path, **options).fit()
        history = VAETrainer(straight.config, tmp_path, **options).fit()
        assert history == straight.history
        assert history["loss"][:1] == first["loss"]


@pytest.mark.parametrize("name", [run_files.CONFIG, run_files.DATA])
@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"colour": 1}', "\\xff"]
)
def test_a_damaged_file_is_named(folder, tiny_clips, name, text):
    (folder / name).write_text(text)
    with pytest.raises(ValueError, match=f"^{folder / name}"):
        workdir.claim(folder, CONFIG, tiny_clips)


def test_a_damaged_model_is_named(folder, tiny_clips):
    for data in (b"", b"PK\x03\x04 of something else"):
        (folder / "model.keras").write_bytes(data)
        with pytest.raises(ValueError, match=f"^{folder}/model.keras is dam"):
            VAETrainer(CONFIG, folder, clips=tiny_clips).load_or_get_model()


def test_a_constructor_writes_nothing(tmp_path):
    VAETrainer(CONFIG, tmp_path / "run")
    assert not (tmp_path / "run").exists()
