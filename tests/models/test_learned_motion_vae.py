"""The motion VAE with a network as encoder: as the other, but for its views."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import motion_vae
from pose_tf.models.learned_motion_vae import LearnedMotionVAE
from pose_tf.models.motion_embedder import LearnedEmbedder
from tests.models.test_motion_vae import SETTINGS, batch_of, clips, embed


@pytest.fixture(scope="module")
def vae():
    keras.utils.set_random_seed(0)
    model = LearnedMotionVAE(
        "penn_action",
        latent_dim=4,
        num_frames=16,
        filters=8,
        units=8,
        num_features=168,
        num_components=16,
        num_targets=8,
        bank_size=6,
    )
    model.adapt(motion_vae.sequences(model, [batch_of(clips(40))]))
    model.set_references(embed(model, clips(40))["mean"])
    return model


def pairs(vae, number):
    """Pairs of views of clips, and what the decoder is to give."""
    batch = batch_of(clips(number))
    clip = batch["poses"], batch["visibility"], batch["num_frames"]
    views, targets = (
        tf.stack([see(*clip), see(*clip, mirrored=True)], 1)
        for see in (vae.look, vae.describe)
    )
    return {
        "views": views,
        "targets": targets,
        "mirrored": tf.tile([[0.0, 1.0]], (number, 1)),
        "index": tf.range(number),
    }


def test_it_sees_sequences_and_gives_components(vae):
    batch = pairs(vae, 3)
    assert batch["views"].shape == (3, 2, *vae.view_shape) == (3, 2, 16, 29)
    assert batch["targets"].shape == (3, 2, 16)
    posterior = vae.encode(batch["views"][:, 0])
    assert posterior.event_shape == (4,) and posterior.batch_shape == (3,)


def test_what_half_precision_cannot_hold_is_cut_off(vae):
    """One joint that moves by 10 px: 1e7 of the least scales."""
    batch = batch_of(clips(1))
    seen = np.zeros((1, 30, 13), bool)
    seen[..., 0] = True
    views = vae.look(batch["poses"], tf.constant(seen), batch["num_frames"])
    assert np.abs(views).max() == 1000


def test_the_loss_trains_the_network(vae):
    batch = pairs(vae, 3)
    settings = {**SETTINGS, "contrastive_weight": 1.0}
    with tf.GradientTape() as tape:
        loss, scores = vae.compute_loss(batch, 0, (1, 2), **settings)
    kernel = vae.encoder.stem.kernel.value
    gradient = tape.gradient(loss, kernel)
    assert np.abs(gradient).max() > 0
    parts = (scores["distortion"] + 0.5 * scores["rate"]) / 4
    expected = float(parts + scores["contrastive"])
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_a_clip_embeds_as_its_mirror_image(vae):
    poses = clips(5)
    order = vae.skeleton.mirror_indices
    image = np.float32(poses * [-1, 1] + [400, 0])[:, :, order]
    one, two = embed(vae, poses), embed(vae, image)
    np.testing.assert_allclose(one["mean"], two["mean"], atol=2e-3)
    np.testing.assert_allclose(one["stddev"], two["stddev"], rtol=2e-3)


def test_the_embedder_gives_the_same_without_random_convolutions(vae):
    embedder = LearnedEmbedder(vae)
    poses = clips(7, seed=5)
    ours, theirs = embed(embedder, poses), embed(vae, poses)
    for name in ("mean", "stddev"):
        np.testing.assert_allclose(ours[name], theirs[name], atol=1e-5)
    # One step of forty: rounding may pass a reference by.
    np.testing.assert_allclose(ours["novelty"], theirs["novelty"], atol=0.026)
    assert not any("thresholds" in x.path for x in embedder.variables)


def test_saved_and_loaded_it_gives_the_same(vae, tmp_path):
    vae.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for name, value in embed(vae, clips(4)).items():
        np.testing.assert_array_equal(embed(again, clips(4))[name], value)
