"""The motion VAE's trainer with a learned encoder: its files, and a kill."""

import numpy as np
import pytest

import pose_tf
from pose_tf.models.learned_motion_vae import LearnedMotionVAE
from pose_tf.serving import weights
from pose_tf.trainers.motion_vae import MotionVAETrainer
from pose_tf.trainers.pretrained import load_model
from tests.trainers import test_trainers

CHANGES = {"encoder": "convolution_lstm", "num_frames": 16}


@pytest.fixture(scope="module")
def run(tiny_clips, tmp_path_factory):
    trainer = MotionVAETrainer(
        test_trainers.small("motion_vae", num_epochs=1, **CHANGES),
        tmp_path_factory.mktemp("runs") / "learned",
        clips=tiny_clips,
        verbose=0,
    )
    return trainer, trainer.fit()


def test_it_trains_and_validates_the_class_of_its_config(run):
    trainer, history = run
    assert type(trainer.model) is LearnedMotionVAE
    assert np.isfinite(history["val_loss"]).all()
    (batch, *_) = trainer.epoch(0)
    assert batch["views"].shape[1:] == (2, 16, 29)
    assert batch["targets"].shape[1:] == (2, trainer.config.num_components)


def test_its_files_give_what_the_model_gives(run, tiny_clips):
    trainer, _ = run
    (batch, *_) = trainer.batches(tiny_clips.train)
    clips = [batch[name] for name in ("poses", "visibility", "num_frames")]
    expected = trainer.embed(*clips)
    read = load_model(trainer.workdir).embed_motion(*clips)
    exported = pose_tf.load(trainer.export())
    given = exported.embed_motion(*(x.numpy() for x in clips))
    for name, value in expected.items():
        np.testing.assert_allclose(read[name], value, atol=1e-5)
        if name != "novelty":  # A step of which may be of rounding.
            np.testing.assert_allclose(given[name], value, atol=1e-3)
    assert given["novelty"].shape == expected["novelty"].shape


def test_what_is_exported_embeds_and_no_more(run):
    trainer, _ = run
    names = weights.read(trainer.export())
    layers = {name.split("/")[0] for name in names}
    assert layers == {"encoder", "center", "references", "distances"}
