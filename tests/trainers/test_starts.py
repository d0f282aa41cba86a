"""Trainings that start from trained weights: what fits, and what does not."""

import dataclasses
import json
import shutil
import types

import numpy as np
import pytest

import pose_tf
from pose_tf import presets, trainers
from pose_tf.models import ActionClassifier, PoseFeatures, PoseVAE
from pose_tf.pose import skeletons
from pose_tf.pose.transform import PoseTransform
from pose_tf.serving import weights
from pose_tf.trainers import pretrained, starts
from tests.support.runs import small

KINDS = ("vae", "motion_vae", "classifier", "generator")


class Folders(dict):
    """Folders of finished and exported runs, made when they are asked for."""

    def __init__(self, run_of):
        super().__init__()
        self.run_of = run_of

    def __missing__(self, name):
        return self.run_of(name).workdir


@pytest.fixture
def runs(run_of):
    return Folders(run_of)


def training(kind, init_from, workdir, clips, **changes):
    config = small(
        kind, **{"num_epochs": 1, "init_from": str(init_from), **changes}
    )
    return trainers.get(kind)(config, workdir, clips=clips, verbose=0)


def values_of(model):
    return {
        name: variable.numpy()
        for name, variable in weights.named(model).items()
        if weights.is_weight(name)
    }


class TestRuns:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_training_starts_from_all_weights_of_a_run(
        self, kind, runs, tiny_clips, tmp_path, capsys
    ):
        embedding = {"inputs": "embedding", "vae": str(runs["vae"])}
        trainer = training(
            kind,
            runs[kind],
            tmp_path,
            tiny_clips,
            seed=7,
            patience=0,
            **(embedding if kind == "classifier" else {}),
        )
        trainer.model = trainer.build()
        starts.begin(trainer)
        before = values_of(pretrained.load_model(runs[kind]))
        for name, value in values_of(trainer.model).items():
            np.testing.assert_array_equal(value, before[name], name)
        count = len(before)
        told = capsys.readouterr().out
        assert f"{count} of {count} weights are those of {runs[kind]}" in told
        written = json.loads((tmp_path / "initial_weights.json").read_text())
        assert sorted(written["taken"]) == sorted(before)
        assert written["not_taken"] == {} and written["unused"] == []

    def test_poses_are_stored_by_the_transform_that_was_taken(
        self, runs, tiny_clips, tmp_path
    ):
        moved = dataclasses.replace(
            tiny_clips,
            train=tiny_clips.train.map(
                lambda clip: {**clip, "poses": clip["poses"] ** 1.05}
            ),
        )
        trainer = training("vae", runs["vae"], tmp_path, moved)
        model = trainer.build()
        theirs = pretrained.load_model(runs["vae"]).transform.get_weights()
        for layer in (trainer.data_transform, model.transform):
            for one, two in zip(layer.get_weights(), theirs, strict=True):
                np.testing.assert_array_equal(one, two)

    @pytest.mark.parametrize("kind", sorted(set(KINDS) - {"motion_vae"}))
    def test_an_export_and_a_pushed_folder_give_the_same_weights(
        self, kind, runs, tmp_path
    ):
        export = runs[kind] / "saved_model"
        shutil.copytree(export, tmp_path / "pushed" / "2")
        digests = {
            pretrained.of_config(
                dataclasses.replace(
                    presets.get(kind, "tiny"), init_from=str(path)
                ),
                (kind,),
            ).digest
            for path in (runs[kind], export, tmp_path / "pushed")
        }
        assert len(digests) == 1

    def test_a_pushed_motion_vae_embeds_as_before_and_trains_on(
        self, runs, tiny_clips, tmp_path, capsys
    ):
        """On the same clips, so that their components are the same."""
        path = runs["motion_vae"] / "saved_model"
        trainer = training("motion_vae", path, tmp_path, tiny_clips)
        trainer.model = trainer.build()
        starts.begin(trainer)
        exported = pose_tf.load(path)
        (batch, *_) = trainer.batches(tiny_clips.train)
        clips = [batch[k] for k in ("poses", "visibility", "num_frames")]
        expected = exported.embed_motion(*(x.numpy() for x in clips))
        embedded = trainer.model.embed_motion(*clips)
        for name in ("mean", "stddev"):
            np.testing.assert_allclose(
                embedded[name], expected[name], rtol=0.01, atol=0.01
            )
        told = capsys.readouterr().out
        assert "encoder" in told.split("Not taken: ")[0]
        assert "decoder (kernel: not there)" in told
        trainer.fit()
        assert trainer.export().is_dir()

    @pytest.mark.parametrize("part", ["", "saved_model"])
    def test_a_classifier_starts_from_the_encoder_of_a_motion_vae(
        self, part, runs, tiny_clips, tmp_path, capsys
    ):
        trainer = training(
            "classifier",
            runs["learned"] / part,
            tmp_path,
            tiny_clips,
            model="clip",
            window=16,
            filters=48,
            units=64,
        )
        trainer.model = trainer.build()
        starts.begin(trainer)
        sequences = np.random.default_rng(0).normal(size=(3, 16, 29))
        np.testing.assert_allclose(
            trainer.model.embed(np.float32(sequences)),
            pretrained.load_model(runs["learned"]).encoder.embed(
                np.float32(sequences)
            ),
            atol=1e-5,
        )
        told = capsys.readouterr().out
        assert "Not taken: head (kernel: not there)" in told


def classifier(skeleton="penn_action", num_actions=3, **changes):
    features = PoseFeatures(PoseTransform(skeleton))
    sizes = {"filters": 8, "units": 8, "num_lstms": 1, **changes}
    return ActionClassifier(features, num_actions, **sizes)


def fake(model, actions=("a", "b", "c"), skeleton="penn_action"):
    """A trainer with a model, and its weights as those of another's."""
    joints = skeletons.get(skeleton).joints
    trainer = types.SimpleNamespace(
        model=model,
        clips=types.SimpleNamespace(
            actions=actions, skeleton=skeletons.get(skeleton)
        ),
        per_action=("head",),
        pretrained=pretrained.Pretrained(
            "there", "classifier", values_of(model), joints, actions
        ),
    )
    trainer.initial_weights = lambda layer: trainer.pretrained.values
    return trainer


def take(into, source):
    into.pretrained = source.pretrained
    return starts.take(into, into.model)


class TestFit:
    def test_other_actions_start_anew_and_common_ones_keep_their_columns(self):
        source = fake(classifier(), ("a", "b", "c"))
        into = fake(classifier(num_actions=4), ("x", "c", "y", "a"))
        before = into.model.head.kernel.numpy()
        start = take(into, source)
        kernel, theirs = into.model.head.kernel.numpy(), source.model.head
        np.testing.assert_array_equal(kernel[:, 1], theirs.kernel.numpy()[:, 2])
        np.testing.assert_array_equal(kernel[:, 3], theirs.kernel.numpy()[:, 0])
        np.testing.assert_array_equal(kernel[:, [0, 2]], before[:, [0, 2]])
        assert start.partly["head/bias"] == "2 of 4 actions"
        assert not start.not_taken
        assert "head (2 of 4 actions)" in start.text("there")

    def test_as_many_actions_of_other_names_take_no_head(self):
        source = fake(classifier(), ("a", "b", "c"))
        into = fake(classifier(), ("x", "y", "z"))
        start = take(into, source)
        assert start.not_taken == dict.fromkeys(
            ["head/kernel", "head/bias"], "of other actions"
        )
        text = "Not taken: head (kernel: of other actions)"
        assert text in start.text("there")

    def test_another_skeleton_keeps_what_does_not_see_joints(self):
        source = fake(classifier())
        into = fake(classifier("coco_17"), skeleton="coco_17")
        start = take(into, source)
        not_taken = {weights.layer_of(name) for name in start.not_taken}
        assert not_taken == {"convs/0", "features/transform"}
        kernel = start.not_taken["convs/0/kernel"]
        assert kernel == "(5, 55, 8) here, (5, 43, 8) there"
        # Its shape fits, but statistics are taken together or not at all.
        assert "features/transform/stddev_path" in start.not_taken
        assert "lstms/cell/cells/0/kernel" in start.taken

    def test_a_frozen_vae_is_taken_whole_or_not_at_all(self):
        def model(hidden_dim):
            vae = PoseVAE("penn_action", 4, hidden_dim)
            return ActionClassifier(
                PoseFeatures(vae=vae), 3, filters=8, units=8, num_lstms=1
            )

        source = fake(model(hidden_dim=6))
        start = take(fake(model(hidden_dim=6)), source)
        assert not start.not_taken
        start = take(fake(model(hidden_dim=7)), source)
        assert "features/vae/linear_encoder/kernel" in start.not_taken
        assert not [n for n in start.taken if n.startswith("features/")]
        assert "convs/0/kernel" in start.taken

    def test_of_a_layer_taken_in_part_the_weights_are_named(self):
        source = fake(classifier(units=8, filters=6))
        start = take(fake(classifier(units=8, filters=7)), source)
        told = start.text("there").splitlines()
        assert "lstms/cell/cells/0 (recurrent_kernel, bias)" in told[0]
        assert "lstms/cell/cells/0 (kernel: (7, 32) here, (6, 32)" in told[1]

    def test_weights_without_a_place_are_named(self):
        source = fake(classifier(num_convs=2))
        start = take(fake(classifier(num_convs=1)), source)
        assert "Not used: convs/1, norms/1" in start.text("there")


class TestMistakes:
    def test_nothing_that_fits_is_an_error(self, runs, tiny_clips, tmp_path):
        sizes = {"latent_dim": 5, "hidden_dim": 24}
        trainer = training("vae", runs["vae"], tmp_path, tiny_clips, **sizes)
        with pytest.raises(
            ValueError, match=r"`init_from`.*fits.*encoder.* \(kernel: \("
        ):
            trainer.fit()

    def test_a_motion_vae_without_a_network_is_no_start_of_a_classifier(
        self, runs, tiny_clips, tmp_path
    ):
        trainer = training(
            "classifier",
            runs["motion_vae"],
            tmp_path,
            tiny_clips,
            model="clip",
        )
        with pytest.raises(ValueError, match="`init_from` must.*stem"):
            trainer.fit()

    def test_a_head_alone_is_no_start(self):
        """Two classifiers of other layers, whose heads are as wide."""
        into = fake(classifier())
        into.config = types.SimpleNamespace(init_from="there")
        values = {
            name: value
            for name, value in into.pretrained.values.items()
            if name.startswith("head")
        }
        into.pretrained = dataclasses.replace(into.pretrained, values=values)
        with pytest.raises(ValueError, match="`init_from` must.*convs/0"):
            starts.begin(into)

    def test_a_missing_path_is_named(self, tiny_clips, tmp_path):
        trainer = training("vae", tmp_path / "no", tmp_path / "r", tiny_clips)
        with pytest.raises(FileNotFoundError, match="`init_from` must exist"):
            trainer.fit()
        assert not (tmp_path / "r").exists()

    def test_a_folder_of_something_else_is_named(self, tiny_clips, tmp_path):
        trainer = training("vae", tmp_path, tmp_path / "r", tiny_clips)
        with pytest.raises(ValueError, match="`init_from`.*no saved_model.pb"):
            trainer.fit()

    @pytest.mark.parametrize("part", ["", "saved_model"])
    def test_another_kind_is_named(self, part, runs, tiny_clips, tmp_path):
        path = runs["classifier"] / part
        trainer = training("vae", path, tmp_path / "run", tiny_clips)
        with pytest.raises(ValueError, match="must hold a vae.*a classifier"):
            trainer.fit()
        assert not (tmp_path / "run").exists()

    def test_another_normalization_is_refused(self, runs, tiny_clips, tmp_path):
        trainer = training(
            "vae", runs["vae"], tmp_path, tiny_clips, normalization="frame"
        )
        with pytest.raises(ValueError, match="same `normalization`, 'frame'"):
            trainer.fit()

    @pytest.mark.parametrize("part", ["", "saved_model"])
    def test_weights_that_have_seen_the_validation_clips_are_refused(
        self, part, runs, tiny_clips, tmp_path
    ):
        official_source(runs["vae"], tmp_path / "source")
        trainer = training(
            "vae", tmp_path / "source" / part, tmp_path / "run", tiny_clips
        )
        with pytest.raises(ValueError, match="'validation' holds back"):
            trainer.fit()

    def test_weights_of_all_of_another_folder_of_files_are_taken(
        self, runs, tiny_clips, tmp_path
    ):
        files = {"dataset": "keypoint_files"}
        official_source(runs["vae"], tmp_path / "source", **files)
        clips = dataclasses.replace(tiny_clips, train=tiny_clips.train.take(17))
        for part in ("", "saved_model"):
            source = tmp_path / "source" / part
            trainer = training("vae", source, tmp_path / "run", clips, **files)
            assert trainer.pretrained.joints == clips.skeleton.joints


def official_source(run, folder, **changes):
    """Copies a run as if it had been trained on all of its clips."""
    shutil.copytree(run, folder)
    values = json.loads((folder / "config.json").read_text())
    values |= {"split_protocol": "official", **changes}
    (folder / "config.json").write_text(json.dumps(values))
