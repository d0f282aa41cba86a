"""Part 9, what a latent keeps: true motion encoded and decoded, by its size.

A latent that freezes by itself cannot be cured by whatever predicts it.
"""

import numpy as np
import tensorflow as tf

from pose_tf.models.generator import CHUNK, PERSISTENCE
from pose_tf.models.motion_space import motion_space
from pose_tf.trainers import chunks, inputs
from pose_tf.trainers.generator import GeneratorTrainer
from studies.embedding.continuations import arms, measures
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = "chunk_gate"
VERSION = 1


def runs(plan) -> list[Run]:
    """Returns a VAE of chunks per size at one beta, and per beta at one size."""
    pairs = [(size, plan.chunk_beta) for size in plan.chunk_dimensions]
    pairs += [(plan.chunk_dimension, beta) for beta in plan.chunk_betas]
    return [
        Run(
            experiment=NAME,
            options={
                "latent_dim": size,
                "beta": beta,
                "test_stride": plan.continuation_test_stride,
                "config": {
                    **arms.settings(plan),
                    "chunk_dim": size,
                    "chunk_beta": beta,
                },
            },
        )
        for size, beta in dict.fromkeys(pairs)
    ]


def execute(run, context) -> dict:
    """Trains a VAE of chunks and measures true test windows, decoded again.

    Returns:
        Dict of `vae` and `pca`, of as many dimensions: lists of the energy over
        five frames that is left of the true one at each frame.
    """
    with context.workdir() as workdir:
        trainer = GeneratorTrainer(
            arms.config_of(run, context),
            workdir,
            clips=context.clips,
            resumable=False,
            verbose=0,
        )
        features = inputs.build(trainer)
        space = motion_space(features, PERSISTENCE)
        motion = chunks.first_motion(trainer, features, space)
        codes = {
            "vae": chunks.train(trainer, features),
            "pca": projection(motion, run.options["latent_dim"]),
        }
    cut = measures.test_windows(
        context.clips, measures.HORIZON, run.options["test_stride"]
    )
    return {
        name: measures.health(
            measures.decoded(features.transform, space, cut, code),
            cut,
            context.clips.skeleton,
        )["lag_energy"]
        for name, code in codes.items()
    }


def projection(motion, size):
    """Returns the projection of chunks on their first principal components.

    Args:
        motion: Float array `(M, CHUNK, C)`, to which they are fitted.
        size: Integer, how many.

    Returns:
        Function from motion `(B, CHUNK, C)` to motion of the same shape.
    """
    flat = motion.reshape(len(motion), -1).astype(np.float64)
    mean = flat.mean(0)
    _, vectors = np.linalg.eigh(np.cov(flat, rowvar=False, bias=True))
    kept = vectors[:, -size:]
    project = tf.constant(kept @ kept.T, tf.float32)
    center = tf.constant(mean, tf.float32)

    def code(chunks):
        shape = (-1, CHUNK * chunks.shape[-1])
        centered = tf.reshape(chunks, shape) - center
        return tf.reshape(centered @ project + center, tf.shape(chunks))

    return code


EXPERIMENT = Experiment(name=NAME, version=VERSION, runs=runs, execute=execute)
