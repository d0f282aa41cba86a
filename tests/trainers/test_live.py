"""The training of the part for streams: beside the other, and resumable."""

import shutil

import keras
import numpy as np
import pytest

from pose_tf.serving import weights
from pose_tf.trainers import live
from pose_tf.trainers.classifier import ClassifierTrainer
from tests.support import runs


class Stop(Exception):
    """Stands in for a kill."""


class StopAt(keras.callbacks.Callback):
    def __init__(self, epoch, batch):
        super().__init__()
        self.epoch, self.stop_batch = epoch, batch

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.now, batch) == (self.epoch, self.stop_batch):
            raise Stop


@pytest.fixture(autouse=True)
def small():
    with runs.small_recordings():
        yield


@pytest.fixture
def trained(run_of):
    return run_of("stream").trainer


def values_of(model):
    return {
        name: np.asarray(variable)
        for name, variable in weights.named(model).items()
        if weights.is_weight(name)
    }


def test_both_parts_are_trained(trained):
    keras.utils.set_random_seed(trained.config.seed)
    before, after = values_of(trained.build()), values_of(trained.model)
    for name in ("head/kernel", "live/head/kernel", "live/stem/dense/kernel"):
        assert np.abs(after[name] - before[name]).max() > 1e-6, name


def test_killed_in_the_second_part_it_ends_with_the_same_bits(
    run_of, tmp_path, monkeypatch
):
    """The first part is over, and its last checkpoint is the newest."""
    run = run_of("stream")
    shutil.copytree(run.workdir, tmp_path / "killed")
    shutil.rmtree(tmp_path / "killed" / "checkpoints" / live.FOLDER)
    (tmp_path / "killed" / "model.keras").unlink()

    def train():
        trainer = ClassifierTrainer(
            run.config, tmp_path / "killed", clips=run.clips, verbose=0
        )
        trainer.fit()
        return trainer

    with monkeypatch.context() as patch:
        patch.setattr(live, "_callbacks", lambda training: [StopAt(1, 1)])
        with pytest.raises(Stop):
            train()
    for value, expected in zip(
        train().model.get_weights(), run.weights, strict=True
    ):
        np.testing.assert_array_equal(value, expected)


def test_an_epoch_has_about_as_many_frames_as_the_clips(trained):
    from pose_tf.pipeline import recordings

    pieces = recordings.collect(trained.train_clips(), trained.clips.skeleton)
    frames = sum(key.num_frames for key in trained.clips.train_index)
    num_batches = live.num_batches(pieces)
    # Clips are cut to frames with somebody in them, and some are held back.
    assert 0.5 * frames / 128 < num_batches <= frames / 128 + 1


def test_it_writes_summaries_of_its_own(trained):
    for name in ("train", "validation"):
        folder = trained.workdir / "logs" / live.FOLDER / name
        assert list(folder.glob("events*"))


def test_validation_scores_recordings(trained):
    scores = live._validation(trained, trained.model.live)()
    assert set(scores) == {"accuracy", "loss"}
    assert 0 <= scores["accuracy"] <= 1
    assert 0 < scores["loss"] < 30
