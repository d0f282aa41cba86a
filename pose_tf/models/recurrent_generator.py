"""Continues a motion: an encoder LSTM over the prefix, a decoder LSTM after it.

    c_{t+1} = c_t + velocity,   velocity ~ Laplace(decoder(c_t, state_t))

`c` are the coordinates of `motion_space`. Predicting velocities and
training on one's own rollouts follow Martinez et al., 2017,
https://arxiv.org/abs/1705.02445.
"""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from pose_tf.models import draws, losses, rollouts
from pose_tf.models.continuation import Continuation
from pose_tf.models.motion_space import MOTION_UNIT

tfd = tfp.distributions

MIN_MOTION_SCALE = 1e-3
# Prior logit that a joint stays visible or hidden.
PERSISTENCE = 4.0


@keras.saving.register_keras_serializable("pose_tf")
class RecurrentGenerator(Continuation):
    """Predicts the frames after a prefix one by one, and draws samples of each.

    Its samples move by jitter, and its rollouts freeze: `PoseGenerator` does
    neither.

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

    >>> from pose_tf.models import PoseFeatures, RecurrentGenerator
    >>> from pose_tf.pose.transform import PoseTransform
    >>> features = PoseFeatures(PoseTransform("penn_action"))
    >>> generator = RecurrentGenerator(features, units=8)
    >>> prefix = tf.random.normal((4, 10, 13, 2))
    >>> visibility = tf.ones((4, 10, 13), tf.bool)
    >>> tuple(generator(prefix, visibility, horizon=5).shape)
    (4, 5, 13, 2)
    """

    def __init__(
        self, features, units=320, dropout_rate=0.0, residual=True, **kwargs
    ):
        super().__init__(
            features, units, dropout_rate, PERSISTENCE * residual, **kwargs
        )
        self.residual = residual
        self.decoder = keras.layers.LSTMCell(units)
        self.head = keras.layers.Dense(
            2 * self.space.size + self.skeleton.num_joints,
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        )
        self.dropout = keras.layers.Dropout(dropout_rate)
        self.build()

    def build(self):
        """Makes the weights; their sizes are those of features and units."""
        self.encoder.build((None, None, self.num_inputs))
        self.decoder.build((None, self.num_inputs))
        self.head.build((None, self.units))

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

    def next_frame(self, state):
        state, logits, _ = self.step(state)
        return state["coordinates"], logits

    def rollout(self, state, horizon, noise=None):
        """Predicts as many frames as a tensor says; see `rollouts`."""
        return rollouts.rollout(self, state, horizon, noise)

    def futures(self, state, horizon, num_samples, temperature, seed):
        """Returns futures; see `Continuation`.

        `log_prob` is the density of the future in the coordinates `c`.
        """
        noise = draws.laplace(num_samples, (horizon, self.space.size), seed)
        num_prefixes = tf.shape(state["coordinates"])[0] // num_samples
        noise = tf.tile(noise, [num_prefixes, 1, 1])  # (B * K, H, C)
        return self.rollout(state, horizon, temperature * noise)

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

    def get_config(self):
        return {**super().get_config(), "residual": self.residual}
