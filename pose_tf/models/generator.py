"""Continues a motion: an encoder LSTM over the prefix, a decoder LSTM after it.

    c_{t+1} = c_t + velocity,   velocity ~ Laplace(decoder(c_t, state_t))

`c` are the coordinates of `motion_space`. Predicting velocities and
training on one's own rollouts follow Martinez et al., 2017,
https://arxiv.org/abs/1705.02445.
"""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from pose_tf.models import draws, losses, rollouts, stillness
from pose_tf.models.features import PoseFeatures
from pose_tf.models.motion_space import MOTION_UNIT, motion_space
from pose_tf.pose import geometry
from pose_tf.pose.transform import PoseTransform

tfd = tfp.distributions

MIN_MOTION_SCALE = 1e-3
# Prior logit that a joint stays visible or hidden.
PERSISTENCE = 4.0


@keras.saving.register_keras_serializable("pose_tf")
class PoseGenerator(keras.Model):
    """Predicts the frames after a prefix, one or many futures.

    Args:
        features: A `PoseFeatures` layer: raw pixels to features.
        units: Integer, units of encoder and decoder.
        dropout_rate: Float, on the inputs of both.
        residual: Whether the decoder gives velocities, or positions; and, for
            raw features, changes of visibility, or visibility.

    Call arguments:
        poses: Float tensor `(B, P, J, D)`, pixels, the prefix.
        visibility: Bool tensor `(B, P, J)`.
        horizon: Integer, frames to predict.

    Returns:
        Poses `(B, horizon, J, D)`, pixels: the one deterministic rollout.

    Example:

    >>> from pose_tf.models import PoseFeatures, PoseGenerator
    >>> from pose_tf.pose.transform import PoseTransform
    >>> features = PoseFeatures(PoseTransform("penn_action"))
    >>> generator = PoseGenerator(features, units=8)
    >>> prefix = tf.random.normal((4, 10, 13, 2))
    >>> visibility = tf.ones((4, 10, 13), tf.bool)
    >>> tuple(generator(prefix, visibility, horizon=5).shape)
    (4, 5, 13, 2)
    """

    def __init__(
        self, features, units=320, dropout_rate=0.0, residual=True, **kwargs
    ):
        super().__init__(**kwargs)
        self.features: PoseFeatures = features
        self.space = motion_space(features, PERSISTENCE * residual)
        self.units = units
        self.dropout_rate = dropout_rate
        self.residual = residual
        # cuDNN refuses masks of what comes first.
        self.encoder = keras.layers.LSTM(
            units, return_state=True, use_cudnn=False
        )
        self.decoder = keras.layers.LSTMCell(units)
        self.head = keras.layers.Dense(
            2 * self.space.size + self.skeleton.num_joints,
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        )
        self.dropout = keras.layers.Dropout(dropout_rate)
        self.build()

    def build(self):
        """Makes the weights; their sizes are those of features and units."""
        width = self.features.num_features + self.space.size
        self.encoder.build((None, None, width))
        self.decoder.build((None, width))
        self.head.build((None, self.units))

    @property
    def skeleton(self):
        """The skeleton of the poses."""
        return self.transform.skeleton

    @property
    def transform(self) -> PoseTransform:
        """The transform inside the features layer."""
        return self.features.transform

    def observe(
        self,
        poses,
        visibility,
        training=False,
        before=None,
    ):
        """Encodes a prefix, or more of it.

        Frames before the first one in which a joint is visible leave the
        state as it was.

        Args:
            poses: Float tensor `(B, P, J, D)`, pixels.
            visibility: Bool tensor `(B, P, J)`.
            training: Whether to drop inputs out.
            before: What was observed before: `lstm` `[h, c]`, `transform`,
                the transform's state, `place` and `latest_motion`; or None.

        Returns:
            `(state, after)`: what a rollout starts from, and what `before` is
            to be for the frames that follow.
        """
        before = before or dict.fromkeys(
            ("lstm", "transform", "place", "latest_motion")
        )
        frames, transform_state = self.transform(
            poses, visibility, before["transform"]
        )
        features = self.features.of_frames(frames)
        place = before["place"]
        started = geometry.ever_visible(visibility, place and place[1])
        motion, place = self.space.motion_of_frames(
            frames, features, started, place
        )
        inputs = tf.concat([features, motion], axis=-1)
        _, h, c = self.encoder(
            self.dropout(inputs, training=training),
            initial_state=before["lstm"],
            mask=started,
            training=training,
        )
        latest = stillness.latest_motion(motion, before["latest_motion"])
        anchor = {
            "root": frames["root"][:, -1],
            "scale": frames["scale"][:, -1],
            "path": frames["path"][:, -1],
        }
        last = {key: value[:, -1:] for key, value in frames.items()}
        return {
            "anchor": anchor,
            "coordinates": self.space.of_frames(last, anchor)[:, 0],
            "features": inputs[:, -1],
            "lstm": [h, c],
            "gate": stillness.gate(latest),
        }, {
            "lstm": [h, c],
            "transform": transform_state,
            "place": place,
            "latest_motion": latest,
        }

    def motion(self, hidden, coordinates, gate=1.0):
        """Returns what the decoder expects of the next frame.

        Args:
            hidden: Float tensor `(..., units)`, the decoder's output.
            coordinates: `c` of the present frame, `(..., C)`.
            gate: What the motion is multiplied by, `(...)`; see `stillness`.

        Returns:
            `(next, logits)`: the distribution of the next `c`, batch shape
            `(..., C)`, event `()`; and what the decoder says of the next
            visibility, `(..., J)`.
        """
        gate = tf.convert_to_tensor(gate)[..., None]
        outputs = self.head(hidden)
        size = self.space.size
        mean = outputs[..., :size] * MOTION_UNIT
        scale = tf.nn.softplus(outputs[..., size : 2 * size]) * MOTION_UNIT
        if not self.residual:
            mean = mean / MOTION_UNIT - coordinates
        following = tfd.Laplace(
            coordinates + gate * mean, scale + MIN_MOTION_SCALE
        )
        return following, gate * outputs[..., 2 * size :]

    def step(self, state, noise=None, training=False):
        """Goes on by one frame.

        Args:
            state: Dict of `coordinates`, `features`, `lstm`, `anchor`, `gate`.
            noise: Float tensor `(B, C)`, how far from the median to go, in
                scales of the distribution; None takes the median.

        Returns:
            `(state, logits, log_prob)`: `(B, J)` of visibility, and `(B,)`
            nats, of what was drawn.
        """
        hidden, lstm = self.decoder(
            self.dropout(state["features"], training=training), state["lstm"]
        )
        following, logits = self.motion(
            hidden, state["coordinates"], state["gate"]
        )
        drawn = following.loc
        if noise is not None:
            drawn += following.scale * noise
        logits = self.space.visibility_logits(logits, drawn, state["features"])
        log_prob = tf.reduce_sum(following.log_prob(drawn), -1)
        features = self.space.features_of(
            state["coordinates"],
            drawn,
            tf.stop_gradient(tf.sigmoid(logits)),
            state["anchor"]["path"],
        )
        state = {
            **state,
            "coordinates": drawn,
            "features": features,
            "lstm": lstm,
        }
        return state, logits, log_prob

    def unroll(self, state, horizon, training=False):
        """Returns the deterministic rollout, unrolled for training.

        Args:
            state: From `observe`.
            horizon: Python integer.

        Returns:
            `(coordinates, logits)`: `(B, horizon, C)` and, of visibility,
            `(B, horizon, J)`.
        """
        steps = []
        for _ in range(horizon):
            state, logits, _ = self.step(state, training=training)
            steps.append((state["coordinates"], logits))
        coordinates, logits = zip(*steps, strict=True)
        return tf.stack(coordinates, 1), tf.stack(logits, 1)

    def follow(self, state, coordinates, visibility, training=False):
        """Returns the distribution of each true frame given the past.

        This is teacher forcing.

        Args:
            state: From `observe`.
            coordinates: True `c` `(B, H, C)`.
            visibility: Bool `(B, H, J)`, of the true frames.

        Returns:
            `(following, logits)`: the distributions of each frame's `c`,
            batch shape `(B, H, C)`, and visibility logits `(B, H, J)`.
        """
        before = tf.concat(
            [state["coordinates"][:, None], coordinates[:, :-1]], axis=1
        )
        features = self.space.features_of(
            before[:, :-1],
            coordinates[:, :-1],
            visibility[:, :-1],
            state["anchor"]["path"][:, None],
        )
        features = tf.concat([state["features"][:, None], features], axis=1)
        inputs = self.dropout(features, training=training)
        hidden, lstm = [], state["lstm"]
        for t in range(coordinates.shape[1]):
            output, lstm = self.decoder(inputs[:, t], lstm)
            hidden.append(output)
        following, logits = self.motion(tf.stack(hidden, 1), before)
        return following, self.space.visibility_logits(
            logits, following.loc, features
        )

    def rollout(self, state, horizon, noise=None):
        """Predicts as many frames as a tensor says; see `rollouts`."""
        return rollouts.rollout(self, state, horizon, noise)

    def generate(
        self, poses, visibility, horizon, num_samples, temperature, seed
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

        Returns:
            Dict of `poses` `(B, K, H, J, D)`, pixels, `visibility`
            `(B, K, H, J)`, probabilities, and `log_prob` `(B, K)`, nats: the
            density of the future in the coordinates `c` of the model.
        """
        state, _ = self.observe(poses, visibility)
        freedom = tf.minimum(temperature, 1.0)
        state["gate"] += (1 - state["gate"]) * freedom
        state = tf.nest.map_structure(
            lambda x: tf.repeat(x, num_samples, axis=0), state
        )
        noise = draws.laplace(num_samples, (horizon, self.space.size), seed)
        noise = tf.tile(noise, [tf.shape(poses)[0], 1, 1])  # (B * K, H, C)
        coordinates, seen, log_prob = self.rollout(
            state, horizon, temperature * noise
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

    def compute_loss(
        self, batch, *, prefix, horizon, teacher_forcing, nll_weight
    ):
        """Returns the error of the rollout plus a likelihood, and metrics.

        Args:
            batch: Dict of `poses` `(B, P + H, J, D)` and `visibility`.
            prefix: Integer, `P`.
            horizon: Integer, `H`.
            teacher_forcing: Whether the error is of the next frame, given the
                true frames before it, and not of a rollout.
            nll_weight: Float, weight of the negative log likelihood of the
                true motion.

        Returns:
            `(loss, metrics)`: a scalar; `error`, torso lengths, mean distance
            of visible joints; `nll`, nats per number of `c`.
        """
        poses, visibility = batch["poses"], batch["visibility"]
        state, _ = self.observe(
            poses[:, :prefix], visibility[:, :prefix], training=True
        )
        anchor, seen = state["anchor"], visibility[:, prefix:]
        target = (poses[:, prefix:] - anchor["root"][:, None, None]) / (
            anchor["scale"][:, None, None, None]
        )
        nll = tf.constant(0.0)
        if nll_weight or teacher_forcing:
            frames, _ = self.transform(poses, visibility)
            future = {key: value[:, prefix:] for key, value in frames.items()}
            truth = self.space.of_frames(future, anchor)
            following, logits = self.follow(state, truth, seen, training=True)
            known = self.space.known(seen)
            nll = -losses.masked_mean(following.log_prob(truth), known)
            coordinates = following.loc
        if not teacher_forcing:
            coordinates, logits = self.unroll(state, horizon, training=True)
        joints = self.space.joints(coordinates)
        error = losses.mean_distance(joints, target, seen)
        visible = tf.nn.sigmoid_cross_entropy_with_logits(
            tf.cast(seen, logits.dtype), logits
        )
        loss = error + nll_weight * nll
        loss += losses.VISIBILITY_WEIGHT * tf.reduce_mean(visible)
        return loss, {"error": error, "nll": nll}

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
            "residual": self.residual,
        }

    @classmethod
    def from_config(cls, config):
        features = keras.saving.deserialize_keras_object(config.pop("features"))
        return cls(features, **config)
