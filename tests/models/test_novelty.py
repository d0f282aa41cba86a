"""Novelty, by distances worked by hand."""

import numpy as np

from pose_tf.models import novelty


def test_the_share_of_references_that_are_closer_to_their_neighbours(
    monkeypatch,
):
    monkeypatch.setattr(novelty, "NUM_NEIGHBORS", 1)
    # On the unit circle at 0, 10, 40 and 100 degrees, whatever their length:
    # the nearest other is 10, 10, 30 and 60 degrees away.
    degrees = np.radians([0, 10, 40, 100])
    circle = np.stack([np.cos(degrees), np.sin(degrees)], 1)
    unit, distances = novelty.references(circle * [[1], [2], [3], [4]])
    np.testing.assert_allclose(unit, circle, atol=1e-6)
    expected = 1 - np.cos(np.radians([10, 10, 30, 60]))
    np.testing.assert_allclose(distances, expected, atol=1e-6)
    # 5 degrees from the nearest: closer than any; 20: as two of four; opposite:
    # farther than all.
    asked = np.radians([5, 60, 200])
    asked = np.stack([np.cos(asked), np.sin(asked)], 1).astype(np.float32)
    shares = novelty.share_likelier(asked, unit, distances)
    np.testing.assert_array_equal(shares, [0, 0.5, 1])


def test_fewer_references_than_neighbours_are_all_of_them():
    unit, distances = novelty.references(np.eye(3))
    assert np.isfinite(distances).all()
    share = novelty.share_likelier(unit[:1] + 0.1, unit, distances)
    assert np.isfinite(share).all()
