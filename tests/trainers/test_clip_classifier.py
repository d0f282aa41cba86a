"""The trainer of classifiers of whole clips: a run, and what it leaves."""

import dataclasses

import numpy as np
import pytest

import pose_tf
from pose_tf import presets
from pose_tf.models.clip_classifier import ClipClassifier
from pose_tf.trainers.classifier import ClassifierTrainer
from pose_tf.trainers.trainer import load_model


@pytest.fixture(scope="module")
def run(tiny_data_dir, tmp_path_factory):
    """A finished run of two epochs, and its history."""
    config = dataclasses.replace(
        presets.get("classifier", "default"),
        window=16,
        filters=8,
        units=8,
        batch_size=4,
        num_epochs=2,
    )
    trainer = ClassifierTrainer(
        config,
        tmp_path_factory.mktemp("runs") / "classifier",
        data_dir=tiny_data_dir,
        verbose=0,
    )
    return trainer, trainer.fit()


def test_it_trains_and_validates_a_model_of_whole_clips(run):
    trainer, history = run
    assert isinstance(trainer.model, ClipClassifier)
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert len(history["loss"]) == 2
    (batch, *_) = trainer.epoch(0)
    assert batch["poses"].shape == (4, 16, 13, 2)


def test_its_files_give_what_the_model_gives(run):
    trainer, _ = run
    (batch, *_) = trainer.batches(trainer.validation_clips())
    clips = [batch[name] for name in ("poses", "visibility", "num_frames")]
    expected = trainer.model.classify(*clips)["probabilities"]
    read = load_model(trainer.workdir).classify(*clips)["probabilities"]
    np.testing.assert_allclose(read, expected, rtol=1e-5)
    exported = pose_tf.load(trainer.export())
    np.testing.assert_allclose(
        exported.classify(*(x.numpy() for x in clips)), expected, rtol=1e-4
    )


def test_it_is_scored_beside_the_nearest_neighbour(run):
    trainer, _ = run
    scores = trainer.evaluate()
    assert scores["num_clips"] == 6
    assert {"top1", "nearest_neighbor_top1"} <= set(scores)
