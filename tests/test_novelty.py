"""Novelty, by distances worked by hand."""

import numpy as np
import pytest

from pose_tf import novelty


def on_circle(*degrees):
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)


def references(embeddings, number=1, most=100, **options):
    return novelty.references(
        embeddings, most=most, num_neighbors=number, **options
    )


def test_the_share_of_references_that_are_closer_to_their_neighbours():
    # At 0, 10, 40 and 100 degrees, whatever their length: the nearest other is
    # 10, 10, 30 and 60 degrees away.
    circle = on_circle(0, 10, 40, 100)
    unit, distances = references(circle * [[1], [2], [3], [4]])
    np.testing.assert_allclose(unit, circle, atol=1e-6)
    expected = 1 - np.cos(np.radians([10, 10, 30, 60]))
    np.testing.assert_allclose(distances, expected, atol=1e-6)
    # 5 degrees from the nearest: closer than any; 20: as two of four; opposite:
    # farther than all.
    shares = novelty.share_likelier(
        on_circle(5, 60, 200), unit, distances, num_neighbors=1
    )
    np.testing.assert_array_equal(shares, [0, 0.5, 1])


def test_distances_are_means_over_the_nearest():
    """Of 0, 10, 40 degrees: (10, 40), (10, 30) and (30, 40) away."""
    unit, distances = references(on_circle(0, 10, 40), number=2)
    cosines = np.cos(np.radians([[10, 40], [10, 30], [30, 40]]))
    np.testing.assert_allclose(distances, 1 - cosines.mean(1), atol=1e-6)
    # 20 degrees: (10, 20) away. -70 degrees: (70, 80) away.
    shares = novelty.share_likelier(
        on_circle(20, -70), unit, distances, num_neighbors=2
    )
    np.testing.assert_array_equal(shares, [0, 1])


def test_blocks_of_rows_do_not_matter(monkeypatch):
    embeddings = np.random.default_rng(0).normal(size=(11, 3))
    whole = references(embeddings, number=2)
    monkeypatch.setattr(novelty, "ROWS_PER_BLOCK", 4)
    for one, two in zip(references(embeddings, number=2), whole, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)


def test_of_more_motions_some_are_drawn_by_seed():
    embeddings = np.random.default_rng(0).normal(size=(50, 3))
    drawn, distances = references(embeddings, most=20, seed=1)
    assert drawn.shape == (20, 3) and distances.shape == (20,)
    again, _ = references(embeddings, most=20, seed=1)
    other, _ = references(embeddings, most=20, seed=2)
    np.testing.assert_array_equal(drawn, again)
    assert (drawn != other).any()
    rows = {tuple(row) for row in novelty.unit_length(embeddings).tolist()}
    assert {tuple(row) for row in drawn.tolist()} <= rows


@pytest.mark.parametrize("number", [1, 2, 3])
def test_fewer_references_than_neighbours_are_all_of_them(number):
    unit, distances = references(np.eye(3)[:number], number=5)
    assert np.isfinite(distances).all()
    share = novelty.share_likelier(
        unit[:1] + 0.1, unit, distances, num_neighbors=5
    )
    assert np.isfinite(share).all()


def test_what_is_not_known_has_no_novelty():
    unit, distances = references(np.eye(2))
    lost = np.array([[np.nan, 0], [1, 0]], np.float32)
    shares = novelty.share_likelier(lost, unit, distances, num_neighbors=1)
    np.testing.assert_array_equal(shares, [np.nan, 0])
    none = novelty.share_likelier(
        lost, unit[:0], distances[:0], num_neighbors=1
    )
    assert np.isnan(none).all()


def test_the_module_keeps_references_in_half_precision():
    embeddings = np.random.default_rng(0).normal(size=(30, 8))
    module = novelty.Novelty(embeddings, most=20, num_neighbors=2)
    assert module.references.dtype == "float16"
    kept, distances = references(embeddings, number=2, most=20)
    np.testing.assert_allclose(module.references, kept, atol=1e-3)
    asked = np.random.default_rng(1).normal(size=(9, 8)).astype(np.float32)
    np.testing.assert_allclose(
        module(asked),
        novelty.share_likelier(asked, kept, distances, num_neighbors=2),
        atol=0.051,  # One reference of twenty, by rounding.
    )


def test_unit_length_keeps_directions_and_what_has_none():
    np.testing.assert_allclose(
        novelty.unit_length([[3, 4], [0, 0]]), [[0.6, 0.8], [0, 0]]
    )
