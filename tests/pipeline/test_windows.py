"""Windows: which frames they have."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.pipeline import augmentation, example_gen, windows
from pose_tf.pose import skeletons

LENGTHS = (7, 3, 12, 1, 9)
NUM_FRAMES = sum(LENGTHS)


def unbatched(ds):
    """All windows of batches, one dict of arrays a window."""
    return [
        {key: value[i] for key, value in batch.items()}
        for batch in ds.as_numpy_iterator()
        for i in range(len(batch["start"]))
    ]


def ids(ds):
    return [(w["clip_id"].decode(), int(w["start"])) for w in unbatched(ds)]


def equal(one, two):
    return one.keys() == two.keys() and all(
        np.array_equal(one[key], two[key], equal_nan=key == "poses")
        for key in one
    )


class TestClipBatches:
    def test_evaluation_keeps_clips_whole_and_in_order(self, figure, clips_of):
        ds = windows.clip_batches(
            clips_of(LENGTHS), batch_size=2, skeleton=figure, window=4
        )
        batches = list(ds.as_numpy_iterator())
        assert [b["poses"].shape[:2] for b in batches] == [
            (2, 7),
            (2, 12),
            (1, 9),
        ]
        second = batches[0]["poses"][1]
        np.testing.assert_array_equal(second[:3, 0, 0], [100, 101, 102])
        assert np.isnan(second[3:]).all()
        assert not batches[0]["boxes"][1, 3:].any()
        assert not batches[0]["visibility"][1, 3:].any()
        assert [n for b in batches for n in b["num_frames"]] == list(LENGTHS)
        assert batches[0]["clip_id"].tolist() == [b"clip0", b"clip1"]
        assert batches[0]["action"].tolist() == [0, 1]
        assert int(ds.cardinality()) == 3

    def test_training_crops_to_the_window(self, figure, clips_of):
        lengths = [7] * 42 + [3, 1]
        ds = windows.clip_batches(
            clips_of(lengths),
            batch_size=4,
            skeleton=figure,
            window=4,
            training=True,
        )
        assert len(list(ds)) == 11
        starts = set()
        for w in unbatched(ds):
            number, start = int(w["clip_id"][4:]), int(w["start"])
            length = min(4, lengths[number])
            assert w["num_frames"] == length
            assert w["poses"].shape == (4, 3, 2)
            np.testing.assert_array_equal(
                w["poses"][:length, 0, 0],
                100 * number + start + np.arange(length),
            )
            assert np.isnan(w["poses"][length:]).all()
            starts.add(start)
        assert starts == {0, 1, 2, 3}  # All that 7 frames allow.

    def test_fitting_resamples_every_crop_to_the_window(self, figure, clips_of):
        amounts = augmentation.Augmentation(
            mirror=0, scale=0, rotation=0, shift=0, jitter=0, crop=0.5
        )
        ds = windows.clip_batches(
            clips_of([9, 1, 3] * 10),
            batch_size=8,
            skeleton=figure,
            window=5,
            fit=True,
            training=True,
            augment=amounts,
        )
        spans = set()
        for w in unbatched(ds):
            assert w["num_frames"] == 5 and w["visibility"].all()
            number = int(w["clip_id"][4:])
            x = w["poses"][:, 0, 0] - 100 * number
            np.testing.assert_allclose(np.diff(x, 2), 0, atol=1e-3)
            last = (9, 1, 3)[number % 3] - 1
            assert -1e-3 <= x[0] and x[-1] <= last + 1e-3
            assert x[-1] - x[0] >= last / 2 - 1e-3
            spans.add(round(float(x[-1] - x[0]), 3))
        assert len(spans) > 10

    def test_unfinished_clips_begin_where_they_would_and_break_off(
        self, figure, clips_of
    ):
        still = augmentation.Augmentation(
            mirror=0,
            scale=0,
            rotation=0,
            shift=0,
            jitter=0,
            speed=0,
            unfinished=0.5,
        )
        ds = windows.clip_batches(
            clips_of([41] * 40),
            batch_size=8,
            skeleton=figure,
            window=5,
            fit=True,
            training=True,
            augment=still,
        )
        ends = []
        for w in unbatched(ds):
            x = w["poses"][:, 0, 0] - 100 * int(w["clip_id"][4:])
            np.testing.assert_allclose(x[0], 0, atol=1e-3)
            np.testing.assert_allclose(w["tempo"], x[-1] / 4, atol=1e-3)
            ends.append(round(float(x[-1])))
        assert 10 <= ends.count(40) <= 30 and min(ends) < 10

    def test_tempo_stretches_and_shortens(self, figure, clips_of):
        tempo = augmentation.Augmentation(
            mirror=0, scale=0, rotation=0, shift=0, jitter=0, speed=0.5
        )
        ds = windows.clip_batches(
            clips_of([9] * 30),
            batch_size=8,
            skeleton=figure,
            window=30,
            training=True,
            augment=tempo,
        )
        speeds = []
        for w in unbatched(ds):
            num_frames = int(w["num_frames"])
            x = w["poses"][:num_frames, 0, 0] - 100 * int(w["clip_id"][4:])
            speed = x[1] - x[0]
            np.testing.assert_allclose(
                x, speed * np.arange(num_frames), atol=2e-3
            )
            assert 8 - speed < x[-1] <= 8
            assert np.isnan(w["poses"][num_frames:]).all()
            speeds.append(speed)
        assert 0.6 <= min(speeds) < 0.75 and 1.3 < max(speeds) <= 1.65


class TestWindowBatches:
    def test_every_window_inside_a_clip(self, figure, clips_of):
        ds = windows.window_batches(
            clips_of(LENGTHS), length=3, stride=2, batch_size=4, skeleton=figure
        )
        assert ids(ds) == [
            *(("clip0", s) for s in (0, 2, 4)),
            ("clip1", 0),
            *(("clip2", s) for s in (0, 2, 4, 6, 8)),
            *(("clip4", s) for s in (0, 2, 4, 6)),
        ]
        assert len(list(ds)) == 4
        for w in unbatched(ds):
            first = 100 * int(w["clip_id"][-1:]) + w["start"]
            np.testing.assert_array_equal(
                w["poses"][:, 1, 0], first + np.arange(3)
            )
            assert w["num_frames"] == 3 and w["visibility"].all()
            assert w["frame_size"].tolist() == [200, 100]

    @pytest.mark.parametrize("augment", [False, True])
    def test_an_epoch_has_every_window_once(self, figure, clips_of, augment):
        cut = functools.partial(
            windows.window_batches,
            clips_of(LENGTHS),
            length=3,
            stride=1,
            batch_size=4,
            skeleton=figure,
        )
        ordered, training = cut(), cut(training=True, augment=augment)
        assert ids(training) != ids(ordered)
        assert sorted(ids(training)) == sorted(ids(ordered))
        assert len(list(training)) == len(list(ordered))

    def test_tempo_reads_on_but_not_beyond_the_clip(self, figure, clips_of):
        tempo = augmentation.Augmentation(
            mirror=0, scale=0, rotation=0, shift=0, jitter=0, speed=0.5
        )
        ds = windows.window_batches(
            clips_of([30] * 3),
            length=11,
            stride=1,
            batch_size=16,
            skeleton=figure,
            training=True,
            augment=tempo,
        )
        speeds = []
        for w in unbatched(ds):
            x = w["poses"][:, 0, 0] - 100 * int(w["clip_id"][-1:])
            assert x[0] == w["start"]
            assert x[-1] <= 29
            assert w["num_frames"] == 11 and w["visibility"].all()
            np.testing.assert_allclose(np.diff(x), (x[1] - x[0]), atol=1e-3)
            speeds.append(x[1] - x[0])
        assert 0.6 <= min(speeds) < 0.7 and 1.3 < max(speeds) <= 1.65

    def test_windows_may_go_on_beyond_the_clip_as_padding(
        self, figure, clips_of
    ):
        options = {
            "length": 6,
            "least": 4,
            "stride": 2,
            "batch_size": 16,
            "skeleton": figure,
        }
        ds = windows.window_batches(clips_of([9]), **options)
        rows = list(unbatched(ds))
        assert [int(w["start"]) for w in rows] == [0, 2, 4]
        assert [int(w["num_frames"]) for w in rows] == [6, 6, 5]
        assert np.isnan(rows[2]["poses"][5:]).all()
        assert not rows[2]["visibility"][5:].any()
        tempo = augmentation.Augmentation(
            mirror=0, scale=0, rotation=0, shift=0, jitter=0, speed=0.5
        )
        ds = windows.window_batches(
            clips_of([9] * 40), training=True, augment=tempo, **options
        )
        counts = set()
        for w in unbatched(ds):
            num_frames = int(w["num_frames"])
            x = w["poses"][:num_frames, 0, 0] % 100
            assert x[0] == w["start"]
            # Whatever the clip still has is there, at this tempo.
            assert num_frames == 6 or 8 < x[-1] + x[1] - x[0] + 1e-2
            assert np.isnan(w["poses"][num_frames:]).all()
            counts.add(num_frames)
        assert counts == {4, 5, 6}

    def test_windows_may_be_played_to_and_fro(self, figure, clips_of):
        options = {
            "length": 13,
            "least": 4,
            "stride": 2,
            "to_and_fro": True,
            "batch_size": 16,
            "skeleton": figure,
        }
        ds = windows.window_batches(clips_of([6, 1]), **options)
        first, second = unbatched(ds)
        x = first["poses"][:, 0, 0] % 100
        assert x.tolist() == [0, 1, 2, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2]
        assert (first["num_frames"], first["num_forward"]) == (13, 6)
        x = second["poses"][:, 0, 0] % 100
        assert x.tolist() == [2, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4]
        assert (second["num_frames"], second["num_forward"]) == (13, 4)
        tempo = augmentation.Augmentation(
            mirror=0, scale=0, rotation=0, shift=0, jitter=0, speed=0.5
        )
        ds = windows.window_batches(
            clips_of([9] * 40), training=True, augment=tempo, **options
        )
        for w in unbatched(ds):
            x = w["poses"][:, 0, 0] % 100
            forward = int(w["num_forward"])
            assert w["num_frames"] == 13 and w["visibility"].all()
            assert (np.diff(x[:forward]) > 0).all() and forward >= 4
            # Whatever the clip still has is there, at this tempo.
            assert forward == 13 or 8 < x[forward - 1] + x[1] - x[0] + 1e-2
            assert x.max() <= 8

    def test_frame_batches(self, figure, clips_of):
        ds = windows.frame_batches(
            clips_of(LENGTHS), batch_size=8, skeleton=figure, training=True
        )
        expected = [
            (f"clip{n}", t)
            for n, length in enumerate(LENGTHS)
            for t in range(length)
        ]
        assert sorted(ids(ds)) == expected
        assert unbatched(ds)[0]["poses"].shape == (1, 3, 2)
        assert len(list(ds)) == 4

    def test_no_clip_is_long_enough(self, figure, clips_of):
        ds = windows.window_batches(
            clips_of((2, 3)), length=4, stride=1, batch_size=4, skeleton=figure
        )
        assert list(ds) == []


class TestFrameNormalized:
    def test_stretches_every_frame_to_the_reference(self, figure, clips_of):
        ds = windows.window_batches(
            clips_of([2]),
            length=2,
            stride=1,
            batch_size=1,
            skeleton=figure,
            frame_normalized=True,
        )
        (w,) = unbatched(ds)
        # 480 / 200 = 2.4 and 480 / 100 = 4.8: head of the second frame (1, 2).
        np.testing.assert_allclose(w["poses"][1, 2], [2.4, 9.6])
        np.testing.assert_allclose(w["boxes"][0], [24, 96, 120, 288])
        assert w["frame_size"].tolist() == [480, 480]


class TestTPRNNBatches:
    def test_by_hand(self, figure, clips_of):
        # T = 12, horizon 4: step 11 // 5 = 2. x from 0 to 11, y from 0 to 2:
        # middle (5.5, 1), half of the longer side 5.5.
        ds = windows.tprnn_batches(
            clips_of([12]), batch_size=5, skeleton=figure, horizon=4
        )
        assert len(list(ds)) == 3
        all_windows = unbatched(ds)
        assert [int(w["start"]) for w in all_windows] == list(range(12))
        for start, frames in ((0, [0, 2, 4, 6, 8]), (6, [6, 8, 10, 11, 11])):
            x = all_windows[start]["poses"][:, 0, 0]
            np.testing.assert_allclose(
                x, (np.array(frames) - 5.5) / 5.5 * 100 + 200, atol=1e-4
            )
        head = all_windows[0]["poses"][0, 2]
        np.testing.assert_allclose(head, [100, 200 + 100 / 5.5], atol=1e-4)
        box = all_windows[0]["boxes"][0]
        np.testing.assert_allclose(
            (box - 200) / 100,
            [4.5 / 5.5, 19 / 5.5, 44.5 / 5.5, 59 / 5.5],
            rtol=1e-5,
        )

    def test_a_missing_joint_counts_for_the_box_as_published(
        self, figure, clips_of
    ):
        def hide(clip):  # The head is never annotated.
            poses = clip["poses"] + 21
            head = tf.fill(tf.shape(poses[:, 2:]), np.nan)
            return {**clip, "poses": tf.concat([poses[:, :2], head], 1)}

        # x from 21 to 32 and y from 21 to 22, but for the files' (1, 1): middle
        # (16.5, 11.5), half of the longer side 15.5.
        (first, *_) = unbatched(
            windows.tprnn_batches(
                clips_of([12]).map(hide), batch_size=5, skeleton=figure
            )
        )
        np.testing.assert_allclose(
            first["poses"][0, 0],
            [200 + 100 * 4.5 / 15.5, 200 + 100 * 9.5 / 15.5],
            rtol=1e-6,
        )
        assert np.isnan(first["poses"][:, 2]).all()

    def test_a_clip_of_one_frame_and_place(self, figure, clips_of):
        clips_ds = clips_of([1]).map(
            lambda clip: {**clip, "poses": 0 * clip["poses"] + 7}
        )
        (w,) = unbatched(
            windows.tprnn_batches(clips_ds, batch_size=5, skeleton=figure)
        )
        assert w["poses"].shape == (17, 3, 2) and (w["poses"] == 200).all()

    def test_augmented_training_has_every_start_once(self, figure, clips_of):
        ds = windows.tprnn_batches(
            clips_of(LENGTHS),
            batch_size=5,
            skeleton=figure,
            training=True,
            augment=True,
        )
        assert len(set(ids(ds))) == len(ids(ds)) == NUM_FRAMES


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("batch_size", {"batch_size": 0}),
        ("length", {"length": 0}),
        ("stride", {"stride": -1}),
        ("seed", {"seed": -1, "training": True}),
        ("epoch", {"epoch": -2, "training": True}),
    ],
)
def test_bad_numbers(name, change, figure, clips_of):
    kwargs = {"length": 2, "stride": 1, "batch_size": 2, "skeleton": figure}
    value = change[name]
    with pytest.raises(ValueError, match=f"`{name}`.*Received: {value}"):
        windows.window_batches(clips_of([3]), **{**kwargs, **change})
    if name == "batch_size":
        with pytest.raises(ValueError, match="`window`.*Received: 0"):
            windows.clip_batches(
                clips_of([3]), batch_size=2, skeleton=figure, window=0
            )
        with pytest.raises(ValueError, match="`horizon`.*Received: 0"):
            windows.tprnn_batches(
                clips_of([3]), batch_size=2, skeleton=figure, horizon=0
            )


def test_clips_of_another_skeleton(clips_of):
    with pytest.raises(ValueError, match=r"`clips_ds`.*13.*penn_action.*3, 2"):
        windows.frame_batches(
            clips_of([3]), batch_size=2, skeleton=skeletons.PENN_ACTION
        )


def test_clips_without_a_key(figure, clips_of):
    ds = clips_of([3]).map(lambda clip: {"poses": clip["poses"]})
    with pytest.raises(ValueError, match="`clips_ds`.*without clip_id"):
        windows.frame_batches(ds, batch_size=2, skeleton=figure)


@pytest.fixture(scope="module")
def clips(penn_action_data_dir):
    return example_gen.load("penn_action", data_dir=penn_action_data_dir)


class TestPennAction:
    def test_house_windows(self, clips):
        assert windows.num_windows(clips.test, length=40, stride=5) == 7577
        ds = windows.window_batches(
            clips.test,
            length=40,
            stride=5,
            batch_size=256,
            skeleton=clips.skeleton,
        )
        assert sum(len(batch["start"]) for batch in ds) == 7577

    def test_tprnn_windows(self, clips):
        ds = windows.tprnn_batches(
            clips.test, batch_size=1024, skeleton=clips.skeleton
        )
        assert sum(len(batch["start"]) for batch in ds) == 76298

    def test_augmented_windows_of_all_clips_are_finite(self, clips):
        ds = windows.window_batches(
            clips.train,
            length=40,
            stride=20,
            batch_size=256,
            skeleton=clips.skeleton,
            training=True,
            augment=True,
        )
        for batch in itertools.islice(ds.as_numpy_iterator(), 4):
            assert np.isfinite(batch["poses"][batch["visibility"]]).all()
            assert batch["visibility"].any()
