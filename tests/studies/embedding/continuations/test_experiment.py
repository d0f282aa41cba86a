"""Tests of continuations on tiny clips, and of decoding by hand."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models.motion_space import JointSpace
from pose_tf.pose.transform import PoseTransform
from studies.embedding.continuations import arms, gate, measures
from studies.embedding.continuations import experiment as continuations


def test_arms_differ_only_in_what_they_see_and_predict(tiny_plan):
    _, recurrent, raw, poses, motion = continuations.runs(tiny_plan)
    shared = arms.settings(tiny_plan)
    assert raw.options["config"] == poses.options["config"] == shared
    assert recurrent.options["config"] == {**shared, "model": "recurrent"}
    embedded = {"chunk_dim": 3, "chunk_beta": tiny_plan.chunk_beta}
    assert motion.options["config"] == shared | embedded
    (vae,) = poses.needs
    assert vae.options["use_occluded"] and vae.options["latent_dim"] == 2
    assert not (recurrent.needs or raw.needs or motion.needs)


def test_the_gate_compares_sizes_and_betas_without_repeats(tiny_plan):
    runs = gate.runs(tiny_plan)
    pairs = [(r.options["latent_dim"], r.options["beta"]) for r in runs]
    assert pairs == [(3, 0.01)]


def test_projection_by_hand():
    # All motion is along one direction, but for a constant.
    direction = np.array([0.6, 0.8] * 5, np.float32).reshape(5, 2)
    motion = np.arange(7.0)[:, None, None] * direction + 1
    code = gate.projection(motion, 1)
    given = tf.constant(motion, tf.float32)
    np.testing.assert_allclose(code(given), motion, atol=1e-4)
    # What is not along it goes.
    other = np.array([0.8, -0.6] * 5, np.float32).reshape(5, 2)
    np.testing.assert_allclose(code(given + other), motion, atol=1e-4)


@pytest.fixture
def cut():
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 3, (3, 20, 13, 2)).cumsum(1)
    poses = rng.normal(0, 40, (3, 1, 13, 2)) + 200 + steps
    return {
        "poses": poses.astype(np.float32),
        "visibility": np.ones((3, 20, 13), bool),
        "boxes": np.tile([0.0, 0, 100, 50], (3, 20, 1)),
        "frame_size": np.tile([400.0, 400], (3, 1)),
    }


def test_what_is_coded_without_loss_is_what_it_was(cut):
    transform = PoseTransform("penn_action", use_occluded=True)
    space = JointSpace(transform, 4.0)
    for code in (None, tf.identity):
        again = measures.decoded(transform, space, cut, code)
        np.testing.assert_allclose(again, cut["poses"][:, 10:], atol=0.1)
    moved = measures.health(again, cut, transform.skeleton)
    np.testing.assert_allclose(moved["lag_energy"], 1, rtol=1e-2)
    # Motion that is halved has a quarter of the energy, once chunks are full.
    again = measures.decoded(transform, space, cut, lambda x: x / 2)
    halved = measures.health(again, cut, transform.skeleton)
    np.testing.assert_allclose(halved["lag_energy"][4:], 0.25, rtol=1e-2)
    assert "calibration" not in halved


@pytest.mark.slow
def test_continuations_of_tiny_clips(shared_context, tiny_plan, monkeypatch):
    monkeypatch.setattr(continuations, "ERROR_HORIZON", 5)
    monkeypatch.setattr(measures, "HORIZON", 5)
    metrics = {
        run.options["arm"]: shared_context.perform(run)["metrics"]
        for run in continuations.runs(tiny_plan)
    }
    assert metrics["zero_velocity"]["deterministic"]["frozen"] == 100
    for arm in arms.TRAINED:
        assert len(metrics[arm]["samples"]["lag_energy"]) == 5
        assert ("decoded" in metrics[arm]) == arm.endswith("embedding")
    (run,) = gate.runs(tiny_plan)
    kept = shared_context.perform(run)["metrics"]
    assert {len(kept[name]) for name in ("vae", "pca")} == {5}
