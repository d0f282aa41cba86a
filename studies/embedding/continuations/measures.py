"""Predicts windows, decodes true ones again, and measures how they move."""

import numpy as np
import tensorflow as tf

from pose_tf.evaluation import motion_health
from pose_tf.models.generator import CHUNK
from pose_tf.models.motion_space import MOTION_UNIT
from pose_tf.pipeline import windows
from studies.embedding.continuations.arms import PREFIX
from studies.embedding.generation import rollouts

HORIZON = 50  # Over which motion is measured, a multiple of `CHUNK`.
# Windows of a block share the noise of a sample, so blocks are small.
WINDOWS_PER_BLOCK = 64
AT_END = ("frozen",)
MEANS = ("limb_change", "real_limb_change", "out_of_frame")
NUMBERS = ("jitter", "seam", "ade", "fde", "num_windows")
OF_SAMPLES = ("single_ade", "calibration")


def test_windows(clips, horizon, stride):
    """Returns windows of the official test clips, as one batch."""
    return rollouts.gather(
        windows.window_batches(
            clips.test,
            length=PREFIX + horizon,
            stride=stride,
            batch_size=rollouts.WINDOWS_PER_BATCH,
            skeleton=clips.skeleton,
        )
    )


def futures(model, cut, horizon, num_samples, temperature, seed):
    """Returns futures `(B, K, H, J, D)`, pixels, of windows.

    Args:
        model: A `Continuation`.
        cut: Windows, of which `PREFIX` frames are observed.
        horizon, num_samples, temperature: See `Continuation.generate`.
        seed: Integer; each block of windows has noise of its own.
    """
    generate = tf.function(
        model.generate, autograph=False, reduce_retracing=True
    )
    parts = []
    for block in _blocks(len(cut["poses"])):
        given = generate(
            tf.constant(cut["poses"][block, :PREFIX]),
            tf.constant(cut["visibility"][block, :PREFIX]),
            tf.constant(horizon),
            tf.constant(num_samples),
            tf.constant(temperature),
            tf.constant([seed, block.start]),
        )
        parts.append(given["poses"].numpy())
    return np.concatenate(parts)


def decoded(transform, space, cut, code=None):
    """Returns the true frames after the prefix, encoded and decoded.

    Args:
        transform: The `PoseTransform` of the frames.
        space: A `motion_space.MotionSpace`, which encodes and decodes poses if
            it is that of an embedding.
        cut: Windows of `PREFIX` and a multiple of `CHUNK` frames.
        code: Function that encodes and decodes motion `(..., CHUNK, C)`, such
            as a `ChunkVAE`; None leaves motion as it is.

    Returns:
        Float array `(B, H, J, D)`, pixels.
    """

    @tf.function(autograph=False, reduce_retracing=True)
    def of_block(poses, visibility):
        frames, _ = transform(poses, visibility)
        anchor = {
            name: frames[name][:, PREFIX - 1] for name in ("root", "scale")
        }
        true = space.of_frames(frames, anchor)[:, PREFIX - 1 :]
        coordinates = true[:, 1:]
        if code is not None:
            motion = (true[:, 1:] - true[:, :-1]) / MOTION_UNIT
            chunks = tf.reshape(motion, (-1, CHUNK, space.size))
            motion = tf.reshape(code(chunks), tf.shape(motion))
            coordinates = true[:, :1] + MOTION_UNIT * tf.cumsum(motion, 1)
        return space.pixels(coordinates, anchor)

    return np.concatenate(
        [
            of_block(
                tf.constant(cut["poses"][block]),
                tf.constant(cut["visibility"][block]),
            ).numpy()
            for block in _blocks(len(cut["poses"]))
        ]
    )


def health(predicted, cut, skeleton) -> dict:
    """Measures how predicted windows move.

    Args:
        predicted: Poses `(B, H, J, D)` or samples `(B, K, H, J, D)`, pixels.
        cut: The windows.
        skeleton: `Skeleton` of the poses.

    Returns:
        Dict of `lag_energy`, a list over the horizons, and of numbers; see
        `motion_health.evaluate`: `frozen` at the last horizon, others as means
        over the horizons. Those of `OF_SAMPLES` if there are several.
    """
    horizon = cut["poses"].shape[1] - PREFIX
    scores = motion_health.evaluate(
        lambda *_: predicted, [cut], skeleton, PREFIX, horizon
    )
    return {
        "lag_energy": scores["lag_energy_ratio"],
        **{name: scores[name][-1] for name in AT_END},
        **{name: float(np.nanmean(scores[name])) for name in MEANS},
        **{name: scores[name] for name in NUMBERS},
        **{name: scores[name] for name in OF_SAMPLES if name in scores},
    }


def _blocks(count):
    for start in range(0, count, WINDOWS_PER_BLOCK):
        yield slice(start, min(start + WINDOWS_PER_BLOCK, count))
