"""Stored views of clips, and batches of pairs of them."""

import collections

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.pipeline import augmentation, motions

CROPS = augmentation.Augmentation(
    mirror=0, scale=0, rotation=0, shift=0, jitter=0, speed=0, crop=0.5
)


def describe(poses, visibility, num_frames, mirrored):
    """Says how many frames were seen, and which side was asked for."""
    del poses, visibility
    side = tf.fill(tf.shape(num_frames), float(mirrored))
    return tf.stack([tf.cast(num_frames, tf.float32), side], 1)


@pytest.fixture
def stored(tiny_clips, tmp_path):
    return motions.store(
        tiny_clips.train,
        describe,
        describe,
        tmp_path / "views",
        num_views=6,
        amounts=CROPS,
        skeleton=tiny_clips.skeleton,
        seed=3,
    )


def test_views_are_crops_of_their_clip_every_second_one_mirrored(
    stored, tiny_clips
):
    lengths = [
        len(clip["poses"]) for clip in tiny_clips.train.as_numpy_iterator()
    ]
    assert sorted(stored.targets[:, 0, 0]) == sorted(lengths)
    for targets, views in zip(stored.targets, stored.views, strict=True):
        np.testing.assert_array_equal(targets[:, 1], [0, 1])
        np.testing.assert_array_equal(views[:, 1], [0, 1, 0, 1, 0, 1])
        whole, views = targets[0, 0], views[:, 0]
        assert (views <= whole).all() and (views >= whole / 2 - 1).all()
        assert len(set(views)) > 1


def test_the_seed_decides_the_views(stored, tiny_clips, tmp_path):
    again, other = (
        motions.store(
            tiny_clips.train,
            describe,
            describe,
            tmp_path / str(seed),
            num_views=6,
            amounts=CROPS,
            skeleton=tiny_clips.skeleton,
            seed=seed,
        )
        for seed in (3, 4)
    )
    np.testing.assert_array_equal(stored.views, again.views)
    assert (stored.views != other.views).any()


@pytest.mark.parametrize("block", [2048, 5])
def test_every_view_comes_once_an_epoch(stored, monkeypatch, block):
    monkeypatch.setattr(motions, "BLOCK_CLIPS", block)
    number = len(stored.views)
    batches = list(
        motions.training_batches(
            stored, batch_size=4, seed=0, epoch=1
        ).as_numpy_iterator()
    )
    assert len(batches) == motions.steps_per_epoch(number, 6, 4)
    views = {
        index: collections.Counter(map(tuple, views))
        for index, views in enumerate(stored.views)
    }
    seen = collections.defaultdict(collections.Counter)
    for batch in batches:
        assert len(set(batch["index"])) == len(batch["index"]) <= 4
        np.testing.assert_array_equal(batch["views"][..., 1], batch["mirrored"])
        for row, index in enumerate(batch["index"]):
            seen[index].update(map(tuple, batch["views"][row]))
            side = batch["mirrored"][row].astype(int)
            np.testing.assert_array_equal(
                batch["targets"][row], stored.targets[index][side]
            )
    assert seen == views


def test_an_epoch_is_a_pure_function_of_its_number(stored):
    def epoch(number):
        return [
            batch["index"].tolist()
            for batch in motions.training_batches(
                stored, batch_size=4, seed=0, epoch=number
            ).as_numpy_iterator()
        ]

    assert epoch(1) == epoch(tf.constant(1, tf.int64))
    assert epoch(1) != epoch(2)
