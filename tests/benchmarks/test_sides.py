"""Two sides are measured in turns, each in a process of its own."""

import os
import time

import pytest

from benchmarks import sides
from tests.support import fake_sides


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


def test_sides_take_turns_each_in_one_process_of_its_own(log):
    with sides.both(fake_sides.fast, fake_sides.slow, log) as (ours, peer):
        sides.in_turns(ours, peer, "number", num_turns=3)
    names, processes = zip(
        *map(str.split, log.read_text().splitlines()), strict=True
    )
    assert names == ("fast", "slow") * 3
    assert len(set(processes)) == 2
    assert len(set(processes[::2])) == len(set(processes[1::2])) == 1
    assert str(os.getpid()) not in processes


def test_ratios_are_taken_pair_by_pair(log):
    with sides.both(fake_sides.fast, fake_sides.slow, log) as (ours, peer):
        pairs = sides.in_turns(ours, peer, "number", num_turns=3)
    assert pairs.ours == [[1], [2], [3]]
    assert pairs.peer == [[2, 1, 5]] * 3
    assert pairs.ratios() == [0.5, 1.0, 1.5]
    # Percentiles 10 and 90 of three lie a fifth of the way in.
    assert pairs.ratio() == "1.00 (0.60 to 1.40)"
    assert pairs.medians() == (2.0, 2.0)


def test_a_machine_that_slows_down_does_not_change_the_ratio():
    """The median of the ratios is 3; the ratio of the medians is not."""
    pairs = sides.Pairs([[3.0], [30.0], [9.0]], [[1.0], [10.0], [3.0]])
    assert pairs.ratio() == "3.00 (3.00 to 3.00)"


def test_one_pair_has_no_spread():
    assert sides.Pairs([[3.0]], [[2.0]]).ratio() == "1.50"


@pytest.mark.parametrize(
    ("side", "how"),
    [
        (fake_sides.crashing, "crashing ended with signal 11"),
        (fake_sides.raising, "raising ended with exit code 1"),
        (fake_sides.absent, "absent ended with exit code 1"),
    ],
)
def test_a_side_that_ends_says_how(side, how, log):
    with (
        pytest.raises(sides.SideError, match=how),
        sides.both(fake_sides.fast, side, log) as (ours, peer),
    ):
        sides.in_turns(ours, peer, "number", num_turns=3)


def test_a_side_that_died_between_turns_says_how(log):
    with (
        pytest.raises(sides.SideError, match="fast ended with signal 9"),
        sides.both(fake_sides.fast, fake_sides.slow, log) as (ours, _),
    ):
        ours.measure("number")
        os.kill(int(log.read_text().split()[1]), 9)
        time.sleep(0.1)
        ours.measure("number")


def test_what_a_side_prints_is_neither_a_result_nor_a_row(log, capfd):
    with sides.both(fake_sides.talkative, fake_sides.slow, log) as (ours, _):
        assert ours.measure("number") == [3.0]
    assert capfd.readouterr() == ("", "a library's words\n")


def test_no_process_is_left(log):
    with sides.both(fake_sides.fast, fake_sides.slow, log) as (ours, peer):
        ours.measure("number")
        peer.measure("number")
    for line in log.read_text().splitlines():
        with pytest.raises(ProcessLookupError):
            os.kill(int(line.split()[1]), 0)


def test_seconds_times_each_call_after_a_first_that_warms_up():
    calls = []
    measure = sides.seconds(lambda: calls.append(time.sleep(0.01)), 3)
    assert len(calls) == 1
    times = measure()
    assert len(calls) == 4
    assert len(times) == 3
    assert min(times) >= 0.01
