"""Tests of the page of part 8, from records of no run."""

import pytest

from studies.motion.jhmdb import page


def record(arm, split, spread, plain, seed=0, **options):
    draws = {
        "spread": {"1": spread},
        "plain": {"1": plain, "100": [90.0]},
    }
    options |= {"arm": arm, "jhmdb_split": split, "labels": [1, 100]}
    return {
        "experiment": "jhmdb",
        "options": {**options, "num_draws": 2},
        "seed": seed,
        "protocol": "official",
        "metrics": {"draws": draws},
    }


def rocket(split, labels, seed, top1):
    return {
        "experiment": "jhmdb_rockets",
        "options": {"arm": "Mini", "labels": labels, "jhmdb_split": split},
        "seed": seed,
        "protocol": "official",
        "metrics": {"top1": top1},
    }


@pytest.fixture
def records():
    """Two splits of two draws: the VAE gains 10 on random features."""
    arms = []
    for split in (1, 2):
        arms += [
            record("vae", split, [60, 62], [50, 52], latent_dim=4),
            record("pca", split, [55, 57], [45, 47], latent_dim=4),
            record("pca", split, [40, 42], [35, 37], latent_dim=9),
            record("random", split, [50, 52], [40, 42]),
        ]
        arms += [rocket(split, 1, seed, 30 + seed) for seed in (0, 1)]
        arms.append(rocket(split, 100, 0, 80))
    return arms


def test_top1_is_by_split_and_draw_and_averaged_over_seeds(records):
    more = record("vae", 1, [70, 72], [50, 52], seed=1, latent_dim=4)
    arms = page.Arms([*records, more])
    assert arms.top1(arms.vae, "spread", 1) == {
        (1, 0): 65,
        (1, 1): 67,
        (2, 0): 60,
        (2, 1): 62,
    }
    # With all labels nothing is spread.
    assert arms.top1(arms.pca, "spread", 100) == {(1, 0): 90, (2, 0): 90}


def test_gains_are_paired(records, tmp_path):
    text = page.section(records, tmp_path)
    assert (
        "| the VAE, to random features, labels spread "
        "| **+10.0 ± 0.0** | +0.0 ± 0.0 |" in text
    )
    assert "| the VAE, labels spread, over Mini | **+30.5 ± 0.9** |" in text


def test_the_conclusion_names_the_better_control_and_the_peers(records):
    (sentence,) = page.conclusion(records)
    assert "1 clip labelled per action" in sentence
    assert "Mini 30.5 ± 0.9" in sentence
    assert "embedding adds +10.0 ± 0.0 points" in sentence
    assert "With all labels, the embedding adds nothing" in sentence


def test_without_peers_none_is_named(records):
    ours = [r for r in records if r["experiment"] == "jhmdb"]
    (sentence,) = page.conclusion(ours)
    assert "Mini" not in sentence
