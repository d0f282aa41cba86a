"""Measures ours and a peer in turns, each in a process of its own.

Two runtimes in one process (TensorFlow and torch) share thread pools and
symbols: they crash, or take 200 times as long as they do separately. On a
machine that others use, two measurements are comparable only if one directly
follows the other, so ratios are taken turn by turn.
"""

import contextlib
import dataclasses
import multiprocessing
import os
import statistics
import time

import numpy as np

from pose_tf import terminal

SECONDS_TO_END = 5
SPREAD = (10, 90)  # Percentiles: outliers are due to the machine.


class SideError(RuntimeError):
    """The error of a side whose process ended before it had measured."""


class Side:
    """A process that measures on request.

    Args:
        make: Function at the top level of a module. The new process calls it
            once; it must return a dict of measures, which are functions
            without arguments that return a number or a list of numbers.
        *arguments: Arguments of `make`.

    Raises:
        SideError: If the process ends before it is ready.
    """

    def __init__(self, make, *arguments):
        context = multiprocessing.get_context("spawn")
        self.name = make.__name__.strip("_")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,))
        self._process.start()
        # If the child's end stayed open here, its death would go unnoticed.
        theirs.close()
        with contextlib.suppress(BrokenPipeError):
            self._connection.send((make, arguments))
        self._receive()

    def measure(self, name) -> list[float]:
        """Returns the numbers of one turn.

        Args:
            name: Name of the measure.

        Raises:
            SideError: If the process ends before it has measured.
        """
        # A dead process is noticed in `_receive`, which reads its exit code.
        with contextlib.suppress(BrokenPipeError):
            self._connection.send(name)
        return [float(number) for number in np.atleast_1d(self._receive())]

    def _receive(self):
        try:
            return self._connection.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            code = self._process.exitcode or 0
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise SideError(f"{self.name} ended with {how}") from None

    def close(self):
        """Ends the process, by force if it is busy."""
        self._connection.close()
        self._process.join(SECONDS_TO_END)
        self._process.terminate()
        self._process.join()


def _serve(connection):
    """Runs in a side's process: sends None when ready, then measurements."""
    os.dup2(2, 1)  # Keeps what libraries print out of the table.
    terminal.quiet_tensorflow()
    make, arguments = connection.recv()  # Imports what `make` needs.
    measures = make(*arguments)
    connection.send(None)
    # When the parent ends, for whatever reason, this process ends as well.
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            connection.send(measures[connection.recv()]())


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Measurements of ours and of a peer, turn by turn.

    Attributes:
        ours: A list of numbers per turn.
        peer: The same for the peer, each turn directly after ours.
    """

    ours: list[list[float]]
    peer: list[list[float]]

    def medians(self) -> tuple[float, float]:
        """Returns the medians of all of our numbers and of the peer's."""
        ours, peer = np.concatenate(self.ours), np.concatenate(self.peer)
        return float(np.median(ours)), float(np.median(peer))

    def ratios(self) -> list[float]:
        """Returns our median over the peer's, per pair of turns.

        Example:

        >>> Pairs(ours=[[3.0], [8.0]], peer=[[2.0], [4.0]]).ratios()
        [1.5, 2.0]
        """
        return [
            statistics.median(ours) / statistics.median(peer)
            for ours, peer in zip(self.ours, self.peer, strict=True)
        ]

    def ratio(self) -> str:
        """Returns the median of the ratios and the range of their middle 80 %.

        Example:

        >>> Pairs(ours=[[1.0], [2.0], [3.0]], peer=[[1.0]] * 3).ratio()
        '2.00 (1.20 to 2.80)'
        """
        ratios = self.ratios()
        if len(ratios) == 1:
            return f"{ratios[0]:.2f}"
        low, high = np.percentile(ratios, SPREAD)
        return f"{statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})"


def in_turns(ours, peer, measure, num_turns) -> Pairs:
    """Measures two sides alternately: ours, the peer, ours, the peer.

    Args:
        ours: A `Side`.
        peer: A `Side`.
        measure: Name of the measure, the same for both.
        num_turns: Integer, how many times each side is measured.

    Returns:
        The `Pairs`.
    """
    pairs = Pairs([], [])
    for _ in range(num_turns):
        pairs.ours.append(ours.measure(measure))
        pairs.peer.append(peer.measure(measure))
    return pairs


@contextlib.contextmanager
def both(ours, peer, *arguments):
    """Yields two sides, and ends their processes at the end.

    Args:
        ours: Function that makes our measures; see `Side`.
        peer: Function that makes the peer's.
        *arguments: Arguments of both functions.
    """
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(contextlib.closing(Side(make, *arguments)))
            for make in (ours, peer)
        ]


def seconds(function, num_calls=1):
    """Returns a measure of the seconds that each call of a function takes.

    Calls the function once beforehand, to trace it and to warm up.

    Args:
        function: Function without arguments.
        num_calls: Integer, calls per turn.
    """

    def measure():
        times = []
        for _ in range(num_calls):
            start = time.perf_counter()
            function()
            times.append(time.perf_counter() - start)
        return times

    function()
    return measure
