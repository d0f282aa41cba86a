"""Keeps finished runs, each in a folder that is written atomically.

<folder>/<digest>/record.json   the run and its metrics
<folder>/<digest>/...           what other runs read: a model, arrays
"""

import contextlib
import fcntl
import json
import pathlib

from pose_tf import files

RECORD = "record.json"


class Store:
    """Finished runs in a folder.

    Args:
        folder: Folder of all runs, created if it is missing.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def path(self, run) -> pathlib.Path:
        """Returns the folder of a run, which exists once it has finished."""
        return self.folder / run.digest()

    def record(self, run):
        """Returns the record of a run; None if it has not finished."""
        path = self.path(run) / RECORD
        return json.loads(path.read_text()) if path.exists() else None

    def records(self, runs) -> list[dict]:
        """Returns the records of those runs that have finished."""
        records = (self.record(run) for run in runs)
        return [record for record in records if record is not None]

    @contextlib.contextmanager
    def writing(self, run):
        """Yields a new folder for a run and renames it to `path(run)` at the end."""
        with files.writing(self.path(run)) as aside:
            aside.mkdir()
            yield aside

    @contextlib.contextmanager
    def lock(self):
        """Locks the folder against other processes.

        Raises:
            ValueError: If another process holds the lock.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ValueError(
                    "`runs` must be a folder that no other study writes to. "
                    f"Received: {self.folder}, which is in use"
                ) from None
            files.sweep(self.folder)
            try:
                yield
            finally:
                files.sweep(self.folder)


def write_results(path, plan_name, records) -> None:
    """Writes records as JSON, one per line, so that a diff shows the runs."""
    records = sorted(records, key=lambda r: (r["experiment"], r["digest"]))
    lines = ",\n".join(json.dumps(r, sort_keys=True) for r in records)
    name = json.dumps(plan_name)
    with files.writing(path) as aside:
        aside.write_text(f'{{"plan": {name}, "runs": [\n{lines}\n]}}\n')


def read_results(path) -> dict:
    """Returns `{"plan": name, "runs": records}`, as `write_results` wrote it.

    Raises:
        FileNotFoundError: If the file does not exist.
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise FileNotFoundError(
            f"`results` must be a file that `python -m studies` wrote. "
            f"Received: {path}"
        )
    return json.loads(path.read_text())


def with_earlier(records, path, plan_name, runs) -> list[dict]:
    """Returns records, and those of runs that only a file of results has.

    Args:
        records: Records of finished runs.
        path: A file that `write_results` wrote, or where there is none yet.
        plan_name: Name of the plan; a file of another plan has nothing to give.
        runs: The runs of the plan.
    """
    path = pathlib.Path(path)
    if not path.exists():
        return list(records)
    results = read_results(path)
    planned = {run.digest() for run in runs} - {r["digest"] for r in records}
    earlier = results["runs"] if results["plan"] == plan_name else []
    return [*records, *(r for r in earlier if r["digest"] in planned)]
