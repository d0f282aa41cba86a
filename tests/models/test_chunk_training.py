"""What is scored near and far: which frames, of which windows."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import chunk_training, energy_score
from pose_tf.models.features import PoseFeatures
from pose_tf.models.generator import PoseGenerator
from pose_tf.pose.transform import PoseTransform
from tests.models.conftest import moving, shake
from tests.models.test_continuation import SEED


@pytest.fixture
def model():
    features = PoseFeatures(PoseTransform("penn_action"))
    return shake(
        PoseGenerator(features, 2, units=6, hidden_units=6, latent_dim=2)
    )


@pytest.fixture
def scored(monkeypatch):
    """What `samples_loss` is called with, call by call."""
    calls = []

    def spy(first, second, truth, seen, *rest):
        calls.append(
            {"rollouts": (first, second), "truth": truth, "seen": seen}
        )
        return original(first, second, truth, seen, *rest)

    original = energy_score.samples_loss
    monkeypatch.setattr(energy_score, "samples_loss", spy)
    return calls


def batch(num_windows=5, length=47):
    """Windows whose frame `t` is the first one moved by `t` pixels."""
    poses, visibility = moving(num_windows, 1)
    time = tf.range(length, dtype=tf.float32)[None, :, None, None]
    return {
        "poses": poses + time,
        "visibility": tf.repeat(tf.ones_like(visibility), length, axis=1),
        "action": tf.zeros(num_windows, tf.int32),
        "num_forward": tf.fill([num_windows], 12),
    }


def frames_of(call, windows):
    """Which frames of the windows the truth of a call is."""
    path = np.asarray(call["truth"])[:, :, 0, 0]
    step = path[:, 1:] - path[:, :-1]
    np.testing.assert_allclose(
        step, np.broadcast_to(step[:, :1], step.shape), rtol=1e-3
    )
    del windows
    return path, step[:, 0]


def test_far_samples_are_scored_against_the_frames_that_they_reach(
    model, scored
):
    given = batch()
    starts = set()
    for k in range(12):
        scored.clear()
        model.compute_loss(given, SEED + k, prefix=7, horizon=10, longest=40)
        near, far = scored
        path, step = frames_of(near, given)
        # Near: frames 2 to 16, of which those before 12 are of the clip.
        assert near["truth"].shape[:2] == (5, 15)
        assert np.asarray(near["seen"])[:, :10].all()
        assert not np.asarray(near["seen"])[:, 10:].any()
        later, _ = frames_of(far, given)
        assert far["truth"].shape[:2] == (3, 15)
        assert np.asarray(far["seen"]).all()
        frame = 2 + (later[:, 0] - path[:3, 0]) / step[:3]
        np.testing.assert_allclose(frame, frame[0], atol=1e-2)
        starts.add(round(float(frame[0])))
        assert far["rollouts"][0].shape == far["rollouts"][1].shape
    # 10 frames are skipped or fewer, after the 17 of the near rollout.
    assert starts <= {12, 17, 22, 27, 32} and len(starts) > 2


def test_far_samples_go_on_from_near_ones(model, scored):
    # Nothing is skipped: the frames before are the last ones of the near rollout.
    model.compute_loss(batch(4, 27), SEED, prefix=7, horizon=10, longest=20)
    near, far = scored
    for one, other in zip(near["rollouts"], far["rollouts"], strict=True):
        np.testing.assert_allclose(
            one[:2, -chunk_training.CHUNK :],
            other[:, : chunk_training.CHUNK],
            atol=1e-5,
        )
    assert tf.reduce_max(tf.abs(far["rollouts"][0] - far["rollouts"][1])) > 1e-4


def test_of_a_single_window_samples_go_on_too(model):
    loss, metrics = model.compute_loss(
        batch(1, 27), SEED, prefix=7, horizon=10, longest=20
    )
    assert np.isfinite(loss) and np.isfinite(metrics["far_score"])


def test_before_its_time_nothing_goes_on(model, scored):
    given = batch(4, 27)
    early, metrics = model.compute_loss(
        given, SEED, prefix=7, horizon=10, longest=20, is_far=tf.constant(False)
    )
    assert len(scored) == 1 and metrics["far_score"] == 0
    late, _ = model.compute_loss(
        given, SEED, prefix=7, horizon=10, longest=20, is_far=tf.constant(True)
    )
    assert late > early
