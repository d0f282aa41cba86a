"""Tests of the page and of the table in the README."""

import dataclasses
import pathlib

import pytest

from studies import experiment
from studies.embedding import plan
from studies.embedding.study import STUDY
from studies.engine import store
from studies.page import report

ROOT = pathlib.Path(__file__).resolve().parents[3]


FOLDER = ROOT / STUDY.folder


def test_page_says_how_much_of_a_part_is_missing(fake_records, tmp_path):
    results = {"plan": plan.QUICK.name, "runs": fake_records[:-1]}
    text = report.render(STUDY, results, tmp_path)
    assert "runs are finished" in text


def test_page_without_results_names_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Received: .*results\.json"):
        report.write(STUDY, tmp_path)


def test_front_table_goes_between_the_marks(fake_records, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- study -->\nold\n<!-- /study -->\nb\n")
    results = {"plan": plan.QUICK.name, "runs": fake_records}
    report.fill_in(STUDY, readme, results)
    text = readme.read_text()
    assert text.startswith("a\n<!-- study -->\n")
    assert text.endswith("<!-- /study -->\nb\n")
    assert "old" not in text
    assert report.front_table(STUDY, results) in text
    # Header, rule, the original's frames, frames, clips, few labels; the other
    # parts are missing. Part 1 uses guesses, and the last line says what of it.
    *table, empty, note = report.front_table(STUDY, results).splitlines()
    assert len(table) == 6
    assert [" \\* |" in row for row in table[2:]] == [True, False, False, False]
    assert (empty, note) == ("", STUDY.outdated_rows)


def test_front_text_goes_under_the_table(motion_records, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("<!-- study -->\n<!-- /study -->\n")
    sizes = dataclasses.replace(
        plan.QUICK, motion_seeds=2, motion_rockets=("MiniRocket",)
    )
    study = dataclasses.replace(STUDY, plans={sizes.name: sizes})
    results = {"plan": sizes.name, "runs": motion_records}
    report.fill_in(study, readme, results)
    text = readme.read_text()
    for sentence in experiment("motion").front_text(motion_records):
        assert text.index(sentence) > text.index("| --- |")


@pytest.mark.skipif(
    not (FOLDER / report.RESULTS).exists(), reason="no study was run"
)
def test_committed_page_is_that_of_the_committed_results(tmp_path):
    results = store.read_results(FOLDER / report.RESULTS)
    assert (
        report.render(STUDY, results, tmp_path)
        == (FOLDER / report.PAGE).read_text()
    )
    readme = tmp_path / "README.md"
    readme.write_text((ROOT / "README.md").read_text())
    report.fill_in(STUDY, readme, results)
    assert readme.read_text() == (ROOT / "README.md").read_text()
