"""Reads folders with a file of JSON per frame."""

import numpy as np

from pose_tf.formats import numbering, sources


def named(source, ending="") -> list[str]:
    """Returns the names of the files of frames in a folder.

    Args:
        source: `sources.Source` of the folder.
        ending: What a tool ends the names with; where none does so, all .json
            files whose names have digits are frames.
    """
    names = [name for name in source.names if name.endswith(".json")]
    own = [name for name in names if ending and name.endswith(ending)]
    return own or [name for name in names if numbering.split(name)]


def load(source, names) -> list:
    """Returns the values of files in a folder.

    Raises:
        ValueError: If one cannot be read; the message names it.
    """
    return [_load(source.path / name) for name in names]


def numbers(names) -> np.ndarray:
    """Returns the frame of each file or picture by its name: int64 `[N]`.

    Raises:
        ValueError: If two have the same number; the message names them.
    """
    known: dict[int, str] = {}
    parts = [numbering.split(name) for name in names]
    frames = [part[1] if part else n for n, part in enumerate(parts)]
    for name, frame in zip(names, frames, strict=True):
        if frame in known:
            raise ValueError(
                "frames must have different numbers. Received: "
                f"{known[frame]} and {name}"
            )
        known[frame] = name
    return np.array(frames, np.int64)


def _load(path):
    try:
        return sources.load_json(path.read_bytes())
    except (ValueError, OSError) as error:
        raise ValueError(f"{path.name}: {error}") from error
