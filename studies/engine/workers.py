"""Executes runs in processes, each with one run at a time and one thread.

So the metrics of a run do not depend on how many run at the same time.
"""

import multiprocessing
import os
import signal
import traceback

LOG = "workers.log"  # In the store's folder.
# A new process takes over after these: TensorFlow does not free all memory.
RUNS_PER_WORKER = 20
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


def one_thread():
    """Limits numerical libraries, in processes started later, to one thread."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


class Worker:
    """A process that executes runs.

    Args:
        folder: Folder of the `Store`.
        options: Keyword arguments of `Context`.

    Attributes:
        connection: Readable when a run has ended.
        run: The run in progress, or None.
        count: Number of runs that it has been given.
    """

    def __init__(self, folder, options):
        spawn = multiprocessing.get_context("spawn")
        self.connection, child = spawn.Pipe()
        self._process = spawn.Process(
            target=_work, args=(child, folder, options), daemon=True
        )
        self._process.start()
        child.close()
        self.run, self.count = None, 0

    def give(self, run):
        """Starts a run."""
        self.run, self.count = run, self.count + 1
        self.connection.send(run)

    def take(self):
        """Returns `(record, error)` of the run that has ended, one of them None."""
        self.run = None
        try:
            return self.connection.recv()
        except EOFError:
            self._process.join()
            code = self._process.exitcode
            self.count = RUNS_PER_WORKER
            return None, f"The process ended with exit code {code}."

    @property
    def worn(self):
        """Returns whether another process should take over."""
        return self.count >= RUNS_PER_WORKER

    def stop(self):
        """Ends the process, even if a run is in progress."""
        self._process.terminate()
        self._process.join()
        self.connection.close()


def _work(connection, folder, options):
    # Ctrl-C reaches the whole group: the parent decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries print would garble the parent's lines.
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    # Only now, since TensorFlow prints when it is imported.
    from studies.engine import context, store

    context_ = context.Context(store.Store(folder), **options)
    while True:
        try:
            run = connection.recv()
        except EOFError:
            return
        answer: tuple[dict | None, str | None]
        try:
            answer = context_.perform(run), None
        except Exception:  # noqa: BLE001 - the parent prints it and goes on.
            answer = None, traceback.format_exc()
        connection.send(answer)
