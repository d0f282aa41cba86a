"""Tests of the section on long rollouts."""

import re

import pytest

from studies.embedding.generation import page


def test_parts_of_the_extra_error_add_up_to_it(late_records, tmp_path):
    text = page.section(late_records, tmp_path)
    # 20 dimensions: 0.1 a frame for raw poses, and 2.1 for embedded ones.
    (row,) = re.findall(r"\| 20 \| \+30 \|.*", text)
    extra, decoding, dynamics, corrected = (
        float(cell.split()[0].replace("−", "-")) for cell in row.split("|")[4:8]
    )
    assert extra == pytest.approx(60, abs=0.05)
    assert decoding == pytest.approx(0.25, abs=0.01)
    assert extra == pytest.approx(decoding + dynamics, abs=0.011)
    assert corrected == pytest.approx(extra - 0.5, abs=0.011)


def test_growth_of_the_extra_error_is_stated(late_records):
    raises, compounds = page.conclusion(late_records)
    assert "raises the error" in raises
    assert "it grows" in compounds
    flat = [
        {**r, "metrics": {**r["metrics"], "mpjpe": [1.0 + r["seed"]] * 30}}
        if r["experiment"] == "generation"
        else r
        for r in late_records
    ]
    assert "cannot be told" in page.conclusion(flat)[1]


def test_front_row_names_the_better_baseline(late_records):
    ((what, raw, embedded, difference, baseline),) = page.front_rows(
        late_records
    )
    assert "20 dimensions" in what
    assert float(embedded.split()[0]) < float(raw.split()[0])
    assert difference.startswith("−")
    assert baseline.startswith(("zero velocity ", "constant velocity "))
