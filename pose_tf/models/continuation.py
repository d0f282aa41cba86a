"""What generators share: the prefix, futures of it, streams, the gate."""

import abc

import keras
import tensorflow as tf

from pose_tf.models import rollouts, stillness
from pose_tf.models.features import PoseFeatures
from pose_tf.models.motion_space import motion_space
from pose_tf.pose import geometry
from pose_tf.pose.transform import PoseTransform

# What a model keeps of the frames that it has seen.
OBSERVED = ("lstm", "transform", "place", "latest_motion", "latest")


class Continuation(keras.Model):
    """Encodes a prefix by an LSTM, and continues it; see the subclasses.

    Subclasses make a layer `dropout` for the inputs of encoder and decoder.

    Args:
        features: A `PoseFeatures` layer: raw pixels to features.
        units: Integer, units of the encoder.
        dropout_rate: Float, of that layer.
        persistence: See `motion_space.JointSpace`.

    Call arguments:
        poses: Float tensor `(B, P, J, D)`, pixels, the prefix.
        visibility: Bool tensor `(B, P, J)`.
        horizon: Integer, frames to predict.

    Returns:
        Poses `(B, horizon, J, D)`, pixels: the one deterministic rollout.

    Example:

    >>> from pose_tf.models import PoseGenerator, RecurrentGenerator
    >>> issubclass(PoseGenerator, Continuation)
    True
    >>> issubclass(RecurrentGenerator, Continuation)
    True
    """

    # How many of the prefix's last motions a rollout starts from.
    num_latest = 0

    def __init__(self, features, units, dropout_rate, persistence, **kwargs):
        super().__init__(**kwargs)
        self.features: PoseFeatures = features
        self.space = motion_space(features, persistence)
        self.units = units
        self.dropout_rate = dropout_rate
        # cuDNN refuses masks of what comes first.
        self.encoder = keras.layers.LSTM(
            units, return_state=True, use_cudnn=False
        )

    @property
    def skeleton(self):
        """The skeleton of the poses."""
        return self.transform.skeleton

    @property
    def transform(self) -> PoseTransform:
        """The transform inside the features layer."""
        return self.features.transform

    @property
    def num_inputs(self):
        """Width of what the encoder sees of a frame: features and motion."""
        return self.features.num_features + self.space.size

    def observe(self, poses, visibility, training=False, before=None):
        """Encodes a prefix, or more of it.

        Frames before the first one in which a joint is visible leave the
        state as it was.

        Args:
            poses: Float tensor `(B, P, J, D)`, pixels.
            visibility: Bool tensor `(B, P, J)`.
            training: Whether to drop inputs out.
            before: What was observed before: `lstm` `[h, c]`, `transform`,
                the transform's state, `place`, `latest_motion` and `latest`;
                or None.

        Returns:
            `(state, after)`: what a rollout starts from, and what `before` is
            to be for the frames that follow.
        """
        before = before or dict.fromkeys(OBSERVED)
        frames, transform_state = self.transform(
            poses, visibility, before["transform"]
        )
        features = self.features.of_frames(frames)
        place = before["place"]
        started = geometry.ever_visible(visibility, place and place[1])
        motion, known, place = self.space.motion_of_frames(
            frames, features, started, place
        )
        inputs = tf.concat([features, motion], axis=-1)
        _, *lstm = self.encoder(
            self.dropout(inputs, training=training),
            initial_state=before["lstm"],
            mask=started,
            training=training,
        )
        moved = stillness.latest_motion(motion, known, before["latest_motion"])
        latest = self._latest(motion, before["latest"])
        anchor = {
            name: frames[name][:, -1] for name in ("root", "scale", "path")
        }
        last = {key: value[:, -1:] for key, value in frames.items()}
        return {
            "anchor": anchor,
            "coordinates": self.space.of_frames(last, anchor)[:, 0],
            "features": inputs[:, -1],
            "lstm": lstm,
            "gate": stillness.gate(moved),
            "latest": latest,
        }, {
            "lstm": lstm,
            "transform": transform_state,
            "place": place,
            "latest_motion": moved,
            "latest": latest,
        }

    def _latest(self, motion, before):
        """Returns the last `num_latest` motions, `(B, num_latest, C)`."""
        if before is None:
            shape = (tf.shape(motion)[0], self.num_latest, self.space.size)
            before = tf.zeros(shape)
        motion = tf.concat([before, motion], axis=1)
        return motion[:, tf.shape(motion)[1] - self.num_latest :]

    @abc.abstractmethod
    def unroll(self, state, horizon, training=False):
        """Returns the deterministic rollout, unrolled for training.

        Args:
            state: From `observe`.
            horizon: Python integer.

        Returns:
            `(coordinates, logits)`: `(B, horizon, C)` and, of visibility,
            `(B, horizon, J)`.
        """

    @abc.abstractmethod
    def next_frame(self, state):
        """Returns `(coordinates, logits)` of the next frame; see `unroll`.

        Args:
            state: From `observe`.

        Returns:
            `(B, C)` and `(B, J)`.
        """

    @abc.abstractmethod
    def futures(self, state, horizon, num_samples, temperature, seed):
        """Returns futures of `B` states, each repeated for its `K` futures.

        Args:
            state: From `observe`, each row `K` times: `(B * K, ...)`.
            horizon, num_samples, temperature, seed: See `generate`.

        Returns:
            `(coordinates, visibility, log_prob)`: `(B * K, H, C)`, of
            visibility the probabilities `(B * K, H, J)`, and `(B * K,)`.
        """

    def conditioned(self, state, action):
        """Returns a state that goes on with an action.

        Args:
            state: From `observe`.
            action: Int tensor `(B,)`, -1 where it is not known; or None.
        """
        del action
        return state

    def generate(
        self,
        poses,
        visibility,
        horizon,
        num_samples,
        temperature,
        seed,
        action=None,
    ):
        """Returns continuations of prefixes.

        The noise of a future depends on `seed` and on its number among the `K`
        alone: a prefix has the same futures wherever it lies in a batch, and
        the first of several is that of one.

        Args:
            poses: Float tensor `(B, P, J, D)`, pixels.
            visibility: Bool tensor `(B, P, J)`.
            horizon: Int scalar `H`, frames to predict.
            num_samples: Int scalar `K`, futures of each prefix.
            temperature: Float scalar that scales the noise; 0 gives the
                deterministic prediction, which holds whoever does not move in
                the prefix still. From 1 on, nobody is held (`stillness`).
            seed: Int tensor `(2,)`.
            action: Int tensor `(B,)`, the action that goes on, -1 where it is
                not known; None if it never is. Only a `PoseGenerator` heeds it.

        Returns:
            Dict of `poses` `(B, K, H, J, D)`, pixels, `visibility`
            `(B, K, H, J)`, probabilities, and `log_prob` `(B, K)`, nats; see
            the subclasses.
        """
        state, _ = self.observe(poses, visibility)
        freedom = tf.minimum(temperature, 1.0)
        state["gate"] += (1 - state["gate"]) * freedom
        state = self.conditioned(state, action)
        state = tf.nest.map_structure(
            lambda x: tf.repeat(x, num_samples, axis=0), state
        )
        coordinates, seen, log_prob = self.futures(
            state, horizon, num_samples, temperature, seed
        )
        futures = self.space.pixels(coordinates, state["anchor"])
        batch = tf.stack([tf.shape(poses)[0], num_samples])
        futures, seen = (
            tf.reshape(x, tf.concat([batch, tf.shape(x)[1:]], 0))
            for x in (futures, seen)
        )
        return {
            "poses": futures,
            "visibility": seen,
            "log_prob": tf.reshape(log_prob, batch),
        }

    def stream_state(self, batch_size):
        """Returns the state of a stream before its first frame."""
        return rollouts.stream_state(self, batch_size)

    def stream_started(self, state):
        """Returns whether anybody has been visible in a stream: bool `(B,)`."""
        return state["has_expected"]

    def stream_step(self, pose, visibility, state):
        """Predicts the next frame of a stream; see `rollouts`."""
        return rollouts.stream_step(self, pose, visibility, state)

    def call(self, poses, visibility, horizon, training=False):
        state, _ = self.observe(poses, visibility, training)
        coordinates, _ = self.unroll(state, horizon, training)
        return self.space.pixels(coordinates, state["anchor"])

    def get_config(self):
        return {
            **super().get_config(),
            "features": keras.saving.serialize_keras_object(self.features),
            "units": self.units,
            "dropout_rate": self.dropout_rate,
        }

    @classmethod
    def from_config(cls, config):
        features = keras.saving.deserialize_keras_object(config.pop("features"))
        return cls(features, **config)
