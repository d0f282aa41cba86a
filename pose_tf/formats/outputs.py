"""Writes arrays to files, aside and then renamed."""

import json
import pathlib

import numpy as np

from pose_tf import files

ARRAY_SUFFIXES = (".npz", ".json")


def write(path, arrays):
    """Writes named arrays to a .npz or .json file, atomically.

    In JSON, numbers that are not finite become null.

    Args:
        path: File to write, which must end in .npz or .json.
        arrays: Dict of names and arrays.

    Raises:
        ValueError: If `path` has another ending.
        OSError: If it cannot be written; an older file then stays as it was.
    """
    path = with_suffix(path, ARRAY_SUFFIXES)
    arrays = {name: np.asarray(value) for name, value in arrays.items()}
    with files.writing(path) as aside:
        if path.suffix.lower() == ".npz":
            with aside.open("wb") as file:  # NumPy would add .npz to .NPZ.
                np.savez_compressed(file, **arrays)
        else:
            lists = json.dumps(files.plain(arrays), allow_nan=False)
            aside.write_text(lists + "\n")


def with_suffix(path, suffixes):
    """Returns the path of an output and makes its folder if it is missing.

    Raises:
        ValueError: If `path` does not end in one of `suffixes`, in any case.
    """
    path = pathlib.Path(path)
    check_output(path, suffixes)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def check_output(path, suffixes) -> None:
    """Checks the name of an output before any work is done for it.

    Raises:
        ValueError: If `path` is a folder or inside a file, or does not end in
            one of `suffixes`, in any case.
    """
    if path.is_dir():
        raise ValueError(f"`output` must not be a folder. Received: {path}")
    parent = next(parent for parent in path.parents if parent.exists())
    if not parent.is_dir():
        raise ValueError(
            f"`output` must be in a folder. Received: {path}, and {parent} is a "
            "file"
        )
    if path.suffix.lower() not in suffixes:
        raise ValueError(
            f"`output` must end in {' or '.join(suffixes)}. Received: {path}"
        )
