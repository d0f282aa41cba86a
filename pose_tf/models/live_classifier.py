"""Says which action is under way at each frame: causal, and soon forgetful.

Whatever is older than `LiveClassifier.reach` frames has no part in an answer,
so that a second action is named as if there had been no first one, after hours
as after seconds.
"""

import keras
import tensorflow as tf

from pose_tf.models.causal_convolutions import CausalBlock, CausalConvolution
from pose_tf.models.frame_features import FrameFeatures
from pose_tf.pose import geometry

STEM_KERNEL = 5  # Frames.
DILATIONS = (1, 2, 4, 8, 16, 32)  # Frames from one tap to the next, per block.


@keras.saving.register_keras_serializable("pose_tf")
class LiveClassifier(keras.Model):
    """Dilated causal convolutions over the features of frames.

    It is trained on recordings of several actions, with stretches of nothing
    between (`pipeline.recordings`). A stream and a whole recording give the
    same answers: both are calls with the state of the frames before.

    Args:
        skeleton: Name in `skeletons.SKELETONS`.
        num_actions: Integer, classes `C`.
        filters: Integer, channels.
        dropout_rate: Float, of channels.

    Call arguments:
        features: Float tensor `(B, T, F)`, of `FrameFeatures`.
        state: Dict of tensors, as `initial_state` returns it; what it has
            beside `layer_0`, `layer_1` ... is ignored.
        started: Bool tensor `(B, T)`, whether anybody has been visible by then.
            Frames before are to the layers what lies before a recording: 0.

    Returns:
        `(logits, state)`: `(B, T, C + 1)`, the last of which is that of none,
        and the state of the layers after the last frame.

    Raises:
        ValueError: For fewer than 2 actions.

    Example:

    >>> classifier = LiveClassifier("penn_action", 3, filters=8)
    >>> poses, visibility = tf.zeros((2, 9, 13, 2)), tf.ones((2, 9, 13), bool)
    >>> given = classifier.classify_frames(poses, visibility, tf.fill([2], 9))
    >>> tuple(given["probabilities"].shape)
    (2, 9, 3)
    """

    def __init__(
        self, skeleton, num_actions, filters=96, dropout_rate=0.2, **kwargs
    ):
        super().__init__(**kwargs)
        if num_actions < 2:
            raise ValueError(
                f"`num_actions` must be at least 2. Received: {num_actions}"
            )
        self.features = FrameFeatures(skeleton)
        self.num_actions = num_actions
        self.filters = filters
        self.dropout_rate = dropout_rate
        self.stem = CausalConvolution(filters, STEM_KERNEL)
        self.norm = keras.layers.LayerNormalization()
        self.blocks = [
            CausalBlock(filters, dilation, dropout_rate)
            for dilation in DILATIONS
        ]
        self.last_norm = keras.layers.LayerNormalization()
        self.dropout = keras.layers.SpatialDropout1D(dropout_rate)
        self.head = keras.layers.Dense(num_actions + 1)
        self.build()

    @property
    def skeleton(self):
        """The `Skeleton` of the poses."""
        return self.features.skeleton

    @property
    def reach(self) -> int:
        """Frames before a frame that have a part in its answer."""
        return self.features.reach + sum(x.reach for x in self._convolutions())

    def build(self):
        """Makes the weights."""
        self.stem.build((None, None, self.features.num_features))
        inner = (None, None, self.filters)
        for layer in (self.norm, *self.blocks, self.last_norm, self.head):
            layer.build(inner)

    def call(self, features, state, started, training=False):
        after = {}
        counts = tf.cast(started, features.dtype)[..., None]
        x = counts * features
        x, after["layer_0"] = self.stem(x, state["layer_0"])
        x = counts * tf.nn.gelu(self.norm(x))
        for number, block in enumerate(self.blocks, 1):
            name = f"layer_{number}"
            x, after[name] = block(x, state[name], training=training)
            x = counts * x
        x = self.dropout(self.last_norm(x), training=training)
        return self.head(x), after

    def initial_state(self, batch_size):
        """Returns the state before the first frame, a dict of `(B, ...)`."""
        widths = [self.features.num_features]
        widths += [self.filters] * len(self.blocks)
        layers = {
            f"layer_{number}": tf.zeros((batch_size, layer.reach, width))
            for number, (layer, width) in enumerate(
                zip(self._convolutions(), widths, strict=True)
            )
        }
        started = tf.zeros((batch_size,), tf.bool)
        features = self.features.initial_state(batch_size)
        return {"started": started, **features, **layers}

    def advance(self, poses, visibility, state, training=False):
        """Takes the next frames of recordings.

        Nothing counts before the first frame in which a joint is visible.

        Args:
            poses: Float tensor `(B, T, J, D)`, pixels.
            visibility: Bool tensor `(B, T, J)`.
            state: From `initial_state` or the last call.
            training: Whether dropout is applied.

        Returns:
            `(logits, state)`: `(B, T, C + 1)`, the last one of none.
        """
        features, of_features = self.features(poses, visibility, state)
        started = geometry.ever_visible(visibility, state["started"])
        logits, of_layers = self(features, state, started, training=training)
        return logits, {"started": started[:, -1], **of_features, **of_layers}

    def classify_frames(self, poses, visibility, num_frames):
        """Returns the probabilities of the action under way at each frame.

        What they lack to a sum of 1 is the probability of none.

        Args:
            poses: Float tensor `(B, T, J, D)`, pixels.
            visibility: Bool tensor `(B, T, J)`.
            num_frames: Int tensor `(B,)`; later frames are padding.

        Returns:
            Dict of `probabilities` `(B, T, C)`; NaN before the first frame in
            which a joint is visible, and in padding.
        """
        state = self.initial_state(tf.shape(poses)[0])
        logits, _ = self.advance(poses, visibility, state)
        usable = geometry.ever_visible(visibility)
        usable &= tf.sequence_mask(num_frames, tf.shape(poses)[1])
        probabilities = tf.nn.softmax(logits)[..., :-1]
        return {
            "probabilities": tf.where(
                usable[..., None], probabilities, float("nan")
            )
        }

    def stream_state(self, batch_size):
        """Returns the state of a stream before its first frame."""
        return self.initial_state(batch_size)

    def stream_started(self, state):
        """Returns whether anybody has been visible in a stream: bool `(B,)`."""
        return state["started"]

    def stream_step(self, pose, visibility, state):
        """Takes one more frame of a stream.

        Args:
            pose: Float tensor `(B, J, D)`, pixels.
            visibility: Bool tensor `(B, J)`.
            state: From `stream_state` or the last step.

        Returns:
            Dict of `probabilities` `(B, C)` of the action under way, as of
            `classify_frames`, and the next state's tensors.
        """
        logits, after = self.advance(pose[:, None], visibility[:, None], state)
        return {"probabilities": tf.nn.softmax(logits)[:, 0, :-1], **after}

    def compute_loss(self, batch, seed, *, label_smoothing):
        """Returns the cross-entropy of the frames that count, and metrics.

        Args:
            batch: Dict of `poses`, `visibility` and `labels` `(B, T)`: the
                index of an action, -1 for none, less where a frame does not
                count.
            seed: Int tensor `(2,)`; there is nothing to draw.
            label_smoothing: Float, probability spread over all classes.

        Returns:
            `(loss, metrics)`: a scalar, and the `accuracy` of frames.
        """
        del seed
        state = self.initial_state(tf.shape(batch["poses"])[0])
        logits, _ = self.advance(
            batch["poses"], batch["visibility"], state, training=True
        )
        num_classes = self.num_actions + 1
        classes = tf.where(
            batch["labels"] >= 0, batch["labels"], num_classes - 1
        )
        smooth = tf.one_hot(classes, num_classes) * (1 - label_smoothing)
        each = tf.nn.softmax_cross_entropy_with_logits(
            smooth + label_smoothing / num_classes, logits
        )
        counts = tf.cast(batch["labels"] >= -1, tf.float32)
        right = tf.argmax(logits, -1, tf.int32) == classes
        right = tf.cast(right, tf.float32)
        loss, accuracy = (
            tf.math.divide_no_nan(
                tf.reduce_sum(values * counts), tf.reduce_sum(counts)
            )
            for values in (each, right)
        )
        return loss, {"accuracy": accuracy}

    def _convolutions(self):
        return [self.stem, *(block.convolution for block in self.blocks)]

    def get_config(self):
        return {
            **super().get_config(),
            "skeleton": self.skeleton.name,
            "num_actions": self.num_actions,
            "filters": self.filters,
            "dropout_rate": self.dropout_rate,
        }
