"""Tests of the section on continuations."""

import re

import pytest

from studies.embedding.continuations import page


def numbers(row):
    return [
        float(cell.split()[0].replace("−", "-"))
        for cell in row.split("|")[2:-1]
    ]


def test_parts_of_the_extra_error_add_up_to_it(continuation_records, tmp_path):
    text = page.section(continuation_records, tmp_path)
    (table,) = re.findall(r"(\| arm \| reconstruction.*?)\n\n", text, re.DOTALL)
    rows = table.splitlines()[2:]
    assert len(rows) == 2
    for row in rows:
        reconstruction, extra, decoding, dynamics = numbers(row)
        assert reconstruction == 0.8
        assert extra == pytest.approx(1, abs=0.03)
        assert decoding == pytest.approx(0.75, abs=0.01)
        assert extra == pytest.approx(decoding + dynamics, abs=0.011)


def test_motion_is_taken_apart(continuation_records, tmp_path):
    text = page.section(continuation_records, tmp_path)
    (row,) = re.findall(r"\| chunks, embedded \(8\) \| 0.9.*", text)
    decoded, predicted, sampled, latent, mean, _, _ = numbers(row)
    assert decoded == pytest.approx(0.9, abs=0.011)
    assert latent == pytest.approx(1 - decoded, abs=0.011)
    assert mean == pytest.approx(decoded - predicted, abs=0.011)
    assert sampled == pytest.approx(1.0, abs=0.011)


def test_the_gate_names_where_least_is_left(continuation_records):
    _, freezing = page.conclusion(continuation_records)
    assert "one of 8 dimensions" in freezing
    # 0.5 + 8 / 20.
    assert "at least 0.90" in freezing and "PCA of that size 0.50" in freezing
