"""What a model of frames sees of a recording: causal, and soon forgotten."""

import keras
import numpy as np
import tensorflow as tf

from pose_tf.pose import geometry, skeletons

# Frames for which a joint that is not seen any more keeps its last place.
MAX_AGE = 30
AGE_SCALE = 5.0  # Frames in which the trust in such a place falls by e.
# Frames whose mean is the scale and the usual place, the weights of which fall by
# e in `MEAN_SCALE`.
MEAN_FRAMES, MEAN_SCALE = 96, 30.0
# A torso that points at the camera looks short; it counts for no less than
# this share of the spread of the joints.
MIN_TORSO_SHARE = 0.25
# Without a torso the spread stands in for it, at a weight that hardly matters
# beside any torso.
TORSO_PER_SPREAD, SPREAD_WEIGHT = 0.8, 0.02
MIN_SCALE = 1e-6
VELOCITY_SCALE = 8.0  # Brings steps to about the size of the poses.
MAX_FEATURE = 10.0


@keras.saving.register_keras_serializable("pose_tf")
class FrameFeatures(keras.layers.Layer):
    """Turns frames into root-centred poses, their steps, and the root's.

    Each frame depends on itself and on at most `reach` frames before it; what
    is older is forgotten. A joint that is not visible keeps its last place for
    `MAX_AGE` frames, then takes that of the joint of the other side, or the
    root's. The root is the mean of the known joints of the skeleton's root, or
    else of all that are known; the scale is a moving mean of the torso's length.
    So neither a walk across the picture nor towards the camera matters for long.

    Args:
        skeleton: Name in `skeletons.SKELETONS`.

    Call arguments:
        poses: Float tensor `(B, T, J, D)`, in any unit; NaN where a joint is
            missing.
        visibility: Bool tensor `(B, T, J)`.
        state: Dict of tensors from the call on the frames before, or from
            `initial_state`.

    Returns:
        `(features, state)`: `(B, T, F)`, and the state after the last frame.
        The features are the pose, its steps, the root's step, its way from
        its mean, all in torso lengths, and how fresh each joint is, 0 to 1.

    Example:

    >>> features = FrameFeatures("penn_action")
    >>> poses, visibility = tf.zeros((2, 9, 13, 2)), tf.ones((2, 9, 13), bool)
    >>> given, state = features(poses, visibility, features.initial_state(2))
    >>> tuple(given.shape) == (2, 9, features.num_features)
    True
    """

    # Frames that matter beside the one in question.
    reach = MAX_AGE + MEAN_FRAMES - 1

    def __init__(self, skeleton, **kwargs):
        super().__init__(**kwargs)
        self.skeleton = skeletons.get(skeleton)

    @property
    def num_features(self) -> int:
        """Width `F` of the features."""
        joints = self.skeleton.num_joints
        return 2 * (joints + 1) * self.skeleton.num_coordinates + joints

    def build(self, *shapes):
        """Builds nothing: there are no weights."""

    def initial_state(self, batch_size):
        """Returns the state before the first frame, a dict of `(B, ...)`."""
        joints = self.skeleton.num_joints
        coordinates = self.skeleton.num_coordinates
        before = MEAN_FRAMES - 1
        return {
            "places": tf.zeros((batch_size, joints, coordinates)),
            "ages": tf.fill((batch_size, joints), MAX_AGE + 1),
            "sizes": tf.zeros((batch_size, before, 2)),
            "roots": tf.zeros((batch_size, before, coordinates + 1)),
        }

    def call(self, poses, visibility, state):
        places, ages = _last_places(poses, visibility, state)
        # The frame before comes along, for steps; all below is [B, 1 + T, ...].
        places = tf.concat([state["places"][:, None], places], 1)
        ages = tf.concat([state["ages"][:, None], ages], 1)
        known = ages <= MAX_AGE
        root, has_root = self._root(places, known)
        arms = tf.where(known[..., None], places - root[..., None, :], 0.0)
        size, sizes = _moving_mean(
            state["sizes"], *self._size(places[:, 1:], known[:, 1:])
        )
        size = tf.where(size > MIN_SCALE, size, 1.0)  # [B, T, 1]
        mean, roots = _moving_mean(
            state["roots"], root[:, 1:], tf.cast(has_root[:, 1:], root.dtype)
        )
        both = known[:, 1:] & known[:, :-1]
        steps = tf.where(both[..., None], arms[:, 1:] - arms[:, :-1], 0.0)
        moved = has_root[:, 1:] & has_root[:, :-1]
        path = tf.where(moved[..., None], root[:, 1:] - root[:, :-1], 0.0)
        way = tf.where(has_root[:, 1:, None], root[:, 1:] - mean, 0.0)
        lengths = [
            _flat(self._complete(arms, known)[:, 1:]),
            VELOCITY_SCALE * _flat(steps),
            VELOCITY_SCALE * path,
            way,
        ]
        fresh = tf.exp(-tf.cast(ages[:, 1:], root.dtype) / AGE_SCALE)
        features = tf.concat([tf.concat(lengths, -1) / size, fresh], -1)
        features = tf.clip_by_value(features, -MAX_FEATURE, MAX_FEATURE)
        return features, {
            "places": places[:, -1],
            "ages": ages[:, -1],
            "sizes": sizes,
            "roots": roots,
        }

    def _root(self, places, known):
        """Returns roots `(B, T, D)`, and which are known, bool `(B, T)`."""
        weights = tf.cast(known, places.dtype)
        is_root = tf.constant(
            [name in self.skeleton.root for name in self.skeleton.joints]
        )
        of_root = tf.where(is_root, weights, 0.0)
        has_any = tf.reduce_any(of_root > 0, -1, keepdims=True)
        return geometry.weighted_mean(
            places, tf.where(has_any, of_root, weights)
        )

    def _size(self, places, known):
        """Returns sizes `(B, T, 1)`, like torso lengths, and weights `(B, T)`."""
        torso, has_torso = geometry.torso_length(places, known, self.skeleton)
        spread = geometry.spread(places, known)
        size = tf.where(
            has_torso,
            tf.maximum(torso, MIN_TORSO_SHARE * spread),
            TORSO_PER_SPREAD * spread,
        )
        weights = tf.where(has_torso, 1.0, SPREAD_WEIGHT)
        return size[..., None], tf.where(spread > 0, weights, 0.0)

    def _complete(self, arms, known):
        """Puts joints that are not known where the other side's are."""
        order = self.skeleton.mirror_indices
        other = tf.gather(arms, order, axis=2)  # Zero where not known.
        return tf.where(known[..., None], arms, other)

    def get_config(self):
        return {**super().get_config(), "skeleton": self.skeleton.name}


def _last_places(poses, visibility, state):
    """Returns where joints were last seen, and how many frames ago.

    Returns:
        `(places, ages)`: `(B, T, J, D)` and int32 `(B, T, J)`, `MAX_AGE + 1`
        for all that is older, whose places are 0.
    """
    places, _ = geometry.fill_forward(
        tf.where(visibility[..., None], poses, 0.0),
        visibility,
        state["places"],
        tf.ones_like(state["ages"], tf.bool),
    )
    last = geometry.latest(visibility)
    frames = tf.range(tf.shape(poses)[1])[None, :, None]
    before = state["ages"][:, None] + 1 + frames
    ages = tf.where(last < 0, before, frames - last)
    ages = tf.minimum(ages, MAX_AGE + 1)
    return tf.where((ages <= MAX_AGE)[..., None], places, 0.0), ages


def _moving_mean(history, values, weights):
    """Returns weighted means over the last frames, later ones weighing more.

    Args:
        history: Float tensor `(B, MEAN_FRAMES - 1, C + 1)`, from earlier calls.
        values: Float tensor `(B, T, C)`.
        weights: Float tensor `(B, T)`, not negative.

    Returns:
        `(means, history)`: `(B, T, C)`, 0 where no frame has weight.
    """
    weights = weights[..., None]
    frames = tf.concat([weights * values, weights], -1)
    frames = tf.concat([history, frames], 1)
    ages = np.arange(MEAN_FRAMES)[::-1]
    kernel = tf.constant(np.exp(-ages / MEAN_SCALE), frames.dtype)
    channels = frames.shape[-1]
    kernel = tf.tile(kernel[:, None, None, None], [1, 1, channels, 1])
    sums = tf.nn.depthwise_conv2d(
        frames[:, :, None], kernel, [1, 1, 1, 1], "VALID"
    )[:, :, 0]
    means = tf.math.divide_no_nan(sums[..., :-1], sums[..., -1:])
    return means, frames[:, -(MEAN_FRAMES - 1) :]


def _flat(values):
    """Returns `(B, T, J * D)` of `(B, T, J, D)`."""
    return tf.reshape(
        values,
        tf.concat(
            [tf.shape(values)[:2], [values.shape[2] * values.shape[3]]], 0
        ),
    )
