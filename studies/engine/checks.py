"""Runs of results.json again, from nothing: the figures must be the same."""

import random

from studies.embedding import plan
from studies.engine import schedule, store
from studies.engine.run import with_needs


def again(
    results, folder, options, *, count, seed, jobs, minutes=None, tell=print
) -> int:
    """Executes some runs, with all that they need, in an empty store.

    Args:
        results: As `store.read_results` gives them.
        folder: An empty one.
        options: Keyword arguments of `Context`.
        count: How many runs.
        seed: Draws them.
        jobs, minutes, tell: As for `Schedule`.

    Returns:
        0 if all figures are the same to the last bit, else 1.

    Raises:
        ValueError: If results are none of the plan's, as they are of another
            version of an experiment.
    """
    known = {
        run.digest(): run
        for run in schedule.runs_of(plan.PLANS[results["plan"]])
    }
    records = {r["digest"]: r for r in results["runs"] if r["digest"] in known}
    if not records:
        raise ValueError(
            "`results` must hold runs of the plan as it is now. Received: "
            f"{len(results['runs'])} runs of others"
        )
    drawn = random.Random(seed).sample(
        sorted(records), min(count, len(records))
    )
    fresh = store.Store(folder)
    with fresh.lock():
        schedule.Schedule(
            with_needs(known[digest] for digest in drawn),
            fresh,
            options,
            jobs=jobs,
            minutes=minutes,
            tell=tell,
        ).execute()
        differ = [
            digest
            for digest in drawn
            if not same(fresh.record(known[digest]), records[digest])
        ]
    for digest in drawn:
        verdict = "DIFFERS" if digest in differ else "same"
        tell(f"{verdict}: {known[digest]}")
    return 1 if differ else 0


def same(record, before) -> bool:
    """Whether a run gave the very figures that it gave before."""
    return record is not None and record["figures"] == before["figures"]
