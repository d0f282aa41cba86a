"""Generators over embedded motion: the VAE of chunks comes first."""

import numpy as np
import pytest

import pose_tf
from pose_tf.trainers import chunks, loop, pretrained
from pose_tf.trainers.generator import GeneratorTrainer
from tests.support.runs import small


class StopError(Exception):
    """Stands for a kill."""


def training(folder, clips):
    config = small("generator", chunk_dim=3, num_epochs=1)
    return GeneratorTrainer(config, folder, clips=clips, verbose=0)


@pytest.fixture(scope="module")
def trained(tiny_clips, tmp_path_factory):
    """A finished trainer."""
    trainer = training(tmp_path_factory.mktemp("chunks") / "run", tiny_clips)
    trainer.fit()
    return trainer


def test_a_kill_while_the_vae_trains_changes_no_bit(
    trained, tiny_clips, tmp_path, monkeypatch
):
    end_epoch, ended = loop.Loop._end_epoch, []

    def stop(self, epoch, *args):
        end_epoch(self, epoch, *args)
        ended.append(epoch)
        if len(ended) == 2:
            raise StopError

    with monkeypatch.context() as patch:
        patch.setattr(loop.Loop, "_end_epoch", stop)
        with pytest.raises(StopError):
            training(tmp_path, tiny_clips).fit()
    again = training(tmp_path, tiny_clips)
    with monkeypatch.context() as patch:
        patch.setattr(loop.Loop, "_end_epoch", stop)
        again.fit()
    # Two of its epochs before the stop, the others and one of all after it.
    assert len(ended) == chunks.NUM_EPOCHS + 1
    for one, two in zip(
        again.model.get_weights(), trained.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, two)


def test_it_is_exported_and_read_again(trained):
    rng = np.random.default_rng(0)
    poses = rng.normal(0, 40, (2, 6, 13, 2)).astype(np.float32) + 200
    loaded = pose_tf.load(trained.export())
    options = {"horizon": 12, "num_samples": 2, "temperature": 1.0}
    given = loaded.generate(poses, seed=3, **options)["poses"]
    assert given.shape == (2, 2, 12, 13, 2)
    assert np.isfinite(given).all()
    again = pretrained.load_model(trained.workdir)
    # The VAE is as frozen as it was, else the optimizer's variables do not fit.
    assert len(again.trainable_variables) == len(again.optimizer.variables) // 3
    assert len(again.trainable_variables) < len(again.weights)
    for one, two in zip(
        again.get_weights(), trained.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, two)
