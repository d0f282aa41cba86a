"""Whole clips of any length as sequences of one length, gaps filled."""

import keras
import tensorflow as tf

from pose_tf.pose import geometry, skeletons

# A torso that points at the camera looks short; the scale never falls below
# this share of the spread of the joints, nor below this many pixels.
MIN_TORSO_SHARE = 0.25
MIN_SCALE = 1e-6


@keras.saving.register_keras_serializable("pose_tf")
class MotionFeatures(keras.layers.Layer):
    """Turns clips into sequences of root-centred poses and the root's path.

    A clip reaches from the first to the last frame in which a joint is
    visible, and is resampled linearly to `num_frames` frames. Joints that are
    missing in some frames are interpolated in time; those that are missing in
    all frames take the place of the joint of the other side or, if that is
    missing as well, of the root. The root is the mean of the skeleton's root
    joints or, if those are missing in all frames, of the joints that are not.
    The scale is the clip's median torso length, so the clip's own place and
    size do not matter. Unlike `PoseTransform`, nothing here is causal.

    Args:
        skeleton: Name in `skeletons.SKELETONS`.
        num_frames: Frames of the sequences, `L`.

    Call arguments:
        poses: Float tensor `(B, T, J, D)`, pixels; NaN where a joint is
            missing.
        visibility: Bool tensor `(B, T, J)`.
        num_frames: Integer tensor `(B,)`, between 1 and `T`; what lies beyond
            is padding.
        mirrored: Whether to mirror the clips, which swaps left and right.

    Returns:
        Float tensor `(B, L, J * D + D)`: poses, root-centred, then the root's
        path from the first frame; both in torso lengths. A clip in which
        nothing is visible gives zeros.

    Example:

    >>> features = MotionFeatures("penn_action")
    >>> poses, visibility = tf.zeros((2, 40, 13, 2)), tf.ones((2, 40, 13), bool)
    >>> tuple(features(poses, visibility, tf.constant([40, 25])).shape)
    (2, 64, 28)
    """

    def __init__(self, skeleton, num_frames=64, **kwargs):
        super().__init__(**kwargs)
        self.skeleton = skeletons.get(skeleton)
        self.num_frames = num_frames

    @property
    def num_channels(self) -> int:
        """Width of the sequences."""
        return (self.skeleton.num_joints + 1) * self.skeleton.num_coordinates

    def build(self, input_shape):
        """Builds nothing: there are no weights."""

    def call(self, poses, visibility, num_frames, mirrored=False):
        mask = tf.sequence_mask(num_frames, tf.shape(poses)[1])
        seen = visibility & geometry.is_located(poses) & mask[..., None]
        if mirrored:
            poses, seen = geometry.mirror(poses, seen, self.skeleton)
        poses, known = self._resample(poses, seen)
        poses, root = self._complete(poses, known)
        scale = self._scale(poses, root)[:, None, None]
        path = (root - root[:, :1]) / scale
        pose = (poses - root[:, :, None]) / scale[..., None]
        shape = (-1, self.num_frames, self.num_channels - pose.shape[-1])
        return tf.concat([tf.reshape(pose, shape), path], -1)

    def _resample(self, poses, seen):
        """Interpolates each joint between the frames in which it is seen.

        Returns:
            `(poses, known)`: `(B, L, J, D)`, and `(B, J)`, whether a joint is
            seen in any frame; those that are not lie at 0.
        """
        num = tf.shape(poses)[1]
        last = tf.cast(num - 1, poses.dtype)
        # Nearest frames, up to each frame and from it on, with the joint.
        before = geometry.latest(seen)
        after = tf.reverse(geometry.latest(tf.reverse(seen, [1])), [1])
        after = tf.where(after < 0, num, num - 1 - after)
        start, end = (
            tf.cast(frame, poses.dtype)[:, None]
            for frame in geometry.visible_span(seen)
        )
        share = tf.linspace(0.0, 1.0, self.num_frames)
        position = tf.clip_by_value(start + share * (end - start), 0.0, last)
        low = tf.cast(tf.floor(position), tf.int32)
        high = tf.cast(tf.math.ceil(position), tf.int32)
        before = tf.gather(before, low, batch_dims=1)  # [B, L, J]
        after = tf.gather(after, high, batch_dims=1)
        known = tf.reduce_any(seen, 1)
        # Before a joint's first frame, and after its last one, it rests.
        first = tf.where(before < 0, tf.minimum(after, num - 1), before)
        second = tf.where(after >= num, first, after)
        first = tf.where(before < 0, second, first)
        gap = tf.cast(second - first, poses.dtype)
        passed = position[..., None] - tf.cast(first, poses.dtype)
        weight = tf.math.divide_no_nan(passed, gap)[..., None]
        poses = tf.where(seen[..., None], poses, 0.0)
        start, end = (self._pick(poses, frames) for frames in (first, second))
        return start + (end - start) * weight, known

    def _pick(self, poses, frames):
        """Returns `poses` `(B, T, J, D)` at frames `(B, L, J)` per joint."""
        by_joint = tf.transpose(poses, (0, 2, 1, 3))
        picked = tf.gather(
            by_joint, tf.transpose(frames, (0, 2, 1)), batch_dims=2
        )
        return tf.transpose(picked, (0, 2, 1, 3))

    def _complete(self, poses, known):
        """Places joints that are never seen; returns poses and root."""
        order = self.skeleton.mirror_indices
        other = tf.gather(poses, order, axis=2)
        other_known = tf.gather(known, order, axis=1)
        has_root = tf.reduce_any(
            tf.gather(known, self._root_joints(), axis=1), -1, keepdims=True
        )
        poses = tf.where(known[:, None, :, None], poses, other)
        known |= other_known
        root_joints = tf.reduce_any(
            tf.one_hot(self._root_joints(), self.skeleton.num_joints) > 0, 0
        )
        weights = tf.where(has_root, root_joints & known, known)
        weights = tf.cast(weights[:, None], poses.dtype)
        root, _ = geometry.weighted_mean(
            poses, tf.tile(weights, (1, self.num_frames, 1))
        )
        poses = tf.where(known[:, None, :, None], poses, root[:, :, None])
        return poses, root

    def _root_joints(self):
        return list(self.skeleton.indices(self.skeleton.root))

    def _scale(self, poses, root):
        """Returns the median torso length `(B,)`, in the unit of `poses`."""
        everything = tf.ones(tf.shape(poses)[:-1], tf.bool)
        torso, _ = geometry.torso_length(poses, everything, self.skeleton)
        spread = tf.sqrt(
            tf.reduce_mean(
                tf.reduce_sum(tf.square(poses - root[:, :, None]), -1), (1, 2)
            )
        )
        ordered = tf.sort(torso, 1)
        half = self.num_frames // 2
        median = (ordered[:, half] + ordered[:, (self.num_frames - 1) // 2]) / 2
        return tf.maximum(
            tf.maximum(median, MIN_TORSO_SHARE * spread), MIN_SCALE
        )

    def get_config(self):
        return {
            **super().get_config(),
            "skeleton": self.skeleton.name,
            "num_frames": self.num_frames,
        }
