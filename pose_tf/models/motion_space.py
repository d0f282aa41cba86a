"""Spaces in which a generator's motion lives: of joints, or of a latent.

Coordinates `c`, of size `C`, are anchored at the last observed root, in torso
lengths of the prefix: the positions of all joints (`JointSpace`), or the latent
of the pose and the position of the root (`LatentSpace`). Both have the same
methods.
"""

import abc

import tensorflow as tf

from pose_tf.pose import geometry

# Torso lengths (or latent units) per frame: what motion is measured in.
MOTION_UNIT = 0.1


def motion_space(features, persistence):
    """Returns the space of a `PoseFeatures` layer.

    Args:
        features: A `PoseFeatures` layer; its VAE, if any, makes the space.
        persistence: See `JointSpace`.
    """
    if features.vae is None:
        return JointSpace(features.transform, persistence)
    return LatentSpace(features.vae)


class MotionSpace(abc.ABC):
    """What both spaces share; see `JointSpace` and `LatentSpace`.

    Args:
        transform: The `PoseTransform` of the frames.
        size: Integer, `C`.

    Attributes:
        size: `C`.

    Example:

    >>> issubclass(JointSpace, MotionSpace), issubclass(LatentSpace, MotionSpace)
    (True, True)
    """

    def __init__(self, transform, size):
        self.transform = transform
        self.skeleton = transform.skeleton
        self.size = size

    def of_frames(self, frames, anchor):
        """Returns `c` `(B, T, C)` of transformed frames, about an anchor.

        The frames are brought to the scale of the anchor first.
        """
        scale = anchor["scale"][:, None]
        root = (frames["root"] - anchor["root"][:, None]) / scale[..., None]
        ratio = (frames["scale"] / scale)[..., None, None]
        return self._of_pose({**frames, "pose": frames["pose"] * ratio}, root)

    def pixels(self, coordinates, anchor):
        """Returns poses `(B, T, J, D)` in pixels of `c` `(B, T, C)`."""
        return self.transform.inverse(
            self.joints(coordinates),
            anchor["root"][:, None],
            anchor["scale"][:, None],
        )

    def motion_of_frames(self, frames, features, started, before):
        """Returns how `c` moves in observed frames.

        There is no motion up to the first frame in which somebody is visible.

        Args:
            frames: Transformed frames.
            features: Their features `(B, T, F)`.
            started: Bool `(B, T)`, see `geometry.ever_visible`.
            before: `(place, known)` of the frame before the first, or None.

        Returns:
            `(motion, known, (place, known))`: `(B, T, C)` in motion units; bool
            `(B, T)`, whether somebody was there a frame before; and what
            `before` is to be for the frames that follow.
        """
        place, unit = self._place(frames, features)
        if before is None:
            before = place[:, 0], tf.zeros_like(started[:, 0])
        past = tf.concat([before[0][:, None], place[:, :-1]], axis=1)
        known = tf.concat([before[1][:, None], started[:, :-1]], axis=1)
        motion = (place - past) / unit / MOTION_UNIT
        motion = tf.where(known[..., None], motion, 0.0)
        return motion, known, (place[:, -1], started[:, -1])

    def features_of(self, before, after, visibility, anchor_path):
        """Returns features and motion of a frame from its and the last `c`.

        Args:
            before: `c` of the last frame, `(..., C)`.
            after: `c` of the frame, `(..., C)`.
            visibility: Its visibility `(..., J)`, bool or probabilities.
            anchor_path: Path of the anchor, `(..., D)`, torso lengths.

        Returns:
            Float tensor `(..., F + C)`.
        """
        pose, root = self._features_of_pose(after, visibility)
        moved = {
            "velocity": root - self._root(before),
            "path": anchor_path + root,
        }
        motion = (after - before) / MOTION_UNIT
        return tf.concat(
            [pose, self.transform.standardize_root(moved), motion], -1
        )

    @abc.abstractmethod
    def joints(self, coordinates):
        """Returns joints of `c`: `(..., J, D)`, anchored, torso lengths."""

    @abc.abstractmethod
    def visibility_logits(self, logits, coordinates, features):
        """Returns logits `(..., J)` of the next frame's visibility.

        Args:
            logits: What the decoder says of it, `(..., J)`.
            coordinates: `c` of the next frame, `(..., C)`.
            features: Features of the present one, `(..., F + C)`.
        """

    @abc.abstractmethod
    def known(self, visibility):
        """Returns which numbers of `c` a frame's visibility lets us know.

        Args:
            visibility: Bool tensor `(..., J)`.

        Returns:
            Bool tensor `(..., C)`.
        """

    @abc.abstractmethod
    def _of_pose(self, frames, root):
        """`c` of frames at the anchor's scale, roots anchored."""

    @abc.abstractmethod
    def _place(self, frames, features):
        """`c` in pixels (and latent units), and the unit of each number."""

    @abc.abstractmethod
    def _features_of_pose(self, coordinates, visibility):
        """The pose's features, and the root `(..., D)`, of `c`."""

    @abc.abstractmethod
    def _root(self, coordinates):
        """The root `(..., D)` of `c`."""


class JointSpace(MotionSpace):
    """Positions of all joints: `C = J * D`.

    Args:
        transform: The `PoseTransform` of the frames.
        persistence: Prior logit that a joint keeps its visibility; the decoder
            adds a correction.

    Example:

    >>> from pose_tf.pose.transform import PoseTransform
    >>> space = JointSpace(PoseTransform("penn_action"), persistence=4.0)
    >>> space.size, tuple(space.joints(tf.zeros((5, 26))).shape)
    (26, (5, 13, 2))
    """

    def __init__(self, transform, persistence):
        super().__init__(transform, transform.num_coordinates)
        self._persistence = persistence

    def joints(self, coordinates):
        shape = (self.skeleton.num_joints, self.skeleton.num_coordinates)
        shape = tf.concat([tf.shape(coordinates)[:-1], shape], 0)
        return tf.reshape(coordinates, shape)

    def visibility_logits(self, logits, coordinates, features):
        del coordinates
        first = self.transform.num_coordinates
        seen = features[..., first : first + self.skeleton.num_joints]
        return logits + self._persistence * (2 * seen - 1)

    def known(self, visibility):
        return tf.repeat(visibility, self.skeleton.num_coordinates, axis=-1)

    def _of_pose(self, frames, root):
        return self._flat(frames["pose"] + root[..., None, :])

    def _place(self, frames, features):
        del features
        joints = self.transform.inverse(
            frames["pose"], frames["root"], frames["scale"]
        )
        return self._flat(joints), frames["scale"][..., None]

    def _flat(self, joints):
        shape = tf.concat([tf.shape(joints)[:-2], [self.size]], 0)
        return tf.reshape(joints, shape)

    def _features_of_pose(self, coordinates, visibility):
        root = self._root(coordinates)
        pose = self.joints(coordinates) - root[..., None, :]
        frames = {"pose": pose, "visibility": visibility}
        return self.transform.standardize_pose(frames), root

    def _root(self, coordinates):
        joints = self.joints(coordinates)
        if self.transform.normalization == "frame":
            return tf.zeros_like(joints[..., 0, :])
        indices = self.skeleton.indices(self.skeleton.root)
        everywhere = tf.ones_like(joints[..., 0], tf.bool)
        return geometry.joint_mean(joints, everywhere, indices)[0]


class LatentSpace(MotionSpace):
    """The latent of the pose and the position of the root: `C = Z + D`.

    Args:
        vae: A trained `PoseVAE`.

    Example:

    >>> from pose_tf.models import PoseVAE
    >>> space = LatentSpace(PoseVAE("penn_action", latent_dim=8))
    >>> space.size, tuple(space.joints(tf.zeros((5, 10))).shape)
    (10, (5, 13, 2))
    """

    def __init__(self, vae):
        size = vae.latent_dim + vae.skeleton.num_coordinates
        super().__init__(vae.transform, size)
        self._vae = vae

    def joints(self, coordinates):
        z, root = self._split(coordinates)
        return self._vae.decode_pose(z)[0] + root[..., None, :]

    def visibility_logits(self, logits, coordinates, features):
        del logits, features  # The VAE knows what is visible in a pose.
        return self._vae.decode_pose(self._split(coordinates)[0])[1]

    def known(self, visibility):
        known = tf.reduce_any(visibility, axis=-1, keepdims=True)
        return tf.repeat(known, self.size, axis=-1)

    def _of_pose(self, frames, root):
        features = self.transform.standardize_pose(frames)
        return tf.concat([self._vae.encode(features).mean(), root], -1)

    def _place(self, frames, features):
        z, root = features[..., : self._vae.latent_dim], frames["root"]
        scale = frames["scale"][..., None] * tf.ones_like(root)
        return (
            tf.concat([z, root], axis=-1),
            tf.concat([tf.ones_like(z), scale], axis=-1),
        )

    def _features_of_pose(self, coordinates, visibility):
        del visibility
        return self._split(coordinates)

    def _root(self, coordinates):
        return self._split(coordinates)[1]

    def _split(self, coordinates):
        """Latent and root of `c`."""
        split = self._vae.latent_dim
        return coordinates[..., :split], coordinates[..., split:]
