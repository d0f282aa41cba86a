"""Tests of intervals over seeds, by hand."""

import pytest

from studies.page import intervals


def test_interval_of_numbers_worked_by_hand():
    # Student's t of 2 degrees of freedom: 4.3027; stddev 1, of 3 values.
    interval = intervals.of([1.0, 2.0, 3.0])
    assert interval.mean == 2
    assert interval.half == pytest.approx(4.3027 / 3**0.5, abs=1e-4)
    assert not interval.clear_of_zero
    assert interval.text() == "2.0 ± 2.5"
    assert intervals.of([-0.04, 0.02]).text(sign=True).startswith("+0.0")


def test_interval_that_holds_for_several_is_wider():
    values = [1.0, 2.0, 3.0]
    # Twice 97.5 %: t of 2 degrees of freedom is 6.2053.
    assert intervals.of(values, comparisons=2).half == pytest.approx(
        6.2053 / 3**0.5, abs=1e-4
    )


def test_paired_differences_are_of_the_same_seeds():
    interval = intervals.paired({0: 5.0, 1: 7.0}, {1: 6.0, 0: 4.0})
    assert (interval.mean, interval.half) == (1.0, 0.0)
    with pytest.raises(ValueError, match="same seeds"):
        intervals.paired({0: 1.0}, {1: 1.0})


def test_an_interval_that_excludes_zero_is_bold():
    assert intervals.of([1.0, 2.0, 3.0]).bold() == "+2.0 ± 2.5"
    # Half-width 4.3027 * 0.1 / sqrt(3).
    assert intervals.of([0.9, 1.0, 1.1]).bold() == "**+1.0 ± 0.2**"
