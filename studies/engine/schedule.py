"""Executes missing runs, a few at a time, and estimates the time left."""

import dataclasses
import importlib.util
import json
import os
import statistics
import time
from multiprocessing import connection

import studies
from studies.engine import workers
from studies.engine.run import Run, with_needs

MAX_FAILURES = 3


@dataclasses.dataclass
class Outcome:
    """How a schedule ended.

    Attributes:
        finished: How many of its runs have finished.
        total: How many runs it has.
        failures: Pairs of a run and its traceback.
    """

    finished: int
    total: int
    failures: list[tuple[Run, str]]


def runs_of(plan, parts=None) -> list[Run]:
    """Returns the runs of a plan's parts, and those they need, needs first.

    Args:
        plan: Plan of the study, as `Experiment.runs` takes it.
        parts: Names in `studies.EXPERIMENTS`; all if None.
    """
    runs: list[Run] = []
    for name in parts or studies.EXPERIMENTS:
        runs += studies.experiment(name).runs(plan)
    return with_needs(runs)


def missing_requirements(run) -> list[str]:
    """Returns what a run requires and is not there.

    These are packages that are not installed, and environment variables that
    are not set.
    """
    experiment = studies.experiment(run.experiment)
    packages = (
        name
        for name in experiment.requires
        if not importlib.util.find_spec(name)
    )
    variables = (
        name for name in experiment.variables if not os.environ.get(name)
    )
    return [*packages, *variables]


class Schedule:
    """Executes the runs that a store lacks.

    Args:
        runs: Runs, in an order in which needs come first.
        store: `store.Store`, whose lock the caller holds.
        options: Keyword arguments of `Context`.
        jobs: Number of runs at a time.
        minutes: Minutes after which all runs are stopped; None sets no limit.
        log: Function that prints a line.
    """

    def __init__(
        self, runs, store, options, *, jobs=2, minutes=None, log=print
    ):
        if jobs < 1:
            raise ValueError(f"`jobs` must be at least 1. Received: {jobs}")
        if minutes is not None and minutes <= 0:
            raise ValueError(f"`minutes` must be positive. Received: {minutes}")
        self.runs, self.store, self.options = runs, store, options
        self.jobs, self.log = jobs, log
        self.deadline = None if minutes is None else _now() + 60 * minutes
        self.seconds: dict[tuple, list[float]] = {}
        self.done: set[str] = set()
        self.failures: list[tuple[Run, str]] = []
        for run in runs:
            if (record := store.record(run)) is not None:
                self._remember(run, record)

    def execute(self) -> Outcome:
        """Executes runs until none is left, time is up or too many failed."""
        waiting = [r for r in self.runs if r.digest() not in self.done]
        if waiting:
            self.log(
                f"{len(self.done)} of {len(self.runs)} runs have finished already"
                f"{self._left(waiting)}."
            )
        started: list[workers.Worker] = []
        try:
            self._work(waiting, started)
        finally:
            for worker in started:
                worker.stop()
        return Outcome(len(self.done), len(self.runs), self.failures)

    def _work(self, waiting, started):
        while len(self.failures) < MAX_FAILURES:
            self._start(waiting, started)
            busy = {w.connection: w for w in started if w.run is not None}
            left = None if self.deadline is None else self.deadline - _now()
            if not busy or (left is not None and left <= 0):
                return
            for ready in connection.wait(list(busy), left):
                self._end(busy[ready], waiting, started)

    def _start(self, waiting, started):
        """Gives runs that can start to idle workers, or to new ones."""
        while sum(worker.run is not None for worker in started) < self.jobs:
            run = next(filter(self._can_start, waiting), None)
            if run is None:
                return
            waiting.remove(run)
            idle = [worker for worker in started if worker.run is None]
            if not idle:
                idle = [workers.Worker(self.store.folder, self.options)]
                started += idle
            idle[0].give(run)

    def _can_start(self, run):
        if any(need.digest() not in self.done for need in run.needs):
            return False
        expected = self._expected(run) or 0
        return self.deadline is None or _now() + expected < self.deadline

    def _end(self, worker, waiting, started):
        run = worker.run
        record, error = worker.take()
        if worker.worn:
            worker.stop()
            started.remove(worker)
        if error:
            self.failures.append((run, error))
            self.log(f"FAILED {run}\n{error}")
            return
        self._remember(run, record)
        running = [w.run for w in started if w.run is not None]
        self.log(
            f"[{len(self.done)}/{len(self.runs)}] {run}: "
            f"{record['seconds']:.0f} s{self._left(waiting + running)}"
        )

    def _remember(self, run, record):
        self.done.add(run.digest())
        for kind in _kinds(run):
            self.seconds.setdefault(kind, []).append(record["seconds"])

    def _expected(self, run):
        """Returns the seconds of the most similar runs on average, or None."""
        for kind in _kinds(run):
            if kind in self.seconds:
                return statistics.fmean(self.seconds[kind])
        return None

    def _left(self, runs):
        """Returns the time that runs may still take, in words."""
        expected = [self._expected(run) for run in runs]
        if not runs or None in expected:
            return ""
        minutes = round(sum(expected) / self.jobs / 60)
        hours, minutes = divmod(minutes, 60)
        text = f"{hours} h {minutes} min" if hours else f"{minutes} min"
        return f", about {text} left"


def _kinds(run):
    """Returns what runs of similar duration share, the closest kind first."""
    options = json.dumps(run.options, sort_keys=True)
    return (run.experiment, options), (run.experiment,), ()


def _now():
    return time.monotonic()
