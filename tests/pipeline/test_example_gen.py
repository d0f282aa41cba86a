"""Split protocols: who is on which side."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from pose_tf import configs
from pose_tf.pipeline import example_gen


def clip_ids(ds):
    return [clip["clip_id"].decode() for clip in ds.as_numpy_iterator()]


@pytest.fixture(scope="module")
def tiny(tiny_data_dir):
    """18 training and 6 test clips of 3 actions, of 20 to 43 frames."""
    return example_gen.load("penn_action", data_dir=tiny_data_dir)


class TestTiny:
    def test_what_a_clip_is(self, tiny):
        clip = next(tiny.train.as_numpy_iterator())
        num_frames = len(clip["poses"])
        assert clip["poses"].shape == (num_frames, 13, 2)
        assert clip["poses"].dtype == np.float32
        assert clip["visibility"].shape == (num_frames, 13)
        assert clip["boxes"].shape == (num_frames, 4)
        assert clip["frame_size"].tolist() == [480, 360]
        assert tiny.actions[clip["action"]] == "bowl"
        assert tiny.skeleton.name == "penn_action"

    def test_index_lists_the_clips_in_order(self, tiny):
        keys = tiny.train_index
        assert [key.clip_id for key in keys] == clip_ids(tiny.train)
        assert [key.num_frames for key in keys] == [
            *range(20, 26),
            *range(28, 34),
            *range(36, 42),
        ]
        assert len(tiny.test_index) == 6

    @pytest.mark.parametrize("split_protocol", ["official", "validation"])
    def test_no_clip_is_on_both_sides(self, tiny, split_protocol):
        parts = example_gen.split(tiny, split_protocol)
        one, two = map(clip_ids, parts.values())
        assert one and two and not set(one) & set(two)
        for name, ds in parts.items():
            assert int(ds.cardinality()) == len(clip_ids(ds)), name

    def test_validation_is_cut_from_training_clips(self, tiny):
        parts = example_gen.split(tiny, "validation")
        held_back = clip_ids(parts["validation"])
        # 9.2 % of 6 clips rounds to 1: the last of each action.
        last = [tiny.train_index[i].clip_id for i in (5, 11, 17)]
        assert held_back == last
        whole = clip_ids(tiny.train)
        assert clip_ids(parts["train"]) == [c for c in whole if c not in last]

    def test_leaky_frames_are_all_frames_once(self, tiny):
        parts = example_gen.split(tiny, "leaky_frames")
        keys = tiny.train_index + tiny.test_index
        num_frames = sum(key.num_frames for key in keys)
        num_train = round(0.8 * num_frames)
        sides = {
            name: list(ds.as_numpy_iterator()) for name, ds in parts.items()
        }
        assert len(sides["train"]) == num_train == parts["train"].cardinality()
        assert len(sides["test"]) == num_frames - num_train
        assert {c["poses"].shape for c in sides["test"]} == {(1, 13, 2)}
        # That is the leak: clips with frames on both sides.
        both = {c["clip_id"] for c in sides["train"]} & {
            c["clip_id"] for c in sides["test"]
        }
        assert len(both) > 20

        def rows(clips):
            return np.sort([c["poses"].astype(float).sum() for c in clips])

        frames = [
            {"poses": pose}
            for ds in (tiny.train, tiny.test)
            for clip in ds.as_numpy_iterator()
            for pose in clip["poses"]
        ]
        np.testing.assert_allclose(
            rows(sides["train"] + sides["test"]), rows(frames), rtol=1e-6
        )

    def test_order_is_the_same_in_another_reading(self, tiny):
        again = example_gen.read(tiny.path)
        for split_protocol in configs.SPLIT_PROTOCOLS:
            one, two = (
                [
                    clip_ids(ds)
                    for ds in example_gen.split(clips, split_protocol).values()
                ]
                for clips in (tiny, again)
            )
            assert one == two

    def test_split_again_reads_no_clip_again(self, tiny):
        num_read = [0]

        def count(clip_id):
            num_read[0] += 1
            return clip_id

        def counted(clip):
            clip_id = tf.py_function(count, [clip["clip_id"]], tf.string)
            return {**clip, "clip_id": tf.reshape(clip_id, ())}

        train = tiny.train.map(counted).cache()
        clips = dataclasses.replace(tiny, train=train)
        for _ in range(2):
            for clips_ds in example_gen.split(clips, "validation").values():
                assert clip_ids(clips_ds)
        assert num_read == [len(tiny.train)]

    def test_unknown_protocol(self, tiny):
        with pytest.raises(
            ValueError, match="official, validation, leaky_frames.*'oficial'"
        ):
            example_gen.split(tiny, "oficial")

    def test_beyond_the_byte_limit_nothing_is_cached(self, tiny, monkeypatch):
        monkeypatch.setattr(example_gen, "CACHE_BYTES", 0)
        streamed = example_gen.read(tiny.path)
        assert "Cache" not in str(streamed.train)
        assert "Cache" in str(tiny.train)
        assert clip_ids(streamed.train) == clip_ids(tiny.train)


def test_at_least_two_clips_to_hold_one_back():
    index = [example_gen.ClipKey(f"{a}", a, 10) for a in range(3)]
    with pytest.raises(ValueError, match="at least 2.*Received: 3"):
        example_gen._held_back(index)


def test_no_prepared_dataset(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"`path`.*{tmp_path}"):
        example_gen.read(tmp_path)


@pytest.fixture(scope="module")
def clips(penn_action_data_dir):
    return example_gen.load("penn_action", data_dir=penn_action_data_dir)


class TestPennAction:
    def test_official(self, clips):
        parts = example_gen.split(clips, "official")
        train, test = clip_ids(parts["train"]), clip_ids(parts["test"])
        assert (len(train), len(test)) == (1258, 1068)
        assert not set(train) & set(test)
        assert train == sorted(train)  # File order.
        assert sum(key.num_frames for key in clips.train_index) == 87543
        assert sum(key.num_frames for key in clips.test_index) == 76298

    def test_validation(self, clips):
        parts = example_gen.split(clips, "validation")
        train = clip_ids(parts["train"])
        validation = clip_ids(parts["validation"])
        assert (len(train), len(validation)) == (1142, 116)
        assert not set(train) & set(validation)
        assert not set(clip_ids(clips.test)) & set(train + validation)
        actions = {key.clip_id: key.action for key in clips.train_index}
        for action in range(len(clips.actions)):
            kept = [c for c in train if actions[c] == action]
            held = [c for c in validation if actions[c] == action]
            count = len(kept) + len(held)
            assert len(held) == round(0.092 * count)
            assert max(kept) < min(held)  # The last in file order.

    def test_leaky_frames(self, clips):
        parts = example_gen.split(clips, "leaky_frames")
        assert int(parts["train"].cardinality()) == 131073
        assert int(parts["test"].cardinality()) == 32768
        assert parts["train"].element_spec["poses"].shape.as_list()[1:] == [
            13,
            2,
        ]


class TestDigest:
    def test_of_two_builds_is_the_same(
        self, tiny_clips, tiny_penn_dir, tmp_path
    ):
        """Whose files differ, with the time at which they were made."""
        again = example_gen.load(
            "penn_action", data_dir=tmp_path, manual_dir=tiny_penn_dir
        )
        assert again.path != tiny_clips.path
        assert again.digest == tiny_clips.digest

    def test_depends_on_the_order(self, tiny_clips):
        """Which clips are held back depends on it."""
        train = list(tiny_clips.train)
        ds = tf.data.experimental.from_list(train[1:] + train[:1])
        turned = dataclasses.replace(tiny_clips, train=ds)
        assert turned.digest != tiny_clips.digest

    def test_depends_on_what_belongs_to_which_split(self, tiny_clips):
        empty = tiny_clips.train.take(0)
        one = dataclasses.replace(tiny_clips, test=empty)
        other = dataclasses.replace(
            tiny_clips, train=empty, test=tiny_clips.train
        )
        assert one.digest != other.digest

    def test_of_equal_numbers_is_the_same(self, tiny_clips):
        """A zero may have a sign, and NaN many bits."""

        def with_poses(*values):
            def change(clip):
                poses = tf.zeros_like(clip["poses"]) + values
                return {**clip, "poses": poses}

            return dataclasses.replace(
                tiny_clips, train=tiny_clips.train.map(change)
            )

        assert (
            with_poses(0.0, np.nan).digest == with_poses(-0.0, -np.nan).digest
        )
        assert with_poses(0.0, np.nan).digest != with_poses(np.nan, 0.0).digest
