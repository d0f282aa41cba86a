"""Tests of predictors of windows."""

import numpy as np
import pytest

from pose_tf.models import baselines
from pose_tf.models.features import PoseFeatures
from pose_tf.models.recurrent_generator import RecurrentGenerator
from pose_tf.models.vae import PoseVAE
from pose_tf.pose.transform import PoseTransform
from studies.embedding.generation import rollouts

PREFIX, HORIZON = 4, 3


@pytest.fixture(scope="module")
def windows():
    rng = np.random.default_rng(0)
    shape = (5, PREFIX + HORIZON, 13, 2)
    poses = rng.uniform(100, 200, (1, 1, 13, 2)) + rng.normal(0, 3, shape)
    return poses.astype(np.float32), np.ones(shape[:-1], bool)


@pytest.fixture(scope="module")
def raw():
    features = PoseFeatures(PoseTransform("penn_action", use_occluded=True))
    return rollouts.Model(RecurrentGenerator(features, units=4))


@pytest.fixture(scope="module")
def embedded():
    vae = PoseVAE("penn_action", latent_dim=3, hidden_dim=8, use_occluded=True)
    return rollouts.Model(RecurrentGenerator(PoseFeatures(vae=vae), units=4))


def test_raw_poses_decode_to_themselves(raw, windows):
    decoded = raw.decoded(*windows, PREFIX)
    np.testing.assert_allclose(decoded, windows[0][:, PREFIX:], atol=1e-2)


def test_rollout_is_the_models_and_raw_ones_have_no_residual(raw, windows):
    seen = windows[0][:, :PREFIX], windows[1][:, :PREFIX]
    rolled = raw.rollout(*seen, HORIZON)
    expected = raw.model(*seen, horizon=HORIZON)
    np.testing.assert_allclose(rolled.poses, expected, atol=1e-2)
    np.testing.assert_allclose(rolled.corrected, rolled.poses, atol=1e-2)
    assert rolled.visibility.shape == (5, HORIZON, 13)


def test_residual_is_what_the_embedding_loses_of_the_last_pose(
    embedded, windows
):
    poses, visibility = windows
    rolled = embedded.rollout(poses[:, :PREFIX], visibility[:, :PREFIX], 1)
    # The last pose once more is the next one: what is lost of it is the same.
    still = np.concatenate(
        [poses[:, :PREFIX], poses[:, PREFIX - 1 : PREFIX]], 1
    )
    decoded = embedded.decoded(still, visibility[:, : PREFIX + 1], PREFIX)
    lost = poses[:, PREFIX - 1] - decoded[:, 0]
    assert np.abs(lost).max() > 1
    # But for the scale, which knows one more torso.
    np.testing.assert_allclose(rolled.residual, lost, atol=2)


def test_size_of_batches_does_not_matter(embedded, windows, monkeypatch):
    seen = windows[0][:, :PREFIX], windows[1][:, :PREFIX]
    once = embedded.rollout(*seen, HORIZON)
    monkeypatch.setattr(rollouts, "WINDOWS_PER_BATCH", 2)
    again = embedded.rollout(*seen, HORIZON)
    np.testing.assert_allclose(once.poses, again.poses, rtol=1e-5)


def test_baselines_take_hidden_joints_as_annotated(windows):
    poses, visibility = windows[0][:, :PREFIX], windows[1][:, :PREFIX].copy()
    visibility[:, -1, 0] = False
    rolled = rollouts.Baseline("zero_velocity").rollout(poses, visibility, 2)
    expected = baselines.zero_velocity(poses, None, 2)
    np.testing.assert_array_equal(rolled.poses, expected)
    assert not rolled.visibility[..., 0].any()
    assert rolled.visibility[..., 1:].all()
