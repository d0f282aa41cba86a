"""Gives runs what they share: clips, read once per process, and other runs."""

import contextlib
import functools
import pathlib
import platform
import time
from collections.abc import Callable, Hashable
from typing import Any

import studies
from pose_tf import files
from pose_tf.pipeline import example_gen
from pose_tf.runner import steps
from studies.engine import store
from studies.engine.run import Run

CPU_INFO = pathlib.Path("/proc/cpuinfo")


class Context:
    """What an experiment's `execute` uses besides its run.

    Args:
        runs: `store.Store` of finished runs.
        dataset: Name of the TFDS dataset.
        data_dir: Folder of prepared datasets; TFDS's own by default.
        manual_dir: Folder of annotations, for datasets that need one.

    Attributes:
        folder: Folder of the run that is being executed; what it writes there
            is kept, for the runs that need it.
    """

    def __init__(
        self, runs, *, dataset="penn_action", data_dir=None, manual_dir=None
    ):
        self.runs = runs
        self.dataset, self.data_dir = dataset, data_dir
        self.manual_dir = manual_dir
        self.folder: pathlib.Path | None = None
        self._shared: dict[Hashable, Any] = {}

    @functools.cached_property
    def clips(self) -> example_gen.Clips:
        """The clips of the dataset, read on first use."""
        return example_gen.load(
            self.dataset, data_dir=self.data_dir, manual_dir=self.manual_dir
        )

    def shared(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Returns what `make` returned when it was first called for a key.

        Args:
            key: Name of the result, the same for all runs that share it.
            make: Function of no arguments, of the clips and the key only.
        """
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]

    def folder_of(self, run: Run) -> pathlib.Path:
        """Returns the folder of a run, which is executed if it has not been."""
        if self.runs.record(run) is None:
            self.perform(run)
        return self.runs.path(run)

    def perform(self, run: Run) -> dict:
        """Executes a run, stores its folder, and returns its record.

        The metrics do not depend on what ran before in this process.
        """
        for need in run.needs:
            self.folder_of(need)
        with self.runs.writing(run) as folder, self._into(folder):
            _reset(run.seed)
            start = time.perf_counter()
            metrics = studies.experiment(run.experiment).execute(run, self)
            record = {
                "experiment": run.experiment,
                "options": run.options,
                "seed": run.seed,
                "protocol": run.split_protocol,
                "digest": run.digest(),
                "metrics": files.plain(metrics),
                "seconds": round(time.perf_counter() - start, 1),
                "versions": {
                    **steps.versions(),
                    "machine": platform.machine(),
                    "processor": _processor(),
                },
            }
            files.write_json(folder / store.RECORD, record)
        return record

    @contextlib.contextmanager
    def workdir(self):
        """Yields a folder for a trainer's files and deletes it at the end."""
        # Next to the runs, where the store sweeps up what a kill leaves.
        with files.scratch(self.runs.folder) as folder:
            yield folder

    @contextlib.contextmanager
    def _into(self, folder):
        before, self.folder = self.folder, folder
        try:
            yield
        finally:
            self.folder = before


def _processor():
    """Returns the processor's name: on another one, last bits may differ."""
    with contextlib.suppress(OSError):
        for line in CPU_INFO.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _reset(seed):
    import keras
    import tensorflow as tf

    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
