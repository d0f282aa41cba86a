"""Changes the rate of recordings: poses at other instants, linear in time."""

import numpy as np

MAX_FRAMES = 10_000_000  # Of a resampled clip: four days at 30 per second.


def instants(num_frames, ratio):
    """Returns where the frames of another rate lie: float64 `[T']`, in frames.

    The first frame of both rates is the same instant.

    Args:
        num_frames: Integer, `T`, at least 1.
        ratio: New rate over the old one.

    Raises:
        ValueError: If there would be more than `MAX_FRAMES`.
    """
    longest = (num_frames - 1) * ratio
    if longest >= MAX_FRAMES:
        raise ValueError(
            f"`fps` must give at most {MAX_FRAMES:,} frames. "
            f"Received: {longest / num_frames:g} times {num_frames} frames"
        )
    # Rounding must not lose the last frame of a whole ratio.
    count = int(np.floor(longest + 1e-6)) + 1
    return np.minimum(np.arange(count) / ratio, num_frames - 1)


def at(values, times, flags=None):
    """Returns an array at instants between its frames.

    A value is linear between its two frames if both are known and of the same
    flag. Otherwise it is that of the nearest frame: what is missing there stays
    missing, and no gap is bridged.

    Args:
        values: Float `[T, ..., D]`; an entry `[D]` is unknown where one of its
            numbers is NaN.
        times: Float `[T']`, in frames, from 0 to T - 1.
        flags: Bool `[T, ...]`, or None.

    Returns:
        Float `[T', ..., D]`; and flags, bool `[T', ...]`, of the nearest
        frames, if there are any.

    Example:

    >>> at(np.array([[0.0], [10.0], [np.nan]]), np.array([0.5, 1.4, 1.6])).ravel()
    array([ 5., 10., nan])
    """
    low = np.floor(times).astype(int)
    high = np.minimum(low + 1, len(values) - 1)
    share = (times - low).reshape(-1, *[1] * (values.ndim - 1))
    nearest = np.where(times - low < 0.5, low, high)
    between = np.isfinite(values[low]).all(-1) & np.isfinite(values[high]).all(
        -1
    )
    if flags is not None:
        between &= flags[low] == flags[high]
    resampled = values[nearest].copy()
    linear = values[low] + share.astype(values.dtype) * (
        values[high] - values[low]
    )
    resampled[between] = linear[between]
    return resampled if flags is None else (resampled, flags[nearest])
