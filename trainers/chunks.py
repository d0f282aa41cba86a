"""Trains the VAE of chunks that a generator over embedded motion starts from."""

import dataclasses

import numpy as np

from pose_tf.models import generator
from pose_tf.models.chunk_vae import ChunkVAE, chunks_of
from pose_tf.models.motion_space import motion_space
from pose_tf.trainers import loop, optimizers

FOLDER = "chunk_vae"  # Of its checkpoints, in those of the run.
NUM_EPOCHS = 4
LEARNING_RATE = 1e-3
STARTING_BATCHES = 40  # Whose principal components training starts from.


def train(training, features) -> ChunkVAE:
    """Trains the VAE of chunks on the training windows, or goes on.

    Args:
        training: A `GeneratorTrainer`.
        features: Its `PoseFeatures`.

    Returns:
        A `ChunkVAE`, which depends on config and clips alone.
    """
    config = training.config
    space = motion_space(features, generator.PERSISTENCE)
    vae, trained = (
        ChunkVAE(generator.CHUNK, space.size, config.chunk_dim)
        for _ in range(2)
    )
    vae.start_linear(first_motion(training, features, space))

    def loss(batch, step, seed):
        del step
        motion, known = _chunks(batch, features, space, config.prefix)
        return vae.compute_loss(motion, known, seed, beta=config.chunk_beta)

    _fit(vae, loss, training)
    # A model of its own, as an optimizer would be saved with the generator.
    trained.set_weights(vae.get_weights())
    return trained


def _fit(vae, loss, training):
    config, steps = training.config, training.steps_per_epoch()
    config = dataclasses.replace(config, learning_rate=LEARNING_RATE)
    folder = training.workdir / "checkpoints" / FOLDER
    loop.Loop(
        vae,
        optimizers.make_optimizer(config, NUM_EPOCHS * steps),
        loss,
        ("rate", "distortion"),
        folder if training.resumable else None,
        checkpoint_steps=config.checkpoint_steps,
        clip_norm=config.clip_norm,
        seed=config.seed,
    ).run(training.epoch, steps, NUM_EPOCHS, verbose=training.verbose)


def first_motion(training, features, space):
    """Returns the motion of some training chunks, 0 where it is not known.

    Args:
        training: A `GeneratorTrainer`.
        features: Its `PoseFeatures`.
        space: Their `motion_space`.

    Returns:
        Float array `(M, CHUNK, C)`, of chunks of which anything is known.
    """
    found = []
    for batch in training.epoch(0).take(STARTING_BATCHES):
        motion, known = _chunks(batch, features, space, training.config.prefix)
        motion = np.where(known, motion, 0.0)
        found.append(motion[np.any(known, (1, 2))])
    return np.concatenate(found)


def _chunks(batch, features, space, prefix):
    """Returns motion and what is known of it; see `chunk_vae.chunks_of`."""
    frames, _ = features.transform(batch["poses"], batch["visibility"])
    anchor = {name: frames[name][:, prefix - 1] for name in ("root", "scale")}
    return chunks_of(frames, space, anchor, generator.CHUNK)
