"""Windows: in which order, and again the same."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.pipeline import windows
from tests.pipeline.test_windows import (
    LENGTHS,
    NUM_FRAMES,
    equal,
    ids,
)


def _training(kind, clips_ds, skeleton, **kwargs):
    kwargs |= {"batch_size": 3, "training": True, "augment": True}
    if kind == "clips":
        return windows.clip_batches(
            clips_ds, window=5, skeleton=skeleton, **kwargs
        )
    if kind == "windows":
        return windows.window_batches(
            clips_ds, length=4, stride=1, skeleton=skeleton, **kwargs
        )
    return windows.tprnn_batches(clips_ds, skeleton=skeleton, **kwargs)


@pytest.mark.parametrize("kind", ["clips", "windows", "tprnn"])
class TestDeterminism:
    def batches(self, kind, figure, clips_of, **kwargs):
        ds = _training(kind, clips_of(LENGTHS), figure, **kwargs)
        return list(ds.as_numpy_iterator())

    def test_seed_and_epoch_decide(self, kind, figure, clips_of):
        tf.random.set_seed(1)
        one = self.batches(kind, figure, clips_of, seed=3, epoch=2)
        tf.random.set_seed(2)
        two = self.batches(kind, figure, clips_of, seed=3, epoch=2)
        assert len(one) == len(two)
        assert all(map(equal, one, two))
        for change in ({"seed": 4, "epoch": 2}, {"seed": 3, "epoch": 3}):
            other = self.batches(kind, figure, clips_of, **change)
            assert len(other) == len(one)
            order = lambda batches: [
                (clip, start)
                for b in batches
                for clip, start in zip(b["clip_id"], b["start"])
            ]
            assert order(other) != order(one)
            assert not np.isin(other[0]["poses"][0, 0], one[0]["poses"]).any()

    def test_skip_resumes_to_the_bit(self, kind, figure, clips_of):
        whole = self.batches(kind, figure, clips_of, epoch=1)
        ds = _training(kind, clips_of(LENGTHS), figure, epoch=1)
        rest = list(ds.skip(1).as_numpy_iterator())
        assert len(rest) == len(whole) - 1 > 0
        assert all(map(equal, whole[1:], rest))


def test_blocks_of_a_shuffle_still_give_every_window(
    figure, clips_of, monkeypatch
):
    # 2 frames x (3 joints x 9 bytes + 16) = 86: blocks of 5 windows.
    monkeypatch.setattr(windows, "SHUFFLE_BYTES", 5 * 86)
    ds = windows.window_batches(
        clips_of(LENGTHS),
        length=2,
        stride=1,
        batch_size=4,
        skeleton=figure,
        training=True,
    )
    assert len(ids(ds)) == len(set(ids(ds))) == NUM_FRAMES - len(LENGTHS)
