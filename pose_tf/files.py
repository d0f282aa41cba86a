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
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

# The names of temporary files and folders of `writing` and `scratch` only.
_ASIDE = re.compile(r"\..*\.[0-9a-f]+\.aside(\.[^.]*)?")
# Errors of a disk that do not always name the file.
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_VERSION = re.compile("[1-9][0-9]*")


@contextlib.contextmanager
def writing(path, replace=True):
    """Yields a temporary path next to `path`; renames it to `path` on success.

    After an error `path` is as it was before, and nothing else is left. After a
    kill it is, too, but a hidden temporary file may be left, which nothing
    reads and `sweep` deletes. A folder at `path` is replaced by two renames: a
    kill between them leaves the old one in a hidden `.before`, from where the
    next `writing` of `path` restores it. Only one process at a time may write
    to a `path` that is a folder.

    Args:
        path: File or folder to write.
        replace: If False, a `path` that exists in the end is not replaced.

    Yields:
        A `pathlib.Path` with the same suffix that does not exist yet.

    Raises:
        FileExistsError: If `replace` is False and `path` exists in the end.
        IsADirectoryError: If a file was written and `path` is a folder.
        OSError: If it cannot be written. If the disk is full, it names `path`.
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
        elif not path.is_dir():
            aside.replace(path)
        elif aside.is_file():  # A folder is not ours to delete for it.
            raise IsADirectoryError(errno.EISDIR, "Is a directory", str(path))
        else:
            _replace_folder(path, before, aside)
    except shutil.Error as error:  # All errors of copying a folder.
        (_, _, reason), *_ = error.args[0]
        raise OSError(f"{path} could not be written: {reason}") from error
    except OSError as error:
        # The temporary path means nothing to whoever asked for `path`.
        unnamed = error.filename is None and error.errno in _DISK_ERRORS
        if unnamed or str(error.filename) == str(aside):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        _remove(aside)


@contextlib.contextmanager
def scratch(folder):
    """Yields a new folder inside `folder`, which is deleted afterwards.

    If a kill leaves it, `sweep` deletes it.
    """
    path = pathlib.Path(folder) / _temporary("scratch")
    path.mkdir()
    try:
        yield path
    finally:
        _remove(path)


def sweep(folder) -> None:
    """Deletes temporary files that killed processes have left in a folder.

    Only the single writer of a folder may do this, after `locked` or otherwise:
    files that others are writing are deleted too.
    """
    folder = pathlib.Path(folder)
    if folder.is_dir():
        for path in folder.iterdir():
            if _ASIDE.fullmatch(path.name):
                _remove(path)


@contextlib.contextmanager
def locked(folder, wait=lambda: None):
    """Locks a folder: others that lock it wait until it is released.

    A process that is killed releases it. Nothing is written to the folder.

    Args:
        folder: An existing folder.
        wait: Function that is called before waiting for another process.

    Yields:
        Whether the folder is locked. It is not if the system has no locks.
    """
    if not HAS_LOCKS:
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
    except OSError:  # Some network file systems cannot lock folders.
        return False
    return True


def versions(folder) -> dict[int, pathlib.Path]:
    """Returns the paths in a folder whose names are numbers, in order."""
    paths = pathlib.Path(folder).iterdir()
    # Not by `isdigit` or `int`, which accept ² or 007.
    numbers = {int(p.name): p for p in paths if _VERSION.fullmatch(p.name)}
    return dict(sorted(numbers.items()))


def _temporary(stem):
    return f".{stem}.{uuid.uuid4().hex[:8]}.aside"


def _rename_to_new(aside, path):
    """Renames to a path, which must not exist."""
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
    """Finishes a `_replace_folder` that was killed."""
    if before.exists():
        if path.exists():
            before.rename(aside)
            _remove(aside)
        else:
            before.rename(path)


def _replace_folder(path, before, aside):
    """Swaps the folders `aside` and `path`."""
    path.rename(before)
    try:
        aside.rename(path)
    except BaseException:
        before.rename(path)
        raise
    # Not deleted there, since what `_recover` finds there must be whole.
    before.rename(aside)


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def write_json(path, value) -> None:
    """Writes a value as indented JSON, atomically; null for NaN and infinity.

    Raises:
        TypeError: If JSON cannot hold the value.
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
    """Returns the SHA-256 of a file, or of a folder's files and their names.

    Args:
        path: File or folder.
        leave_out: Name of a subfolder that is left out.

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
    """Returns a value as JSON can hold it: no NumPy, no paths, no NaN."""
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
