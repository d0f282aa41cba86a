"""Evaluations: written, read, and refused."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from pose_tf import presets
from pose_tf.evaluation import evaluator
from pose_tf.pipeline import example_gen
from pose_tf.pose import skeletons, transform
from pose_tf.serving import inputs, loaded
from tests.support import fake_models

CONFIG = presets.get("classifier", "tiny")


def test_a_clip_without_a_visible_joint_is_scored():
    poses = np.full((2, 3, 13, 2), np.nan, np.float32)
    visibility = np.zeros((2, 3, 13), bool)
    poses[1], visibility[1, 0, 4] = 5, True

    class Picky:  # As loaded models are.
        def classify(self, poses, visibility, num_frames):
            inputs.require_somebody(visibility)
            return poses[:, 0, 4]

    (classify,) = evaluator.CLASSIFIER.functions(Picky(), CONFIG)
    np.testing.assert_array_equal(
        classify(poses, visibility, [3, 3]), [[0, 0], [5, 5]]
    )


class Loaded:
    """A fake of a loaded SavedModel; `path` is its folder."""

    def __init__(self, path):
        self.path = path


@pytest.fixture
def candidate(tmp_path):
    folder = tmp_path / "saved_model"
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(b"graph")
    return folder


@pytest.fixture
def clips():
    ds = tf.data.Dataset.from_tensors(
        {"clip_id": "0001", "action": 0, "poses": tf.zeros((3, 13, 2))}
    )
    more = ds.concatenate(ds)
    return example_gen.Clips(
        train=more.apply(tf.data.experimental.assert_cardinality(2)),
        test=ds,
        actions=("bowl",),
        views=("front",),
        skeleton=skeletons.PENN_ACTION,
    )


def rigged(monkeypatch, candidate, conditions, seen=None):
    """Returns a rule of classifiers that gives `conditions`."""

    def judge(classify, train, scored, config):
        assert classify == "its classify"
        if seen is not None:
            seen.extend([int(train.cardinality()), int(scored.cardinality())])
        return {"top1": 50.0}, {"nearest_neighbor_top1": 40.0}, conditions

    monkeypatch.setattr(
        loaded, "load", lambda path, skeleton: Loaded(candidate)
    )
    return evaluator.Rule(
        "classifier", Loaded, lambda model, config: ("its classify",), judge
    )


class TestEvaluate:
    def test_blessed_if_all_conditions_hold(
        self, monkeypatch, candidate, clips, tmp_path
    ):
        seen = []
        rule = rigged(
            monkeypatch, candidate, [(True, "A."), (True, "B.")], seen
        )
        found = evaluator.evaluate(rule, candidate, clips, CONFIG)
        assert found.blessed and found.reasons == ("A.", "B.")
        assert (found.split, found.split_protocol) == ("test", "validation")
        assert seen == [1, 1]  # One of two training clips is held back.
        found.save(tmp_path)
        assert (tmp_path / "BLESSED").read_text() == "A.\nB.\n"
        assert evaluator.load(tmp_path) == found

    def test_a_refused_blessing_names_what_failed(
        self, monkeypatch, candidate, clips, tmp_path
    ):
        (tmp_path / "BLESSED").touch()  # Of an evaluation before.
        conditions = [(True, "A."), (False, "B.")]
        rule = rigged(monkeypatch, candidate, conditions)
        found = evaluator.evaluate(rule, candidate, clips, CONFIG)
        found.save(tmp_path)
        assert not found.blessed
        assert (tmp_path / "NOT_BLESSED").read_text() == "B.\n"
        assert not (tmp_path / "BLESSED").exists()
        assert evaluator.load(tmp_path) == found

    def test_without_test_clips_validation_ones_are_scored(
        self, monkeypatch, candidate, clips
    ):
        clips = dataclasses.replace(clips, test=clips.test.take(0))
        rule = rigged(monkeypatch, candidate, [(True, "A.")])
        found = evaluator.evaluate(rule, candidate, clips, CONFIG)
        assert found.split == "validation"
        official = dataclasses.replace(CONFIG, split_protocol="official")
        with pytest.raises(ValueError, match=r"`clips`.*'official'"):
            evaluator.evaluate(rule, candidate, clips, official)

    def test_model_of_another_kind(self, monkeypatch, candidate, clips):
        rigged(monkeypatch, candidate, [(True, "A.")])
        with pytest.raises(ValueError, match="`candidate`.*vae.*a Loaded"):
            evaluator.evaluate(evaluator.VAE, candidate, clips, CONFIG)

    def test_no_model(self, clips, tmp_path):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            evaluator.evaluate(
                evaluator.CLASSIFIER, tmp_path / "nowhere", clips, CONFIG
            )


class TestScoreSeed:
    @pytest.fixture
    def still_clips(self):
        """A clip of 21 frames of 100 x 50 pixels in which nothing moves."""
        return tf.data.Dataset.from_tensors(
            {
                "clip_id": "0001",
                "action": 0,
                "view": 0,
                "poses": tf.fill((21, 13, 2), 40.0),
                "visibility": tf.ones((21, 13), tf.bool),
                "boxes": tf.tile([[10.0, 10.0, 60.0, 40.0]], (21, 1)),
                "frame_size": [100, 50],
            }
        )

    def export(self, model, folder):
        joints = skeletons.PENN_ACTION.joints
        return fake_models.save(model, folder, joints)

    @pytest.mark.parametrize(
        ("normalization", "error"),
        [
            # The fake goes on by a pixel along x and along y a frame.
            ("torso", (1 / 100 + 1 / 50) / 2),
            ("frame", 1 / transform.REFERENCE_SIZE),  # The frame is stretched.
        ],
    )
    def test_by_hand(self, still_clips, tmp_path, normalization, error):
        folder = self.export(fake_models.FakeGenerator(), tmp_path / "model")
        config = dataclasses.replace(
            presets.get("generator", "tiny"), normalization=normalization
        )
        found = evaluator.score_next_frame(folder, still_clips, config)
        assert found == {
            "skips": [1, 2, 4],
            "mae": pytest.approx([error * 2 / 3] * 3),
            "visible_mae": pytest.approx([error] * 3),
            "num_windows": [16, 6, 1],
            "zero_velocity_mae": [0, 0, 0],
            "zero_velocity_visible_mae": [0, 0, 0],
        }

    def test_only_generators_have_a_next_frame(self, still_clips, tmp_path):
        folder = self.export(fake_models.FakeVAE(), tmp_path / "model")
        with pytest.raises(ValueError, match="`candidate`.*generator.*VAE"):
            evaluator.score_next_frame(
                folder, still_clips, presets.get("generator", "tiny")
            )


def test_an_unfinished_evaluation_is_none(tmp_path):
    (tmp_path / "metrics.json").write_text("{}")
    found = evaluator.Evaluation(
        kind="vae",
        blessed=True,
        reasons=("Better.",),
        metrics={},
        baseline={},
        dataset="penn_action",
        split_protocol="official",
        split="test",
        candidate="0",
    )
    found.save(tmp_path)
    (tmp_path / "BLESSED").unlink()  # As if killed before the last file.
    with pytest.raises(FileNotFoundError, match="BLESSED or NOT_BLESSED"):
        evaluator.load(tmp_path)
