"""Tests of the command line."""

import re

import pytest

from studies import __main__


def test_nothing_is_downloaded(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv(__main__.MANUAL_DIR_VARIABLE, raising=False)
    folders = [f"--{x}={tmp_path}/{x}" for x in ("runs", "output", "data_dir")]
    with pytest.raises(SystemExit, match="2"):
        __main__.main(["--quick", *folders])
    told = capsys.readouterr().err.splitlines()[-1]
    assert f"`pose-tf build penn_action --data_dir={tmp_path}/data_dir`" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--jobs=0"], "`jobs` must be at least 1. Received: 0"),
        (["--minutes=-1"], "`minutes` must be positive. Received: -1"),
        (["check", "--count=0"], "`count` must be at least 1. Received: 0"),
        (["report"], "Received: .*results.json"),
        (["--parts", "nonsense"], "nonsense"),
    ],
    ids=str,
)
def test_mistakes_end_in_one_line(
    arguments, message, tiny_data_dir, tiny_penn_dir, tmp_path, capsys
):
    folders = [f"--runs={tmp_path}", f"--output={tmp_path}"]
    folders += [f"--data_dir={tiny_data_dir}", f"--manual_dir={tiny_penn_dir}"]
    with pytest.raises(SystemExit) as error:
        __main__.main(["--quick", *arguments, *folders])
    assert error.value.code == 2
    told = capsys.readouterr().err
    assert re.search(message, told.splitlines()[-1])
