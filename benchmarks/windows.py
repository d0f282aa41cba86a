"""Measures how fast tf.data yields windows, compared with how fast they train.

Models have default presets; the data are Penn Action if its folder is known,
else `synthetic_actions`.
"""

import dataclasses
import os
import tempfile
import time

from benchmarks import sides
from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

NUM_TURNS, NUM_STEPS, NUM_EPOCHS = 5, 5, 4
KINDS = ("vae", "classifier", "generator")


def _trainer(kind, folder):
    """Returns a trainer with a model, and a dataset prepared in `folder`."""
    from pose_tf import presets, trainers

    manual_dir = os.environ.get(MANUAL_DIR_VARIABLE)
    config = dataclasses.replace(
        presets.get(kind, "default"),
        dataset="penn_action" if manual_dir else "synthetic_actions",
    )
    if hasattr(config, "inputs"):
        config = dataclasses.replace(config, inputs="raw")
    trainer = trainers.get(kind)(
        config,
        tempfile.mkdtemp(dir=folder),
        data_dir=f"{folder}/data",
        manual_dir=manual_dir,
        verbose=0,
    )
    trainer.model = trainer.build()
    return trainer


def reading(kind, folder):
    """Returns the measure of windows per second over consecutive epochs.

    They are read as the training loop reads them. The first epoch, which also
    fills caches, does not count.
    """
    from pose_tf.trainers import loop

    trainer = _trainer(kind, folder)
    num_steps = trainer.steps_per_epoch()

    def windows_per_second():
        batches = loop.stream(trainer.epoch, 0, NUM_EPOCHS + 1)
        for step, batch in enumerate(batches):
            if step == num_steps:
                start, count = time.perf_counter(), 0
            if step >= num_steps:
                count += int(batch["action"].shape[0])
        return count / (time.perf_counter() - start)

    return {"rate": windows_per_second}


def training(kind, folder):
    """Returns the measure of windows per second that training steps use."""
    import keras
    import tensorflow as tf

    trainer = _trainer(kind, folder)
    batch = next(iter(trainer.epoch(0)))
    optimizer = keras.optimizers.Adam(trainer.config.learning_rate)
    variables = trainer.model.trainable_variables
    optimizer.build(variables)
    weights = [variable.value for variable in variables]

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss, _ = trainer.loss(
                batch, tf.constant(0, tf.int64), tf.constant([0, 0])
            )
        optimizer.apply(tape.gradient(loss, weights), variables)
        return loss

    seconds = sides.seconds(lambda: step().numpy(), NUM_STEPS)
    batch_size = int(batch["action"].shape[0])
    return {"rate": lambda: [batch_size / second for second in seconds()]}


def rows():
    """Yields a row per trainer, in windows (for the VAE: poses) per second."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            with sides.both(reading, training, kind, folder) as (ours, peer):
                pairs = sides.in_turns(ours, peer, "rate", NUM_TURNS)
            read, used = pairs.medians()
            yield Row(
                what=f"augmented windows for the {kind}",
                value=f"{read:.0f}/s",
                peer=f"its training step uses {used:.0f}/s",
                ratio=pairs.ratio(),
                aim="ratio ≥ 5",
            )
