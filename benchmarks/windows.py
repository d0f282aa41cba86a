"""Augmented windows out of tf.data beside what a training step takes.

With the generator's default preset, on Penn Action if it is there, else on
`synthetic_actions`.
"""

import dataclasses
import os
import tempfile
import time

import keras
import tensorflow as tf

from benchmarks.table import Row, best_seconds
from pose_tf import configs
from pose_tf.trainers import loop
from pose_tf.trainers.classifier import ClassifierTrainer
from pose_tf.trainers.generator import GeneratorTrainer
from pose_tf.trainers.vae import VAETrainer

VARIABLE = "POSE_TF_PENN_ACTION_DIR"
REPEATS, EPOCHS = 5, 4
TRAINERS = (VAETrainer, ClassifierTrainer, GeneratorTrainer)


def _step(trainer, batch):
    """A function that takes one training step on a batch."""
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

    return lambda: step().numpy()


def _windows_per_second(trainer):
    """Over some epochs in a row, as the training loop reads them.

    Without the first, which also fills caches.
    """
    steps, count = trainer.steps_per_epoch(), 0
    for number, batch in enumerate(loop.stream(trainer.epoch, 0, EPOCHS + 1)):
        if number == steps:
            start, count = time.perf_counter(), 0
        count += int(batch["action"].shape[0])
    return count / (time.perf_counter() - start)


def _row(trainer):
    trainer.model = trainer.build()
    batch = next(iter(trainer.epoch(0)))
    seconds = best_seconds({"step": _step(trainer, batch)}, REPEATS)["step"]
    needed = int(batch["action"].shape[0]) / seconds
    given = _windows_per_second(trainer)
    return Row(
        what=f"augmented windows for the {trainer.kind}",
        value=f"{given:.0f}/s",
        peer=f"its training step takes {needed:.0f}/s",
        ratio=f"{given / needed:.1f}",
        aim="ratio ≥ 5",
    )


def rows():
    """Windows (for the VAE: poses) a second, a row for each trainer."""
    manual_dir = os.environ.get(VARIABLE)
    dataset = "penn_action" if manual_dir else "synthetic_actions"
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for trainer_class in TRAINERS:
            config = configs.preset(trainer_class.kind, "default")
            config = dataclasses.replace(config, dataset=dataset)
            if hasattr(config, "inputs"):
                config = dataclasses.replace(config, inputs="raw")
            trainer = trainer_class(
                config,
                f"{folder}/{trainer_class.kind}",
                data_dir=f"{folder}/data",
                manual_dir=manual_dir,
                verbose=0,
            )
            rows.append(_row(trainer))
    return rows
