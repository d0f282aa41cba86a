"""Tests of the embedded arms by dimension."""

from studies.embedding.classification import dimensions


def test_worse_arms_are_so_for_all_comparisons_at_once():
    # Below 20 by 3, 4 and 5: t = 4 / (1 / sqrt(3)) = 6.93 on 2 degrees of
    # freedom, beyond 4.30 (95 %) and 6.21 (for two at once), not beyond 7.65
    # (for three).
    arms = {
        2: {0: 50.0, 1: 50.0, 2: 50.1},
        10: {0: 87.0, 1: 86.0, 2: 85.0},
        20: {0: 90.0, 1: 90.0, 2: 90.0},
    }
    assert dimensions.best(arms) == 20
    assert dimensions.worse(arms) == [2, 10]
    assert dimensions.worse({**arms, 40: arms[20]}) == [2]
