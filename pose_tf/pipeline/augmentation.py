"""Augments whole batches of windows, at random but without state.

Every function takes a batch as `windows.py` makes them and returns one of the
same keys and shapes. Random numbers are drawn for the whole batch, one per
window (for jitter, one per coordinate), from a stateless seed: the same seed
gives the same batch. Invisible joints move along, but no visible joint ever
depends on one. Missing joints stay missing, and padding stays padding.
"""

import dataclasses
import math

import tensorflow as tf

from pose_tf.pose import geometry

_MIRROR, _SCALE, _ROTATION, _SHIFT, _JITTER = range(5)  # Streams of a seed.
SPEED_STREAM, CROP_STREAM = 5, 6
_STRETCH, _SHEAR, _DROP = 7, 8, 9
UNFINISHED_STREAM, REPEAT_STREAM = 10, 11


@dataclasses.dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Holds how far training windows are changed.

    Attributes:
        mirror: Probability that left and right are swapped.
        scale: Largest absolute logarithm of the change of size.
        rotation: Largest rotation in the image plane, radians.
        shift: Largest shift per coordinate, in longer sides of the box.
        jitter: Standard deviation of the noise per coordinate, in the same
            unit.
        speed: Largest absolute logarithm of the change of tempo.
        stretch: Largest absolute logarithm of the change of width only.
        shear: Largest slope by which the picture leans to a side.
        drop: Probability that a joint is missing from all of a window.
        crop: Largest share of its frames that a whole clip loses at its ends.
        unfinished: Probability that a whole clip breaks off, early on more
            often than late.
        repeat: Probability that a whole clip is played to and fro, as if its
            action were repeated more often.

    Raises:
        ValueError: If a field is negative or not finite, `mirror`,
            `unfinished` or `repeat` is above 1, or `crop` or `drop` is not
            below 1.

    Example:

    >>> Augmentation(mirror=0.0).mirror
    0.0
    """

    mirror: float = 0.5
    scale: float = 0.2
    rotation: float = math.radians(10)
    shift: float = 0.1
    jitter: float = 0.002
    speed: float = 0.2
    stretch: float = 0.0
    shear: float = 0.0
    drop: float = 0.0
    crop: float = 0.0
    unfinished: float = 0.0
    repeat: float = 0.0

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(
                    f"`{field.name}` must be finite and not negative. "
                    f"Received: {value!r}"
                )
        for name in ("mirror", "unfinished", "repeat"):
            if getattr(self, name) > 1:
                raise ValueError(
                    f"`{name}` is a probability, so at most 1. Received: "
                    f"{getattr(self, name)!r}"
                )
        for name in ("crop", "drop"):
            if getattr(self, name) >= 1:
                raise ValueError(
                    f"`{name}` must be below 1, to leave something of a clip. "
                    f"Received: {getattr(self, name)!r}"
                )


def draw_log_uniform(seed, stream, num_windows, limit):
    """Draws factors `exp(uniform(-limit, limit))`, float `(num_windows,)`."""
    seed = tf.random.experimental.stateless_fold_in(seed, stream)
    exponent = tf.random.stateless_uniform(
        (num_windows,), seed, minval=-limit, maxval=limit
    )
    return tf.exp(exponent)


def play(batch, position, num_frames):
    """Samples each window at fractional frames, for crops and other speeds.

    Poses and boxes are interpolated linearly between two frames. A joint is
    visible if it is visible in each frame that it is mixed from.

    Args:
        batch: Dict of a batch of windows; only the first `num_frames` frames
            of each are used.
        position: Float tensor `(B, L)`, frames, not negative.
        num_frames: Integer tensor `(B,)`, how many of the `L` frames are kept;
            the others become padding.

    Returns:
        The batch with `L` frames per window.
    """
    last = batch["num_frames"][:, None] - 1
    before = tf.clip_by_value(tf.cast(tf.floor(position), tf.int32), 0, last)
    after = tf.minimum(before + 1, last)
    share = tf.clip_by_value(position - tf.cast(before, position.dtype), 0, 1)
    wanted = tf.sequence_mask(num_frames, tf.shape(position)[1])

    def mixed(values, padding):
        first = tf.gather(values, before, batch_dims=1)
        second = tf.gather(values, after, batch_dims=1)
        weight = tf.reshape(
            share,
            tf.concat([tf.shape(share), [1] * (values.shape.rank - 2)], 0),
        )
        # Not a weighted sum: coordinates that are not finite would leak into a
        # frame that is taken as it is.
        value = tf.where(weight > 0, first + (second - first) * weight, first)
        return _keep(value, wanted, padding)

    seen = tf.gather(batch["visibility"], before, batch_dims=1) & (
        tf.gather(batch["visibility"], after, batch_dims=1)
        | (share <= 0)[..., None]
    )
    return {
        **batch,
        "poses": mixed(batch["poses"], math.nan),
        "visibility": seen & wanted[..., None],
        "boxes": mixed(batch["boxes"], 0.0),
        "num_frames": num_frames,
    }


def mirror(batch, chosen, skeleton, centre):
    """Mirrors the chosen windows about the vertical line through `centre`.

    Args:
        batch: Dict of a batch of windows.
        chosen: Bool tensor `(B,)`.
        skeleton: `Skeleton`, whose left and right joints are swapped.
        centre: Float tensor `(B, D)`, in the unit of the poses.
    """
    centre = centre[:, None, None]
    poses, visibility = geometry.mirror(
        batch["poses"] - centre, batch["visibility"], skeleton
    )
    chosen = chosen[:, None, None]
    x1, y1, x2, y2 = tf.unstack(batch["boxes"], axis=-1)
    twice = 2 * centre[..., 0, 0:1][..., 0]
    boxes = tf.stack([twice - x2, y1, twice - x1, y2], axis=-1)
    return _masked(
        {
            **batch,
            "poses": tf.where(
                chosen[..., None], poses + centre, batch["poses"]
            ),
            "visibility": tf.where(chosen, visibility, batch["visibility"]),
            "boxes": tf.where(chosen, boxes, batch["boxes"]),
        }
    )


def move(batch, factor, angle, shift, centre):
    """Scales, rotates and then shifts windows.

    The sides of a box stay upright: it is scaled, and its centre moves along.

    Args:
        batch: Dict of a batch of windows.
        factor: Float tensor `(B,)`, by which the size changes.
        angle: Float tensor `(B,)`, radians, from x towards y.
        shift: Float tensor `(B, D)`, in the unit of the poses.
        centre: Float tensor `(B, D)`, the point that only `shift` moves.
    """
    factor, angle = factor[:, None, None], angle[:, None, None]
    shift, centre = shift[:, None, None], centre[:, None, None]

    def moved(points):
        points = geometry.scale(points, factor[..., None], centre)
        return geometry.rotate(points, angle, centre) + shift

    low, high = batch["boxes"][..., :2], batch["boxes"][..., 2:]
    rest = tf.zeros_like(batch["poses"][..., 0, 2:])
    middle = moved(tf.concat([(low + high) / 2, rest], -1)[..., None, :])
    middle, half = middle[..., 0, :2], factor * (high - low) / 2
    return _masked(
        {
            **batch,
            "poses": moved(batch["poses"]),
            "boxes": tf.concat([middle - half, middle + half], axis=-1),
        }
    )


def stretch(batch, factor, centre):
    """Makes windows wider or narrower, about `centre`.

    Args:
        batch: Dict of a batch of windows.
        factor: Float tensor `(B,)`, by which the width changes.
        centre: Float tensor `(B, D)`, in the unit of the poses.
    """
    factor, middle = factor[:, None], centre[:, None, 0]

    def wider(x):
        return (x - middle) * factor + middle

    x1, y1, x2, y2 = tf.unstack(batch["boxes"], axis=-1)
    joints = tf.unstack(batch["poses"], axis=-1)
    joints[0] = (joints[0] - middle[..., None]) * factor[..., None]
    joints[0] += middle[..., None]
    return _masked(
        {
            **batch,
            "poses": tf.stack(joints, axis=-1),
            "boxes": tf.stack([wider(x1), y1, wider(x2), y2], axis=-1),
        }
    )


def shear(batch, slope, centre):
    """Leans windows to a side: what is above the centre moves the other way.

    Boxes hold what they held.

    Args:
        batch: Dict of a batch of windows.
        slope: Float tensor `(B,)`: `x` grows by it times `y`.
        centre: Float tensor `(B, D)`, in the unit of the poses.
    """
    slope, middle = slope[:, None], centre[:, None, 1]
    joints = tf.unstack(batch["poses"], axis=-1)
    joints[0] += slope[..., None] * (joints[1] - middle[..., None])
    x1, y1, x2, y2 = tf.unstack(batch["boxes"], axis=-1)
    ends = slope * (y1 - middle), slope * (y2 - middle)
    x1, x2 = x1 + tf.minimum(*ends), x2 + tf.maximum(*ends)
    return _masked(
        {
            **batch,
            "poses": tf.stack(joints, axis=-1),
            "boxes": tf.stack([x1, y1, x2, y2], axis=-1),
        }
    )


def drop(batch, probability, seed):
    """Makes joints missing from all frames of a window, each at random.

    Args:
        batch: Dict of a batch of windows.
        probability: Float, that a joint of a window is missing. If all visible
            joints would be, none is.
        seed: Integer tensor `(2,)`.
    """
    shape = tf.shape(batch["visibility"])
    drawn = tf.random.stateless_uniform((shape[0], shape[2]), seed)
    kept = (drawn >= probability)[:, None]
    seen = batch["visibility"] & kept
    anything = tf.reduce_any(seen, axis=(1, 2), keepdims=True)
    kept |= ~anything
    return {
        **batch,
        "poses": tf.where(kept[..., None], batch["poses"], math.nan),
        "visibility": batch["visibility"] & kept,
    }


def jitter(batch, stddev, seed):
    """Adds Gaussian noise to the visible joints of every frame.

    Args:
        batch: Dict of a batch of windows.
        stddev: Float tensor `(B,)`, in the unit of the poses.
        seed: Integer tensor `(2,)`.
    """
    poses = batch["poses"]
    noise = tf.random.stateless_normal(tf.shape(poses), seed)
    moved = poses + noise * stddev[:, None, None, None]
    seen = batch["visibility"][..., None]
    return {**batch, "poses": tf.where(seen, moved, poses)}


def augment(batch, seed, amounts, skeleton, centre, unit):
    """Changes each window at random, by all that `amounts` has but two.

    Tempo and crops come earlier, when windows are cut, by `play`.

    Args:
        batch: Dict of a batch of windows.
        seed: Integer tensor `(2,)`.
        amounts: `Augmentation`.
        skeleton: `Skeleton` of the poses.
        centre: Float tensor `(B, D)`, the middle of the picture.
        unit: Float tensor `(B,)`, the longer side of the box, in the unit of
            the poses.
    """
    num_windows = tf.shape(batch["poses"])[0]

    def uniform(stream, limit, shape=()):
        return tf.random.stateless_uniform(
            (num_windows, *shape),
            tf.random.experimental.stateless_fold_in(seed, stream),
            minval=-limit,
            maxval=limit,
        )

    factor = draw_log_uniform(seed, _SCALE, num_windows, amounts.scale)
    angle = uniform(_ROTATION, amounts.rotation)
    shift = uniform(_SHIFT, amounts.shift, (skeleton.num_coordinates,))
    if amounts.mirror:
        chosen = (uniform(_MIRROR, 1.0) + 1) / 2 < amounts.mirror
        batch = mirror(batch, chosen, skeleton, centre)
    if amounts.stretch:
        width = draw_log_uniform(seed, _STRETCH, num_windows, amounts.stretch)
        batch = stretch(batch, width, centre)
    if amounts.shear:
        batch = shear(batch, uniform(_SHEAR, amounts.shear), centre)
    if amounts.drop:
        stream = tf.random.experimental.stateless_fold_in(seed, _DROP)
        batch = drop(batch, amounts.drop, stream)
    batch = move(batch, factor, angle, shift * unit[:, None], centre)
    if not amounts.jitter:
        return batch
    stream = tf.random.experimental.stateless_fold_in(seed, _JITTER)
    return jitter(batch, amounts.jitter * unit, stream)


def _masked(batch):
    wanted = tf.sequence_mask(batch["num_frames"], tf.shape(batch["poses"])[1])
    return {
        **batch,
        "poses": _keep(batch["poses"], wanted, math.nan),
        "boxes": _keep(batch["boxes"], wanted, 0.0),
    }


def _keep(values, wanted, padding):
    """Returns values `(B, L, ...)` where wanted, else `padding`, a number."""
    shape = tf.concat(
        [tf.shape(wanted), tf.ones(tf.rank(values) - 2, tf.int32)], 0
    )
    return tf.where(tf.reshape(wanted, shape), values, padding)
