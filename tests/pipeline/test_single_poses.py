"""Batches of single poses: what is kept, stored, shuffled and augmented."""

import dataclasses
import math

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.pipeline import augmentation, single_poses
from pose_tf.pose import skeletons
from pose_tf.pose.transform import PoseTransform

SKELETON = skeletons.get("penn_action")
STILL = augmentation.Augmentation(
    mirror=0.0, scale=0.0, rotation=0.0, shift=0.0, jitter=0.0, speed=0.0
)


@pytest.fixture(scope="module")
def clips_ds(tiny_clips):
    return tiny_clips.train


@pytest.fixture(scope="module")
def transform(clips_ds):
    return single_poses.fit_transform(clips_ds, SKELETON)


@pytest.fixture(scope="module")
def in_order(clips_ds, transform):
    """All poses, in the order of clips."""
    ds = single_poses.pose_batches(
        clips_ds, transform, batch_size=7, skeleton=SKELETON
    )
    return joined(ds)


@pytest.fixture(scope="module")
def stored(clips_ds, transform, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored") / "poses"
    return single_poses.store(clips_ds, transform, folder, skeleton=SKELETON)


def joined(ds):
    batches = list(ds.as_numpy_iterator())
    return {k: np.concatenate([b[k] for b in batches]) for k in batches[0]}


def training(stored, transform, **options):
    options = {"batch_size": 16, "skeleton": SKELETON, **options}
    return single_poses.training_batches(stored, transform, **options)


def rows(batch):
    """Poses as sortable rows of numbers, with flags and labels."""
    size = len(batch["pose"])
    return np.concatenate(
        [
            batch["pose"].reshape(size, -1),
            batch["visibility"].reshape(size, -1),
            batch["action"][:, None],
            batch["view"][:, None],
        ],
        axis=1,
    )


def test_frames_without_a_visible_joint_are_left_out(in_order, clips_ds):
    seen = [c["visibility"].any(-1) for c in clips_ds.as_numpy_iterator()]
    assert len(in_order["pose"]) == sum(s.sum() for s in seen)
    assert in_order["visibility"].any(-1).all()


def test_stored_poses_are_all_and_mixed(stored, in_order):
    found = joined(stored)
    assert "features" not in found
    one, two = rows(found), rows(in_order)
    assert not np.array_equal(one, two)
    order = lambda x: x[np.lexsort(x.T)]
    np.testing.assert_array_equal(order(one), order(two))


def test_an_epoch_has_every_pose_once(stored, transform, in_order):
    found = joined(training(stored, transform, seed=1, epoch=2))
    one, two = rows(found), rows(in_order)
    order = lambda x: x[np.lexsort(x.T)]
    np.testing.assert_array_equal(order(one), order(two))
    np.testing.assert_allclose(
        found["features"],
        transform.standardize_pose(
            {k: tf.constant(found[k]) for k in ("pose", "visibility")}
        ),
    )


def test_storing_again_replaces(clips_ds, transform, tmp_path):
    options = {"skeleton": SKELETON}
    single_poses.store(
        clips_ds.take(2), transform, tmp_path / "poses", **options
    )
    again = single_poses.store(
        clips_ds.take(1), transform, tmp_path / "poses", **options
    )
    (clip,) = clips_ds.take(1).as_numpy_iterator()
    assert len(joined(again)["pose"]) == clip["visibility"].any(-1).sum()
    assert [p.name for p in tmp_path.iterdir()] == ["poses"]


@pytest.mark.parametrize("amounts", [None, augmentation.Augmentation()])
class TestDeterminism:
    def test_seed_and_epoch_decide(self, stored, transform, amounts):
        def batches(**options):
            return rows(
                joined(training(stored, transform, amounts=amounts, **options))
            )

        tf.random.set_seed(1)
        one = batches(seed=3, epoch=2)
        tf.random.set_seed(2)
        two = batches(seed=3, epoch=tf.constant(2, tf.int64))
        np.testing.assert_array_equal(one, two)
        assert not np.array_equal(one, batches(seed=4, epoch=2))
        assert not np.array_equal(one, batches(seed=3, epoch=3))

    def test_skip_resumes_to_the_bit(self, stored, transform, amounts):
        ds = training(stored, transform, amounts=amounts)
        whole = rows(joined(ds))
        np.testing.assert_array_equal(rows(joined(ds.skip(3))), whole[3 * 16 :])


def test_mirrored_poses_swap_sides_and_flags(stored, transform):
    plain = joined(training(stored, transform, amounts=STILL))
    amounts = dataclasses.replace(STILL, mirror=1.0)
    mirrored = joined(training(stored, transform, amounts=amounts))
    order = SKELETON.mirror_indices
    np.testing.assert_array_equal(
        mirrored["visibility"], plain["visibility"][:, order]
    )
    seen = mirrored["visibility"]
    np.testing.assert_allclose(
        mirrored["pose"][seen],
        (plain["pose"][:, order] * [-1, 1])[seen],
        atol=1e-6,
    )


def test_turned_poses_keep_root_and_limbs(stored, transform):
    plain = joined(training(stored, transform, amounts=STILL))
    amounts = dataclasses.replace(STILL, rotation=math.radians(30))
    turned = joined(training(stored, transform, amounts=amounts))
    seen = plain["visibility"]
    one, two = (
        np.linalg.norm(x["pose"], axis=-1)[seen] for x in (plain, turned)
    )
    np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-5)
    assert np.abs(plain["pose"] - turned["pose"])[seen].max() > 0.1


def test_a_joint_never_seen_stays_where_the_mean_pose_has_it(tmp_path):
    """Mirrored, its partner is the one that was never seen."""
    transform = PoseTransform("penn_action")
    mean = np.random.default_rng(0).normal(size=(13, 2)).astype(np.float32)
    transform.mean_pose.assign(mean)
    left = SKELETON.joints.index("left_knee")
    right = SKELETON.joints.index("right_knee")
    pose = np.zeros((4, 13, 2), np.float32) + [1, 2]
    pose[:, left] = mean[left]
    seen = np.ones((4, 13), bool)
    seen[:, left] = False
    pieces = tf.data.Dataset.from_tensors(
        {
            "pose": pose.astype(np.float32),
            "visibility": seen,
            "action": np.zeros(4, np.int32),
            "view": np.zeros(4, np.int32),
        }
    )
    amounts = augmentation.Augmentation(mirror=1.0, rotation=0.5)
    found = joined(training(pieces, transform, amounts=amounts))
    assert not found["visibility"][:, right].any()
    assert found["visibility"][:, left].all()
    np.testing.assert_array_equal(
        found["pose"][:, right], np.tile(mean[right], (4, 1))
    )
    assert np.isfinite(found["pose"]).all()
