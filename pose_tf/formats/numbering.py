"""Tells the frames of a recording by their numbers, or by names of pictures."""

import re

import numpy as np

from pose_tf.formats import rows

# The last digits of a name, without an ending such as .jpg or .mp4.jpg.
_ENDINGS = re.compile(r"(\.[A-Za-z]\w{0,4})+$")
_LAST_DIGITS = re.compile(r"^(.*?)(\d+)(\D*)$", re.DOTALL)


def split(name) -> tuple[str, int, str] | None:
    """Returns a name's last number, and what is before and after it.

    Example:

    >>> split("clips/jump_0012_keypoints.json"), split("jump.jpg")
    (('clips/jump_', 12, '_keypoints'), None)
    """
    match = _LAST_DIGITS.match(_ENDINGS.sub("", name))
    return match and (match[1], int(match[2]), match[3])


def numbers(values, of) -> np.ndarray:
    """Returns the frames that numbers or names of pictures mean: int64 `[N]`.

    Names without digits count in the order of their first appearance.

    Args:
        values: Whole numbers or texts, `N`.
        of: `rows.Rows` that has them, for messages.

    Raises:
        ValueError: If one is neither a whole number nor a text.
    """
    if values and set(map(type, values)) <= {str}:
        names = list(dict.fromkeys(values))
        parts = [part for part in map(split, names) if part]
        if len(parts) < len(names):
            known = {name: number for number, name in enumerate(names)}
        else:
            known = {name: part[1] for name, part in zip(names, parts)}
        values = [known[name] for name in values]
    for row, value in enumerate(values):
        if not _is_whole(value):
            raise ValueError(
                "frames must be whole numbers. Received: "
                f"{rows.found(value)} in {of.place(row)}"
            )
    return np.array(values, np.int64)


def different(values, of) -> np.ndarray:
    """Returns the frames that numbers mean, as `numbers` does: int64 `[N]`.

    Raises:
        ValueError: As from `numbers`, or if two are the same.
    """
    frames = numbers(values, of)
    order = np.argsort(frames, kind="stable")
    again = np.flatnonzero(np.diff(frames[order]) == 0)
    if len(again):
        first, second = (of.place(order[again[0] + n]) for n in (0, 1))
        raise ValueError(
            "frames must have different numbers. Received: "
            f"{frames[order[again[0]]]} in {first} and in {second}"
        )
    return frames


def of_pictures(ids, names) -> dict:
    """Returns the frame of each picture's id.

    The frames are the numbers in the names if the names differ in nothing else,
    or else the ids.

    Args:
        ids: Ids of pictures, all different.
        names: Their names, or Nones.
    """
    parts = [split(name) for name in names if isinstance(name, str)]
    known = [part for part in parts if part]
    if len(known) == len(ids) and len({(a, b) for a, _, b in known}) <= 1:
        frames = [number for _, number, _ in known]
        if len({*frames}) == len(frames):
            return dict(zip(ids, frames, strict=True))
    whole = numbers(ids, rows.Rows(ids))
    return dict(zip(ids, whole.tolist(), strict=True))


def _is_whole(value):
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 2**53 and value == round(value)  # Exact as a float.
