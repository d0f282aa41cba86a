"""Fits transforms to clips, and makes batches of single transformed poses.

A batch is a dict; `N` poses of `J` joints and `D` coordinates:

    pose        float32 (N, J, D), root-centred, torso lengths
    visibility  bool (N, J)
    features    float32 (N, F)
    action, view  int32 (N,)

Training reads poses that were transformed once (`store`) and augments them in
every epoch: the transform needs whole clips, and is slow.
"""

import dataclasses

import tensorflow as tf

from pose_tf import files
from pose_tf.pipeline import augmentation, windows
from pose_tf.pose.transform import PoseTransform

CLIPS_PER_FIT, CLIPS_PER_BATCH = 64, 32
STORED_POSES = 1024  # Per piece.
SHUFFLE_PIECES, SHUFFLE_POSES = 1024, 16384
_CLIP_ORDER, _PIECE_ORDER, _POSE_ORDER, _AUGMENTATION = range(4)


def fit_transform(
    clips_ds, skeleton, normalization="torso", use_occluded=False
) -> PoseTransform:
    """Fits a `PoseTransform` to clips, which should be training clips.

    Args:
        clips_ds: Dataset of clips, as `example_gen.split` returns it.
        skeleton: `Skeleton` of the poses.
        normalization: `torso` or `frame`; see `PoseTransform`.
        use_occluded: Whether guessed positions of invisible joints are used.
    """
    transform = PoseTransform(skeleton.name, normalization, use_occluded)
    transform.fit(
        windows.clip_batches(
            clips_ds,
            batch_size=CLIPS_PER_FIT,
            skeleton=skeleton,
            frame_normalized=normalization == "frame",
        )
    )
    return transform


def pose_batches(clips_ds, transform, *, batch_size, **options):
    """Returns batches of poses, transformed with their clips, in order.

    Args:
        clips_ds: Dataset of clips, as `example_gen.split` returns it.
        transform: A fitted `PoseTransform`.
        batch_size: Poses per batch; the last one may be smaller.
        **options: Other arguments of `windows.clip_batches`.
    """
    ds = _poses(clips_ds, transform, **options).map(
        lambda poses: _with_features(poses, transform),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    return ds.rebatch(batch_size).prefetch(tf.data.AUTOTUNE)


def store(clips_ds, transform, folder, *, seed=0, **options):
    """Writes the poses of clips, in random order of the clips, to a folder.

    Args:
        clips_ds: Dataset of clips, as `example_gen.split` returns it.
        transform: A fitted `PoseTransform`.
        folder: Folder to write; if it exists, it is replaced.
        seed: Integer that decides the order of the clips.
        **options: Other arguments of `windows.clip_batches`.

    Returns:
        Dataset of pieces of `STORED_POSES` poses, for `training_batches`.
    """
    order = windows.stream_seed(seed, 0, _CLIP_ORDER)[0]
    ds = windows.shuffled(clips_ds, windows.SHUFFLE_CLIPS, order)
    ds = _poses(ds, transform, **options).rebatch(STORED_POSES)
    with files.writing(folder) as aside:
        ds.save(str(aside))
    return tf.data.Dataset.load(str(folder))


def training_batches(
    pieces_ds,
    transform,
    *,
    batch_size,
    skeleton,
    amounts=None,
    seed=0,
    epoch=0,
):
    """Returns shuffled and augmented batches of stored poses.

    Args:
        pieces_ds: Dataset, as `store` returns it.
        transform: The `PoseTransform` that was applied to the poses.
        batch_size: Poses per batch; the last one may be smaller.
        skeleton: `Skeleton` of the poses.
        amounts: `Augmentation`, or None. Root-centred poses in torso lengths
            are neither shifted nor scaled.
        seed: Integer; with `epoch` it decides the order and random numbers.
        epoch: Integer, or int64 scalar tensor.
    """
    ds = windows.shuffled(
        pieces_ds,
        SHUFFLE_PIECES,
        windows.stream_seed(seed, epoch, _PIECE_ORDER)[0],
    )
    fold = tf.random.experimental.stateless_fold_in

    def mixed(number, poses):
        order = windows.stream_seed(seed, epoch, _POSE_ORDER)
        poses = _shuffle(poses, fold(order, number))
        if amounts is not None:
            drawn = windows.stream_seed(seed, epoch, _AUGMENTATION)
            poses = _augment(
                poses, fold(drawn, number), amounts, skeleton, transform
            )
        return _with_features(poses, transform)

    ds = ds.rebatch(SHUFFLE_POSES).enumerate()
    ds = ds.map(mixed, num_parallel_calls=tf.data.AUTOTUNE)
    return ds.rebatch(batch_size).prefetch(tf.data.AUTOTUNE)


def _poses(clips_ds, transform, **options):
    """Returns the poses of batches of clips.

    Frames in which nothing is visible say nothing of a pose: they are left out.
    """

    def poses_of(batch):
        frames, _ = transform(batch["poses"], batch["visibility"], causal=False)
        length = tf.shape(batch["poses"])[1]
        real = tf.sequence_mask(batch["num_frames"], length)
        real &= tf.reduce_any(batch["visibility"], -1)
        labels = {
            key: tf.repeat(batch[key][:, None], length, axis=1)[real]
            for key in ("action", "view")
        }
        return {
            "pose": frames["pose"][real],
            "visibility": frames["visibility"][real],
            **labels,
        }

    ds = windows.clip_batches(clips_ds, batch_size=CLIPS_PER_BATCH, **options)
    return ds.map(poses_of, num_parallel_calls=tf.data.AUTOTUNE)


def _with_features(poses, transform):
    return {**poses, "features": transform.standardize_pose(poses)}


def _shuffle(poses, seed):
    num_poses = tf.shape(poses["pose"])[0]
    order = tf.random.experimental.stateless_shuffle(tf.range(num_poses), seed)
    return {key: tf.gather(value, order) for key, value in poses.items()}


def _augment(poses, seed, amounts, skeleton, transform):
    """Augments poses as windows of one frame each."""
    pose, visibility = poses["pose"][:, None], poses["visibility"][:, None]
    num_poses = tf.shape(pose)[0]
    low, high = tf.reduce_min(pose, -2), tf.reduce_max(pose, -2)
    unit = tf.reduce_max((high - low)[..., :2], axis=(1, 2))
    # A joint that was never seen stays where it is in the mean pose.
    unknown = tf.reduce_all(pose == transform.mean_pose, axis=-1)
    centre = tf.zeros((num_poses, skeleton.num_coordinates))
    if transform.normalization == "torso":
        amounts = dataclasses.replace(amounts, scale=0.0, shift=0.0)
    else:
        centre += [0.5, 0.5] + [0.0] * (skeleton.num_coordinates - 2)
    moved = augmentation.augment(
        {
            "poses": tf.where(unknown[..., None], float("nan"), pose),
            "visibility": visibility,
            "boxes": tf.concat([low[..., :2], high[..., :2]], axis=-1),
            "num_frames": tf.ones([num_poses], tf.int32),
        },
        seed,
        amounts,
        skeleton,
        centre,
        unit,
    )
    pose = moved["poses"]
    pose = tf.where(tf.math.is_nan(pose), transform.mean_pose, pose)
    return {
        **poses,
        "pose": pose[:, 0],
        "visibility": moved["visibility"][:, 0],
    }
