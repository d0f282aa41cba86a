"""Tests of picking records."""

import pytest

from studies.page import records


def test_metrics_by_seed_need_one_record_per_seed():
    rows = [{"seed": 0, "metrics": {"top1": x}} for x in (1.0, 2.0)]
    assert records.by_seed(rows[:1], "top1") == {0: 1.0}
    with pytest.raises(ValueError, match="different seeds"):
        records.by_seed(rows, "top1")
