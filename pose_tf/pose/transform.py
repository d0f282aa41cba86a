"""Transforms raw pixels to root-centred torso lengths and back.

    pose = (pixels - root) / scale          pixels = pose * scale + root

Everything is causal: frame t depends on no frame after t, so that a stream and
a whole clip give the same numbers. The layer's weights are fitted to the
training split and saved in every SavedModel: they cannot differ between
training and serving.
"""

import keras
import numpy as np
import tensorflow as tf

from pose_tf.pose import geometry, skeletons

# A torso that points at the camera looks short. The scale never falls below
# this share of the torso length that the spread of visible joints suggests.
MIN_TORSO_SHARE = 0.25
MIN_SCALE = 1e-6
MIN_STDDEV = 1e-3
# Side of the square that the "frame" normalisation maps to the unit square.
REFERENCE_SIZE = 480.0


@keras.saving.register_keras_serializable("pose_tf")
class PoseTransform(keras.layers.Layer):
    """Centres poses on the root, scales them to torso lengths, fills gaps.

    A joint is *seen* if it is visible. With `use_occluded`, an invisible joint
    whose coordinates are finite is seen as well: they are a guess of where it
    is hidden, which is used but flagged as not visible. In frames before the
    first one with a visible joint nothing is seen.

    The root is the mean of the hips. If one hip is seen, the other one keeps
    its last offset from it. If none is, the root follows the seen joints, by
    their last offsets from it (at first, by those of the mean training pose).
    A joint that is not seen keeps its last offset from the root; if it was
    never seen, it has that of the mean training pose. The scale is the running
    mean of the torso lengths seen. Before a torso is seen, it is the spread of
    the seen joints divided by the spread of the same joints of the mean
    training pose. A clip in which nothing is ever seen gives the mean training
    pose, at root 0 and scale 1.

    Args:
        skeleton: Name in `skeletons.SKELETONS`.
        normalization: `torso`, as above, or `frame`: root 0 and the scale
            `REFERENCE_SIZE` for every clip.
        use_occluded: Whether guessed positions of invisible joints are used.

    Call arguments:
        poses: Float tensor `(B, T, J, D)`, pixels; NaN where a joint is
            missing, and in padding.
        visibility: Bool tensor `(B, T, J)`; padding is invisible.
        state: The state that the call on the stream's earlier frames
            returned; None at the first frame.
        causal: If False, the scale of a frame also uses later frames.

    Returns:
        `(frames, state)`. `frames` is a dict of `pose` `(B, T, J, D)`,
        root-centred, torso lengths, without gaps; `visibility` bool
        `(B, T, J)`; `root` `(B, T, D)`, pixels; `scale` `(B, T)`, pixels per
        torso length; `velocity` `(B, T, D)` of the root, torso lengths per
        frame; and `path` `(B, T, D)` of the root from where it was first seen,
        torso lengths.

    Example:

    >>> transform = PoseTransform("penn_action")
    >>> frames, _ = transform(tf.zeros((1, 5, 13, 2)), tf.zeros((1, 5, 13), bool))
    >>> tuple(frames["pose"].shape)
    (1, 5, 13, 2)
    """

    def __init__(
        self, skeleton, normalization="torso", use_occluded=False, **kwargs
    ):
        super().__init__(**kwargs)
        self.skeleton = skeletons.get(skeleton)
        self.normalization = normalization
        self.use_occluded = use_occluded
        self.build()

    def build(self):
        """Makes the statistics; their sizes are those of the skeleton."""
        shape = (self.skeleton.num_joints, self.skeleton.num_coordinates)
        self.mean_pose = self._statistic("mean_pose", shape, "zeros")
        self.stddev_pose = self._statistic("stddev_pose", shape, "ones")
        self.stddev_velocity = self._statistic("stddev_velocity", (), "ones")
        self.stddev_path = self._statistic("stddev_path", (), "ones")

    def _statistic(self, name, shape, initializer):
        return self.add_weight(
            name=name, shape=shape, initializer=initializer, trainable=False
        )

    def get_config(self):
        return {
            **super().get_config(),
            "skeleton": self.skeleton.name,
            "normalization": self.normalization,
            "use_occluded": self.use_occluded,
        }

    def initial_state(self, batch_size):
        """Returns the state before the first frame, a dict of `(B, ...)`."""
        joints = self.skeleton.num_joints
        coordinates = self.skeleton.num_coordinates
        zeros = tf.zeros((batch_size, joints, coordinates))
        unknown = tf.zeros((batch_size, joints), tf.bool)
        return {
            "hip_offset": zeros,
            "hip_offset_known": unknown,
            "anchored": zeros,
            "anchored_known": unknown,
            "offset": zeros,
            "offset_known": unknown,
            "root": tf.zeros((batch_size, coordinates)),
            "root_known": tf.zeros((batch_size,), tf.bool),
            "path": tf.zeros((batch_size, coordinates)),
            "scale_sums": tf.zeros((batch_size, 4)),
        }

    def call(self, poses, visibility, state=None, causal=True):
        if state is None:
            state = self.initial_state(tf.shape(poses)[0])
        seen = self._seen(poses, visibility, state)  # (B, T, J)
        poses = tf.where(seen[..., None], poses, 0.0)
        scale, sums = self._scale(poses, seen, state["scale_sums"], causal)
        root, root_known, anchors = self._root(poses, seen, scale, state)
        offset, offset_known = geometry.fill_forward(
            poses - root[..., None, :],
            seen,
            state["offset"],
            state["offset_known"],
        )
        moved = _moved(root, root_known, state)  # (B, T, D), pixels
        path = state["path"][:, None] + tf.cumsum(moved, axis=1)
        frames = {
            "pose": tf.where(
                offset_known[..., None],
                offset / scale[..., None, None],
                self.mean_pose.value,
            ),
            "visibility": visibility,
            "root": root,
            "scale": scale,
            "velocity": moved / scale[..., None],
            "path": path / scale[..., None],
        }
        return frames, {
            **state,
            **anchors,
            "offset": offset[:, -1],
            "offset_known": offset_known[:, -1],
            "root": root[:, -1],
            "root_known": root_known[:, -1],
            "path": path[:, -1],
            "scale_sums": sums,
        }

    def inverse(self, pose, root, scale):
        """Returns root-centred poses in pixels: the exact inverse of `call`.

        Args:
            pose: Float tensor `(..., J, D)`, root-centred, torso lengths.
            root: Float tensor `(..., D)`, pixels.
            scale: Float tensor `(...)`, pixels per torso length.

        Returns:
            Float tensor `(..., J, D)`, pixels.
        """
        return pose * scale[..., None, None] + root[..., None, :]

    def standardize_pose(self, frames):
        """Returns pose and visibility features `(B, T, J * D + J)`."""
        pose = (frames["pose"] - self.mean_pose) / self.stddev_pose
        shape = tf.concat([tf.shape(pose)[:-2], [self.num_coordinates]], 0)
        return tf.concat(
            [
                tf.reshape(pose, shape),
                tf.cast(frames["visibility"], pose.dtype),
            ],
            axis=-1,
        )

    def standardize_root(self, frames):
        """Returns root features `(B, T, 2 * D)`: velocity and path."""
        return tf.concat(
            [
                frames["velocity"] / self.stddev_velocity,
                frames["path"] / self.stddev_path,
            ],
            axis=-1,
        )

    @property
    def num_coordinates(self):
        """Numbers per pose, `J * D`."""
        return self.skeleton.num_joints * self.skeleton.num_coordinates

    @property
    def num_pose_features(self):
        """Width of `standardize_pose`."""
        return self.num_coordinates + self.skeleton.num_joints

    def fit(self, batches):
        """Fits the statistics to batches of training clips.

        Only visible joints count, in frames with a visible torso.

        Args:
            batches: Iterable of dicts of `poses` `(B, T, J, D)`, pixels, and
                `visibility` `(B, T, J)`.

        Raises:
            ValueError: If no frame of any batch has a visible torso.
        """
        sums = _Sums(self.skeleton)
        for batch in batches:
            poses, visibility = batch["poses"], batch["visibility"]
            frames, _ = self(poses, visibility)
            _, torso = geometry.torso_length(poses, visibility, self.skeleton)
            if self.normalization == "frame":
                torso = tf.ones_like(torso)
            sums.add(frames, torso)
        if not sums.num_frames:
            raise ValueError(
                "`batches` must have at least one frame with a visible "
                "shoulder and hip. Received: none"
            )
        mean, stddev = sums.pose_moments()
        self.mean_pose.assign(mean)
        self.stddev_pose.assign(tf.maximum(stddev, MIN_STDDEV))
        velocity, path = sums.root_stddevs()
        self.stddev_velocity.assign(tf.maximum(velocity, MIN_STDDEV))
        self.stddev_path.assign(tf.maximum(path, MIN_STDDEV))

    def _seen(self, poses, visibility, state):
        """Returns which joints have a position that is used, `(B, T, J)`."""
        if not self.use_occluded:
            return visibility
        started = geometry.ever_visible(
            visibility, tf.reduce_any(state["offset_known"], axis=-1)
        )
        located = geometry.is_located(poses)
        return (visibility | located) & started[..., None]

    def _scale(self, poses, seen, sums, causal):
        """Returns scales `(B, T)` and sums `(B, 4)` of torsos and spreads."""
        if self.normalization == "frame":
            return tf.fill(tf.shape(poses)[:2], REFERENCE_SIZE), sums
        # All of these are (B, T).
        torso, has_torso = geometry.torso_length(poses, seen, self.skeleton)
        spread = geometry.spread(poses, seen)
        usual = geometry.spread(
            tf.broadcast_to(self.mean_pose, tf.shape(poses)), seen
        )
        has_spread = (usual > 0) & (spread > 0)
        counts = [
            tf.cast(has_torso, tf.float32),
            tf.cast(has_spread, tf.float32),
        ]
        values = [
            tf.where(has_torso, torso, 0.0),
            tf.where(has_spread, tf.math.divide_no_nan(spread, usual), 0.0),
        ]
        running = sums[:, None] + tf.cumsum(
            tf.stack([values[0], counts[0], values[1], counts[1]], -1), axis=1
        )
        last = running[:, -1]
        if not causal:
            running = tf.broadcast_to(last[:, None], tf.shape(running))
        torso = tf.math.divide_no_nan(running[..., 0], running[..., 1])
        spread = tf.math.divide_no_nan(running[..., 2], running[..., 3])
        scale = tf.where(
            running[..., 1] > 0,
            tf.maximum(torso, MIN_TORSO_SHARE * spread),
            spread,
        )
        return tf.where(scale > MIN_SCALE, scale, 1.0), last

    def _root(self, poses, seen, scale, state):
        """Returns roots `(B, T, D)`, which are known `(B, T)`, and new state."""
        if self.normalization == "frame":
            root = tf.zeros_like(poses[..., 0, :])
            return root, tf.zeros_like(seen[..., 0]), {}
        weight = tf.cast(seen, poses.dtype)  # (B, T, J)
        hips = tf.where(self._is_root(), weight, 0.0)
        num_hips = tf.reduce_sum(hips, -1)  # (B, T)
        # Offsets between the hips are known once all of them are seen.
        centre, _ = geometry.weighted_mean(poses, hips)
        complete = num_hips == len(self.skeleton.root)
        hip_offset, hip_offset_known = geometry.fill_forward(
            poses - centre[..., None, :],
            seen & complete[..., None],
            state["hip_offset"],
            state["hip_offset_known"],
        )
        by_hips, has_hip = geometry.weighted_mean(poses - hip_offset, hips)
        offset, offset_known = geometry.fill_forward(
            poses - by_hips[..., None, :],
            seen & has_hip[..., None],
            state["anchored"],
            state["anchored_known"],
        )
        usual = self.mean_pose * scale[..., None, None]
        offset_or_usual = tf.where(offset_known[..., None], offset, usual)
        by_others, has_any = geometry.weighted_mean(
            poses - offset_or_usual, weight
        )
        root, known = geometry.fill_forward(
            tf.where(has_hip[..., None], by_hips, by_others),
            has_any,
            state["root"],
            state["root_known"],
        )
        anchors = {
            "hip_offset": hip_offset[:, -1],
            "hip_offset_known": hip_offset_known[:, -1],
            "anchored": offset[:, -1],
            "anchored_known": offset_known[:, -1],
        }
        return root, known, anchors

    def _is_root(self):
        """Returns which joints are the root's, bool `(J,)`."""
        return tf.constant(
            [name in self.skeleton.root for name in self.skeleton.joints]
        )


def _moved(root, known, state):
    """Returns how far the root `(B, T, D)` has moved since the frame before."""
    before = tf.concat([state["root"][:, None], root[:, :-1]], axis=1)
    had_root = tf.concat([state["root_known"][:, None], known[:, :-1]], axis=1)
    return tf.where(had_root[..., None], root - before, 0.0)


class _Sums:
    """Sums up the statistics over batches, in float64."""

    def __init__(self, skeleton):
        shape = (skeleton.num_joints, skeleton.num_coordinates)
        self.num_frames = 0.0
        self.count = np.zeros((skeleton.num_joints, 1))
        self.first = np.zeros(shape)
        self.second = np.zeros(shape)
        self.root = np.zeros(2)

    def add(self, frames, valid):
        """Adds frames `(B, T, ...)`; `valid` is bool `(B, T)`."""
        valid = np.asarray(valid)
        weight = (np.asarray(frames["visibility"]) & valid[..., None])[
            ..., None
        ]
        pose = np.where(weight, np.asarray(frames["pose"], np.float64), 0.0)
        self.num_frames += valid.sum()
        self.count += weight.sum((0, 1))
        self.first += pose.sum((0, 1))
        self.second += (pose**2).sum((0, 1))
        for i, name in enumerate(("velocity", "path")):
            square = (np.asarray(frames[name], np.float64) ** 2).mean(-1)
            self.root[i] += square[valid].sum()

    def pose_moments(self):
        """Returns means and standard deviations `(J, D)`; 0 and 1 if unseen."""
        count = np.maximum(self.count, 1)
        mean = self.first / count
        stddev = np.sqrt(np.maximum(self.second / count - mean**2, 0))
        return mean, np.where(self.count > 0, stddev, 1.0)

    def root_stddevs(self):
        """Returns root mean squares of velocity and path per coordinate."""
        return np.sqrt(self.root / self.num_frames)
