"""Describes augmented views of clips once, and makes batches of pairs of them.

A batch is a dict; `B` clips, each with two of its `V` views:

    views     float32 (B, 2, ...), descriptions of the views, of any shape
    mirrored  float32 (B, 2), 1 where a view is of the clip's mirror image
    targets   float32 (B, 2, K), descriptions of the clip, mirrored likewise
    index     int32 (B,), the clip's number

Views and clips may be described in different ways. Descriptions take longer than
a training step, so that they are made once and kept on disk: two bytes per number
of the `V` views and of both sides of a clip.
"""

import pathlib

import numpy as np
import tensorflow as tf

from pose_tf import files
from pose_tf.pipeline import windows

CLIPS_PER_BATCH = 32
# Clips whose views are in memory while batches are made of them.
BLOCK_CLIPS = 2048
# Half precision: a description need not be more precise than its view.
STORED = np.float16
_CLIP_ORDER, _BLOCK_ORDER, _PAIRS = range(3)


class Views:
    """Reads what `store` wrote: descriptions of clips and of their views.

    Args:
        folder: Folder that `store` wrote.

    Attributes:
        targets: Array `(N, 2, K)` on disk, of clips and their mirror images.
        views: Array `(N, V, ...)` on disk.

    Example:

    >>> views = Views("runs/motion_vae/views")  # doctest: +SKIP
    >>> views.views.shape  # doctest: +SKIP
    (1142, 24, 512)
    """

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.targets, self.views = (
            np.load(folder / f"{name}.npy", mmap_mode="r")
            for name in ("targets", "views")
        )

    def block(self, number):
        """Returns the targets and views of a block of `BLOCK_CLIPS` clips."""
        start = int(number) * BLOCK_CLIPS
        rows = slice(start, start + BLOCK_CLIPS)
        return np.array(self.targets[rows]), np.array(self.views[rows])


def store(
    clips_ds, describe, look, folder, *, num_views, amounts, skeleton, seed=0
) -> Views:
    """Writes descriptions of views of clips to a folder.

    Args:
        clips_ds: Dataset of clips, as `example_gen.split` returns it.
        describe: Function of `(poses, visibility, num_frames, mirrored)`, as
            batches of `windows.clip_batches` have them and a bool, that
            returns descriptions `(B, K)` of clips.
        look: Such a function that returns descriptions `(B, ...)` of views.
        folder: Folder to write; if it exists, it is replaced.
        num_views: `V`, even: every second view is mirrored.
        amounts: `Augmentation` of the views; its `mirror` should be 0.
        skeleton: `Skeleton` of the poses.
        seed: Integer that decides the views and the order of the clips.
    """
    order = windows.stream_seed(seed, 0, _CLIP_ORDER)[0]
    num_clips = int(clips_ds.cardinality())
    clips_ds = windows.shuffled(clips_ds, windows.SHUFFLE_CLIPS, order)
    plain = _batches(clips_ds, skeleton)
    views = [
        _batches(clips_ds, skeleton, augment=amounts, seed=seed, epoch=view)
        for view in range(num_views)
    ]
    with files.writing(folder) as aside:
        aside.mkdir()
        _write(aside / "targets.npy", describe, [plain] * 2, num_clips)
        _write(aside / "views.npy", look, views, num_clips)
    return Views(folder)


def _write(path, describe, sides, num_clips):
    """Writes descriptions of all clips, `(N, len(sides), ...)`, to a file.

    Args:
        path: File to write.
        describe: Function of a batch and of whether it is mirrored.
        sides: Datasets of batches, of which every second one is mirrored.
        num_clips: `N`.
    """
    array = None
    # Side by side: all at once would be many pipelines at a time.
    for side, batches in enumerate(sides):
        start = 0
        for batch in batches:
            described = describe(
                batch["poses"],
                batch["visibility"],
                batch["num_frames"],
                bool(side % 2),
            )
            if array is None:
                array = np.lib.format.open_memmap(
                    path,
                    mode="w+",
                    dtype=STORED,
                    shape=(num_clips, len(sides), *described.shape[1:]),
                )
            end = start + len(described)
            array[start:end, side] = described
            start = end
    if array is not None:
        array.flush()


def training_batches(stored, *, batch_size, seed=0, epoch=0):
    """Returns batches of pairs of views, in which every view comes once.

    Args:
        stored: `Views`.
        batch_size: Clips per batch, each at most once; the last batch of a
            pass over a block of `BLOCK_CLIPS` clips may be smaller.
        seed: Integer; with `epoch` it decides order and pairs.
        epoch: Integer, or int64 scalar tensor.
    """
    num_clips, num_views, *view_shape = stored.views.shape
    target_shape = stored.targets.shape[2:]
    fold = tf.random.experimental.stateless_fold_in
    order = windows.stream_seed(seed, epoch, _BLOCK_ORDER)
    pairs = windows.stream_seed(seed, epoch, _PAIRS)

    def passes(number):
        targets, views = tf.numpy_function(
            stored.block, [number], [STORED, STORED], stateful=False
        )
        block = {
            "targets": tf.ensure_shape(targets, (None, 2, *target_shape)),
            "views": tf.ensure_shape(views, (None, num_views, *view_shape)),
        }
        size = tf.shape(views)[0]
        view = _permutations(size, num_views, fold(pairs, number))

        def batches(turn):
            clips = tf.random.experimental.stateless_shuffle(
                tf.range(size), fold(fold(order, number), turn)
            )
            two = 2 * tf.cast(turn, tf.int32) + tf.range(2)
            start = tf.cast(number, tf.int32) * BLOCK_CLIPS
            return (
                tf.data.Dataset.from_tensor_slices(clips)
                .batch(batch_size)
                .map(lambda rows: _pairs(block, view, rows, two, start))
            )

        return tf.data.Dataset.range(num_views // 2).flat_map(batches)

    ds = tf.data.Dataset.range(-(-num_clips // BLOCK_CLIPS)).flat_map(passes)
    return ds.prefetch(tf.data.AUTOTUNE)


def steps_per_epoch(num_clips, num_views, batch_size) -> int:
    """Returns how many batches `training_batches` has."""
    blocks = [BLOCK_CLIPS] * (num_clips // BLOCK_CLIPS)
    blocks += [num_clips % BLOCK_CLIPS]
    return num_views // 2 * sum(-(-clips // batch_size) for clips in blocks)


def _batches(clips_ds, skeleton, augment=None, **options):
    return windows.clip_batches(
        clips_ds,
        batch_size=CLIPS_PER_BATCH,
        skeleton=skeleton,
        training=augment is not None,
        shuffle=False,
        augment=augment,
        **options,
    )


def _permutations(num_clips, num_views, seed):
    """Draws an order of the views for each clip, int `(num_clips, V)`."""
    drawn = tf.random.stateless_uniform((num_clips, num_views), seed)
    return tf.argsort(drawn, axis=1)


def _pairs(block, view, rows, two, start):
    """Returns the batch of some rows of a block, with two views of each.

    Args:
        block: Dict of the block's arrays.
        view: Int tensor `(N, V)`, the order of each clip's views.
        rows: Int tensor `(B,)`.
        two: Int tensor `(2,)`, which of the views in that order.
        start: Int scalar, number of the block's first clip.
    """
    chosen = tf.gather(tf.gather(view, rows), two, axis=1)  # [B, 2]
    side = chosen % 2

    def pick(key, places):
        values = tf.gather(block[key], rows)
        return tf.cast(tf.gather(values, places, batch_dims=1), tf.float32)

    return {
        "views": pick("views", chosen),
        "mirrored": tf.cast(side, tf.float32),
        "targets": pick("targets", side),
        "index": start + rows,
    }
