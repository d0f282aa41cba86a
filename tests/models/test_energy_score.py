"""The energy score: by hand, and that the true distribution has the least."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import energy_score


def poses(*places):
    """A batch of one pose for each row of `places`, joints on the x axis."""
    x = np.asarray(places, np.float32)
    return tf.constant(np.stack([x, np.zeros_like(x)], -1))


def test_by_hand():
    # Joint 0: |3 - 0| and |-1 - 0|, 4 apart: (3 + 1 - 4) / 2 = 0.
    # Joint 1: 2 and 4 from 0, 2 apart: (2 + 4 - 2) / 2 = 2.
    first, second, truth = poses([3, 2]), poses([-1, 4]), poses([0, 0])
    seen = tf.constant([[True, True]])
    # Whole poses: root mean squares of (3, 2), (-1, 4) and (4, -2).
    whole = (np.sqrt(13 / 2) + np.sqrt(17 / 2) - np.sqrt(20 / 2)) / 2
    got = energy_score.energy_score(first, second, truth, seen)
    assert float(got) == pytest.approx((0 + 2) / 2 + whole, abs=1e-3)
    seen = tf.constant([[False, True]])
    got = energy_score.energy_score(first, second, truth, seen)
    assert float(got) == pytest.approx(2 + 2, abs=1e-3)


def test_hidden_joints_may_be_anything():
    first, second, truth = poses([3, 2]), poses([-1, 4]), poses([0, np.nan])
    seen = tf.constant([[True, False]])
    with tf.GradientTape() as tape:
        tape.watch(first)
        got = energy_score.energy_score(first, second, truth, seen)
    assert np.isfinite(got)
    assert np.isfinite(tape.gradient(got, first)).all()
    nobody = tf.zeros((1, 2), tf.bool)
    assert energy_score.energy_score(first, second, truth, nobody) == 0


@pytest.mark.parametrize("spread", [0.0, 0.5, 2.0])
def test_samples_of_the_true_distribution_score_best(spread):
    rng = np.random.default_rng(0)
    shape = (20000, 2)
    truth, one, other = (poses(*rng.normal(size=shape)) for _ in range(3))
    seen = tf.ones(shape, tf.bool)
    best = energy_score.energy_score(one, other, truth, seen)
    wrong = energy_score.energy_score(spread * one, spread * other, truth, seen)
    assert float(wrong) > float(best) + 0.01


def test_losses_of_rollouts_by_hand():
    # One joint. The truth stands at 0; samples and prediction step to 1.
    truth = np.zeros((1, 4, 1, 2), np.float32)
    stepped = truth.copy()
    stepped[0, 2:, 0, 0] = 1
    seen = tf.ones((1, 4, 1), tf.bool)
    stepped, truth = tf.constant(stepped), tf.constant(truth)
    loss, metrics = energy_score.samples_loss(
        stepped, stepped, truth, seen, num_before=2, lags=(1, 2)
    )
    # Places: 1 and 1 off, of joints and of poses; over one frame 1 and 0, over
    # two 1 and 1; second differences 1 and -1.
    expected = 2 * (1 + 0.5 + 1) + energy_score.SECOND_DIFFERENCE_WEIGHT * 2
    # Energies of 1 and 0 over one frame, and of 1 and 1 over two, against 0.
    far = energy_score.FAR_OFF
    expected += energy_score.ENERGY_WEIGHT * (far / 2 + far)
    assert float(loss) == pytest.approx(expected, abs=2e-3)
    assert float(metrics["score"]) == pytest.approx(2, abs=1e-3)
    loss, metrics = energy_score.prediction_loss(stepped, truth, seen, 2)
    # 1 off, and its steps 1 and 0.
    assert float(loss) == pytest.approx(1 + 0.5, abs=1e-3)
    assert float(metrics["error"]) == pytest.approx(1, abs=1e-3)
