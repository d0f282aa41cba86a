"""Files and folders that are there whole or not at all."""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import uuid

import numpy as np

try:
    import fcntl
except ImportError:  # On Windows, where nothing is locked and nothing swept.
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def writing(path):
    """A place beside `path` to write to, renamed to `path` at the end.

    An error leaves what stood at `path` as it was, and nothing else. So does a
    kill, which may leave a hidden `.aside` behind that nothing reads. A folder
    that stands at `path` is replaced in two renames: a kill between them moves
    the old one to a hidden `.before`, from where the next `writing` of `path`
    brings it back. One process at a time may write to a `path`.

    Args:
        path: File or folder that is to be there.

    Yields:
        A `pathlib.Path` with the same ending that does not exist yet.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.with_name(f".{path.name}.before")
    aside = path.with_name(
        f".{path.stem}.{uuid.uuid4().hex[:8]}.aside{path.suffix}"
    )
    try:
        _recover(path, before, aside)
        yield aside
        if path.is_dir():
            _replace_folder(path, before, aside)
        else:
            aside.replace(path)
    finally:
        _remove(aside)


@contextlib.contextmanager
def locked(folder, wait=lambda: None):
    """Holds a folder: others that ask for it wait until it is given back.

    A process that is killed gives it back. Nothing is written for this.

    Args:
        folder: An existing folder.
        wait: Function that is called before waiting for another process.

    Yields:
        Whether the folder is held. It is not where the system has no locks.
    """
    if fcntl is None:
        yield False
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield _lock(descriptor, wait)
    finally:
        os.close(descriptor)


def _lock(descriptor, wait):
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:  # Some network file systems lock no folders.
        return False
    return True


def _recover(path, before, aside):
    """Ends what a kill during `_replace_folder` left undone."""
    if before.exists():
        if path.exists():
            before.rename(aside)
            _remove(aside)
        else:
            before.rename(path)


def _replace_folder(path, before, aside):
    """Puts `aside` in the place of the folder `path`, and that at `aside`."""
    path.rename(before)
    try:
        aside.rename(path)
    except BaseException:
        before.rename(path)
        raise
    # Not deleted where it lies: what `_recover` finds there must be whole.
    before.rename(aside)


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def write_json(path, value) -> None:
    """Writes a value as indented JSON, whole or not at all."""
    with writing(path) as aside:
        aside.write_text(json.dumps(value, indent=2) + "\n")


_CHUNK_BYTES = 1 << 20


def digest(path, leave_out=None) -> str:
    """SHA-256 of a file, or of a folder's files with their names.

    Args:
        path: File or folder.
        leave_out: Name of a subfolder that does not count.

    Raises:
        FileNotFoundError: If there is nothing at `path`.
    """
    path = pathlib.Path(path)
    if path.is_file():
        return _digest_file(path)
    if not path.is_dir():
        raise FileNotFoundError(
            f"`path` must be a file or a folder. Received: {path}"
        )
    total = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        parts = file.relative_to(path).parts
        if file.is_file() and parts[0] != leave_out:
            name = "/".join(parts)
            total.update(f"{name}\0{_digest_file(file)}\n".encode())
    return total.hexdigest()


def _digest_file(path):
    total = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            total.update(chunk)
    return total.hexdigest()


def plain(value):
    """A value as JSON can hold it: no NumPy, no paths, null for NaN."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, pathlib.PurePath):
        return str(value)
    return value
