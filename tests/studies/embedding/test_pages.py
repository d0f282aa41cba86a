"""Tests that all sections share, from records of no run."""

import re

import pytest

from studies import experiment
from studies.embedding.study import STUDY

# What runs draw, and no section can.
DRAWN = ".gif", "latent_map.png"


@pytest.fixture
def records(
    name,
    fake_records,
    late_records,
    motion_records,
    jhmdb_records,
    continuation_records,
):
    """Records of the parts of the study to which a section belongs."""
    later = {
        "motion": motion_records,
        "jhmdb": jhmdb_records,
        "continuations": continuation_records,
    }
    early = ("reproduction", "classification", "few_labels")
    return later.get(name, fake_records if name in early else late_records)


@pytest.mark.parametrize("name", STUDY.sections)
def test_a_section_shows_metrics_and_the_plots_that_it_names(
    name, records, tmp_path
):
    part = experiment(name)
    text = part.section(records, tmp_path)
    assert text.startswith("##")
    assert "±" in text
    assert "nan" not in text
    # No field of a template is left.
    assert not re.search(r"[{}]", text)
    names = set(re.findall(r"\]\((\w+\.\w+)\)", text))
    plots = {name for name in names if not name.endswith(DRAWN)}
    assert plots == {path.name for path in tmp_path.iterdir()}
    sentences = part.conclusion(records)
    assert sentences
    assert all(sentences)


@pytest.mark.parametrize("name", STUDY.sections)
def test_a_section_depends_on_the_metrics_only(name, records, tmp_path):
    part = experiment(name)
    text = part.section(records, tmp_path)
    assert text == part.section(records[::-1], tmp_path)
    assert part.conclusion(records) == part.conclusion(records[::-1])
