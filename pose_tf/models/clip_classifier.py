"""Classifies the action of a whole clip, looking both ways in time."""

import keras
import tensorflow as tf

from pose_tf.models import jumps, losses
from pose_tf.models.clip_network import ClipNetwork
from pose_tf.pose import geometry

# Torso lengths from the median around a frame. With 1.5 as for files, a clip
# of the validation split by a moderate detector is classified as well, one by
# a strongly disturbed one less often (80 instead of 89 %); 0.4 is too little.
MAX_JUMP = 0.75
# Parts of a clip, as shares of it, that are classified and averaged: the fewer
# repetitions of a movement a part has, the more it is like training clips.
PARTS = ((0, 1), (0, 2 / 3), (1 / 3, 1))
# Divides the average: training with mixed clips and smoothed labels leaves
# probabilities too close to each other. Chosen with the parts on training clips
# that were left out of training.
TEMPERATURE = 0.5


@keras.saving.register_keras_serializable("pose_tf")
class ClipClassifier(ClipNetwork):
    """Residual convolutions and an LSTM each way, pooled over time.

    It is trained on nearly whole clips; for streams, and for clips that have
    only begun, there is `StreamClassifier`.

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
        if num_actions < 2:
            raise ValueError(
                f"`num_actions` must be at least 2. Received: {num_actions}"
            )
        super().__init__(
            features, num_actions, filters, units, dropout_rate, **kwargs
        )

    @property
    def num_actions(self):
        """How many actions there are, `C`."""
        return self.num_outputs

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
        poses, visibility = self.without_jumps(poses, visibility, num_frames)
        mean, embedding = self.of_parts(
            *self.parts(poses, visibility, num_frames)
        )
        return {
            "probabilities": tf.nn.softmax(mean / TEMPERATURE),
            "embedding": embedding,
        }

    def parts(self, poses, visibility, num_frames):
        """Returns the sequences of the `PARTS` of clips, and their weights.

        Returns:
            `(sequences, weights)`: a list of float tensors `(B, L, F + 1)`, and
            a float tensor `(len(PARTS), B, 1)` of sums of 1 over the parts, or
            of 0 if nobody is visible.
        """
        tempo = tf.ones(tf.shape(num_frames))
        sequences, weights = [], []
        for part in _parts(visibility):
            seen = visibility & part[..., None]
            sequences.append(self.sequences(poses, seen, num_frames, tempo))
            weights.append(tf.reduce_any(seen, axis=(1, 2)))
        # A part in which nobody is visible says nothing.
        weights = tf.cast(tf.stack(weights), tf.float32)[..., None]
        return sequences, tf.math.divide_no_nan(
            weights, tf.reduce_sum(weights, 0)
        )

    def of_parts(self, sequences, weights):
        """Returns the mean of what the network makes of the parts of clips.

        Args:
            sequences, weights: What `parts` gives.

        Returns:
            `(scores, embedding)`: logarithms of probabilities `(B, C)`, which
            need not sum to 1, and what the head classifies, `(B, 4 * units)`.
        """
        embedded = [self.embed(x) for x in sequences]
        scores = [tf.nn.log_softmax(self.head(x)) for x in embedded]
        return tuple(
            tf.reduce_sum(weights * tf.stack(values), 0)
            for values in (scores, embedded)
        )

    def answer(self, poses, visibility, num_frames, tempo):
        """Returns the probabilities of clips as one part each.

        For a model that has seen clips of every length; see `sequences` for
        the arguments.
        """
        poses, visibility = self.without_jumps(poses, visibility, num_frames)
        sequences = self.sequences(poses, visibility, num_frames, tempo)
        return {"probabilities": tf.nn.softmax(self(sequences))}

    def without_jumps(self, poses, visibility, num_frames):
        """Returns clips in which joints that jump off and back are missing."""
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
        config = super().get_config()
        config["num_actions"] = config.pop("num_outputs")
        return config


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
