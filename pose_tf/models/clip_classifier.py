"""Classifies the action of a whole clip, looking both ways in time."""

import keras
import tensorflow as tf

from pose_tf.models import jumps, losses
from pose_tf.models.motion_features import MotionFeatures
from pose_tf.pose import geometry

STEM_KERNEL, BLOCK_KERNEL = 7, 5  # Frames.
WIDENING = 1.5  # Channels of the second block, over those of the first.
# Torso lengths from the median around a frame. With 1.5 as for files, a clip
# of the validation split by a moderate detector is classified as well, one by
# a strongly disturbed one less often (80 instead of 89 %); 0.4 is too little.
MAX_JUMP = 0.75
# Brings the steps between two frames to about the size of the poses.
VELOCITY_SCALE = 8.0
# Parts of a clip, as shares of it, that are classified and averaged: the fewer
# repetitions of a movement a part has, the more it is like training clips.
PARTS = ((0, 1), (0, 2 / 3), (1 / 3, 1))
# Divides the average: training with mixed clips and smoothed labels leaves
# probabilities too close to each other. Chosen with the parts on training clips
# that were left out of training.
TEMPERATURE = 0.5


@keras.saving.register_keras_serializable("pose_tf")
class ClipClassifier(keras.Model):
    """Residual convolutions and an LSTM each way, pooled over time.

    A clip is resampled to `features.num_frames` frames, `L`. The network sees
    root-centred poses, the root's path, and the velocities of both, per frame
    of the sequence and per frame of the clip. It is trained on nearly whole
    clips; for streams, and for clips that have only begun, there is
    `StreamClassifier`.

    Args:
        features: A `MotionFeatures` layer: clips to sequences.
        num_actions: Integer, classes `C`.
        filters: Integer, channels of the first convolutions.
        units: Integer, units of each of the two LSTMs.
        dropout_rate: Float, of what is pooled over time.

    Call arguments:
        sequences: Float tensor `(B, L, F + 1)`: those of the `features` layer,
            and the logarithm of how many frames of a clip one of them covers.

    Returns:
        Logits `(B, C)`.

    Raises:
        ValueError: For fewer than 2 actions.

    Example:

    >>> from pose_tf.models import ClipClassifier, MotionFeatures
    >>> features = MotionFeatures("penn_action", num_frames=16)
    >>> classifier = ClipClassifier(features, 3, filters=8, units=8)
    >>> poses = tf.random.normal((4, 9, 13, 2))
    >>> visibility = tf.ones((4, 9, 13), tf.bool)
    >>> given = classifier.classify(poses, visibility, tf.fill([4], 9))
    >>> tuple(given["probabilities"].shape)
    (4, 3)
    """

    def __init__(
        self,
        features,
        num_actions,
        filters=48,
        units=64,
        dropout_rate=0.3,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if num_actions < 2:
            raise ValueError(
                f"`num_actions` must be at least 2. Received: {num_actions}"
            )
        self.features: MotionFeatures = features
        self.num_actions = num_actions
        self.filters = filters
        self.units = units
        self.dropout_rate = dropout_rate
        self.stem = _convolution(filters, STEM_KERNEL, strides=2)
        self.norm = keras.layers.LayerNormalization()
        self.blocks = [
            ResidualBlock(filters),
            ResidualBlock(round(WIDENING * filters), strides=2),
        ]
        # As many steps as there are, always: unrolled, they take half the time.
        self.lstms = keras.layers.Bidirectional(
            keras.layers.LSTM(units, return_sequences=True, unroll=True)
        )
        self.dropout = keras.layers.Dropout(dropout_rate)
        self.head = keras.layers.Dense(num_actions)
        self.build()

    @property
    def skeleton(self):
        """The `Skeleton` of the poses."""
        return self.features.skeleton

    @property
    def num_inputs(self):
        """Width of what the convolutions see."""
        return 3 * self.features.num_channels

    def build(self):
        """Makes the weights; their sizes are those of the features."""
        frames = self.features.num_frames
        shape = (None, frames, self.num_inputs)
        for layer in (self.stem, self.norm, *self.blocks, self.lstms):
            layer.build(shape)
            if layer is not self.norm:
                shape = layer.compute_output_shape(shape)
        self.head.build((None, 2 * shape[-1]))

    def call(self, sequences, training=False):
        return self.head(self.embed(sequences, training), training=training)

    def embed(self, sequences, training=False):
        """Returns what the head classifies, float `(B, 4 * units)`.

        Args:
            sequences: Float tensor `(B, L, F + 1)`, as for a call.
            training: Whether dropout is applied.
        """
        x = self.inputs(sequences)
        x = tf.nn.gelu(self.norm(self.stem(x)))  # [B, L / 2, filters]
        for block in self.blocks:
            x = block(x)
        x = self.lstms(x)  # [B, L / 4, 2 * units]
        x = tf.concat([tf.reduce_mean(x, 1), tf.reduce_max(x, 1)], -1)
        return self.dropout(x, training=training)

    def inputs(self, sequences):
        """Returns what the convolutions see, float `(B, L, num_inputs)`."""
        sequences, tempo = sequences[..., :-1], sequences[..., -1:]
        steps = sequences[:, 1:] - sequences[:, :-1]
        steps = tf.pad(VELOCITY_SCALE * steps, [[0, 0], [0, 1], [0, 0]])
        return tf.concat([sequences, steps, steps * tf.exp(-tempo)], -1)

    def sequences(self, poses, visibility, num_frames, tempo):
        """Returns the network's sequences `(B, L, F + 1)` of clips.

        Args:
            poses: Float tensor `(B, T, J, D)`, pixels.
            visibility: Bool tensor `(B, T, J)`.
            num_frames: Int tensor `(B,)`; later frames are padding.
            tempo: Float tensor `(B,)`, how many frames of the recording are
                from one of these frames to the next.
        """
        steps = tf.cast(_visible_steps(visibility, num_frames), tf.float32)
        covered = tempo * steps + 1
        length = self.features.num_frames
        tempo = tf.math.log(covered / length)
        tempo = tf.tile(tempo[:, None, None], [1, length, 1])
        x = self.features(poses, visibility, num_frames)
        return tf.concat([x, tempo], -1)

    def classify(self, poses, visibility, num_frames):
        """Classifies and embeds whole clips.

        Probabilities are the geometric mean of those of the clip's `PARTS`,
        sharpened by `TEMPERATURE`; the embedding is the mean of what the head
        classifies of them. Joints that jump off and back, slips of a detector,
        count as missing.

        Args:
            poses: Float tensor `(B, T, J, D)`, pixels.
            visibility: Bool tensor `(B, T, J)`.
            num_frames: Int tensor `(B,)`; later frames are padding.

        Returns:
            Dict of `probabilities` `(B, C)` of the actions, and `embedding`
            `(B, 4 * units)`.
        """
        tempo = tf.ones(tf.shape(num_frames))
        poses, visibility = self._without_jumps(poses, visibility, num_frames)
        embedded, weights = [], []
        for part in _parts(visibility):
            seen = visibility & part[..., None]
            sequences = self.sequences(poses, seen, num_frames, tempo)
            embedded.append(self.embed(sequences))
            weights.append(tf.reduce_any(seen, axis=(1, 2)))
        # A part in which nobody is visible says nothing.
        weights = tf.cast(tf.stack(weights), tf.float32)[..., None]
        weights = tf.math.divide_no_nan(weights, tf.reduce_sum(weights, 0))
        scores = [tf.nn.log_softmax(self.head(x)) for x in embedded]
        mean, embedding = (
            tf.reduce_sum(weights * tf.stack(values), 0)
            for values in (scores, embedded)
        )
        return {
            "probabilities": tf.nn.softmax(mean / TEMPERATURE),
            "embedding": embedding,
        }

    def answer(self, poses, visibility, num_frames, tempo):
        """Returns the probabilities of clips as one part each.

        For a model that has seen clips of every length; see `sequences` for
        the arguments.
        """
        poses, visibility = self._without_jumps(poses, visibility, num_frames)
        sequences = self.sequences(poses, visibility, num_frames, tempo)
        return {"probabilities": tf.nn.softmax(self(sequences))}

    def _without_jumps(self, poses, visibility, num_frames):
        mask = tf.sequence_mask(num_frames, tf.shape(poses)[1])
        return jumps.without_jumps(
            poses, visibility & mask[..., None], self.skeleton, MAX_JUMP
        )

    def compute_loss(self, batch, seed, *, label_smoothing, mixup_alpha):
        """Returns the cross-entropy of mixed clips, and metrics.

        Mixup (Zhang et al., 2018, https://arxiv.org/abs/1710.09412) mixes each
        clip's sequence with that of the clip at the mirrored place in the
        batch.

        Args:
            batch: Dict of `poses`, `visibility`, `num_frames`, `tempo` and
                `action`.
            seed: Int tensor `(2,)`.
            label_smoothing: Float, probability spread over all actions.
            mixup_alpha: Float, of the Beta distribution of shares; 0 mixes
                nothing.

        Returns:
            `(loss, metrics)`: a scalar; `accuracy`, against the label that
            weighs more in the mixture.
        """
        sequences = self.sequences(
            batch["poses"],
            batch["visibility"],
            batch["num_frames"],
            batch["tempo"],
        )
        labels = tf.one_hot(batch["action"], self.num_actions)
        if mixup_alpha:
            share = losses.stateless_beta(mixup_alpha, seed)
            share = tf.maximum(share, 1 - share)
            sequences = losses.mix(sequences, share)
            labels = losses.mix(labels, share)
        logits = self(sequences, training=True)
        smooth = labels * (1 - label_smoothing)
        smooth += label_smoothing / self.num_actions
        loss = tf.reduce_mean(
            tf.nn.softmax_cross_entropy_with_logits(smooth, logits)
        )
        right = tf.argmax(logits, -1) == tf.argmax(labels, -1)
        return loss, {"accuracy": tf.reduce_mean(tf.cast(right, tf.float32))}

    def get_config(self):
        return {
            **super().get_config(),
            "features": keras.saving.serialize_keras_object(self.features),
            "num_actions": self.num_actions,
            "filters": self.filters,
            "units": self.units,
            "dropout_rate": self.dropout_rate,
        }

    @classmethod
    def from_config(cls, config):
        features = keras.saving.deserialize_keras_object(config.pop("features"))
        return cls(features, **config)


@keras.saving.register_keras_serializable("pose_tf")
class ResidualBlock(keras.layers.Layer):
    """Two convolutions over time, added to what they are given.

    Args:
        filters: Integer, channels of the result.
        strides: Integer, frames per step of the result.

    Call arguments:
        x: Float tensor `(B, T, F)`.

    Returns:
        Float tensor `(B, ceil(T / strides), filters)`.

    Example:

    >>> block = ResidualBlock(8, strides=2)
    >>> tuple(block(tf.zeros((3, 10, 4))).shape)
    (3, 5, 8)
    """

    def __init__(self, filters, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides = filters, strides
        self.first = _convolution(filters, BLOCK_KERNEL, strides)
        self.second = _convolution(filters, BLOCK_KERNEL)
        self.shortcut = _convolution(filters, 1, strides)
        self.norms = [keras.layers.LayerNormalization() for _ in range(2)]

    def build(self, input_shape):
        self.first.build(input_shape)
        self.shortcut.build(input_shape)
        inner = (None, None, self.filters)
        for layer in (self.second, *self.norms):
            layer.build(inner)

    def compute_output_shape(self, input_shape):
        return self.first.compute_output_shape(input_shape)

    def call(self, x):
        inner = tf.nn.gelu(self.norms[0](self.first(x)))
        inner = self.norms[1](self.second(inner))
        return tf.nn.gelu(inner + self.shortcut(x))

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "strides": self.strides,
        }


def _parts(visibility):
    """Yields the frames of each of `PARTS`, bool `(B, T)`.

    A clip reaches from the first to the last frame in which any joint is
    visible.
    """
    first, last = geometry.visible_span(visibility)
    first, steps = (
        tf.cast(x, tf.float32)[:, None] for x in (first, last - first)
    )
    frames = tf.cast(tf.range(tf.shape(visibility)[1]), tf.float32)[None]
    for start, end in PARTS:
        yield (frames >= tf.floor(first + start * steps)) & (
            frames <= tf.math.ceil(first + end * steps)
        )


def _visible_steps(visibility, num_frames):
    """Counts the steps from the first to the last frame with a visible joint.

    Args:
        visibility: Bool tensor `(B, T, J)`.
        num_frames: Int tensor `(B,)`; later frames are padding.

    Returns:
        Int tensor `(B,)`; 0 if nobody is visible.
    """
    mask = tf.sequence_mask(num_frames, tf.shape(visibility)[1])
    visibility &= mask[..., None]
    first, last = geometry.visible_span(visibility)
    return tf.where(tf.reduce_any(visibility, (1, 2)), last - first, 0)


def _convolution(filters, kernel_size, strides=1):
    return keras.layers.Conv1D(
        filters, kernel_size, strides, padding="same", use_bias=False
    )
