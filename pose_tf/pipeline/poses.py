"""Clips to a fitted transform, and to batches of single transformed poses."""

import tensorflow as tf

from pose_tf.pipeline import windows
from pose_tf.transform import PoseTransform

CLIPS_A_FIT, CLIPS_A_BATCH = 64, 32
SHUFFLE_POSES = 32768


def fit_transform(
    clips_ds, skeleton, normalization="torso", occluded=False
) -> PoseTransform:
    """A `PoseTransform` fitted on clips, which are to be training clips.

    Args:
        clips_ds: Dataset of clips, as `example_gen.split` gives them.
        skeleton: `Skeleton` of the poses.
        normalization, occluded: See `PoseTransform`.
    """
    transform = PoseTransform(skeleton.name, normalization, occluded)
    transform.fit(
        windows.clip_batches(
            clips_ds,
            batch_size=CLIPS_A_FIT,
            skeleton=skeleton,
            frame_normalized=normalization == "frame",
        )
    )
    return transform


def pose_batches(
    clips_ds,
    transform,
    *,
    batch_size,
    seed=0,
    epoch=0,
    training=False,
    **options,
):
    """Batches of poses, transformed in the context of their clips.

    Args:
        clips_ds: Dataset of clips, as `example_gen.split` gives them.
        transform: A fitted `PoseTransform`.
        batch_size: Poses a batch; the last one may be smaller.
        seed: Integer; with `epoch` it fixes the order.
        epoch: Integer.
        training: Whether clips and poses are shuffled and augmented.
        options: Further arguments of `windows.clip_batches`.

    Returns:
        Dataset of dicts: `pose` `(N, J, D)`, root-centred, torso lengths;
        `visibility` bool `(N, J)`; `features` `(N, F)`; `action` and `view`
        int32 `(N,)`.
    """

    def poses_of(batch):
        frames, _ = transform(batch["poses"], batch["visibility"], causal=False)
        length = tf.shape(batch["poses"])[1]
        real = tf.sequence_mask(batch["num_frames"], length)
        # Clips without one visible joint in a frame say nothing of its pose.
        real &= tf.reduce_any(batch["visibility"], -1)
        labels = {
            key: tf.repeat(batch[key][:, None], length, axis=1)
            for key in ("action", "view")
        }
        return {
            "pose": frames["pose"][real],
            "visibility": frames["visibility"][real],
            "features": transform.standardize_pose(frames)[real],
            **{key: value[real] for key, value in labels.items()},
        }

    ds = windows.clip_batches(
        clips_ds,
        batch_size=CLIPS_A_BATCH,
        training=training,
        seed=seed,
        epoch=epoch,
        **options,
    )
    ds = ds.map(poses_of, num_parallel_calls=tf.data.AUTOTUNE)
    if training:
        ds = ds.rebatch(SHUFFLE_POSES).enumerate()
        ds = ds.map(lambda block, poses: _shuffle(poses, (seed, epoch), block))
    ds = ds.rebatch(batch_size)
    return ds.prefetch(tf.data.AUTOTUNE)


def _shuffle(poses, seed, block):
    """Shuffles a block of poses by `(seed, epoch, block)` alone."""
    num_poses = tf.shape(poses["pose"])[0]
    seed = tf.random.experimental.stateless_fold_in(
        tf.constant(seed, tf.int64), block
    )
    order = tf.random.experimental.stateless_shuffle(tf.range(num_poses), seed)
    return {key: tf.gather(value, order) for key, value in poses.items()}
