"""Classifies and continues a clip with exported models and only TensorFlow.

    python docs/without_pose_tf.py CLASSIFIER GENERATOR CLIP.npz

CLASSIFIER and GENERATOR are folders of SavedModels, or of their versions;
CLIP.npz holds `poses` [T, J, D] in pixels and `visibility` [T, J]. Neither
pose_tf nor TensorFlow Probability is imported: the SavedModels hold all that
the models need.
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

PREFIX = 10  # Frames that the generator sees.
HORIZON = 30  # Frames that it adds.
NOT_NEEDED = ("pose_tf", "tensorflow_probability")


def newest(path):
    """Returns the folder if it holds a SavedModel, else its newest version."""
    path = pathlib.Path(path)
    if (path / "saved_model.pb").is_file():
        return path
    versions = [p for p in path.iterdir() if p.name.isdecimal()]
    return max(versions, key=lambda version: int(version.name))


def main(classifier_path, generator_path, clip_path):
    """Prints a classification and a continuation; returns an exit code."""
    with np.load(clip_path) as clip:
        poses = tf.constant(clip["poses"][None], tf.float32)
        visibility = tf.constant(clip["visibility"][None])

    classifier = tf.saved_model.load(newest(classifier_path))
    probabilities = classifier.signatures["classify"](
        poses=poses,
        visibility=visibility,
        num_frames=tf.constant([poses.shape[1]]),
    )["probabilities"][0].numpy()
    assets = newest(classifier_path) / "assets"
    actions = (assets / "actions.txt").read_text().splitlines()
    best = int(probabilities.argmax())
    print(f"classified  {actions[best]}, p = {probabilities[best]:.3f}")

    generator = tf.saved_model.load(newest(generator_path))
    future = generator.signatures["generate"](
        poses=poses[:, :PREFIX],
        visibility=visibility[:, :PREFIX],
        horizon=tf.constant(HORIZON),
        num_samples=tf.constant(1),
        temperature=tf.constant(0.0),
        seed=tf.constant([0, 0]),
    )["poses"][0, 0]
    joints = (newest(generator_path) / "assets" / "joints.txt").read_text()
    x, y = future[-1, 0].numpy()
    print(
        f"continued   {PREFIX} frames by {HORIZON}; in the last one the "
        f"{joints.splitlines()[0]} is at ({x:.0f}, {y:.0f}) px"
    )

    imported = [name for name in NOT_NEEDED if name in sys.modules]
    print(f"imported of {', '.join(NOT_NEEDED)}: {imported or 'neither'}")
    return 1 if imported else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
