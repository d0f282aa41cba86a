"""Makes batches of training recordings, each another one, on tf.data.

A batch is a dict; `B` recordings of `T` frames, `J` joints, `D` coordinates:

    poses       float32 (B, T, J, D), pixels; NaN where a joint is missing
    visibility  bool (B, T, J)
    labels      int32 (B, T), indices of actions, or NONE or UNSCORED of
                `recordings`

Every batch is a pure function of `(seed, epoch, number)`, so that `.skip(n)`
resumes a killed run to the bit.
"""

import numpy as np
import tensorflow as tf

from pose_tf.pipeline import augmentation, detectors, recordings
from pose_tf.pipeline.recordings import NONE, UNSCORED

# How far each piece of a recording is changed.
AUGMENTATION = augmentation.Augmentation(
    scale=0.15,
    rotation=0.25,
    shift=0.0,
    jitter=0.0,
    speed=0.3,
    stretch=0.25,
    shear=0.15,
    crop=0.15,
)
CROP_PROBABILITY = 0.5  # Of each end of a clip.
MIN_FRAMES = 10  # Of a piece after a change of tempo and crops.
# Poses that are held, beside the annotators' jitter.
HELD_KEPT = (0.0, 0.3, 0.68, 0.9)
HELD_STDDEV = (0.0, 0.004, 0.0085, 0.02, 0.035)
# How far, at most, the joints of who stands still sway, torso lengths; seconds.
SWAY_PROBABILITY, SWAY, SWAY_PERIOD = 0.4, 0.06, (1.5, 6.0)
# Shares of recordings that are disturbed, and how badly.
DETECTOR_PROBABILITY, DETECTOR_LEVELS = 0.5, (0.2, 1.6)
LOST_PROBABILITY, BORDER_PROBABILITY = 0.2, 0.2
# Nobody is there for a while; soon after that nothing is under way.
ABSENT_PROBABILITY, ABSENT_FRAMES, ABSENT_UNSCORED = 0.1, (20, 120), 15
SIZES = (0.3, 3.0)  # Of recordings, over that of those that are scored.


def batches(
    pieces, *, batch_size, num_frames, num_batches, seed=0, epoch=0
) -> tf.data.Dataset:
    """Returns the batches of an epoch.

    Args:
        pieces: `recordings.Pieces` of training clips.
        batch_size: Recordings per batch, `B`.
        num_frames: Frames of each, `T`.
        num_batches: Integer.
        seed: Integer.
        epoch: Integer, or int64 scalar tensor.
    """
    joints = pieces.skeleton.num_joints
    shape = (batch_size, num_frames, joints, pieces.skeleton.num_coordinates)

    def make(epoch, number):
        rng = np.random.default_rng([seed, int(epoch), int(number)])
        made = [training(pieces, num_frames, rng) for _ in range(batch_size)]
        poses = np.stack([recording.poses for recording in made])
        return poses, np.stack([recording.labels for recording in made])

    def batch(number):
        poses, labels = tf.numpy_function(
            make, [epoch, number], [tf.float32, tf.int32]
        )
        poses = tf.ensure_shape(poses, shape)
        return {
            "poses": poses,
            "visibility": tf.reduce_all(tf.math.is_finite(poses), -1),
            "labels": tf.ensure_shape(labels, shape[:2]),
        }

    ds = tf.data.Dataset.range(num_batches).map(
        batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )
    return ds.prefetch(tf.data.AUTOTUNE)


def training(pieces, num_frames, rng) -> recordings.Recording:
    """Makes a recording of so many frames to train on.

    It has every action before any comes again. Each piece is changed by
    `AUGMENTATION`, and the whole is disturbed as by a detector.

    Args:
        pieces: `recordings.Pieces`.
        num_frames: Integer, `T`.
        rng: `np.random.Generator`.
    """
    segments, length = [], 0
    for label in _labels(pieces, rng):
        if label == NONE:
            poses = _nothing(pieces, rng)
        else:
            poses = recordings.any_clip(pieces, label, rng)
        poses = change(poses, pieces.skeleton, AUGMENTATION, rng)
        segments.append((poses, label))
        length += len(poses)
        if length >= num_frames:
            break
    made = recordings.join(segments, pieces.skeleton)
    poses = made.poses[:num_frames] / recordings.PIXELS_PER_TORSO
    poses, labels = _disturb(
        poses, made.labels[:num_frames], pieces.skeleton, rng
    )
    size = np.exp(rng.uniform(*np.log(SIZES))) * recordings.PIXELS_PER_TORSO
    return recordings.Recording((size * poses).astype(np.float32), labels)


def change(poses, skeleton, amounts, rng) -> np.ndarray:
    """Changes a piece as `amounts` says, at random.

    It is cropped, played at another tempo, mirrored, and turned, stretched,
    sheared and scaled in the picture.

    Args:
        poses: Float array `[T, J, D]`, torso lengths.
        skeleton: `Skeleton` of the poses.
        amounts: `augmentation.Augmentation`.
        rng: `np.random.Generator`.
    """
    poses = _play(poses, amounts, rng)
    if rng.random() < amounts.mirror:
        poses = poses[:, list(skeleton.mirror_indices)].copy()
        poses[..., 0] *= -1
    angle = rng.uniform(-amounts.rotation, amounts.rotation)
    width = np.exp(rng.uniform(-amounts.stretch, amounts.stretch))
    slope = rng.uniform(-amounts.shear, amounts.shear)
    factor = np.exp(rng.uniform(-amounts.scale, amounts.scale))
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    turn = factor * turn @ np.array([[width, slope], [0.0, 1.0]])
    poses = poses.copy()
    poses[..., :2] = poses[..., :2] @ turn.T
    poses[..., 2:] *= factor
    return poses


def _labels(pieces, rng):
    """Yields labels without end: all actions in random order, and again."""
    while True:
        for action in rng.permutation(sorted(pieces.clips)):
            if rng.random() < recordings.NOTHING_PROBABILITY:
                yield NONE
            yield int(action)


def _nothing(pieces, rng):
    """Returns somebody who holds a pose `[T, J, D]`, or sways a little."""
    held = recordings.HeldPose(rng.choice(HELD_KEPT), rng.choice(HELD_STDDEV))
    poses = recordings.nothing(pieces, rng, held)
    if rng.random() < SWAY_PROBABILITY:
        shape = poses.shape[1:]
        turns = np.arange(len(poses)) / recordings.FPS
        turns /= rng.uniform(*SWAY_PERIOD)
        phases = rng.random(shape) + turns[:, None, None]
        reach = rng.uniform(0, SWAY) * rng.random(shape)
        poses = poses + reach * np.sin(2 * np.pi * phases)
    return poses


def _play(poses, amounts, rng):
    """Crops a piece and changes its tempo; it keeps `MIN_FRAMES`, if it can."""
    last = len(poses) - 1
    ends = rng.random(2) * amounts.crop * (rng.random(2) < CROP_PROBABILITY)
    start, end = ends[0] * last, last - ends[1] * last
    steps = (end - start) * np.exp(rng.uniform(-amounts.speed, amounts.speed))
    steps = max(round(steps), min(MIN_FRAMES - 1, last))
    places = np.linspace(start, end, steps + 1)
    low = np.floor(places).astype(int)
    share = (places - low)[:, None, None]
    high = np.minimum(low + 1, last)
    mixed = poses[low] + share * (poses[high] - poses[low])
    return np.where(share > 0, mixed, poses[low])


def _disturb(poses, labels, skeleton, rng):
    """Returns poses as a detector might give them, and labels without gaps."""
    if rng.random() < LOST_PROBABILITY:
        poses = detectors.lose_joints(poses, rng)
    if rng.random() < BORDER_PROBABILITY:
        poses = detectors.leave_picture(poses, rng)
    if rng.random() < DETECTOR_PROBABILITY:
        level = rng.uniform(*DETECTOR_LEVELS)
        poses = detectors.detect(poses, skeleton, level, rng)
    if rng.random() < ABSENT_PROBABILITY:
        first = rng.integers(len(poses))
        end = first + rng.integers(*ABSENT_FRAMES, endpoint=True)
        poses, labels = poses.copy(), labels.copy()
        poses[first:end] = np.nan
        labels[first:end] = NONE
        labels[first : min(end, first + ABSENT_UNSCORED)] = UNSCORED
    return poses, labels
