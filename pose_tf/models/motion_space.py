"""The space in which a generator's motion lives: joints, or latent and root.

Coordinates `c`, of size `C`, are anchored at the last observed root, in torso
lengths of the prefix: the positions of all joints for raw features, or the
latent of the pose and the position of the root for embedded ones.
"""

import tensorflow as tf

from pose_tf.pose import geometry

# Torso lengths (or latent units) a frame: what motion is measured in.
MOTION_UNIT = 0.1


class MotionSpace:
    """Between transformed frames, coordinates, features and joints.

    Args:
        features: A `PoseFeatures` layer; its VAE, if any, makes the space.
    """

    def __init__(self, features):
        self.features = features
        self.transform = features.transform
        self.skeleton = features.transform.skeleton

    @property
    def size(self):
        """`C`."""
        if self.features.vae is None:
            return self.transform.num_coordinates
        return self.features.vae.latent_dim + self.skeleton.num_coordinates

    def of_frames(self, frames, anchor):
        """`c` `(B, T, C)` of transformed frames, about an anchor.

        The frames are brought to the scale of the anchor first.
        """
        scale = anchor["scale"][:, None]
        root = (frames["root"] - anchor["root"][:, None]) / scale[..., None]
        ratio = (frames["scale"] / scale)[..., None, None]
        pose = frames["pose"] * ratio
        if self.features.vae is None:
            joints = pose + root[..., None, :]
            shape = tf.concat([tf.shape(joints)[:-2], [self.size]], 0)
            return tf.reshape(joints, shape)
        features = self.transform.standardize_pose({**frames, "pose": pose})
        return tf.concat([self.features.vae.encode(features).mean(), root], -1)

    def joints(self, coordinates):
        """Joint positions of `c`, and visibility logits if `c` holds them.

        Returns:
            `(joints, logits)`: `(..., J, D)`, anchored, torso lengths; and
            `(..., J)`, or None for raw features.
        """
        if self.features.vae is None:
            skeleton = self.skeleton
            shape = (skeleton.num_joints, skeleton.num_coordinates)
            shape = tf.concat([tf.shape(coordinates)[:-1], shape], 0)
            return tf.reshape(coordinates, shape), None
        z, root = self._split(coordinates)
        pose, logits = self.features.vae.decode_pose(z)
        return pose + root[..., None, :], logits

    def pixels(self, coordinates, anchor):
        """Poses `(B, T, J, D)` in pixels of `c` `(B, T, C)`."""
        joints, _ = self.joints(coordinates)
        return self.transform.inverse(
            joints, anchor["root"][:, None], anchor["scale"][:, None]
        )

    def motion_of_frames(self, frames, features, started, before):
        """How `c` moves in observed frames, in motion units, `(B, T, C)`.

        There is no motion up to the first frame in which somebody is visible.

        Args:
            frames: Transformed frames.
            features: Their features `(B, T, F)`.
            started: Bool `(B, T)`, see `geometry.ever_visible`.
            before: `(place, known)` of the frame before the first, or None.

        Returns:
            `(motion, (place, known))`: the second of the last frame.
        """
        scale = frames["scale"][..., None]
        if self.features.vae is None:
            joints = self.transform.inverse(
                frames["pose"], frames["root"], frames["scale"]
            )
            shape = [*tf.unstack(tf.shape(joints)[:-2]), self.size]
            place = tf.reshape(joints, shape)
            unit = scale
        else:
            z = features[..., : self.features.vae.latent_dim]
            place = tf.concat([z, frames["root"]], axis=-1)
            unit = tf.concat(
                [tf.ones_like(z), scale * tf.ones_like(frames["root"])], -1
            )
        if before is None:
            before = place[:, 0], tf.zeros_like(started[:, 0])
        past = tf.concat([before[0][:, None], place[:, :-1]], axis=1)
        known = tf.concat([before[1][:, None], started[:, :-1]], axis=1)
        motion = (place - past) / unit / MOTION_UNIT
        motion = tf.where(known[..., None], motion, 0.0)
        return motion, (place[:, -1], started[:, -1])

    def features_of(self, before, after, visibility, anchor_path):
        """Features and motion `(..., F + C)` of a frame from its and the last
        `c`."""
        if self.features.vae is None:
            joints, _ = self.joints(after)
            root = self._root(joints)
            past = self._root(self.joints(before)[0])
            pose = self.transform.standardize_pose(
                {
                    "pose": joints - root[..., None, :],
                    "visibility": visibility,
                }
            )
        else:
            pose, root = self._split(after)
            past = self._split(before)[1]
        moved = {"velocity": root - past, "path": anchor_path + root}
        motion = (after - before) / MOTION_UNIT
        root = self.transform.standardize_root(moved)
        return tf.concat([pose, root, motion], -1)

    def seen(self, features):
        """How visible each joint is, 0 to 1, `(..., J)`, by raw features."""
        first = self.transform.num_coordinates
        return features[..., first : first + self.skeleton.num_joints]

    def _split(self, coordinates):
        """Latent and root of embedded coordinates."""
        split = self.features.vae.latent_dim
        return coordinates[..., :split], coordinates[..., split:]

    def _root(self, joints):
        if self.transform.normalization == "frame":
            return tf.zeros_like(joints[..., 0, :])
        indices = self.skeleton.indices(self.skeleton.root)
        return geometry.joint_mean(
            joints, tf.ones_like(joints[..., 0], tf.bool), indices
        )[0]
