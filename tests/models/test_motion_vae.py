"""The motion VAE: its loss by hand, its embedding, its export's half."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from pose_tf.models import motion_vae
from pose_tf.models.motion_embedder import MotionEmbedder, encoder_of
from pose_tf.models.motion_vae import MotionVAE
from pose_tf.models.principal_components import PrincipalComponents

SETTINGS = {
    "beta": 0.5,
    "contrastive_weight": 0.0,
    "temperature": 0.5,
    "bank_steps": 2,
}


@pytest.fixture(scope="module")
def vae():
    """A small motion VAE, adapted to random walks and not trained."""
    keras.utils.set_random_seed(0)
    model = MotionVAE(
        "penn_action",
        latent_dim=4,
        num_features=168,
        num_components=16,
        num_targets=8,
        bank_size=6,
    )
    model.adapt(motion_vae.sequences(model, [batch_of(clips(40))]))
    return model


def clips(number, num_frames=30, seed=0):
    """Random walks of joints around a standing body."""
    rng = np.random.default_rng(seed)
    place = rng.normal(0, 60, (number, 1, 13, 2)) + 200
    steps = rng.normal(0, 3, (number, num_frames, 13, 2)).cumsum(1)
    return (place + steps).astype(np.float32)


def batch_of(poses):
    return {
        "poses": tf.constant(poses),
        "visibility": tf.ones(poses.shape[:3], tf.bool),
        "num_frames": tf.fill([len(poses)], poses.shape[1]),
    }


def embed(model, poses):
    batch = batch_of(poses)
    return model.embed_motion(
        batch["poses"], batch["visibility"], batch["num_frames"]
    )


def pairs(number, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "views": tf.constant(rng.normal(size=(number, 2, 16)), tf.float32),
        "targets": tf.constant(rng.normal(size=(number, 2, 16)), tf.float32),
        "mirrored": tf.constant(rng.integers(0, 2, (number, 2)), tf.float32),
        "index": tf.range(number),
    }


def test_the_loss_is_the_negative_elbo_without_its_constant(vae):
    batch = pairs(3)
    loss, scores = vae.compute_loss(batch, 0, (1, 2), **SETTINGS)
    # The rate, by the closed form of two Gaussians.
    views = tf.reshape(batch["views"], (6, 16))
    posterior = vae.encode(views)
    mean, stddev = posterior.mean().numpy(), posterior.stddev().numpy()
    rate = (mean**2 + stddev**2 - 1) / 2 - np.log(stddev)
    assert float(scores["rate"]) == pytest.approx(rate.sum(1).mean(), rel=1e-5)
    # The distortion, of the first M components only: squares over 2 * 0.3.
    noise = tf.random.stateless_normal((6, 4), (1, 2))
    z = mean + stddev * noise
    decoded = vae.decoder(
        tf.concat([z, tf.reshape(batch["mirrored"], (6, 1))], 1)
    )
    targets = tf.reshape(batch["targets"][..., :8], (6, 8))
    squares = np.square(decoded - targets).sum(1) / (2 * 0.3)
    assert float(scores["distortion"]) == pytest.approx(
        squares.mean(), rel=1e-5
    )
    expected = (squares.mean() + 0.5 * rate.sum(1).mean()) / 4
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_an_autoencoder_has_no_noise(vae):
    settings = {**SETTINGS, "beta": 0.0}
    first, _ = vae.compute_loss(pairs(3), 0, (1, 2), **settings)
    second, _ = vae.compute_loss(pairs(3), 0, (3, 4), **settings)
    assert float(first) == float(second)


def test_contrast_finds_the_other_view_then_the_neighbour(vae):
    # A projector that passes on two of the means' dimensions.
    eye = np.zeros((4, 128)), np.zeros((128, 64))
    eye[0][range(4), range(4)] = eye[1][range(4), range(4)] = 1
    for layer, kernel in zip(vae.projector, eye, strict=True):
        layer.kernel.assign(kernel)
        layer.bias.assign(np.zeros(layer.units))
    vae.bank.assign(np.zeros((6, 64)))
    mean = tf.constant(np.eye(4)[[0, 1, 2, 2]], tf.float32)  # Two clips.
    index = tf.constant([3, 10])  # The second one's slot is 10 % 6.
    plain = vae._contrast(mean, index, 0.5, plain=True)
    # Clip 0's views are at right angles to each other and to clip 1's; those
    # of clip 1 are equal: cosine 1, so 2 after the temperature.
    both = np.log([2.0, np.exp(2) + 1]) - [0, 2]
    assert float(plain) == pytest.approx(both.mean(), rel=1e-5)
    np.testing.assert_array_equal(vae.bank.numpy()[3, :4], [1, 0, 0, 0])
    np.testing.assert_array_equal(vae.bank.numpy()[4, :4], [0, 0, 1, 0])
    # From the bank without a clip's own slot: another clip's projection.
    vae.bank.assign(np.pad(np.eye(4)[[2, 2, 2, 0, 2, 2]], [(0, 0), (0, 60)]))
    near = vae._contrast(mean, index, 0.5, plain=False)
    # Everything is taken for the third direction, in which clip 1's views lie.
    views = np.log(np.exp(2) + 1) - np.array([0, 2])
    assert float(near) == pytest.approx(views.mean(), rel=1e-5)


def test_the_bank_is_not_trained_and_the_rest_is(vae):
    names = {
        variable.path.split("/")[-2] for variable in vae.trainable_variables
    }
    assert len(vae.trainable_variables) == 8  # Two each of four layers.
    assert not {"bank", "center"} & names


def test_a_clip_embeds_as_its_mirror_image(vae):
    poses = clips(5)
    mirrored = poses * [-1, 1] + [400, 0]
    order = vae.skeleton.mirror_indices
    one = embed(vae, poses)
    two = embed(vae, np.float32(mirrored[:, :, order]))
    np.testing.assert_allclose(one["mean"], two["mean"], atol=2e-3)
    np.testing.assert_allclose(one["stddev"], two["stddev"], rtol=2e-3)


def test_place_and_size_do_not_matter(vae):
    poses = clips(5)
    one, two = embed(vae, poses), embed(vae, 3 * poses + 50)
    np.testing.assert_allclose(one["mean"], two["mean"], atol=2e-3)


def test_padding_and_neighbours_in_the_batch_do_not_matter(vae):
    poses = clips(3)
    padded = np.full((3, 45, 13, 2), np.nan, np.float32)
    padded[:, :30] = poses
    seen = ~np.isnan(padded[..., 0])
    together = vae.embed_motion(padded, seen, tf.constant([30, 30, 30]))
    for index, clip in enumerate(poses):
        alone = embed(vae, clip[None])
        np.testing.assert_allclose(
            together["mean"][index], alone["mean"][0], atol=1e-5
        )


def test_references_center_the_embeddings_and_measure_novelty(vae):
    poses = clips(40)
    vae.set_references(embed(vae, poses)["mean"])
    embedded = embed(vae, poses)
    np.testing.assert_allclose(
        embedded["mean"].numpy().mean(0), np.zeros(4), atol=1e-5
    )
    # Each is its own nearest reference here, so closer than in `distances`.
    assert embedded["novelty"].numpy().mean() < 0.5
    vae.set_references(embedded["mean"])  # Again: the same.
    np.testing.assert_allclose(
        embed(vae, poses)["mean"], embedded["mean"], atol=1e-5
    )


def test_more_references_than_places_are_drawn(vae, monkeypatch):
    mean = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    monkeypatch.setattr(motion_vae, "MAX_REFERENCES", 20)
    model = MotionVAE("penn_action", 4, num_features=84, bank_size=0)
    model.set_references(mean, seed=1)
    assert int(model.num_references) == 20
    norms = np.linalg.norm(model.references.numpy(), axis=1)
    np.testing.assert_allclose(norms, np.ones(20), rtol=1e-5)


def test_prior_and_likelihood_are_distributions(vae):
    assert isinstance(vae.prior(), tfp.distributions.Distribution)
    assert vae.prior().event_shape == (4,)
    likelihood = vae.likelihood(tf.zeros((2, 4)), tf.zeros(2))
    assert likelihood.event_shape == (8,)
    np.testing.assert_allclose(
        likelihood.variance(), np.full((2, 8), 0.3), 1e-5
    )


def test_the_embedder_gives_the_same_with_less(vae):
    vae.set_references(embed(vae, clips(40))["mean"])
    embedder = MotionEmbedder(vae)
    poses = clips(7, seed=5)
    ours, theirs = embed(embedder, poses), embed(vae, poses)
    for name in ("mean", "stddev"):
        np.testing.assert_allclose(ours[name], theirs[name], atol=5e-3)
    # One step of forty: rounding may pass a reference by.
    np.testing.assert_allclose(ours["novelty"], theirs["novelty"], atol=0.026)
    assert embedder.kernel.dtype == "float16"


def test_an_embedders_map_is_that_of_an_encoder_of_the_same_components(vae):
    embedder = MotionEmbedder(vae)
    kernel, bias = encoder_of(
        embedder.kernel.numpy(), embedder.bias.numpy(), vae.components
    )
    np.testing.assert_allclose(kernel, vae.encoder.kernel, atol=2e-3)
    center = np.pad(vae.center, (0, 4))  # Of the means alone.
    np.testing.assert_allclose(bias, vae.encoder.bias - center, atol=5e-3)


def test_of_other_components_an_encoder_keeps_what_they_span(vae):
    """The map of the third feature, by components of the first two and all."""
    components = PrincipalComponents(3)
    components.build((None, 3))
    components.stddev.assign([2.0, 4.0, 1.0])
    components.mean.assign([1.0, 0.0, 3.0])
    kernel = np.array([[0, 1], [0, 0], [5, 0]], np.float16)
    features = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    for directions, mapped in (
        (np.eye(3), features @ kernel + 1),
        (np.diag([1, 1, 0]), np.stack([np.full(4, 16), features[:, 0] + 1], 1)),
    ):
        components.directions.assign(directions)
        weight, bias = encoder_of(kernel, np.ones(2), components)
        inputs = components(features) * components.stddev**0.5
        np.testing.assert_allclose(inputs @ weight + bias, mapped, rtol=1e-4)


def test_saved_and_loaded_it_gives_the_same(vae, tmp_path):
    vae.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    poses = clips(4)
    for name, value in embed(vae, poses).items():
        np.testing.assert_array_equal(embed(again, poses)[name], value)


@pytest.mark.parametrize("name", ["latent_dim", "num_targets", "bank_size"])
def test_sizes_are_checked(name):
    sizes = {"latent_dim": 4, "num_features": 84, name: -1}
    with pytest.raises(ValueError, match=f"`{name}` must be.*Received: -1"):
        MotionVAE("penn_action", **sizes)
