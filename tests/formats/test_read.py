"""Which dialect reads a file, and what all of them refuse."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pose_tf.formats import read, sources
from tests.support import recordings, refusals, space_recordings

EVERY = [
    pytest.param(
        dialect,
        write,
        id=write.__name__.removeprefix("write_"),
        marks=space_recordings.needs(dialect),
    )
    for dialect, writers in recordings.SAMPLES.items()
    for write in writers
]
# Our own readers take what nobody stricter does.
OWN = {"arrays", "table"}


def agreeing(path):
    """Returns the names of the dialects that a file does not differ from."""
    source = sources.Source(path)
    names = []
    for name in read.DIALECTS:
        try:
            if not read._difference(read._module(name), source):
                names.append(name)
        except ValueError:  # It cannot be read in that way at all.
            assert name in OWN
    return names


def test_every_dialect_has_a_sample():
    assert {*recordings.SAMPLES} | OWN == {*read.DIALECTS}


@pytest.mark.filterwarnings("ignore:Assumed frames of 16")
@pytest.mark.parametrize(("dialect", "write"), EVERY)
def test_a_file_is_its_own_dialects_and_no_others(tmp_path, dialect, write):
    path = write(tmp_path)
    names = agreeing(path)
    assert names[0] == dialect
    assert {*names} <= {dialect} | OWN
    clips = read.read(path)
    assert clips
    for one, named in zip(clips, read.read(path, dialect), strict=True):
        np.testing.assert_array_equal(one.poses, named.poses)
        assert one.clip_id == path.stem


@pytest.mark.parametrize(("dialect", "write"), EVERY)
def test_a_file_of_another_dialect_than_named_is_refused(
    tmp_path, dialect, write
):
    path = write(tmp_path)
    other = "kinetics" if dialect != "kinetics" else "coco"
    assert f"must be in the format {other}" in refusals.message(
        path, format=other
    )


@pytest.mark.parametrize("write", recordings.IN_JSON)
def test_truncated_json_is_refused(tmp_path, write):
    path = write(tmp_path)
    path.write_text(path.read_text()[:-100])
    assert "must be whole JSON. Received: " in refusals.message(path)
    assert ": line " in refusals.message(path)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000]
)
def test_nesting_without_end_is_refused(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    assert "JSON must not be nested that deeply" in refusals.message(path)


@pytest.mark.parametrize("depth", [2, 5, 50, 900])
@pytest.mark.parametrize("leaf", ["", "1", "null", '{"landmarks": [[]]}'])
def test_lists_of_lists_are_refused_in_one_line(tmp_path, depth, leaf):
    path = tmp_path / "a.json"
    path.write_text("[" * depth + leaf + "]" * depth)
    try:
        assert read.read(path) == []
    except ValueError as refusal:
        assert "\n" not in str(refusal)


@pytest.mark.parametrize(
    "value",
    [{}, {"a": 1}, [1, 2], "text", 3, None, True, [[]], [{}], [None, 3]],
)
def test_json_of_no_format_says_what_was_found(tmp_path, value):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value))
    try:
        assert read.read(path) == []  # Nobody, in a form that says so.
        assert value in ([[]], [{}])
    except ValueError as refusal:
        for name in read.DIALECTS:
            if ".json" in read._module(name).SUFFIXES:
                assert f"{name}: " in str(refusal)


# What a damaged file may have in place of something.
JUNK = (
    [None, True, -1, 1.5, 1e308, 10**25, float("nan"), "", "abc", "0.jpg"]
    + [[], {}, [[]], {"a": 1}, [1, 2, 3], ["a"], [None], {"x": 1, "y": 2}]
    + [[[1, 2]], {"__ndarray__": []}, [{}]]
)


def places(value, before=()):
    """Yields the paths to everything in a value, of lists to the first few."""
    yield before
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*before, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value[:3]):
            yield from places(inner, (*before, index))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("write", recordings.IN_JSON)
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_damage_anywhere_is_said_in_one_line(tmp_path, write, data):
    value = json.loads(write(tmp_path).read_text())
    *before, last = data.draw(st.sampled_from([*places(value)][1:]))
    inner = value
    for key in before:
        inner = inner[key]
    if data.draw(st.booleans()):
        inner[last] = data.draw(st.sampled_from(JUNK))
    else:
        del inner[last]
    path = tmp_path / "damaged.json"
    path.write_text(json.dumps(value))
    try:
        read.read(path)
    except ValueError as refusal:
        assert str(refusal).startswith(f"{path}: ")
        assert "\n" not in str(refusal)
        assert len(str(refusal)) < 2000


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("write", recordings.IN_LINES)
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_lines_are_said_in_one_line(tmp_path, write, data):
    path = write(tmp_path)
    text = path.read_text()
    start = data.draw(st.integers(0, len(text) - 1))
    end = start + data.draw(st.sampled_from([0, 1, 5, 100, len(text)]))
    junk = ["", ",", "\n", "\t", "x", "-1", "1e308", "nan", '"', "7 7", "\0"]
    text = text[:start] + data.draw(st.sampled_from(junk)) + text[end:]
    damaged = path.with_name(f"damaged{path.suffix}")
    damaged.write_text(text)
    try:
        read.read(damaged)
    except ValueError as refusal:
        assert str(refusal).startswith(f"{damaged}: ")
        assert "\n" not in str(refusal)
        assert len(str(refusal)) < 2000


def test_a_line_of_many_megabytes_takes_seconds(tmp_path):
    """2 MB here; 200 MB take a hundred times as long."""
    path = tmp_path / "a.json"
    path.write_text("[" + "0," * 1_000_000 + "0]")
    assert "coco: item 1 is 0, without 'image_id'" in refusals.message(path)
    path = tmp_path / "a.csv"
    path.write_text("0," * 1_000_000 + "0\n")
    assert "columns must have different names" in refusals.message(path)
    path.write_text("a" * 100_000 + "\n")
    assert "but 'aaaaaaaaaaaa...aaaaaaaaaaaaa'" in refusals.message(path)
