"""Evaluations: written, read, and refused."""

import dataclasses

import pytest
import tensorflow as tf

from pose_tf import blessing, configs, evaluator, inference, skeletons
from pose_tf.pipeline import example_gen

CONFIG = configs.preset("classifier", "tiny")


class Loaded:
    """Stands for a loaded SavedModel; `path` is its folder."""

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
    """Has the classifier's rule give `conditions`."""

    def judge(classify, train, scored, config):
        assert classify == "its classify"
        if seen is not None:
            seen.extend([int(train.cardinality()), int(scored.cardinality())])
        return {"top1": 50.0}, {"nearest_neighbour_top1": 40.0}, conditions

    monkeypatch.setitem(blessing.RULES, "classifier", judge)
    monkeypatch.setitem(
        evaluator.LOADED,
        "classifier",
        (Loaded, lambda model, config: ("its classify",)),
    )
    monkeypatch.setattr(
        inference, "load", lambda path, skeleton: Loaded(candidate)
    )


class TestEvaluate:
    def test_blessed_if_all_conditions_hold(
        self, monkeypatch, candidate, clips, tmp_path
    ):
        seen = []
        rigged(monkeypatch, candidate, [(True, "A."), (True, "B.")], seen)
        found = evaluator.evaluate("classifier", candidate, clips, CONFIG)
        assert found.blessed and found.reasons == ("A.", "B.")
        assert (found.split, found.protocol) == ("test", "validation")
        assert seen == [1, 1]  # One of two training clips is held back.
        found.save(tmp_path)
        assert (tmp_path / "BLESSED").read_text() == "A.\nB.\n"
        assert evaluator.load(tmp_path) == found

    def test_not_blessed_tells_what_failed(
        self, monkeypatch, candidate, clips, tmp_path
    ):
        (tmp_path / "BLESSED").touch()  # Of an evaluation before.
        rigged(monkeypatch, candidate, [(True, "A."), (False, "B.")])
        found = evaluator.evaluate("classifier", candidate, clips, CONFIG)
        found.save(tmp_path)
        assert not found.blessed
        assert (tmp_path / "NOT_BLESSED").read_text() == "B.\n"
        assert not (tmp_path / "BLESSED").exists()
        assert evaluator.load(tmp_path) == found

    def test_without_test_clips_validation_ones_are_scored(
        self, monkeypatch, candidate, clips
    ):
        clips = dataclasses.replace(clips, test=clips.test.take(0))
        rigged(monkeypatch, candidate, [(True, "A.")])
        found = evaluator.evaluate("classifier", candidate, clips, CONFIG)
        assert found.split == "validation"
        official = dataclasses.replace(CONFIG, protocol="official")
        with pytest.raises(ValueError, match=r"`clips`.*'official'"):
            evaluator.evaluate("classifier", candidate, clips, official)

    def test_unknown_kind(self, candidate, clips):
        with pytest.raises(
            ValueError, match="`kind`.*vae, classifier, generator.*'gan'"
        ):
            evaluator.evaluate("gan", candidate, clips, CONFIG)

    def test_model_of_another_kind(self, monkeypatch, candidate, clips):
        rigged(monkeypatch, candidate, [(True, "A.")])
        with pytest.raises(ValueError, match="`candidate`.*vae.*a Loaded"):
            evaluator.evaluate("vae", candidate, clips, CONFIG)

    def test_no_model(self, clips, tmp_path):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            evaluator.evaluate(
                "classifier", tmp_path / "nowhere", clips, CONFIG
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
        protocol="official",
        split="test",
        candidate="0",
    )
    found.save(tmp_path)
    (tmp_path / "BLESSED").unlink()  # As if killed before the last file.
    with pytest.raises(FileNotFoundError, match="BLESSED or NOT_BLESSED"):
        evaluator.load(tmp_path)
