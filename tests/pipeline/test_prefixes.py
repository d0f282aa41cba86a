"""Prefixes as detectors give them: some change, and what follows never does."""

import numpy as np
import tensorflow as tf

from pose_tf.pipeline import prefixes
from pose_tf.pose import skeletons

SKELETON = skeletons.PENN_ACTION
SEED = tf.constant([1, 2], tf.int64)


def batch_of(num_windows=40, num_frames=12):
    rng = np.random.default_rng(0)
    figure = rng.normal(0, 40, (num_windows, 1, 13, 2)) + 200
    steps = rng.normal(0, 1, (num_windows, num_frames, 13, 2)).cumsum(1)
    visibility = np.ones((num_windows, num_frames, 13), bool)
    visibility[0] = False  # Nobody.
    return {
        "poses": tf.constant(figure + steps, tf.float32),
        "visibility": tf.constant(visibility),
    }


def degrade(batch, share, seed=SEED):
    return prefixes.degrade(
        batch, seed, prefix=5, skeleton=SKELETON, share=share
    )


def test_some_prefixes_change_and_nothing_else_does():
    batch = batch_of()
    given = degrade(batch, share=0.5)
    assert given["seen_poses"].shape == (40, 5, 13, 2)
    for name in ("poses", "visibility"):
        np.testing.assert_array_equal(given[name], batch[name])
    whole = batch["poses"].numpy()[:, :5]
    changed = (given["seen_poses"].numpy() != whole).any((1, 2, 3))
    assert 8 < changed.sum() < 32
    assert not changed[0]  # There is nobody to detect.
    seen = given["seen_visibility"].numpy()
    assert seen[1:].any((1, 2)).all()  # Somebody is always left.
    missing = np.isnan(given["seen_poses"].numpy()).any(-1)
    np.testing.assert_array_equal(seen[changed], ~missing[changed])
    # Most joints stay near where they were: torsos here are about 40 px long.
    moved = np.linalg.norm(given["seen_poses"] - whole, axis=-1)
    assert 0.3 < np.nanmedian(moved[changed]) < 10


def test_all_or_none_and_the_seed():
    batch = batch_of()
    none = degrade(batch, share=0.0)
    np.testing.assert_array_equal(none["seen_poses"], batch["poses"][:, :5])
    every = degrade(batch, share=1.0)
    again = degrade(batch, share=1.0)
    other = degrade(batch, share=1.0, seed=SEED + 1)
    np.testing.assert_array_equal(every["seen_poses"], again["seen_poses"])
    assert (every["seen_visibility"] != other["seen_visibility"]).numpy().any()


def test_a_person_without_a_known_size_stays():
    poses = np.full((3, 13, 2), 7.0, np.float32)
    visibility = np.ones((3, 13), bool)
    given = prefixes.detected(
        poses, visibility, SKELETON, 1.0, np.random.default_rng(0)
    )
    np.testing.assert_array_equal(given[0], poses)
    np.testing.assert_array_equal(given[1], visibility)
