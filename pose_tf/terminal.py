"""Keeps the log of TensorFlow's import off the user's terminal.

    python -m pose_tf.terminal SCRIPT [ARGUMENTS]    runs a script without it

Even with TF_CPP_MIN_LOG_LEVEL=3, TensorFlow's libraries write a few lines on
oneDNN and CUDA to file descriptor 2 while they are loaded. Only those lines are
removed, by a separate process: everything else is printed, even if the process
that wrote it crashes.
"""

import contextlib
import importlib.abc
import importlib.util
import os
import re
import subprocess
import sys
from typing import IO, cast

LEVEL = "TF_CPP_MIN_LOG_LEVEL"  # Set it to 0, 1 or 2 to see TensorFlow's log.
NO_LOG = "3"
_STDERR = 2
_CHUNK_BYTES = 1 << 16
# Lines of absl's and of TensorFlow's own logger, except fatal ones (F).
_NOISE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog\(\)"
    rb"|[IWE]\d{4} \d\d:\d\d:\d+\.\d+ +\d+ \S+:\d+\] "
    rb"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "
    rb"|To enable the following instructions: .* rebuild TensorFlow"
)


def quiet_tensorflow():
    """Hides TensorFlow's log in this process, unless the user asks for it.

    A `TF_CPP_MIN_LOG_LEVEL` other than 3 asks for it. Every command calls this
    first: it has no effect once TensorFlow has been imported.
    """
    if os.environ.setdefault(LEVEL, NO_LOG) != NO_LOG:
        return
    hooked = any(isinstance(finder, _Finder) for finder in sys.meta_path)
    if not hooked and "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    """Finds TensorFlow as Python does, to be imported by `_Loader`."""

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    """Imports a module by another loader, without its log."""

    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self._loader
        with filtered():
            self._loader.exec_module(module)


@contextlib.contextmanager
def filtered():
    """Removes TensorFlow's log from what is written to file descriptor 2.

    Child processes that are started in this context must end in it.
    """
    try:
        terminal = os.dup(_STDERR)
    except OSError:  # It is closed: there is nothing to filter.
        yield
        return
    try:
        process = _start_filter(terminal)
        try:
            yield
        finally:
            if sys.stderr is not None:
                sys.stderr.flush()
            os.dup2(terminal, _STDERR)  # Ends the input of the filter.
            process.wait()
    finally:
        os.close(terminal)


def _start_filter(terminal):
    """Starts a process that copies stderr to `terminal`, without the log."""
    # In its own session, so that Ctrl-C does not reach it: it ends when nobody
    # can write to it any more.
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__],
        stdin=subprocess.PIPE,
        stdout=terminal,
        start_new_session=True,
    )
    with contextlib.closing(cast(IO[bytes], process.stdin)) as pipe:
        os.dup2(pipe.fileno(), _STDERR)
    return process


def _filter(source, target):
    """Copies lines between file descriptors as they come, without the log."""
    line = b""
    while chunk := os.read(source, _CHUNK_BYTES):
        *lines, line = (line + chunk).split(b"\n")
        kept = [x + b"\n" for x in lines if not _NOISE.match(x)]
        _write(target, b"".join(kept))
    if not _NOISE.match(line):
        _write(target, line)


def _write(target, text):
    while text:
        text = text[os.write(target, text) :]


def main(argv):
    """Runs a script without TensorFlow's log; returns its exit code."""
    script = [sys.executable, *argv]
    if os.environ.setdefault(LEVEL, NO_LOG) != NO_LOG:
        return subprocess.run(script, check=False).returncode
    with filtered():
        return subprocess.run(script, check=False).returncode


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(main(sys.argv[1:]))
    with contextlib.suppress(BrokenPipeError):  # Nobody reads any more.
        _filter(sys.stdin.fileno(), sys.stdout.fileno())
