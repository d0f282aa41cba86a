"""The typed methods over exports of our own models."""

import numpy as np
import pytest
import tensorflow as tf

import pose_tf
from pose_tf.models.classifier import ActionClassifier
from pose_tf.models.clip_classifier import ClipClassifier
from pose_tf.models.features import PoseFeatures
from pose_tf.models.generator import PoseGenerator
from pose_tf.models.motion_features import MotionFeatures
from pose_tf.models.vae import PoseVAE
from pose_tf.pose.transform import PoseTransform
from pose_tf.serving import saved_model

J, D, T = 13, 2, 12
ACTIONS = ("bowl", "squat", "jump_rope")


@pytest.fixture(scope="module")
def clip():
    """Poses [T, J, D] of a random walk, and visibility [T, J]."""
    rng = np.random.default_rng(0)
    walk = rng.normal(0, 2, (T, J, D)).cumsum(0) + rng.uniform(99, 299, (J, D))
    return walk.astype(np.float32), rng.random((T, J)) < 0.8


def features():
    return PoseFeatures(PoseTransform("penn_action"))


def test_vae(clip, tmp_path):
    model = PoseVAE("penn_action", latent_dim=3, hidden_dim=8)
    saved_model.export_vae(model, tmp_path / "vae")
    vae = pose_tf.load(tmp_path / "vae")
    assert vae.latent_dim == 3 and vae.skeleton.name == "penn_action"
    poses, visibility = clip
    for embed in ("embed", "embed_clip"):
        code = getattr(vae, embed)(poses, visibility)
        expected = getattr(model, embed)(poses[None], visibility[None])
        for name, value in expected.items():
            np.testing.assert_allclose(
                code[name], value[0], rtol=1e-4, atol=1e-4
            )
    rebuilt = vae.reconstruct(poses, visibility)
    decoded = vae.decode(code["mean"], code["root"], code["scale"])
    np.testing.assert_allclose(decoded["poses"], rebuilt["poses"], rtol=1e-4)
    way = vae.interpolate(poses[0], poses[-1], 4, *visibility[[0, -1]])
    for k, t in ((0, 0), (-1, T - 1)):
        alone = vae.reconstruct(poses[t : t + 1], visibility[t : t + 1])
        np.testing.assert_allclose(
            way["poses"][k], alone["poses"][0], rtol=1e-4
        )
    assert vae.sample(5).shape == (5, J, D)


def test_classifier(clip, tmp_path):
    small = {"filters": 8, "units": 8}
    model = ActionClassifier(features(), len(ACTIONS), **small)
    saved_model.export_classifier(model, tmp_path / "classifier", ACTIONS)
    classifier = pose_tf.load(tmp_path / "classifier")
    assert classifier.actions == ACTIONS
    poses, visibility = clip
    given = classifier.classify(poses, visibility)
    expected = model.classify(
        poses[None], visibility[None], tf.constant([T], tf.int32)
    )["probabilities"][0]
    np.testing.assert_allclose(given, expected, rtol=1e-4)
    stream = classifier.stream()
    for pose, seen in zip(poses, visibility):
        last = stream.step(pose, seen)
    np.testing.assert_allclose(last["probabilities"], given, rtol=1e-4)
    assert list(last) == ["probabilities"]


def test_classifier_of_whole_clips(clip, tmp_path):
    model = ClipClassifier(
        MotionFeatures("penn_action"), len(ACTIONS), filters=8, units=8
    )
    saved_model.export_classifier(model, tmp_path / "classifier", ACTIONS)
    classifier = pose_tf.load(tmp_path / "classifier")
    poses, visibility = clip
    given = classifier.classify(poses, visibility, num_frames=9)
    expected = model.classify(
        poses[None], visibility[None], tf.constant([9], tf.int32)
    )["probabilities"][0]
    np.testing.assert_allclose(given, expected, rtol=1e-4)
    with pytest.raises(ValueError, match="preset=causal.*Received"):
        classifier.stream()


def test_generator(clip, tmp_path):
    model = PoseGenerator(features(), len(ACTIONS), units=8, hidden_units=8)
    saved_model.export_generator(model, tmp_path / "generator", ACTIONS)
    generator = pose_tf.load(tmp_path / "generator")
    assert generator.actions == ACTIONS
    poses, visibility = clip
    future = generator.generate(poses, visibility, horizon=4, temperature=0)
    expected = model(poses[None], visibility[None], horizon=4)
    np.testing.assert_allclose(
        future["poses"][0], expected[0], rtol=1e-4, atol=1e-3
    )
    wide = generator.generate(poses, visibility, horizon=4, num_samples=3)
    assert wide["poses"].shape == (3, 4, J, D)
    assert wide["poses"].std(0).max() > 0
    stream = generator.stream()
    for pose, seen in zip(poses, visibility):
        ahead = stream.step(pose, seen)
    np.testing.assert_allclose(
        ahead["pose"], future["poses"][0, 0], rtol=1e-4, atol=1e-3
    )
    assert ahead["visibility"].shape == (J,)
