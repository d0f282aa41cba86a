"""Makes batches of windows of clips, on tf.data.

A batch is a dict; `B` windows of `L` frames, `J` joints, `D` coordinates:

    poses       float32 (B, L, J, D), pixels (`tprnn`: of a box of 200); NaN
                where a joint is missing
    visibility  bool (B, L, J)
    boxes       float32 (B, L, 4), x1 y1 x2 y2, in the unit of the poses
    num_frames  int32 (B,); frames beyond are padding: missing joints, and
                boxes of zeros
    action, view  int32 (B,)
    clip_id     string (B,)
    start       int32 (B,), the window's first frame in its clip
    frame_size  float32 (B, 2), width and height, in the unit of the poses
    tempo       float32 (B,), of fitted clips only; see `cuts.crop`
    num_forward int32 (B,), of windows that are played to and fro only; the
                frames before they first turn back

With `training=True` the order and every random number are a pure function of
`(seed, epoch)`, so that `.skip(n)` resumes a killed run bit-exactly. The epoch
may be a tensor, so that one dataset can run through all of them.
Shuffling works in bounded memory: clips in a buffer, then blocks of windows.
"""

import functools
import math

import tensorflow as tf

from pose_tf.pipeline import augmentation, cuts
from pose_tf.pipeline.cuts import TPRNN_UNIT
from pose_tf.pose.transform import REFERENCE_SIZE

SHUFFLE_CLIPS = 2048
SHUFFLE_BYTES = 32 << 20
_CLIP_ORDER, _WINDOW_ORDER, _AUGMENTATION, DEGRADATION = range(4)


def clip_batches(
    clips_ds,
    *,
    batch_size,
    skeleton,
    window=None,
    fit=False,
    training=False,
    shuffle=True,
    augment=False,
    frame_normalized=False,
    seed=0,
    epoch=0,
):
    """Returns batches of whole clips, padded to the longest of the batch.

    Args:
        clips_ds: Dataset of clips, as `example_gen.split` returns it.
        batch_size: Clips per batch; the last one may be smaller.
        skeleton: `Skeleton` of the poses.
        window: Number of frames to which training clips are cropped at random
            and padded; None keeps them whole.
        fit: Whether training clips are resampled to `window` frames instead,
            after the crop that `augment` asks for.
        training: Whether clips are shuffled and cropped; otherwise they come
            whole and in order.
        shuffle: False keeps the order of training clips.
        augment: Whether training clips are augmented; or an `Augmentation`.
        frame_normalized: Whether poses are stretched so that every frame is
            `REFERENCE_SIZE` wide and high.
        seed: Integer; with `epoch` it decides the order and random numbers.
        epoch: Integer, or int64 scalar tensor.

    Raises:
        ValueError: If a number is not positive, or clips lack keys or are of
            another skeleton.
    """
    _check(clips_ds, skeleton, batch_size=batch_size)
    if window is not None:
        _positive(window=window)
    amounts = _amounts(augment, training)
    ds = clips_ds
    if training and shuffle:
        ds = _shuffle_clips(ds, seed, epoch)
    ds = ds.map(cuts.whole, num_parallel_calls=tf.data.AUTOTUNE)
    ds = ds.padded_batch(batch_size, padding_values=_padding(ds))
    if training and (window is not None or amounts is not None):
        cut = functools.partial(
            cuts.crop, window=window, amounts=amounts, fit=fit
        )
        ds = map_seeded(ds, cut, seed, epoch)
    return _finish(ds, amounts, skeleton, frame_normalized, seed, epoch)


def window_batches(
    clips_ds,
    *,
    length,
    stride,
    batch_size,
    skeleton,
    least=None,
    to_and_fro=False,
    training=False,
    augment=False,
    frame_normalized=False,
    seed=0,
    epoch=0,
):
    """Returns batches of all windows of `length` frames inside a clip.

    Windows start at the frames 0, `stride`, 2 `stride` ... of a clip. Faster
    tempi (of `augment`) read on beyond the window, up to the end of the clip.

    Args:
        clips_ds: Dataset of clips, as `example_gen.split` returns it.
        length: Number of frames of a window.
        stride: Frames between the starts of two windows.
        least: Number of frames of a window that must be inside the clip; those
            after its end are padding. None for all.
        to_and_fro: Whether, instead of padding, the clip is played backwards
            from its end to its start, then forwards again, and so on.
        batch_size: Windows per batch; the last one may be smaller.
        skeleton, training, augment, frame_normalized, seed, epoch: As for
            `clip_batches`.

    Raises:
        ValueError: As for `clip_batches`.
    """
    least = length if least is None else min(least, length)
    _check(
        clips_ds,
        skeleton,
        batch_size=batch_size,
        length=length,
        stride=stride,
        least=least,
    )
    amounts = _amounts(augment, training)
    fastest = math.exp(amounts.speed) if amounts else 1.0
    span = math.ceil((length - 1) * fastest) + 1
    ds = clips_ds.filter(lambda clip: tf.shape(clip["poses"])[0] >= least)
    if training:
        ds = _shuffle_clips(ds, seed, epoch)
    cut = functools.partial(
        cuts.windows,
        length=least,
        stride=stride,
        span=span,
        to_and_fro=to_and_fro,
    )
    ds = ds.map(cut, num_parallel_calls=tf.data.AUTOTUNE)
    if training:
        ds = _shuffle_windows(ds, span, skeleton, seed, epoch)
    ds = ds.rebatch(batch_size)
    if amounts is not None:
        play = functools.partial(
            cuts.replay, length=length, least=least, limit=amounts.speed
        )
        ds = map_seeded(ds, play, seed, epoch)
    return _finish(ds, amounts, skeleton, frame_normalized, seed, epoch)


def frame_batches(clips_ds, *, batch_size, **kwargs):
    """Returns batches of single frames: `window_batches` of length 1."""
    return window_batches(
        clips_ds, length=1, stride=1, batch_size=batch_size, **kwargs
    )


def tprnn_batches(
    clips_ds,
    *,
    batch_size,
    skeleton,
    training=False,
    augment=False,
    seed=0,
    epoch=0,
    horizon=16,
):
    """Returns batches of the windows of TP-RNN's protocol.

    It is that of [Chiu et al., 2019](https://arxiv.org/abs/1810.09676): one
    observed frame, and `horizon` frames to come.

    Every frame `s` of a clip of `T` starts a window, whose frame `t` is
    `min(s + t * ((T - 1) // (horizon + 1)), T - 1)`. Poses are scaled so that
    half of the longer side of the smallest box around all joints of all frames
    is `cuts.TPRNN_UNIT`, and moved so that its centre is at twice that on each
    axis: a transform takes these for pixels. As in the published protocol,
    missing joints count for that box, where Penn Action's files put them.

    Args:
        clips_ds: Dataset of clips, as `example_gen.split` returns it.
        batch_size: Windows per batch; the last one may be smaller.
        skeleton, training, augment, seed, epoch: As for `clip_batches`; the
            tempo is never changed.
        horizon: Number of frames after the first.

    Raises:
        ValueError: As for `clip_batches`.
    """
    _check(clips_ds, skeleton, batch_size=batch_size, horizon=horizon)
    amounts = _amounts(augment, training)
    ds = clips_ds
    if training:
        ds = _shuffle_clips(ds, seed, epoch)
    cut = functools.partial(cuts.tprnn, horizon=horizon)
    ds = ds.map(cut, num_parallel_calls=tf.data.AUTOTUNE)
    if training:
        ds = _shuffle_windows(ds, horizon + 1, skeleton, seed, epoch)
    ds = ds.rebatch(batch_size)
    return _finish(ds, amounts, skeleton, False, seed, epoch, boxed=True)


def num_windows(clips_ds, *, length, stride):
    """Counts the windows that `window_batches` cuts; reads all clips."""
    _positive(length=length, stride=stride)
    lengths = clips_ds.map(lambda clip: tf.shape(clip["poses"])[0])
    return sum(
        (int(num_frames) - length) // stride + 1
        for num_frames in lengths.as_numpy_iterator()
        if num_frames >= length
    )


def shuffled(ds, size, seed):
    """Shuffles by `seed` only, whatever TensorFlow's global seed is.

    Args:
        ds: Dataset.
        size: Number of elements in the buffer.
        seed: int64 scalar tensor.
    """

    def shuffle(_):
        # In `flat_map` the seed of its function's graph counts, and not the
        # global one. It is not 0, which would be compared with the tensor.
        tf.random.set_seed(1)
        return ds.shuffle(size, seed=seed, reshuffle_each_iteration=False)

    return tf.data.Dataset.from_tensors(0).flat_map(shuffle)


def _shuffle_clips(ds, seed, epoch):
    seed = stream_seed(seed, epoch, _CLIP_ORDER)[0]
    return shuffled(ds, SHUFFLE_CLIPS, seed)


def _shuffle_windows(ds, length, skeleton, seed, epoch):
    """Shuffles within blocks of windows of about `SHUFFLE_BYTES`."""
    joint_bytes = 4 * skeleton.num_coordinates + 1
    frame_bytes = skeleton.num_joints * joint_bytes + 4 * 4
    block = max(1, SHUFFLE_BYTES // (length * frame_bytes))
    seed = stream_seed(seed, epoch, _WINDOW_ORDER)

    def shuffle(index, windows):
        order = tf.random.experimental.stateless_shuffle(
            tf.range(tf.shape(windows["start"])[0]),
            tf.random.experimental.stateless_fold_in(seed, index),
        )
        return {k: tf.gather(value, order) for k, value in windows.items()}

    return ds.rebatch(block).enumerate().map(shuffle)


def map_seeded(ds, function, seed, epoch, stream=_AUGMENTATION):
    """Maps `function(batch, seed)`, with another seed for each batch."""
    seed = stream_seed(seed, epoch, stream)

    def seeded(index, batch):
        return function(
            batch, tf.random.experimental.stateless_fold_in(seed, index)
        )

    return ds.enumerate().map(seeded, num_parallel_calls=tf.data.AUTOTUNE)


def stream_seed(seed, epoch, stream):
    """Returns the seed, int64 `(2,)`, of a stream of random numbers.

    Args:
        seed: Integer.
        epoch: Integer, or int64 scalar tensor.
        stream: Number of the stream.

    Raises:
        ValueError: If the seed, or an epoch that is not a tensor, is negative.
    """
    for name, value in (("seed", seed), ("epoch", epoch)):
        if not tf.is_tensor(value) and value < 0:
            raise ValueError(
                f"`{name}` must not be negative. Received: {value}"
            )
    return tf.random.experimental.stateless_fold_in(
        tf.constant([seed, stream], tf.int64), tf.cast(epoch, tf.int64)
    )


def _finish(ds, amounts, skeleton, normalized, seed, epoch, boxed=False):
    if amounts is not None:

        def augment(batch, seed):
            centre, unit = _centre_and_unit(batch, skeleton, boxed)
            return augmentation.augment(
                batch, seed, amounts, skeleton, centre, unit
            )

        ds = map_seeded(ds, augment, seed, epoch)
    if normalized:
        ds = ds.map(_normalize_frame, num_parallel_calls=tf.data.AUTOTUNE)
    options = tf.data.Options()
    options.deterministic = True
    return ds.with_options(options).prefetch(tf.data.AUTOTUNE)


def _centre_and_unit(batch, skeleton, boxed):
    """Returns centres of pictures `(B, D)` and longer sides of boxes `(B,)`."""
    middle = batch["frame_size"] / 2
    if boxed:
        middle = tf.fill(tf.shape(middle), 2 * TPRNN_UNIT)
    rest = skeleton.num_coordinates - 2
    sides = batch["boxes"][..., 2:] - batch["boxes"][..., :2]
    longest = tf.reduce_max(sides, axis=(1, 2))
    return tf.pad(middle, [[0, 0], [0, rest]]), tf.maximum(longest, 0.0)


def _normalize_frame(batch):
    """Stretches x and y so that every frame is a `REFERENCE_SIZE` square."""
    factor = (REFERENCE_SIZE / batch["frame_size"])[:, None, None]
    poses = batch["poses"]
    return {
        **batch,
        "poses": tf.concat([poses[..., :2] * factor, poses[..., 2:]], axis=-1),
        "boxes": batch["boxes"] * tf.tile(factor[:, 0], [1, 1, 2]),
        "frame_size": tf.fill(tf.shape(batch["frame_size"]), REFERENCE_SIZE),
    }


def _padding(ds):
    """Returns the padding of each feature: NaN for poses, zero for others."""
    padding = {
        key: tf.zeros((), spec.dtype) for key, spec in ds.element_spec.items()
    }
    return {**padding, "poses": tf.constant(math.nan)}


def _amounts(augment, training):
    if not (training and augment):
        return None
    if isinstance(augment, augmentation.Augmentation):
        return augment
    return augmentation.Augmentation()


def _check(clips_ds, skeleton, **sizes):
    _positive(**sizes)
    spec = clips_ds.element_spec
    missing = [key for key in cuts.KEYS if key not in spec]
    if missing:
        raise ValueError(
            f"`clips_ds` must have the keys {', '.join(cuts.KEYS)}. Received "
            f"a dataset without {', '.join(missing)}"
        )
    wanted = (skeleton.num_joints, skeleton.num_coordinates)
    if tuple(spec["poses"].shape[1:]) != wanted:
        raise ValueError(
            f"`clips_ds` must have poses (T, {wanted[0]}, {wanted[1]}) for "
            f"the skeleton {skeleton.name!r}. Received: {spec['poses'].shape}"
        )


def _positive(**sizes):
    for name, value in sizes.items():
        if value < 1:
            raise ValueError(f"`{name}` must be at least 1. Received: {value}")
