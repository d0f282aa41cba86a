"""The optimizer's schedule; its averages are tested with the loop."""

import pytest

from pose_tf import configs
from pose_tf.trainers import optimizers


def test_the_schedule_rises_and_falls():
    config = configs.TrainingConfig(learning_rate=1.0, warmup_steps=10)
    optimizer = optimizers.make_optimizer(config, 110)
    rate = optimizer._learning_rate
    assert float(rate(0)) == pytest.approx(optimizers.SCHEDULE_END)
    assert float(rate(10)) == pytest.approx(1.0)
    assert float(rate(60)) == pytest.approx((1 + optimizers.SCHEDULE_END) / 2)
    assert float(rate(110)) == pytest.approx(optimizers.SCHEDULE_END)
