"""Tests of texts in Markdown files."""

import pytest

from studies.page import templates

TEXT = """\
<!-- opening -->
# A study

Over {seeds} seeds,
in one line.

<!-- end -->
The end.
"""


@pytest.fixture
def module(tmp_path):
    (tmp_path / templates.FILE).write_text(TEXT)
    return str(tmp_path / "page.py")


def test_fields_are_filled_in_and_paragraphs_are_lines(module):
    assert templates.fill(module, "opening", seeds=3) == (
        "# A study\n\nOver 3 seeds, in one line."
    )
    assert templates.fill(module, "end") == "The end."


def test_an_unknown_text_is_an_error_that_names_the_known_ones(module):
    with pytest.raises(ValueError, match="opening, end.*Received: 'middle'"):
        templates.fill(module, "middle")


def test_a_field_without_a_value_is_named(module):
    with pytest.raises(ValueError, match="'seeds'.*Received: count"):
        templates.fill(module, "opening", count=3)
