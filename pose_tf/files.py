"""Writes files and folders atomically: they are there whole or not at all."""

import contextlib
import errno
import hashlib
import json
import os
import pathlib
import re
import shutil
import uuid

import numpy as np

try:
    import fcntl
except ImportError:  # On Windows, where nothing is locked and nothing swept.
    fcntl = None  # type: ignore[assignment]

# Of a temporary file or folder of `writing` and `scratch`, and of nothing else.
_ASIDE = re.compile(r"\..*\.[0-9a-f]+\.aside(\.[^.]*)?")
# Errors of a disk that do not always name the file.
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_VERSION = re.compile("[1-9][0-9]*")


@contextlib.contextmanager
def writing(path, replace=True):
    """Yields a temporary path next to `path` and renames it to `path` at last.

    An error leaves what was at `path` as it was, and nothing else. So does a
    kill, which may leave a hidden temporary file behind that nothing reads and
    `sweep` deletes. A folder at `path` is replaced in two renames: a kill
    between them moves the old one to a hidden `.before`, from where the next
    `writing` of `path` brings it back. One process at a time may write to a
    `path` that is a folder.

    Args:
        path: File or folder to be written.
        replace: If False, whatever is at `path` in the end stays there.

    Yields:
        A `pathlib.Path` with the same ending that does not exist yet.

    Raises:
        FileExistsError: If `replace` is False and `path` exists in the end.
        OSError: If it cannot be written. On a full disk it names `path`.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.with_name(f".{path.name}.before")
    aside = path.with_name(_temporary(path.stem) + path.suffix)
    try:
        _recover(path, before, aside)
        yield aside
        if not replace:
            _rename_to_new(aside, path)
        elif path.is_dir():
            _replace_folder(path, before, aside)
        else:
            aside.replace(path)
    except shutil.Error as error:  # Of a folder that is copied: all its errors.
        (_, _, reason), *_ = error.args[0]
        raise OSError(f"{path} could not be written: {reason}") from error
    except OSError as error:
        name = error.filename
        if error.errno in _DISK_ERRORS and str(name or aside) == str(aside):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        _remove(aside)


@contextlib.contextmanager
def scratch(folder):
    """Yields a new folder inside of `folder`, which is deleted afterwards.

    What a kill leaves of it, `sweep` deletes.
    """
    path = pathlib.Path(folder) / _temporary("scratch")
    path.mkdir()
    try:
        yield path
    finally:
        _remove(path)


def sweep(folder) -> None:
    """Deletes what killed processes left in a folder while they were writing.

    Only for whoever writes to the folder alone, by `locked` or otherwise:
    what others are writing is deleted as well.
    """
    folder = pathlib.Path(folder)
    if folder.is_dir():
        for path in folder.iterdir():
            if _ASIDE.fullmatch(path.name):
                _remove(path)


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
    is_locked = False
    try:
        is_locked = _lock(descriptor, wait)
        yield is_locked
    finally:
        if is_locked:  # A forked process may keep a copy of the descriptor.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
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


def versions(folder) -> dict[int, pathlib.Path]:
    """Returns what in a folder is named by a number, as 1 or 12, in order."""
    paths = pathlib.Path(folder).iterdir()
    # Not by `isdigit` or `int`, which accept ² or 007.
    numbers = {int(p.name): p for p in paths if _VERSION.fullmatch(p.name)}
    return dict(sorted(numbers.items()))


def _temporary(stem):
    return f".{stem}.{uuid.uuid4().hex[:8]}.aside"


def _rename_to_new(aside, path):
    """Renames to a path that nothing may be at."""
    try:
        if path.exists():
            raise FileExistsError(errno.EEXIST, "File exists", str(path))
        aside.rename(path)
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:
            raise
        # Another process made it in the meantime.
        raise FileExistsError(errno.EEXIST, "File exists", str(path)) from error


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
    """Writes a value as indented JSON, atomically; null for NaN and infinity.

    Raises:
        TypeError: For a value that JSON cannot hold.
    """
    text = json.dumps(plain(value), indent=2, allow_nan=False)
    with writing(path) as aside:
        aside.write_text(text + "\n")


def read_json(path) -> dict:
    """Reads a JSON object.

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If the file is damaged, or holds something else; the
            message names it.
    """
    try:
        value = json.loads(pathlib.Path(path).read_bytes())
        problem = "" if isinstance(value, dict) else type(value).__name__
    except (ValueError, RecursionError) as error:
        problem = str(error)
    if problem:
        raise ValueError(f"{path} must hold a JSON object. Received: {problem}")
    return value


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
