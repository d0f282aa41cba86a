"""Trains the part of a classifier that says what is under way in streams.

It comes after the part for clips, in a loop and with checkpoints of its own:
the two share no weights, so a training that is killed in either goes on there.
"""

import dataclasses
import math

import numpy as np
import tensorflow as tf

from pose_tf.pipeline import recording_batches, recordings
from pose_tf.trainers import loop, optimizers, progress
from pose_tf.trainers import summaries as tensorboard

RECORDINGS_PER_BATCH = 16
NUM_FRAMES = 384  # Of a recording.
EMA_MOMENTUM = 0.99
LABEL_SMOOTHING = 0.05
NUM_VALIDATED = 20  # Recordings.
MIN_PROBABILITY = 1e-12  # So that a loss is finite.
FOLDER = "live"  # Below those of checkpoints and of TensorBoard's logs.


def fit(training, model):
    """Trains, or goes on.

    An epoch has about as many frames as the training clips.

    Args:
        training: A `Trainer` of classifiers, for its config, clips and folder.
        model: A `LiveClassifier`.

    Returns:
        The history, a dict of lists.

    Raises:
        DivergedError: If training diverges. The last good checkpoint stays.
    """
    config, skeleton = training.config, training.clips.skeleton
    pieces = recordings.collect(training.train_clips(), skeleton)
    steps = num_batches(pieces)

    def epoch(number):
        return recording_batches.batches(
            pieces,
            batch_size=RECORDINGS_PER_BATCH,
            num_frames=NUM_FRAMES,
            num_batches=steps,
            seed=config.seed,
            epoch=number,
        )

    def loss(batch, step, seed):
        del step
        return model.compute_loss(batch, seed, label_smoothing=LABEL_SMOOTHING)

    of_part = dataclasses.replace(config, ema_momentum=EMA_MOMENTUM)
    folder = training.workdir / "checkpoints" / FOLDER
    live_loop = loop.Loop(
        model,
        optimizers.make_optimizer(of_part, steps * config.live_epochs),
        loss,
        ("accuracy",),
        folder if training.resumable else None,
        checkpoint_steps=config.checkpoint_steps,
        clip_norm=config.clip_norm,
        seed=config.seed,
    )
    return live_loop.run(
        epoch,
        steps,
        config.live_epochs,
        validate=_validation(training, model),
        callbacks=_callbacks(training),
        verbose=training.verbose,
    )


def num_batches(pieces) -> int:
    """Returns the batches of an epoch, by the frames of the training clips."""
    frames = sum(len(c) for clips in pieces.clips.values() for c in clips)
    return math.ceil(frames / (RECORDINGS_PER_BATCH * NUM_FRAMES))


def _callbacks(training):
    callbacks = [progress.Duration()] if training.verbose else []
    if training.resumable:
        logs = tensorboard.Logs(training.workdir / "logs" / FOLDER)
        callbacks.append(tensorboard.Scalars(logs))
    return callbacks


def _validation(training, model):
    """Returns a function that scores recordings of validation clips, or None."""
    clips_ds = training.validation_clips()
    if not clips_ds:
        return None
    scored = recordings.of_clips(
        clips_ds,
        training.clips.skeleton,
        NUM_VALIDATED,
        training.config.seed,
    )
    classify = tf.function(
        model.classify_frames, autograph=False, reduce_retracing=True
    )

    def validate():
        right, losses = [], []
        for recording in scored:
            given = classify(
                recording.poses[None],
                recording.visibility[None],
                np.array([len(recording.labels)], np.int32),
            )["probabilities"][0].numpy()
            given = np.nan_to_num(given)
            given = np.concatenate([given, 1 - given.sum(1, keepdims=True)], 1)
            counts = recording.labels != recordings.UNSCORED
            given, labels = given[counts], recording.labels[counts]
            # None is -1, the last column.
            chosen = given[np.arange(len(labels)), labels]
            right.append(given.argmax(1) == labels % given.shape[1])
            losses.append(-np.log(np.maximum(chosen, MIN_PROBABILITY)))
        return {
            "accuracy": float(np.concatenate(right).mean()),
            "loss": float(np.concatenate(losses).mean()),
        }

    return validate
