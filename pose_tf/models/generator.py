"""Continues a motion chunk by chunk, each drawn with latents of its own.

    c_{t+1} = c_t + velocity_t,   velocities of a chunk = decoder(c, state, z, w)
    z ~ N(0, I) for each chunk,   w ~ N(0, I) for the whole future

`c` are the coordinates of `motion_space`. Latents are inputs: no density of
poses is assumed, and training draws whole rollouts and compares them with the
truth by the energy score (`chunk_training`, `energy_score`), of places and of displacements over
several lags. So samples must move as much as the truth does, and what
the model sees in training is what it makes itself: nothing freezes or drifts
for want of either. Low-dimensional latents that enter the weights' inputs and
training by a proper score follow [Alet et al.,
2025](https://arxiv.org/abs/2506.10772), who forecast the weather so.
"""

import math

import keras
import tensorflow as tf

from pose_tf.models import chunk_training, draws
from pose_tf.models.chunk_training import CHUNK
from pose_tf.models.chunk_vae import ChunkVAE
from pose_tf.models.continuation import Continuation
from pose_tf.models.motion_space import MOTION_UNIT

# Prior logit that a joint stays visible or hidden.
PERSISTENCE = 4.0
ACTION_DIM = 16  # Of the embedding of an action.
LOG_TWO_PI = math.log(2 * math.pi)


@keras.saving.register_keras_serializable("pose_tf")
class PoseGenerator(Continuation):
    """Predicts the frames after a prefix, one or many futures.

    Args:
        features: A `PoseFeatures` layer: raw pixels to features.
        num_actions: Integer, how many actions the training clips show.
        units: Integer, units of encoder and decoder.
        hidden_units: Integer, of the two layers between decoder and chunk.
        latent_dim: Integer, size of the latent of each chunk, and of that of
            the whole future.
        dropout_rate: Float, on the inputs of encoder and decoder.
        chunk_vae: A trained `ChunkVAE` of this motion: latents of chunks are
            predicted, which it decodes. None predicts motion itself.

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
    >>> generator = PoseGenerator(features, 15, units=8, hidden_units=8)
    >>> prefix = tf.random.normal((4, 10, 13, 2))
    >>> visibility = tf.ones((4, 10, 13), tf.bool)
    >>> tuple(generator(prefix, visibility, horizon=7).shape)
    (4, 7, 13, 2)
    """

    num_latest = CHUNK

    def __init__(
        self,
        features,
        num_actions,
        units=256,
        hidden_units=384,
        latent_dim=16,
        dropout_rate=0.0,
        chunk_vae=None,
        **kwargs,
    ):
        super().__init__(features, units, dropout_rate, PERSISTENCE, **kwargs)
        self.chunk_vae: ChunkVAE | None = chunk_vae
        num_outputs = CHUNK * self.space.size
        if chunk_vae is not None:
            chunk_vae.trainable = False
            num_outputs = chunk_vae.latent_dim
        self.num_actions = num_actions
        self.hidden_units = hidden_units
        self.latent_dim = latent_dim
        dense = keras.layers.Dense
        self.decoder = keras.layers.LSTMCell(units)
        self.hidden = [dense(hidden_units, activation="silu") for _ in range(2)]
        self.head = dense(
            num_outputs + CHUNK * self.skeleton.num_joints,
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        )
        # What goes on as it did needs no more than this.
        self.shortcut = dense(num_outputs, kernel_initializer="zeros")
        # What the prefix looks like, if nobody says what goes on.
        self.recognizer = dense(num_actions)
        self.action_embedding = dense(
            ACTION_DIM,
            use_bias=False,
            kernel_initializer=keras.initializers.RandomUniform(),
        )
        self.dropout = keras.layers.Dropout(dropout_rate)
        self.build()

    def build(self):
        """Makes the weights; their sizes are those of features and units."""
        seen = self.num_inputs + CHUNK * self.space.size
        drawn = 2 * self.latent_dim + 1 + ACTION_DIM
        self.encoder.build((None, None, self.num_inputs))
        self.decoder.build((None, seen + drawn))
        self.hidden[0].build((None, self.units + seen + drawn))
        self.hidden[1].build((None, self.hidden_units))
        self.head.build((None, self.hidden_units))
        self.shortcut.build((None, seen))
        self.recognizer.build((None, self.units))
        self.action_embedding.build((None, self.num_actions))

    def conditioned(self, state, action):
        """Returns a state that goes on with an action; see `Continuation`.

        Returns:
            The state with `known`, bool `(B,)`; `action_logits` `(B, A)`, what
            the prefix looks like; and `action` `(B, A)`: 1 for the action that
            is known, or else the probability of each.
        """
        if action is None:
            action = tf.fill(tf.shape(state["gate"]), -1)
        known = (action >= 0) & (action < self.num_actions)
        logits = self.recognizer(state["lstm"][0])
        expected = tf.stop_gradient(tf.nn.softmax(logits))
        given = tf.one_hot(action, self.num_actions)
        return {
            **state,
            "known": known,
            "action_logits": logits,
            "action": tf.where(known[:, None], given, expected),
        }

    def drawn(self, state, gumbel):
        """Returns a state with one action drawn where none is known.

        Args:
            state: From `conditioned`.
            gumbel: Float tensor `(B, A)`, standard Gumbel noise.

        Returns:
            `(state, log_prob)`: `(B,)`, of the actions; 0 if they are known.
        """
        logits = tf.stop_gradient(tf.nn.log_softmax(state["action_logits"]))
        action = tf.argmax(logits + gumbel, axis=-1)
        action = tf.one_hot(action, self.num_actions)
        known = state["known"]
        log_prob = tf.reduce_sum(action * logits, axis=-1)
        action = tf.where(known[:, None], state["action"], action)
        return {**state, "action": action}, tf.where(known, 0.0, log_prob)

    def chunk(self, state, latents, deterministic, training=False):
        """Goes on by `CHUNK` frames.

        Args:
            state: From `observe` and `conditioned`.
            latents: Float tensor `(B, 2 * latent_dim)`: that of the chunk and
                that of the whole future.
            deterministic: Float tensor `(B, 1)`: 1 for the one deterministic
                prediction, whose latents are 0, and 0 for samples.
            training: Whether to drop inputs out.

        Returns:
            `(state, coordinates, logits)`: of the last frame; and of all,
            `(B, CHUNK, C)` and, of visibility, `(B, CHUNK, J)`.
        """
        latest = tf.reshape(state["latest"], (-1, CHUNK * self.space.size))
        seen = tf.concat([state["features"], latest], axis=-1)
        seen = self.dropout(seen, training=training)
        action = self.action_embedding(state["action"])
        drawn = [latents, deterministic, action]
        output, lstm = self.decoder(
            tf.concat([seen, *drawn], axis=-1), state["lstm"]
        )
        hidden = tf.concat([output, seen, *drawn], axis=-1)
        for layer in self.hidden:
            hidden = layer(hidden)
        moved, logits = tf.split(
            self.head(hidden), [self.shortcut.units, -1], axis=-1
        )
        motion = self._decoded(moved + self.shortcut(seen))
        motion *= state["gate"][:, None, None]
        coordinates = state["coordinates"][:, None] + MOTION_UNIT * tf.cumsum(
            motion, axis=1
        )
        logits = self.space.visibility_logits(
            tf.reshape(logits, (-1, CHUNK, self.skeleton.num_joints)),
            coordinates,
            state["features"][:, None],
        )
        features = self.space.features_of(
            coordinates[:, -2],
            coordinates[:, -1],
            tf.stop_gradient(tf.sigmoid(logits[:, -1])),
            state["anchor"]["path"],
        )
        state = {
            **state,
            "coordinates": coordinates[:, -1],
            "features": features,
            "latest": motion,
            "lstm": lstm,
        }
        return state, coordinates, logits

    def _decoded(self, outputs):
        """Returns motion `(B, CHUNK, C)`, out of the latents of chunks if need be."""
        if self.chunk_vae is not None:
            outputs = self.chunk_vae.decode(outputs)
        return tf.reshape(outputs, (-1, CHUNK, self.space.size))

    def draw(self, state, latents, deterministic, training=False):
        """Returns a rollout of as many chunks as there are latents.

        Args:
            state: From `observe` and `conditioned`.
            latents: Float tensor `(B, 1 + N, latent_dim)`: that of the whole
                future first, then those of its `N` chunks; `N` is static.
            deterministic: Float tensor `(B, 1)`, see `chunk`.
            training: Whether to drop inputs out.

        Returns:
            `(state, coordinates, logits)`: of the last frame; and of all,
            `(B, N * CHUNK, C)`, `(B, N * CHUNK, J)`.
        """
        chunks = []
        for k in range(1, latents.shape[1]):
            both = tf.concat([latents[:, k], latents[:, 0]], axis=-1)
            state, *chunk = self.chunk(state, both, deterministic, training)
            chunks.append(chunk)
        coordinates, logits = zip(*chunks, strict=True)
        return state, tf.concat(coordinates, 1), tf.concat(logits, 1)

    def unroll(self, state, horizon, training=False):
        size = tf.shape(state["gate"])[0]
        num_chunks = -(-horizon // CHUNK)
        _, coordinates, logits = self.draw(
            self.conditioned(state, None),
            tf.zeros((size, 1 + num_chunks, self.latent_dim)),
            tf.ones((size, 1)),
            training,
        )
        return coordinates[:, :horizon], logits[:, :horizon]

    def next_frame(self, state):
        coordinates, logits = self.unroll(state, 1)
        return coordinates[:, 0], logits[:, 0]

    def futures(self, state, horizon, num_samples, temperature, seed):
        """Returns futures; see `Continuation`.

        `log_prob` is that of what a future was made from: the density of its
        latents, times the probability of its action if none was given. That of
        poses has no closed form.
        """
        repeats = tf.shape(state["gate"])[0] // num_samples
        latents, gumbel = tf.unstack(
            tf.random.experimental.stateless_split(seed, 2)
        )
        gumbel = draws.gumbel(num_samples, (self.num_actions,), gumbel)
        drawn, log_prob = self.drawn(state, tf.tile(gumbel, [repeats, 1]))
        is_drawn = temperature > 0
        state = {
            **state,
            "action": tf.where(is_drawn, drawn["action"], state["action"]),
        }
        log_prob = tf.where(is_drawn, log_prob, 0.0)
        shape = (1 - (-horizon // CHUNK), self.latent_dim)
        noise = temperature * draws.normal(num_samples, shape, latents)
        density = -0.5 * tf.reduce_sum(noise**2 + LOG_TWO_PI, (1, 2))
        log_prob += tf.tile(density, [repeats])
        noise = tf.tile(noise, [repeats, 1, 1])  # (B * K, 1 + N, Z)
        deterministic = tf.fill(
            tf.shape(noise[:, 0, :1]), tf.cast(temperature == 0, tf.float32)
        )
        coordinates, logits = self._draw_graph(state, noise, deterministic)
        return (
            coordinates[:, :horizon],
            tf.sigmoid(logits[:, :horizon]),
            log_prob,
        )

    def _draw_graph(self, state, latents, deterministic):
        """Returns what `draw` does, of a number of chunks not known before."""
        num_chunks = tf.shape(latents)[1] - 1
        sizes = (self.space.size, self.skeleton.num_joints)
        arrays = tuple(
            tf.TensorArray(
                tf.float32, num_chunks, element_shape=(None, CHUNK, size)
            )
            for size in sizes
        )

        def body(k, state, arrays):
            both = tf.concat([latents[:, k + 1], latents[:, 0]], axis=-1)
            state, *chunk = self.chunk(state, both, deterministic)
            pairs = zip(arrays, chunk, strict=True)
            return k + 1, state, tuple(a.write(k, x) for a, x in pairs)

        _, _, arrays = tf.while_loop(
            lambda k, *_: k < num_chunks, body, (0, state, arrays)
        )
        return tuple(
            tf.reshape(
                tf.transpose(array.stack(), (1, 0, 2, 3)),
                (-1, num_chunks * CHUNK, size),
            )
            for array, size in zip(arrays, sizes, strict=True)
        )

    def compute_loss(self, batch, seed, **options):
        """Returns the loss of a batch of windows; see `chunk_training.loss`."""
        return chunk_training.loss(self, batch, seed, **options)

    def get_config(self):
        return {
            **super().get_config(),
            "num_actions": self.num_actions,
            "hidden_units": self.hidden_units,
            "latent_dim": self.latent_dim,
            "chunk_vae": self.chunk_vae
            and keras.saving.serialize_keras_object(self.chunk_vae),
        }

    @classmethod
    def from_config(cls, config):
        chunk_vae = config.pop("chunk_vae", None)
        if chunk_vae is not None:
            chunk_vae = keras.saving.deserialize_keras_object(chunk_vae)
        return super().from_config({**config, "chunk_vae": chunk_vae})
