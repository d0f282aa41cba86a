"""Classifies what has been seen of a clip so far: streams, and early."""

import keras
import tensorflow as tf

from pose_tf.models.clip_classifier import ClipClassifier
from pose_tf.pose import geometry

# Frames of a stream that are remembered. When they are full, every second one
# is forgotten, and from then on every second frame is remembered, and so on.
MEMORY = 128
MAX_HALVINGS = 20  # Enough for 51 days at 30 frames per second.


@keras.saving.register_keras_serializable("pose_tf")
class StreamClassifier(ClipClassifier):
    """A `ClipClassifier` of the frames up to now, trained on parts of clips.

    It takes streams: the state holds `MEMORY` frames at most, whatever the
    length of the stream, spread evenly over it, and each step classifies these
    as a clip. A whole clip is classified as the last step of its stream is.

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
        frames, num_kept = _remembered(num_frames)
        frames = tf.minimum(frames + first[:, None], tf.shape(poses)[1] - 1)
        return self._of_memory(
            tf.gather(poses, frames, batch_dims=1),
            tf.gather(visibility, frames, batch_dims=1),
            num_kept,
            num_frames,
        )

    def _of_memory(self, poses, visibility, num_kept, num_frames):
        tempo = tf.cast((num_frames - 1) / (num_kept - 1), tf.float32)
        tempo = tf.where(num_kept > 1, tempo, 1.0)
        return self.answer(poses, visibility, num_kept, tempo)

    def stream_state(self, batch_size):
        """Returns the state of a stream before its first frame."""
        joints = self.skeleton.num_joints
        shape = (batch_size, MEMORY, joints)
        return {
            "poses": tf.zeros((*shape, self.skeleton.num_coordinates)),
            "visible": tf.zeros(shape, tf.bool),
            "count": tf.zeros((batch_size,), tf.int32),
        }

    def stream_started(self, state):
        """Returns whether anybody has been visible in a stream: bool `(B,)`."""
        return state["count"] > 0

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
        before = state["count"]
        started = (before > 0) | tf.reduce_any(visibility, -1)
        count = before + tf.cast(started, tf.int32)
        stride = _stride(count)
        halved = stride > _stride(before)
        number = tf.maximum(count - 1, 0)  # Of this frame, from 0.
        place = number // stride
        kept = started & (number % stride == 0)
        now = {"poses": pose, "visible": visibility}
        memory, seen = {}, {}
        for name, value in now.items():
            held = _choose(halved, _every_second(state[name]), state[name])
            memory[name] = _put(held, place, kept, value)
            more = tf.zeros_like(held[:, :1])
            last = place + tf.cast(~kept, tf.int32)
            seen[name] = _put(
                tf.concat([memory[name], more], 1), last, started, value
            )
        given = self._of_memory(
            seen["poses"], seen["visible"], last + 1, tf.maximum(count, 1)
        )
        return {**given, **memory, "count": count}


def _stride(num_frames):
    """Returns between which frames one is remembered, a power of 2, `(B,)`."""
    limits = MEMORY * 2 ** tf.range(MAX_HALVINGS)
    beyond = tf.cast(num_frames[:, None] > limits, tf.int32)
    return 2 ** tf.reduce_sum(beyond, 1)


def _remembered(num_frames):
    """Returns which frames of clips a stream remembers, and the last one.

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


def _every_second(values):
    """Returns every second of `(B, MEMORY, ...)`, then zeros."""
    half = values[:, ::2]
    return tf.concat([half, tf.zeros_like(half)], 1)


def _choose(chosen, value, other):
    """Rows of `value` `(B, ...)` where `chosen` `(B,)`, else of `other`."""
    chosen = tf.reshape(chosen, [-1] + [1] * (value.shape.rank - 1))
    return tf.where(chosen, value, other)


def _put(values, place, chosen, value):
    """Puts `value` `(B, ...)` at a place `(B,)` of `(B, N, ...)`, if chosen."""
    here = tf.range(tf.shape(values)[1])[None] == place[:, None]
    here &= chosen[:, None]
    here = tf.reshape(
        here, tf.concat([tf.shape(here), [1] * (values.shape.rank - 2)], 0)
    )
    return tf.where(here, value[:, None], values)
