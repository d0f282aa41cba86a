"""Declares what an experiment of a study is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studies.engine.context import Context
    from studies.engine.run import Run

Records = list[dict[str, Any]]


def _no_text(records, folder) -> str:
    del records, folder
    return ""


def _no_list(records) -> list:
    del records
    return []


def _no_runs(run, context):
    del context
    raise ValueError(
        f"`run` must be of an experiment that executes runs. Received: {run}"
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Experiment:
    """The runs of an experiment, how to execute one, and its page.

    Attributes:
        name: Key in `studies.EXPERIMENTS`, and part of every digest.
        version: Number to raise when the metrics of its runs change.
        runs: Function of a plan; returns the list of runs that it asks for.
        execute: Function of `(run, context)`; returns a dict of metrics that
            JSON can hold. An experiment that only lists runs of others has
            none.
        section: Function of `(records, folder)`, the records of all finished
            runs of all experiments and the folder of the page; returns the
            experiment's part of the page as Markdown, empty if another
            experiment's part covers it, and writes its plots to `folder`.
        conclusion: Function of `records`; returns sentences for the end of
            the page.
        front_rows: Function of `records`; returns rows of the table that the
            project's README shows, each a list of texts.
        front_picture: Function of `(records, folder)`; returns Markdown that
            shows a picture of `folder` in the project's README, or "".
        front_text: Function of `records`; returns sentences that the project's
            README shows under the table.
        shown_runs: Function of a plan; returns the runs without which
            `section` cannot be written, by default those of `runs`.
        requires: Names of packages without which its runs are left out.
        variables: Names of environment variables, likewise.
    """

    name: str
    version: int
    runs: Callable[[Any], list[Run]]
    execute: Callable[[Run, Context], dict[str, Any]] = _no_runs
    section: Callable[[Records, Any], str] = _no_text
    conclusion: Callable[[Records], list[str]] = _no_list
    front_rows: Callable[[Records], list[list[str]]] = _no_list
    front_picture: Callable[[Records, str], str] = _no_text
    front_text: Callable[[Records], list[str]] = _no_list
    shown_runs: Callable[[Any], list[Run]] | None = None
    requires: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    def needed_runs(self, plan) -> list[Run]:
        """Returns the runs without which `section` cannot be written."""
        return (self.shown_runs or self.runs)(plan)
