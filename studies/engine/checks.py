"""Reruns finished runs from scratch and checks that their metrics are equal."""

import random

from studies.engine import schedule, store
from studies.engine.run import with_needs

SAME, DIFFERENT, UNFINISHED = "same", "DIFFERS", "NOT FINISHED"


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
        0 if all metrics are the same to the last bit, else 1.

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
                new_store.record(runs_by_digest[digest]), before[digest]
            )
            for digest in drawn
        }
    for digest, text in verdicts.items():
        log(f"{text}: {runs_by_digest[digest]}")
    return 0 if set(verdicts.values()) == {SAME} else 1


def verdict(record, before) -> str:
    """Returns whether a run gave exactly the metrics that it gave before.

    Args:
        record: The new record, or None if the run did not finish.
        before: The earlier record.

    Returns:
        `SAME`; or `UNFINISHED`; or `DIFFERENT` and the packages and the
        processor that have changed, since these can change the last bits of a
        metric, and what training makes of them.
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
    return f"{DIFFERENT}, with {', '.join(changes)}" if changes else DIFFERENT
