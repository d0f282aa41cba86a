"""Reruns finished runs from scratch and checks that they give the same metrics.

On the processor and the versions of the record, metrics must be equal to the
last bit. Others round differently, and training makes more of that; there, a
metric must not differ from the record by more than the seeds of its arm do.
"""

import random

from studies.engine import schedule, store
from studies.engine.run import with_needs

SAME, DIFFERENT, UNFINISHED = "same", "DIFFERS", "NOT FINISHED"
CLOSE = "same within the spread over seeds"
# Where all seeds agree, or there is one: share of the metric itself; and what
# rounding leaves of an error of 0.
LEAST_SPREAD, ROUNDING = 0.01, 1e-9


def rerun(
    records,
    runs,
    folder,
    options,
    *,
    count,
    seed,
    jobs,
    minutes=None,
    log=print,
) -> int:
    """Executes some runs, and all that they need, in a new store.

    Args:
        records: Records of finished runs, as `store.read_results` gives them.
        runs: Runs to draw from; those without a record are never drawn.
        folder: An empty folder.
        options: Keyword arguments of `Context`.
        count: How many runs to execute.
        seed: Integer that determines which runs are drawn.
        jobs, minutes, log: See `Schedule`.

    Returns:
        0 if all runs gave the same metrics, by `verdict`, else 1.

    Raises:
        ValueError: If none of the runs has a record.
    """
    runs_by_digest = {run.digest(): run for run in runs}
    before = {r["digest"]: r for r in records if r["digest"] in runs_by_digest}
    if not before:
        raise ValueError(
            "`records` must hold runs of the current plan. Received: "
            f"{len(records)} runs of other plans"
        )
    drawn = random.Random(seed).sample(sorted(before), min(count, len(before)))
    new_store = store.Store(folder)
    with new_store.lock():
        schedule.Schedule(
            with_needs(runs_by_digest[digest] for digest in drawn),
            new_store,
            options,
            jobs=jobs,
            minutes=minutes,
            log=log,
        ).execute()
        verdicts = {
            digest: verdict(
                new_store.record(runs_by_digest[digest]),
                before[digest],
                _arm(records, before[digest]),
            )
            for digest in drawn
        }
    for digest, text in verdicts.items():
        log(f"{text}: {runs_by_digest[digest]}")
    good = all(text.startswith((SAME, CLOSE)) for text in verdicts.values())
    return 0 if good else 1


def verdict(record, before, arm=()) -> str:
    """Returns whether a run gave the metrics that it gave before.

    Args:
        record: The new record, or None if the run did not finish.
        before: The earlier record.
        arm: Earlier records that differ from `before` in the seed only.

    Returns:
        `UNFINISHED`, `SAME`, `CLOSE` or `DIFFERENT`. The last two name the
        packages and the processor that have changed, and a metric that
        differs.
    """
    if record is None:
        return UNFINISHED
    if record["metrics"] == before["metrics"]:
        return SAME
    now, then = record["versions"], before["versions"]
    changes = [
        f"{name} {now.get(name, 'none')} instead of {then.get(name, 'unknown')}"
        for name in {**then, **now}
        if now.get(name) != then.get(name)
    ]
    share, difference = _widest(record["metrics"], before, arm)
    text = CLOSE if changes and share <= 1 else DIFFERENT
    return ", ".join([f"{text} ({difference})", *changes])


def _arm(records, record):
    """Returns the records of the same experiment, options and protocol."""
    fields = "experiment", "options", "protocol"
    return [
        other
        for other in records
        if all(other[field] == record[field] for field in fields)
    ]


def _widest(metrics, before, arm):
    """Returns the widest difference of a number, as a share of its spread.

    Returns:
        `(share, text)`; an infinite share if other metrics are missing, or no
        metric is a number.
    """
    differences = [(float("inf"), "no number to compare")]
    if set(metrics) == set(before["metrics"]):
        differences = [
            (
                abs(metrics[name] - value) / _spread(name, value, arm),
                f"{name} {metrics[name]:.6g} instead of {value:.6g}",
            )
            for name, value in before["metrics"].items()
            if isinstance(value, int | float)
        ] or differences
    return max(differences)


def _spread(name, value, arm):
    values = [record["metrics"][name] for record in arm] or [value]
    least = max(LEAST_SPREAD * abs(value), ROUNDING)
    return max(max(values) - min(values), least)
