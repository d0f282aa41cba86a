"""What recognizers remember."""

import dataclasses

import numpy as np
import pytest

from pose_tf.learning import head, memory
from pose_tf.learning.motions import EmbeddedClips


def embedded(*digests, start="clip"):
    """Clips whose embedding is made of their digest."""
    numbers = np.array(digests, np.uint64)
    embeddings = np.stack([numbers, numbers + 1], -1).astype(np.float32)
    if not digests:
        embeddings = np.zeros((0, 0), np.float32)
    names = tuple(f"{start}{digest}" for digest in digests)
    return EmbeddedClips(embeddings, numbers, names, tuple(range(len(names))))


def test_labelled_motions_come_first_and_new_actions_last():
    first = memory.Memory().with_clips(embedded(1, 2), ["b", "a"], embedded(9))
    second = first.with_clips(embedded(3, 4), ["0", "b"], embedded(8, 9))
    assert first.actions == ("a", "b")
    assert second.actions == ("a", "b", "0")
    assert second.labels.tolist() == [1, 0, 2, 1]
    assert second.digests.tolist() == [1, 2, 3, 4, 9, 8]
    np.testing.assert_array_equal(second.embeddings[:, 0], second.digests)
    assert second.names == ("clip1", "clip2", "clip3", "clip4")
    assert (second.num_labelled, second.num_unlabelled) == (4, 2)


def test_an_unlabelled_clip_that_gets_a_label_is_no_longer_unlabelled():
    first = memory.Memory().with_clips(embedded(1), ["a"], embedded(7, 1, 8, 7))
    assert first.digests.tolist() == [1, 7, 8]
    assert first.with_clips(
        embedded(8), ["b"], embedded()
    ).digests.tolist() == [1, 8, 7]


def test_contradictions_are_named_across_calls():
    first = memory.Memory().with_clips(embedded(1, 2), ["a", "b"], embedded())
    with pytest.raises(ValueError, match="clip2 as 'b' and new2 as 'a'"):
        first.with_clips(embedded(5, 2, start="new"), ["a", "a"], embedded())


def test_what_is_written_is_read(tmp_path):
    weights = np.eye(2, dtype=np.float32)
    one = memory.Memory().with_clips(
        embedded(1, 2), ["für", "a b"], embedded(2**63 + 1)
    )
    with pytest.raises(ValueError, match="`head`"):
        one.write(tmp_path)
    dataclasses.replace(one, head=head.Head(weights)).write(tmp_path)
    read = memory.read(tmp_path)
    assert read.actions == one.actions
    assert read.names == one.names
    for name in ("embeddings", "digests", "labels"):
        value, expected = getattr(read, name), getattr(one, name)
        np.testing.assert_array_equal(value, expected)
        assert value.dtype == expected.dtype
    np.testing.assert_array_equal(read.head.weights, weights)
    assert memory.read(tmp_path / "elsewhere") is None
