"""Training recordings: reproducible, changed, disturbed."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.pipeline import augmentation, recording_batches, recordings
from pose_tf.pose import skeletons
from tests.pipeline.test_recordings import PENN, dataset, standing

STILL = augmentation.Augmentation(
    **{f.name: 0.0 for f in dataclasses.fields(augmentation.Augmentation)}
)


@pytest.fixture(scope="module")
def pieces():
    return recordings.collect(dataset(), PENN)


def batches(pieces, **options):
    defaults = {"batch_size": 3, "num_frames": 90, "num_batches": 4}
    return recording_batches.batches(pieces, **{**defaults, **options})


def test_shapes_and_labels(pieces):
    for batch in batches(pieces):
        assert batch["poses"].shape == (3, 90, 13, 2)
        assert batch["visibility"].shape == (3, 90, 13)
        labels = batch["labels"].numpy()
        assert labels.shape == (3, 90)
        assert set(labels.ravel()) <= {-2, -1, 0, 1, 2, 3, 4}
        seen = np.isfinite(batch["poses"]).all(-1)
        np.testing.assert_array_equal(batch["visibility"], seen)


def test_an_epoch_is_a_pure_function_of_its_number(pieces):
    once = [b["poses"].numpy() for b in batches(pieces, seed=3, epoch=2)]
    again = batches(pieces, seed=3, epoch=tf.constant(2, tf.int64)).skip(1)
    for ours, theirs in zip(once[1:], again, strict=True):
        np.testing.assert_array_equal(ours, theirs["poses"])
    for options in ({"seed": 4, "epoch": 2}, {"seed": 3, "epoch": 3}):
        other = next(iter(batches(pieces, **options)))["poses"].numpy()
        assert not np.array_equal(once[0], other)
    assert not np.array_equal(once[0], once[1])


def test_every_action_comes_before_any_comes_again(pieces):
    rng = np.random.default_rng(0)
    labels = recording_batches._labels(pieces, rng)
    actions = [label for _, label in zip(range(60), labels) if label >= 0]
    for first in range(0, len(actions) - 5, 5):
        assert sorted(actions[first : first + 5]) == [0, 1, 2, 3, 4]


def test_without_amounts_nothing_changes():
    poses = standing() + np.arange(12)[:, None, None] * 0.1
    rng = np.random.default_rng(0)
    changed = recording_batches.change(poses, PENN, STILL, rng)
    np.testing.assert_allclose(changed, poses, atol=1e-12)


def test_a_mirror_image_swaps_the_sides():
    amounts = dataclasses.replace(STILL, mirror=1.0)
    poses = (standing() + [1.0, 0.0])[None]
    rng = np.random.default_rng(0)
    (changed,) = recording_batches.change(poses, PENN, amounts, rng)
    # A symmetric figure: its mirror image is itself, on the other side.
    np.testing.assert_allclose(changed, standing() - [1.0, 0.0], atol=1e-12)


def test_a_change_of_scale_and_turn_keeps_shapes():
    amounts = dataclasses.replace(STILL, scale=0.5, rotation=1.0)
    pose = standing()
    rng = np.random.default_rng(0)
    (changed,) = recording_batches.change(pose[None], PENN, amounts, rng)

    def distances(pose):
        return np.linalg.norm(pose[:, None] - pose[None], axis=-1)

    ratio = distances(changed)[0, 1:] / distances(pose)[0, 1:]
    np.testing.assert_allclose(ratio, ratio[0])
    assert np.exp(-0.5) <= ratio[0] <= np.exp(0.5)
    assert abs(ratio[0] - 1) > 0.01


def test_a_change_of_tempo_keeps_the_ends():
    amounts = dataclasses.replace(STILL, speed=0.7)
    poses = standing() + np.arange(40)[:, None, None] * 0.1
    lengths = set()
    for seed in range(8):
        rng = np.random.default_rng(seed)
        changed = recording_batches.change(poses, PENN, amounts, rng)
        lengths.add(len(changed))
        np.testing.assert_allclose(changed[[0, -1]], poses[[0, -1]])
    assert len(lengths) > 4
    assert 20 <= min(lengths) < 40 < max(lengths) <= 80


def test_a_joint_is_played_where_both_frames_have_it():
    amounts = dataclasses.replace(STILL, speed=0.7)
    poses = np.repeat(standing()[None], 30, 0)
    poses[10:, 0] = np.nan
    rng = np.random.default_rng(1)
    changed = recording_batches.change(poses, PENN, amounts, rng)
    gone = np.isnan(changed[:, 0, 0])
    assert gone.any() and not gone.all()
    assert np.isfinite(changed[:, 1:]).all()


def test_nobody_is_there_for_a_while(pieces, monkeypatch):
    """Soon after somebody has gone, nothing is under way."""
    monkeypatch.setattr(recording_batches, "ABSENT_PROBABILITY", 1.0)
    for name in ("LOST", "BORDER", "DETECTOR"):
        monkeypatch.setattr(recording_batches, f"{name}_PROBABILITY", 0.0)
    absent = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        made = recording_batches.training(pieces, 200, rng)
        gone = np.flatnonzero(~made.visibility.any(1))
        soon = gone[: recording_batches.ABSENT_UNSCORED]
        assert (made.labels[soon] == recordings.UNSCORED).all()
        later = gone[recording_batches.ABSENT_UNSCORED :]
        assert (made.labels[later] == recordings.NONE).all()
        absent += len(later)
    assert absent


def test_other_skeletons(monkeypatch):
    coco = skeletons.get("coco_17")
    pose = np.random.default_rng(0).normal(size=(17, 2))
    pieces = recordings.Pieces(
        {0: [np.repeat(pose[None], 30, 0)], 1: [np.repeat(pose[None], 30, 0)]},
        [pose],
        coco,
    )
    batch = next(iter(batches(pieces)))
    assert batch["poses"].shape == (3, 90, 17, 2)
