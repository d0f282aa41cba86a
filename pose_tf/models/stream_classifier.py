"""Classifies beginnings of clips, and what is under way in streams."""

import keras
import tensorflow as tf

from pose_tf.models.clip_classifier import ClipClassifier
from pose_tf.models.live_classifier import LiveClassifier
from pose_tf.pose import geometry

# Frames of a clip that are looked at. Of a longer clip that is every second
# one, of one that is longer than twice as much every fourth, and so on.
MEMORY = 128
MAX_HALVINGS = 20  # Enough for 51 days at 30 frames per second.


@keras.saving.register_keras_serializable("pose_tf")
class StreamClassifier(ClipClassifier):
    """A `ClipClassifier` trained on parts of clips, with a part for streams.

    `classify` takes clips that may have only begun: it looks at `MEMORY` frames
    at most, spread evenly over the clip. The part `live`, a `LiveClassifier`,
    says which action is under way at each frame of a recording or of a stream.
    The two share nothing and are trained one after the other.

    The arguments are those of `ClipClassifier`.

    Example:

    >>> from pose_tf.models import MotionFeatures, StreamClassifier
    >>> features = MotionFeatures("penn_action", num_frames=16)
    >>> classifier = StreamClassifier(features, 3, filters=8, units=8)
    >>> state = classifier.stream_state(4)
    >>> pose, seen = tf.random.normal((4, 13, 2)), tf.ones((4, 13), tf.bool)
    >>> given = classifier.stream_step(pose, seen, state)
    >>> tuple(given["probabilities"].shape)
    (4, 3)
    """

    live: LiveClassifier

    def build(self):
        super().build()
        self.live = LiveClassifier(self.skeleton.name, self.num_actions)

    def classify(self, poses, visibility, num_frames):
        """Returns the probabilities of the actions of clips.

        Frames before the first one in which a joint is visible do not count.

        Args:
            poses: Float tensor `(B, T, J, D)`, pixels.
            visibility: Bool tensor `(B, T, J)`.
            num_frames: Int tensor `(B,)`; later frames are padding.

        Returns:
            Dict of `probabilities` `(B, C)`.
        """
        started = geometry.ever_visible(visibility)
        first = tf.reduce_sum(tf.cast(~started, tf.int32), 1)
        num_frames = tf.maximum(num_frames - first, 1)
        frames, num_kept = _spread(num_frames)
        frames = tf.minimum(frames + first[:, None], tf.shape(poses)[1] - 1)
        return self._of_frames(
            tf.gather(poses, frames, batch_dims=1),
            tf.gather(visibility, frames, batch_dims=1),
            num_kept,
            num_frames,
        )

    def _of_frames(self, poses, visibility, num_kept, num_frames):
        tempo = tf.cast((num_frames - 1) / (num_kept - 1), tf.float32)
        tempo = tf.where(num_kept > 1, tempo, 1.0)
        return self.answer(poses, visibility, num_kept, tempo)

    def classify_frames(self, poses, visibility, num_frames):
        """Returns what is under way; see `LiveClassifier.classify_frames`."""
        return self.live.classify_frames(poses, visibility, num_frames)

    def stream_state(self, batch_size):
        """Returns the state of a stream before its first frame."""
        return self.live.stream_state(batch_size)

    def stream_started(self, state):
        """Returns whether anybody has been visible in a stream: bool `(B,)`."""
        return self.live.stream_started(state)

    def stream_step(self, pose, visibility, state):
        """Takes one more frame; see `LiveClassifier.stream_step`."""
        return self.live.stream_step(pose, visibility, state)


def _stride(num_frames):
    """Returns of how many frames one is looked at, a power of 2, `(B,)`."""
    limits = MEMORY * 2 ** tf.range(MAX_HALVINGS)
    beyond = tf.cast(num_frames[:, None] > limits, tf.int32)
    return 2 ** tf.reduce_sum(beyond, 1)


def _spread(num_frames):
    """Returns which frames of clips are looked at, and the last one.

    Args:
        num_frames: Int tensor `(B,)`, at least 1.

    Returns:
        `(frames, num_kept)`: `(B, MEMORY + 1)`, of which the first `num_kept`
        `(B,)` count.
    """
    stride, last = _stride(num_frames), num_frames - 1
    frames = tf.range(MEMORY + 1)[None] * stride[:, None]
    num_kept = -(-last // stride) + 1
    return tf.minimum(frames, last[:, None]), num_kept
