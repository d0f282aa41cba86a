"""The motion VAE's trainer with a learned encoder: a run, and its files."""

import numpy as np
import pytest

from pose_tf.models.learned_motion_vae import LearnedMotionVAE
from pose_tf.serving import weights


@pytest.fixture
def run(run_of):
    return run_of("learned")


def test_it_trains_and_validates_the_class_of_its_config(run):
    assert type(run.trainer.model) is LearnedMotionVAE
    assert np.isfinite(run.history["val_loss"]).all()
    assert run.shapes["views"][1:] == [2, 16, 29]
    assert run.shapes["targets"][1:] == [2, run.config.num_components]


def test_its_files_give_what_the_model_gives(run, tiny_clips):
    trainer = run.trainer
    (batch, *_) = trainer.batches(tiny_clips.train)
    clips = [batch[name] for name in ("poses", "visibility", "num_frames")]
    expected = trainer.embed(*clips)
    for one, two in zip(trainer.model.get_weights(), run.weights, strict=True):
        np.testing.assert_array_equal(one, two)
    given = run.exported.embed_motion(*(x.numpy() for x in clips))
    for name, value in expected.items():
        if name != "novelty":  # A step of which may be of rounding.
            np.testing.assert_allclose(given[name], value, atol=1e-3)
    assert given["novelty"].shape == expected["novelty"].shape


def test_what_is_exported_embeds_and_no_more(run):
    names = weights.read(run.workdir / "saved_model")
    layers = {name.split("/")[0] for name in names}
    assert layers == {"encoder", "center", "references", "distances"}
