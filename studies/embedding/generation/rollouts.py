"""Predictors of windows, and what encoding and decoding does to their targets.

A predictor has `rollout(poses, visibility, horizon)`; `Model` has `decoded`
as well. Poses are float arrays `(B, T, J, D)`, pixels, visibility is bool
`(B, T, J)`.
"""

import dataclasses

import numpy as np
import tensorflow as tf

from pose_tf.models import baselines

WINDOWS_PER_BATCH = 512
KEYS = (
    "poses",
    "visibility",
    "boxes",
    "frame_size",
    "clip_id",
    "start",
    "action",
)


@dataclasses.dataclass(frozen=True)
class Rollout:
    """Predicted frames.

    Attributes:
        poses: `(B, H, J, D)`, pixels.
        visibility: Bool `(B, H, J)`.
        residual: `(B, J, D)`, pixels: the last observed pose minus its
            reconstruction; 0 without an embedding.
    """

    poses: np.ndarray
    visibility: np.ndarray
    residual: np.ndarray

    @property
    def corrected(self):
        """Returns poses with the residual of the last observed one added."""
        return self.poses + self.residual[:, None]


class Model:
    """A trained `RecurrentGenerator` as a predictor.

    Args:
        model: The generator.
    """

    def __init__(self, model):
        self.model = model
        self._rollout = tf.function(
            self._roll, autograph=False, reduce_retracing=True
        )
        self._decoded = tf.function(
            self._decode, autograph=False, reduce_retracing=True
        )

    def rollout(self, poses, visibility, horizon) -> Rollout:
        """Returns the deterministic continuation of prefixes."""
        horizon = tf.constant(horizon)
        parts = [
            self._rollout(p, v, horizon) for p, v in _blocks(poses, visibility)
        ]
        return Rollout(*_joined(parts))

    def decoded(self, poses, visibility, prefix):
        """Returns the frames after the prefix, encoded and decoded.

        Without an embedding these are the poses themselves, but for joints
        that are missing.

        Returns:
            Float array `(B, T - prefix, J, D)`, pixels.
        """
        prefix = tf.constant(prefix)
        parts = [
            (self._decoded(p, v, prefix),)
            for p, v in _blocks(poses, visibility)
        ]
        return _joined(parts)[0]

    def _roll(self, poses, visibility, horizon):
        model = self.model
        state, _ = model.observe(poses, visibility)
        anchor = state["anchor"]
        coordinates, visible, _ = model.rollout(state, horizon)
        frames, _ = model.transform(poses, visibility)
        last = model.transform.inverse(
            frames["pose"][:, -1], frames["root"][:, -1], frames["scale"][:, -1]
        )
        embedded = model.space.pixels(state["coordinates"][:, None], anchor)[
            :, 0
        ]
        return (
            model.space.pixels(coordinates, anchor),
            visible > 0.5,
            last - embedded,
        )

    def _decode(self, poses, visibility, prefix):
        model = self.model
        state, _ = model.observe(poses[:, :prefix], visibility[:, :prefix])
        frames, _ = model.transform(poses, visibility)
        future = {key: value[:, prefix:] for key, value in frames.items()}
        coordinates = model.space.of_frames(future, state["anchor"])
        return model.space.pixels(coordinates, state["anchor"])


class Baseline:
    """A baseline as a predictor; hidden joints are taken as annotated.

    Args:
        name: `zero_velocity` or `constant_velocity`.
    """

    def __init__(self, name):
        self._predict = getattr(baselines, name)

    def rollout(self, poses, visibility, horizon) -> Rollout:
        """Returns the continuation of prefixes."""
        return Rollout(
            self._predict(poses, None, horizon),
            np.repeat(visibility[:, -1:], horizon, axis=1),
            np.zeros_like(poses[:, 0]),
        )


def gather(batches) -> dict[str, np.ndarray]:
    """Returns all windows of some batches as one batch of arrays."""
    rows = [{key: batch[key].numpy() for key in KEYS} for batch in batches]
    return {key: np.concatenate([row[key] for row in rows]) for key in KEYS}


def _blocks(poses, visibility):
    for start in range(0, len(poses), WINDOWS_PER_BATCH):
        block = slice(start, start + WINDOWS_PER_BATCH)
        yield tf.constant(poses[block]), tf.constant(visibility[block])


def _joined(parts):
    return [
        np.concatenate([np.asarray(x) for x in column])
        for column in zip(*parts, strict=True)
    ]
