"""Cells of text files as numbers."""

import numpy as np
import pytest

from pose_tf.formats import cells, detections


def place(row):
    return f"line {row + 10}"


def test_blank_cells_are_nan():
    np.testing.assert_array_equal(
        cells.numbers([["1", "", " 2.5e1"], ["nan", "  ", "-3"]], place),
        [[1, np.nan, 25], [np.nan, np.nan, -3]],
    )
    assert cells.numbers([], place).shape == (0, 0)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["1", "2"], ["3", "high"]], "'high' in line 11, cell 2"),
        ([["1", "2"], ["3"]], "cells, 2. Received: 1 in line 11"),
    ],
)
def test_what_are_no_numbers(rows, message):
    with pytest.raises(ValueError, match=message):
        cells.numbers(rows, place)


def test_whole_numbers():
    assert cells.whole(np.array([3.0, -1.0]), place).tolist() == [3, -1]
    for wrong in (0.5, np.nan, np.inf, 1e300):
        with pytest.raises(ValueError, match="must be whole.* in line 11"):
            cells.whole(np.array([0, wrong]), place)


def test_places():
    cells.check_places(np.array([[[np.nan, np.inf], [1e6, -1e6]]]), place)
    with pytest.raises(
        ValueError, match=r"1,000,000. Received: -1e\+07 in line 11"
    ):
        cells.check_places(np.array([[[0, 0]], [[1, -1e7]]]), place)


def test_the_origin_is_missing():
    poses = cells.without_origin(np.array([[0.0, 0.0], [0.0, 3.0]]))
    np.testing.assert_array_equal(poses, [[np.nan, np.nan], [0, 3]])


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        ([0, 0.5, 1, np.nan], detections.NORMALIZED),
        ([-0.1, 0.5], detections.PIXELS),
        ([0, 2], detections.PIXELS),
        ([0, 0], detections.PIXELS),
        ([np.nan], detections.PIXELS),
    ],
)
def test_units(values, unit):
    assert cells.unit(np.array(values)) == unit
