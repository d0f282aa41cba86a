"""The table of the benchmarks is printed row by row, even if a part fails."""

import importlib
import subprocess
import sys

import pytest

from benchmarks import __main__ as main
from benchmarks.table import Row

HEADER = (
    "| what | value | peer | ratio | aim |\n| --- | --- | --- | --- | --- |"
)


def rows_of(name):
    yield Row(what=f"{name} 1", value="3 ms")
    if name == "broken":
        raise ValueError("torch ended with signal 11")
    yield Row(what=f"{name} 2", value="4 ms", peer="2 ms", ratio="2.00")


def test_rows_are_printed_as_they_come(capsys):
    def rows():
        assert capsys.readouterr().out == HEADER + "\n"
        yield Row(what="first", value="3 ms")
        assert capsys.readouterr().out == "| first | 3 ms |  |  |  |\n"

    assert main.run(["one"], lambda name: rows()) == []


def test_if_a_part_fails_its_rows_and_the_other_parts_are_printed(capsys):
    assert main.run(["broken", "whole"], rows_of) == ["broken"]
    output, errors = capsys.readouterr()
    assert output.splitlines()[2:] == [
        "| broken 1 | 3 ms |  |  |  |",
        "| broken | failed: torch ended with signal 11 |  |  |  |",
        "| whole 1 | 3 ms |  |  |  |",
        "| whole 2 | 4 ms | 2 ms | 2.00 |  |",
    ]
    assert "ValueError" in errors


def test_the_command_fails_if_a_part_did(monkeypatch, capsys):
    monkeypatch.setattr(main, "_rows", rows_of)
    monkeypatch.setattr(main, "BENCHMARKS", ("broken", "whole"))
    with pytest.raises(SystemExit, match="Failed: broken"):
        main.main([])
    assert "whole 2" in capsys.readouterr().out
    main.main(["whole"])


def test_the_first_line_says_how_busy_the_machine_is(monkeypatch, capsys):
    monkeypatch.setattr(main, "_rows", rows_of)
    monkeypatch.setattr(main, "BENCHMARKS", ("whole",))
    monkeypatch.setattr(main.os, "getloadavg", lambda: (3.44, 2.6, 1.9))
    main.main([])
    assert "load 3.4 at start" in capsys.readouterr().out.splitlines()[0]


def test_an_unknown_part_is_named():
    with pytest.raises(SystemExit, match="Received: lsmt"):
        main.main(["lsmt"])


@pytest.mark.parametrize("name", main.BENCHMARKS)
def test_a_part_imports_no_runtime_before_its_sides(name):
    assert callable(importlib.import_module(f"benchmarks.{name}").rows)
    code = (
        f"import sys, benchmarks.{name}\n"
        "print(sorted({'tensorflow', 'torch', 'keras'} & set(sys.modules)))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    assert output.strip() == "[]"
