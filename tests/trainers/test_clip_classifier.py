"""The trainer of classifiers of clips: a run, and what it leaves."""

import dataclasses
import types

import numpy as np
import pytest

from pose_tf import presets
from pose_tf.models.clip_classifier import ClipClassifier
from pose_tf.models.clip_committee import ClipCommittee
from pose_tf.models.stream_classifier import StreamClassifier
from pose_tf.trainers import pretrained
from pose_tf.trainers.classifier import ClassifierTrainer


@pytest.fixture(params=["clip", "committee", "stream"])
def run(request, run_of):
    """A finished run of two epochs."""
    return run_of(request.param)


def test_it_trains_and_validates_the_model_of_its_config(run):
    classes = {"clip": ClipClassifier, "stream": StreamClassifier}
    together = run.config.num_networks > 1
    wanted = ClipCommittee if together else classes[run.config.model]
    assert type(run.trainer.model) is wanted
    assert set(run.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert len(run.history["loss"]) == 2
    assert run.shapes["poses"] == [4, 16, 13, 2]


def test_its_files_give_what_the_model_gives(run):
    trainer = run.trainer
    (batch, *_) = trainer.batches(trainer.validation_clips())
    clips = [batch[name] for name in ("poses", "visibility", "num_frames")]
    expected = trainer.model.classify(*clips)["probabilities"]
    for one, two in zip(trainer.model.get_weights(), run.weights, strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_allclose(
        run.exported.classify(*(x.numpy() for x in clips)), expected, rtol=1e-4
    )


def test_an_export_knows_the_clips_that_the_model_has_seen(run):
    trainer, exported = run.trainer, run.exported
    (batch, *_) = trainer.batches(trainer.train_clips())
    clips = [
        batch[name].numpy() for name in ("poses", "visibility", "num_frames")
    ]
    if trainer.config.model == "stream":
        with pytest.raises(ValueError, match="`novelty` needs"):
            exported.novelty(*clips)
        return
    novelty = exported.novelty(*clips)
    # A clip is its own nearest one here.
    np.testing.assert_array_equal(novelty, np.zeros(len(novelty)))
    spun = clips[0] @ np.array([[0, 1], [-1, 0]], np.float32)
    assert exported.novelty(spun, *clips[1:]).mean() > 0.5


def test_a_training_can_start_from_it_without_what_novelty_is_measured_by(
    run,
):
    digests = {
        pretrained.of_config(
            dataclasses.replace(run.config, init_from=str(path)),
            ("classifier",),
        ).digest
        for path in (run.workdir, run.workdir / "saved_model")
    }
    assert len(digests) == 1


def test_it_is_scored_beside_the_nearest_neighbour(run):
    assert run.scores["num_clips"] == 6
    assert {"top1", "nearest_neighbor_top1"} <= set(run.scores)


def test_a_classifier_of_streams_is_scored_on_beginnings_of_clips(run):
    is_stream = run.config.model == "stream"
    assert ("top1_at_10" in run.scores) == is_stream
    assert ("top1_at_10" in run.told) == is_stream
    assert ("frame_accuracy" in run.scores) == is_stream
    if is_stream:
        assert run.scores["top1_at_100"] == pytest.approx(run.scores["top1"])


@pytest.mark.parametrize(
    ("actions", "taken"),
    [
        (
            ("jump", "run"),
            {"networks/0/stem/kernel", "networks/0/head/bias", "ridge/bias"},
        ),
        (("run", "jump"), {"networks/0/stem/kernel"}),
    ],
)
def test_members_of_a_committee_start_from_heads_of_the_same_actions(
    actions, taken, tmp_path
):
    clips = types.SimpleNamespace(actions=["jump", "run"])
    trainer = ClassifierTrainer(
        presets.get("classifier", "small"), tmp_path, clips=clips
    )
    names = ("networks/0/stem/kernel", "networks/0/head/bias", "ridge/bias")
    trainer.pretrained = types.SimpleNamespace(
        kind="classifier", values=dict.fromkeys(names, 0.0), actions=actions
    )
    assert set(trainer.initial_weights(None)) == taken
