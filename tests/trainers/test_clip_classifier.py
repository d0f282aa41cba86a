"""The trainer of classifiers of clips: a run, and what it leaves."""

import dataclasses

import numpy as np
import pytest

import pose_tf
from pose_tf import presets
from pose_tf.models.clip_classifier import ClipClassifier
from pose_tf.models.stream_classifier import StreamClassifier
from pose_tf.trainers import pretrained
from pose_tf.trainers.classifier import ClassifierTrainer
from pose_tf.trainers.pretrained import load_model


@pytest.fixture(scope="module", params=["default", "causal"])
def run(request, tiny_data_dir, tmp_path_factory):
    """A finished run of two epochs, and its history."""
    config = dataclasses.replace(
        presets.get("classifier", request.param),
        window=16,
        filters=8,
        units=8,
        batch_size=4,
        num_epochs=2,
        live_epochs=1,
    )
    trainer = ClassifierTrainer(
        config,
        tmp_path_factory.mktemp("runs") / "classifier",
        data_dir=tiny_data_dir,
        verbose=0,
    )
    return trainer, trainer.fit()


def test_it_trains_and_validates_the_model_of_its_config(run):
    trainer, history = run
    classes = {"clip": ClipClassifier, "stream": StreamClassifier}
    assert type(trainer.model) is classes[trainer.config.model]
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


def test_an_export_knows_the_clips_that_the_model_has_seen(run):
    trainer, _ = run
    exported = pose_tf.load(trainer.export())
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
    trainer, _ = run
    digests = {
        pretrained.of_config(
            dataclasses.replace(trainer.config, init_from=str(path)),
            ("classifier",),
        ).digest
        for path in (trainer.workdir, trainer.export())
    }
    assert len(digests) == 1


def test_it_is_scored_beside_the_nearest_neighbour(run):
    trainer, _ = run
    scores = trainer.evaluate()
    assert scores["num_clips"] == 6
    assert {"top1", "nearest_neighbor_top1"} <= set(scores)


def test_a_classifier_of_streams_is_scored_on_beginnings_of_clips(run, capsys):
    trainer, _ = run
    scores = trainer.evaluate()
    is_stream = trainer.config.model == "stream"
    assert ("top1_at_10" in scores) == is_stream
    assert ("top1_at_10" in capsys.readouterr().out) == is_stream
    assert ("frame_accuracy" in scores) == is_stream
    if is_stream:
        assert scores["top1_at_100"] == pytest.approx(scores["top1"])
