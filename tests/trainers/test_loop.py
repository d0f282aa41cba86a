"""The loop: resumes to the bit, keeps the best weights, averages weights."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf import configs
from pose_tf.trainers import loop, optimizers

NUM_BATCHES = 5


class Stop(Exception):
    """Stands in for a kill."""


class StopAt(keras.callbacks.Callback):
    def __init__(self, batch, epoch):
        super().__init__()
        self.batch, self.at_epoch, self.epoch = batch, epoch, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (self.at_epoch, self.batch):
            raise Stop


def epoch_ds(epoch):
    seed = tf.stack([epoch, 0])
    x = tf.random.stateless_normal((4 * NUM_BATCHES, 3), seed)
    y = tf.reduce_sum(x, axis=1, keepdims=True)
    return tf.data.Dataset.from_tensor_slices({"x": x, "y": y}).batch(4)


def make_loop(folder, checkpoint_steps=2, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dropout(0.3, seed=1),
            keras.layers.Dense(1),
        ]
    )

    def loss(batch, step, seed):
        noise = 0.01 * tf.random.stateless_normal((4, 3), seed)
        error = model(batch["x"] + noise, training=True) - batch["y"]
        loss = tf.reduce_mean(error**2)
        return loss, {"step": tf.cast(step, tf.float32)}

    config = configs.TrainingConfig(learning_rate=0.05, ema_momentum=0.9)
    return loop.Loop(
        model,
        optimizers.make_optimizer(config, 4 * NUM_BATCHES),
        loss,
        ("step",),
        folder,
        checkpoint_steps=checkpoint_steps,
        **options,
    )


def weights(training):
    return np.concatenate([w.ravel() for w in training.model.get_weights()])


@pytest.mark.parametrize("at", [(1, 0), (3, 1), (4, 2)])
def test_resumed_it_ends_with_the_same_bits(tmp_path, at):
    straight = make_loop(tmp_path / "straight")
    history = straight.run(epoch_ds, NUM_BATCHES, 4, verbose=0)
    killed = make_loop(tmp_path / "killed")
    with pytest.raises(Stop):
        killed.run(epoch_ds, NUM_BATCHES, 4, callbacks=[StopAt(*at)], verbose=0)
    resumed = make_loop(tmp_path / "killed")
    again = resumed.run(epoch_ds, NUM_BATCHES, 4, verbose=0)
    np.testing.assert_array_equal(weights(straight), weights(resumed))
    assert history == again
    assert int(resumed.step.numpy()) == 4 * NUM_BATCHES


def test_a_smaller_last_batch_needs_no_graph_of_its_own():
    traced = []
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

    def loss(batch, step, seed):
        traced.append(batch.shape)
        return tf.reduce_mean(model(batch) ** 2), {}

    batches = tf.data.Dataset.from_tensor_slices(tf.ones((10, 3))).batch(4)
    training = loop.Loop(
        model, keras.optimizers.SGD(0.1), loss, (), None, checkpoint_steps=9
    )
    training.run(lambda epoch: batches, 3, 2, verbose=0)
    assert len(traced) == 1


def test_a_finished_run_does_not_change(tmp_path):
    first = make_loop(tmp_path)
    history = first.run(epoch_ds, NUM_BATCHES, 2, verbose=0)
    second = make_loop(tmp_path)
    assert second.run(epoch_ds, NUM_BATCHES, 2, verbose=0) == history
    np.testing.assert_array_equal(weights(first), weights(second))


def test_scores_are_means_over_the_epoch(tmp_path):
    history = make_loop(tmp_path).run(epoch_ds, NUM_BATCHES, 2, verbose=0)
    assert history["step"] == [2.0, 7.0]  # Steps 0 … 4 and 5 … 9.
    assert json.loads((tmp_path / "history.json").read_text()) == history


def test_patience_stops_and_puts_the_best_weights_back(tmp_path):
    training = make_loop(tmp_path, monitor="badness", patience=2)
    seen = []

    def validate():
        seen.append(weights(training))
        return {"badness": [3.0, 1.0, 2.0, 1.5, 0.0][len(seen) - 1]}

    history = training.run(
        epoch_ds, NUM_BATCHES, 5, validate=validate, verbose=0
    )
    assert history["val_badness"] == [3.0, 1.0, 2.0, 1.5]
    kept = weights(training)[:4]
    np.testing.assert_array_equal(kept, seen[1][:4])


def test_validation_and_the_end_have_the_averaged_weights(tmp_path):
    training = make_loop(tmp_path)
    raw, averaged = [], []

    class Peek(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raw.append(weights(training)[:4])

    def validate():
        averaged.append(weights(training)[:4])
        return {}

    training.run(
        epoch_ds,
        NUM_BATCHES,
        1,
        validate=validate,
        callbacks=[Peek()],
        verbose=0,
    )
    expected = raw[0]
    for value in raw[1:]:
        expected = 0.9 * expected + 0.1 * value
    np.testing.assert_allclose(averaged[0], expected, rtol=1e-5)
    np.testing.assert_array_equal(weights(training)[:4], averaged[0])


def test_two_replicas_train_as_one(tmp_path):
    """Mirrored over two logical processors, in a process of its own."""
    import subprocess
    import sys

    code = f"""
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(
    cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import numpy as np
from tests.trainers import test_loop as t
def weights(folder, strategy):
    with strategy.scope():
        training = t.make_loop(folder)
        training.model.layers[0].rate = 0.0
        def loss(batch, step, seed):
            error = training.model(batch["x"]) - batch["y"]
            return tf.reduce_mean(error**2), {{"step": tf.constant(0.0)}}
        training.loss = loss
        training.run(t.epoch_ds, t.NUM_BATCHES, 2, verbose=0)
        return t.weights(training)[:4]
one = weights({str(tmp_path / "one")!r}, tf.distribute.get_strategy())
two = weights({str(tmp_path / "two")!r},
              tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]))
np.testing.assert_allclose(one, two, rtol=1e-5)
print("SAME")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
    )
    assert "SAME" in done.stdout, done.stderr[-2000:]
