"""Cuts a clip into all of its windows, or a batch of clips to one crop each.

The windows of a clip are a dict as `windows.py` describes it, of `B` windows.
"""

import tensorflow as tf

from pose_tf.pipeline import augmentation

# Half of the longer side of a clip's box in windows of the `tprnn` protocol.
TPRNN_UNIT = 100.0
# Pixels. Penn Action's files put missing joints at about x = y = 1, and published
# protocols count them like others. Nothing else gives missing joints a place.
PUBLISHED_MISSING = 1.0

# Above 1, clips break off early more often than late.
UNFINISHED_POWER = 1.5
# Of a clip that is played to and fro, each way counted. With more, a fitted crop
# of 64 frames would have too few of them for each.
MOST_REPETITIONS = 6.0

KEYS = (
    "clip_id",
    "poses",
    "visibility",
    "boxes",
    "action",
    "view",
    "frame_size",
)


def whole(clip):
    """Returns a clip as a single window, without the axis `B`."""
    return {
        "clip_id": clip["clip_id"],
        "poses": clip["poses"],
        "visibility": clip["visibility"],
        "boxes": clip["boxes"],
        "num_frames": tf.shape(clip["poses"])[0],
        "action": tf.cast(clip["action"], tf.int32),
        "view": tf.cast(clip["view"], tf.int32),
        "start": 0,
        "frame_size": tf.cast(clip["frame_size"], tf.float32),
    }


def windows(clip, *, length, stride, span, to_and_fro=False):
    """Cuts all windows of `length` frames, and reads on up to `span` frames.

    Args:
        clip: Dict of a clip.
        length: Number of frames that must be inside the clip.
        stride: Frames between the starts of two windows.
        span: Number of frames of a window, at least `length`.
        to_and_fro: Whether the clip is played backwards from its end on, then
            forwards again, and so on.

    Returns:
        Dict of windows of `span` frames; `num_frames`, at least `length`, of
        them are inside the clip. If it is played to and fro, that is `span`,
        and `num_forward` are those before it first turns back.
    """
    num_frames = tf.shape(clip["poses"])[0]
    start = tf.range(0, num_frames - length + 1, stride)
    frames = start[:, None] + tf.range(span)
    forward = tf.minimum(num_frames - start, span)
    if not to_and_fro:
        frames = tf.minimum(frames, num_frames - 1)
        return _take(clip, start, frames, forward)
    last = num_frames - 1
    frames = last - tf.abs(last - frames % tf.maximum(2 * last, 1))
    cut = _take(clip, start, frames, tf.fill(tf.shape(start), span))
    return {**cut, "num_forward": forward}


def tprnn(clip, *, horizon):
    """Cuts the windows of the `tprnn` protocol; see `windows.tprnn_batches`."""
    poses = clip["poses"]
    published = tf.where(tf.math.is_nan(poses), PUBLISHED_MISSING, poses)
    low = tf.reduce_min(published, axis=(0, 1))
    high = tf.reduce_max(published, axis=(0, 1))
    middle, half = (low + high) / 2, tf.reduce_max(high - low) / 2
    half = tf.where(half > 0, half, 1.0)  # All joints may be at one point.
    half /= TPRNN_UNIT
    num_frames = tf.shape(poses)[0]
    start = tf.range(num_frames)
    step = (num_frames - 1) // (horizon + 1)
    frames = start[:, None] + step * tf.range(horizon + 1)
    clip = {
        **clip,
        "poses": (poses - middle) / half + 2 * TPRNN_UNIT,
        "boxes": (clip["boxes"] - tf.tile(middle[:2], [2])) / half
        + 2 * TPRNN_UNIT,
        "frame_size": tf.cast(clip["frame_size"], tf.float32) / half,
    }
    frames = tf.minimum(frames, num_frames - 1)
    return _take(clip, start, frames, tf.fill([num_frames], horizon + 1))


def crop(batch, seed, *, window, amounts, fit=False):
    """Crops every clip of a batch at random, at a random tempo.

    Args:
        batch: Dict of whole clips.
        seed: Integer tensor `(2,)`.
        window: Number of frames of the crop; None for as many as the batch has.
        amounts: `Augmentation`, or None to keep the tempo.
        fit: Whether every crop is resampled to `window` frames, however long
            it is; it loses frames by `amounts.crop` and `amounts.unfinished`
            only, and may be played to and fro by `amounts.repeat`.

    Returns:
        The batch with `window` frames per clip; if it is fitted, also `tempo`,
        float `(B,)`: how many frames of the clip there are to one of these,
        at a frame rate that is changed by up to `amounts.speed`.
    """
    num_clips = tf.shape(batch["poses"])[0]
    window = tf.shape(batch["poses"])[1] if window is None else window
    speed = _speed(seed, num_clips, amounts)
    seed = tf.random.experimental.stateless_fold_in(
        seed, augmentation.CROP_STREAM
    )
    place, share = tf.unstack(tf.random.stateless_uniform([2, num_clips], seed))
    last = tf.cast(batch["num_frames"] - 1, tf.float32)
    span = last * (1 - share * (amounts.crop if amounts else 0.0))
    num_steps = tf.cast(window - 1, tf.float32)
    if not fit:
        span = tf.minimum(span, num_steps * speed)
    room = tf.floor(last - span)
    first = tf.minimum(tf.floor(place * (room + 1)), room)
    steps = tf.range(tf.cast(window, tf.float32))
    if amounts is not None and amounts.unfinished:
        shares = _finished(seed, num_clips, amounts.unfinished)
        span = tf.maximum(span * shares, tf.minimum(span, 1.0))
    repeated = fit and amounts is not None and amounts.repeat > 0
    if fit:
        rate, speed = speed, span / tf.maximum(num_steps, 1.0)
        if repeated:
            speed *= _repetitions(seed, num_clips, amounts.repeat)
        batch = {**batch, "tempo": rate * speed}
        available = tf.fill([num_clips], window)
    else:  # A clip that is kept whole must not lose its last frame by rounding.
        available = tf.cast(span / speed + 1e-3, tf.int32) + 1
    position = speed[:, None] * steps
    if repeated:
        position = _to_and_fro(position, span[:, None])
    batch = {**batch, "start": batch["start"] + tf.cast(first, tf.int32)}
    return augmentation.play(
        batch, first[:, None] + position, tf.minimum(available, window)
    )


def _speed(seed, num_clips, amounts):
    """Draws the tempo of each clip, `(B,)`: 1 without `amounts`."""
    if amounts is None:
        return tf.ones([num_clips])
    return augmentation.draw_log_uniform(
        seed, augmentation.SPEED_STREAM, num_clips, amounts.speed
    )


def _repetitions(seed, num_clips, probability):
    """Draws how often each clip is played, `(B,)`: 1 if it is not repeated."""
    stream = augmentation.REPEAT_STREAM
    seed = tf.random.experimental.stateless_fold_in(seed, stream)
    draws = tf.random.stateless_uniform([2, num_clips], seed)
    times = 1 + draws[1] * (MOST_REPETITIONS - 1)
    return tf.where(draws[0] < probability, times, 1.0)


def _to_and_fro(position, span):
    """Turns positions, in frames, back at 0 and at `span`."""
    round_trip = tf.where(span > 0, 2 * span, 1.0)
    return span - tf.abs(span - tf.math.floormod(position, round_trip))


def _finished(seed, num_clips, probability):
    """Draws which share of each clip is kept, `(B,)`: 1 if it is finished."""
    stream = augmentation.UNFINISHED_STREAM
    seed = tf.random.experimental.stateless_fold_in(seed, stream)
    draws = tf.random.stateless_uniform([2, num_clips], seed)
    shares = draws[1] ** UNFINISHED_POWER
    return tf.where(draws[0] < probability, shares, 1.0)


def replay(batch, seed, *, length, least, limit):
    """Plays windows at a random tempo, from their first frame on.

    Args:
        batch: Dict of windows of at least `least` frames each, before they
            turn back if they do.
        seed: Integer tensor `(2,)`.
        length: Number of frames of the result, at least `least`.
        least: Number of its frames that are not padding.
        limit: Largest absolute logarithm of the tempo. It is slower if the clip
            would end before `least` frames.
    """
    num_windows = tf.shape(batch["poses"])[0]
    turns_back = "num_forward" in batch
    inside = batch["num_forward" if turns_back else "num_frames"]
    speed = augmentation.draw_log_uniform(
        seed, augmentation.SPEED_STREAM, num_windows, limit
    )
    last = tf.cast(inside - 1, tf.float32)
    speed = tf.minimum(speed, last / max(least - 1, 1))
    position = speed[:, None] * tf.range(length, dtype=tf.float32)
    # A frame must not be lost by rounding.
    available = tf.cast(last / speed + 1e-3, tf.int32) + 1
    available = tf.clip_by_value(available, least, length)
    if turns_back:
        batch = {**batch, "num_forward": available}
        available = tf.fill([num_windows], length)
    return augmentation.play(batch, position, available)


def _take(clip, start, frames, num_frames):
    """Takes frames `(B, L)` of a clip; pads beyond `num_frames` `(B,)`."""
    num_windows = tf.shape(start)[0]
    wanted = tf.sequence_mask(num_frames, tf.shape(frames)[1])

    def taken(values):
        return tf.gather(values, frames)

    def each(value):
        value = tf.convert_to_tensor(value)
        return tf.repeat(value[None], num_windows, axis=0)

    clip = whole(clip)
    return {
        **{k: each(clip[k]) for k in ("clip_id", "action", "view")},
        "frame_size": each(clip["frame_size"]),
        "poses": tf.where(
            wanted[..., None, None], taken(clip["poses"]), float("nan")
        ),
        "visibility": taken(clip["visibility"]) & wanted[..., None],
        "boxes": tf.where(wanted[..., None], taken(clip["boxes"]), 0.0),
        "num_frames": num_frames,
        "start": start,
    }
