"""Tests of the page of part 7, from records of no run."""

import pytest

from studies.motion import page
from studies.motion.arms import Arms
from studies.page import intervals


def test_top1_is_the_average_over_seeds_by_draw(motion_records):
    arms = Arms(motion_records)
    first, second = (
        record["metrics"]["draws"]["spread"]["5"]
        for record in motion_records
        if record["options"].get("arm") == "random"
    )
    expected = {0: (first[0] + second[0]) / 2, 1: (first[1] + second[1]) / 2}
    assert arms.top1(arms.random, "spread", 5) == pytest.approx(expected)


def test_with_all_labels_top1_is_by_seed(motion_records):
    arms = Arms(motion_records)
    assert set(arms.top1(arms.vae, "spread", 100)) == {0, 1}


@pytest.mark.parametrize(
    ("values", "word"),
    [([1.0, 1.1], "adds +"), ([-1.0, -1.1], "costs −"), ([-1, 1], "nothing")],
)
def test_sentences_follow_the_interval(values, word):
    assert word in page.adds(intervals.of(values))


def test_without_rockets_the_page_says_so(motion_records, tmp_path):
    records = [r for r in motion_records if r["experiment"] != "motion_rockets"]
    assert "are left out" in page.section(records, tmp_path)
    assert "are left out" not in page.section(motion_records, tmp_path)


def test_dimensions_are_compared_over_the_seeds_that_all_have(motion_records):
    # Of the small plan, which varies dimensions and betas for the first only.
    assert Arms(motion_records).num_seeds == 2
    assert Arms(motion_records).num_varied == 1
