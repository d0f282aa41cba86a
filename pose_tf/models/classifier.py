"""Classifies the action of a clip, frame by frame as it is seen.

Every layer is causal: what the model says after frame t depends on frames up
to t alone, so that a stream and a whole clip give the same probabilities.
"""

import keras
import tensorflow as tf

from pose_tf.models import losses, rollouts
from pose_tf.models.features import PoseFeatures
from pose_tf.models.stacked_lstm import StackedLSTMCell
from pose_tf.pose import geometry


@keras.saving.register_keras_serializable("pose_tf")
class ActionClassifier(keras.Model):
    """Convolutions and LSTMs over pose features, averaged over time.

    Args:
        features: A `PoseFeatures` layer: raw pixels to features.
        num_actions: Integer, classes `C`.
        filters: Integer, channels of each causal convolution.
        num_convs: Integer, how many.
        units: Integer, units of each LSTM.
        num_lstms: Integer, how many.
        dropout_rate: Float, before and after each LSTM.
        kernel_size: Integer, frames that each convolution sees.

    Call arguments:
        features: Float tensor `(B, T, F)`, from the `features` layer.
        state: Dict of tensors from an earlier call, or None at the start.
        started: Bool tensor `(B, T)`, whether anybody has been visible up to
            each frame; earlier frames leave the state as it was. None if
            somebody is visible in the first one.

    Returns:
        `(logits, state)`: `(B, T, C)`, what is known after each frame, and
        the state after the last frame.

    Example:

    >>> from pose_tf.models import ActionClassifier, PoseFeatures
    >>> from pose_tf.pose.transform import PoseTransform
    >>> features = PoseFeatures(PoseTransform("penn_action"))
    >>> classifier = ActionClassifier(features, 3, filters=8, units=8)
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
        filters=128,
        num_convs=2,
        units=128,
        num_lstms=2,
        dropout_rate=0.3,
        kernel_size=5,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if num_actions < 2:
            raise ValueError(
                f"`num_actions` must be at least 2. Received: {num_actions}"
            )
        self.features: PoseFeatures = features
        self.num_actions = num_actions
        self.filters = filters
        self.num_convs = num_convs
        self.units = units
        self.num_lstms = num_lstms
        self.dropout_rate = dropout_rate
        self.kernel_size = kernel_size
        self.convs = [
            keras.layers.Conv1D(filters, kernel_size, use_bias=False)
            for _ in range(num_convs)
        ]
        self.norms = [keras.layers.LayerNormalization() for _ in self.convs]
        self.lstms = keras.layers.RNN(
            StackedLSTMCell(units, num_lstms),
            return_sequences=True,
            return_state=True,
        )
        self.dropouts = [keras.layers.Dropout(dropout_rate) for _ in range(3)]
        self.head = keras.layers.Dense(num_actions)
        self.build()

    @property
    def skeleton(self):
        """The `Skeleton` of the poses."""
        return self.features.transform.skeleton

    def build(self):
        """Makes the weights; their sizes are those of the features."""
        width = self.features.num_features
        for conv, norm in zip(self.convs, self.norms, strict=True):
            conv.build((None, None, width))
            width = self.filters
            norm.build((None, None, width))
        self.lstms.build((None, None, width))
        self.head.build((None, None, 2 * self.units))

    def initial_state(self, batch_size):
        """Returns the state before the first frame: tensors `(B, ...)`."""
        state = {}
        width = self.features.num_features
        for i in range(self.num_convs):
            shape = (batch_size, self.kernel_size - 1, width)
            state[f"conv_{i}"] = tf.zeros(shape)
            width = self.filters
        for i in range(self.num_lstms):
            state[f"lstm_{i}_h"] = tf.zeros((batch_size, self.units))
            state[f"lstm_{i}_c"] = tf.zeros((batch_size, self.units))
        state["sum"] = tf.zeros((batch_size, self.units))
        state["count"] = tf.zeros((batch_size, 1))
        return state

    def call(self, features, state=None, training=False, started=None):
        if state is None:
            state = self.initial_state(tf.shape(features)[0])
        if started is None:
            started = tf.ones(tf.shape(features)[:2], tf.bool)
        x, after = features, {}
        for i, (conv, norm) in enumerate(
            zip(self.convs, self.norms, strict=True)
        ):
            # Zeros, as in the initial state, are before the first frame.
            x = tf.where(started[..., None], x, 0.0)
            x = tf.concat([state[f"conv_{i}"], x], axis=1)
            after[f"conv_{i}"] = x[:, 1 - self.kernel_size :]
            x = tf.nn.gelu(norm(conv(x)))
        before, between, behind = self.dropouts
        x = before(x, training=training)
        if training and self.dropout_rate and self.num_lstms > 1:
            width = (self.num_lstms - 1) * self.units
            noise = tf.ones(tf.concat([tf.shape(x)[:2], [width]], 0))
            x = tf.concat([x, between(noise, training=True)], axis=-1)
        names = [f"lstm_{i}_{p}" for i in range(self.num_lstms) for p in "hc"]
        x, *end = self.lstms(
            x, initial_state=[state[name] for name in names], mask=started
        )
        after |= dict(zip(names, end, strict=True))
        x = tf.where(started[..., None], behind(x, training=training), 0.0)
        # The head takes each output and the mean of all so far. It comes before
        # the sum over frames, which then has `C` numbers a frame.
        of_output, of_mean = tf.split(self.head.kernel.value, 2)
        both = tf.tensordot(x, tf.concat([of_output, of_mean], axis=1), 1)
        output, summed = tf.split(both, 2, axis=-1)
        summed = (state["sum"] @ of_mean)[:, None] + tf.cumsum(summed, axis=1)
        steps = tf.cumsum(tf.cast(started, x.dtype), axis=1)
        count = state["count"][:, None] + steps[..., None]
        mean = tf.math.divide_no_nan(summed, count)
        logits = output + mean + self.head.bias.value
        after["sum"] = state["sum"] + tf.reduce_sum(x, axis=1)
        after["count"] = count[:, -1]
        return logits, after

    def classify(self, poses, visibility, num_frames):
        """Returns the probabilities of the actions of whole clips.

        Frames before the first one in which a joint is visible do not count.

        Args:
            poses: Float tensor `(B, T, J, D)`, pixels.
            visibility: Bool tensor `(B, T, J)`.
            num_frames: Int tensor `(B,)`; later frames are padding.

        Returns:
            Dict of `probabilities` `(B, C)`.
        """
        features, _ = self.features(poses, visibility)
        logits, _ = self(features, started=geometry.ever_visible(visibility))
        return {
            "probabilities": tf.nn.softmax(at_last_frame(logits, num_frames))
        }

    def stream_state(self, batch_size):
        """Returns the state of a stream before its first frame."""
        features = self.features.transform.initial_state(batch_size)
        return {
            **self.initial_state(batch_size),
            **rollouts.with_prefix(features),
        }

    def stream_started(self, state):
        """Returns whether anybody has been visible in a stream: bool `(B,)`."""
        return state["count"][:, 0] > 0

    def stream_step(self, pose, visibility, state):
        """Takes one more frame of a stream.

        Nothing counts before the first frame in which a joint is visible.

        Args:
            pose: Float tensor `(B, J, D)`, pixels.
            visibility: Bool tensor `(B, J)`.
            state: From `stream_state` or the last step.

        Returns:
            Dict of `probabilities` `(B, C)` and the next state's tensors.
        """
        features, after = self.features(
            pose[:, None], visibility[:, None], rollouts.without_prefix(state)
        )
        started = geometry.ever_visible(
            visibility[:, None], self.stream_started(state)
        )
        logits, state = self(features, state, started=started)
        return {
            "probabilities": tf.nn.softmax(logits[:, 0]),
            **state,
            **rollouts.with_prefix(after),
        }

    def compute_loss(
        self, batch, seed, *, label_smoothing, mixup_alpha, frame_loss_weight
    ):
        """Returns the cross-entropy of mixed clips, and metrics.

        It is that after the last frame and the mean over all. Mixup (Zhang et
        al., 2018, https://arxiv.org/abs/1710.09412) mixes the features of each
        clip with those of its mirror image in the batch's order.

        Args:
            batch: Dict of `poses`, `visibility`, `num_frames` and `action`.
            seed: Int tensor `(2,)`.
            label_smoothing: Float, probability spread over all actions.
            mixup_alpha: Float, of the Beta distribution of shares; 0 mixes
                nothing.
            frame_loss_weight: Float, weight of the mean over all frames.

        Returns:
            `(loss, metrics)`: a scalar; `accuracy` after the last frame,
            against the label that weighs more in the mixture.
        """
        features, _ = self.features(batch["poses"], batch["visibility"])
        labels = tf.one_hot(batch["action"], self.num_actions)
        num_frames = batch["num_frames"]
        started = geometry.ever_visible(batch["visibility"])
        if mixup_alpha:
            share = losses.stateless_beta(mixup_alpha, seed)
            share = tf.maximum(share, 1 - share)
            features = losses.mix(features, share)
            labels = losses.mix(labels, share)
            num_frames = tf.maximum(num_frames, tf.reverse(num_frames, [0]))
            started |= tf.reverse(started, [0])
        logits, _ = self(features, training=True, started=started)
        smooth = labels * (1 - label_smoothing)
        smooth += label_smoothing / self.num_actions
        each = tf.nn.softmax_cross_entropy_with_logits(
            tf.repeat(smooth[:, None], tf.shape(logits)[1], axis=1), logits
        )
        mask = tf.sequence_mask(num_frames, tf.shape(logits)[1], each.dtype)
        mean = tf.reduce_sum(each * mask, 1) / tf.reduce_sum(mask, 1)
        last = at_last_frame(logits, num_frames)
        final = tf.nn.softmax_cross_entropy_with_logits(smooth, last)
        loss = tf.reduce_mean(
            (1 - frame_loss_weight) * final + frame_loss_weight * mean
        )
        right = tf.argmax(last, -1) == tf.argmax(labels, -1)
        return loss, {"accuracy": tf.reduce_mean(tf.cast(right, tf.float32))}

    def get_config(self):
        return {
            **super().get_config(),
            "features": keras.saving.serialize_keras_object(self.features),
            "num_actions": self.num_actions,
            "filters": self.filters,
            "num_convs": self.num_convs,
            "units": self.units,
            "num_lstms": self.num_lstms,
            "dropout_rate": self.dropout_rate,
            "kernel_size": self.kernel_size,
        }

    @classmethod
    def from_config(cls, config):
        features = keras.saving.deserialize_keras_object(config.pop("features"))
        return cls(features, **config)


def at_last_frame(logits, num_frames):
    """Returns rows `(B, C)` of `(B, T, C)` at each clip's last frame."""
    last = tf.clip_by_value(num_frames - 1, 0, tf.shape(logits)[1] - 1)
    return tf.gather(logits, last, axis=1, batch_dims=1)
