"""A small SavedModel that embeds motions as an exported MotionVAE does.

It knows nothing of training: random convolutions of whole motions, the mean of
a clip and of its mirror image, projected at random. Motions of one kind are
still nearer to each other than to others, which is all that learning needs.
"""

import numpy as np
import tensorflow as tf

from pose_tf.models.motion_features import MotionFeatures
from pose_tf.models.random_convolutions import RandomConvolutions
from pose_tf.pose import skeletons
from pose_tf.serving import guards, saved_model
from tests.support import standing_figure

Z = 32
NUM_FEATURES = 168
EXAMPLES_PER_KIND = 4
KINDS = ("raise", "sway", "squat", "kick")


class FakeMotionModel(tf.Module):
    def __init__(self, skeleton="penn_action"):
        self.sequences = MotionFeatures(skeleton, num_frames=32)
        self.features = RandomConvolutions(32, NUM_FEATURES)
        poses = tf.stack(
            [
                clip(kind, seed=seed, skeleton=skeleton)
                for kind in KINDS
                for seed in range(900, 900 + EXAMPLES_PER_KIND)
            ]
        )
        seen = tf.ones(tf.shape(poses)[:3], tf.bool)
        num_frames = tf.fill([len(poses)], tf.shape(poses)[1])
        examples = self.sequences(poses, seen, num_frames)
        self.features.adapt(examples)
        described = self.features(examples)
        self.center = tf.Variable(tf.reduce_mean(described, 0))
        rng = np.random.default_rng(0)
        projection = rng.normal(size=(NUM_FEATURES, Z)).astype(np.float32)
        self.projection = tf.Variable(projection)

    def embed_motion(self, poses, visibility, num_frames):
        def embed(poses, visibility):
            described = [
                self.features(
                    self.sequences(poses, visibility, num_frames, mirrored=way)
                )
                for way in (False, True)
            ]
            mean = (described[0] + described[1]) / 2 - self.center
            mean = mean @ self.projection
            return {
                "mean": mean,
                "stddev": tf.ones_like(mean),
                "novelty": tf.zeros_like(mean[:, 0]),
            }

        return guards.answer(embed, poses, visibility, num_frames)


def clip(kind, seed=0, num_frames=60, skeleton="penn_action"):
    """A made-up person who does something of that kind: poses [T, J, D]."""
    rng = np.random.default_rng(seed)
    phase = np.linspace(0, 2 * np.pi * rng.uniform(1.6, 2.4), num_frames)
    swing = np.sin(phase + rng.uniform(0, 6))[:, None] * rng.uniform(0.8, 1.2)
    known = skeletons.get(skeleton)
    joints = known.joints
    poses = np.tile(standing_figure.pose(known), (num_frames, 1, 1))
    arms = [i for i, x in enumerate(joints) if "wrist" in x or "elbow" in x]
    feet = [i for i, x in enumerate(joints) if "ankle" in x]
    if kind == "raise":
        poses[:, arms, 1] -= 30 * (1 + swing)
    elif kind == "sway":
        poses[..., 0] += 40 * swing
    elif kind == "squat":
        others = np.setdiff1d(np.arange(len(joints)), feet)
        poses[:, others, 1] += 25 * (1 + swing)
    elif kind == "kick":
        poses[:, feet[:1], 0] += 40 * (1 + swing)
    poses *= rng.uniform(0.8, 1.2)
    poses[..., :2] += rng.uniform(50, 100, 2)
    poses += rng.normal(0, 0.3, poses.shape)
    return poses.astype(np.float32)


def write(path, skeleton="penn_action"):
    """Writes the SavedModel; returns its path."""
    module = FakeMotionModel(skeleton)
    known = skeletons.get(skeleton)
    poses = (None, None, known.num_joints, known.num_coordinates)
    specs = [
        tf.TensorSpec(poses, tf.float32, "poses"),
        tf.TensorSpec(poses[:-1], tf.bool, "visibility"),
        tf.TensorSpec([None], tf.int32, "num_frames"),
    ]
    functions = {"embed_motion": (module.embed_motion, specs)}
    variables = [
        module.features.thresholds.value,
        module.center,
        module.projection,
    ]
    saved_model.write(path, "motion_vae", functions, variables, known.joints)
    return path
