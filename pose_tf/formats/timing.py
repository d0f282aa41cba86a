"""Tells the numbers of frames and their rate from what a file says of each."""

import numpy as np

from pose_tf.formats import numbering, rows

NUMBERS = (
    "frame",
    "frame_index",
    "frame_number",
    "frame_id",
    "frame_idx",
    "frame_num",
    "frameIndex",
    "frameNumber",
    "frameId",
)
TIMES = (
    "timestamp_ms",
    "timestampMs",
    "timestamp",
    "time_ms",
    "time",
    "timestamp_us",
)
LARGEST = 1e300  # Of times and rates.
# The most that times of one frame and the next differ by, in each unit.
SECOND, MILLISECOND, MICROSECOND = 1, 1_000, 1_000_000


def of(frames, names=None):
    """Returns the number of each frame, and their rate per second, or None.

    Args:
        frames: List of frames; those that are objects may have a number under
            one of `NUMBERS`, or a time under one of `TIMES`.
        names: Names of the frames, or None.

    Returns:
        int64 `[N]`, and a float or None.
    """
    counted = np.arange(len(frames))
    if names is not None:
        counted = numbering.numbers(names, rows.Rows(names))
    if not frames or not all(isinstance(frame, dict) for frame in frames):
        return counted, None
    listed = rows.Rows(frames)
    numbers, times = listed.optional(*NUMBERS), listed.optional(*TIMES)
    steps, fps = _of_times(times)
    if numbers is not None and None not in numbers:
        return numbering.numbers(numbers, listed), fps
    return (counted if steps is None else steps), fps


def is_finite(value) -> bool:
    """Returns whether it is a number, and one that a float holds."""
    return type(value) in (int, float) and abs(value) < LARGEST


def _of_times(times):
    """Returns frame numbers and a rate from times, or Nones.

    Frames that are not listed, since nobody was in them, are longer than the
    median from one time to the next.
    """
    if times is None or not all(map(is_finite, times)) or len(times) < 2:
        return None, None
    gaps = np.diff(np.array(times, float))
    step = float(np.median(gaps))
    if not (step > 0 and (gaps > 0).all()):
        return None, None
    units = (SECOND, MILLISECOND, MICROSECOND)
    second = next((unit for unit in units if step < unit), units[-1])
    counts = np.maximum(np.round(gaps / step), 1)
    return np.concatenate([[0], counts.cumsum()]).astype(int), second / step
