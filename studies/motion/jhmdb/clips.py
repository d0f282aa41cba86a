"""Reads JHMDB-14: 609 clips of 14 actions, 15 joints, dealt three times.

A folder holds `clips.csv`, with the action of each clip and its part in three
splits, and `clips/*.npz`, `poses` [T, 15, 2] that are all visible.
"""

import csv
import os
import pathlib

import numpy as np

from pose_tf.pose import conversion, skeletons

DIR_VARIABLE = "POSE_TF_JHMDB_DIR"
SPLITS = (1, 2, 3)
# An action has 55 clips at most: so many per action are all.
ALL = 100
# Of the annotations: x right and y down, centered in a picture of this size.
FRAME_SIZE = (320, 240)


def folder() -> pathlib.Path:
    """Returns the folder that `POSE_TF_JHMDB_DIR` names.

    Raises:
        ValueError: If the variable is not set.
    """
    if not os.environ.get(DIR_VARIABLE):
        raise ValueError(
            f"`{DIR_VARIABLE}` must name the folder of JHMDB-14. Received: ''"
        )
    return pathlib.Path(os.environ[DIR_VARIABLE])


def read(root, split, skeleton=skeletons.JHMDB_15):
    """Returns the clips of a split, `example_gen.Clips`.

    Args:
        root: Folder of JHMDB-14.
        split: One of `SPLITS`.
        skeleton: `Skeleton` that the poses are converted to, by name.
    """
    from pose_tf.pipeline import example_gen

    with open(pathlib.Path(root) / "clips.csv", newline="") as file:
        table = list(csv.DictReader(file))
    actions = tuple(sorted({row["action"] for row in table}))
    parts: dict[str, list] = {"train": [], "test": []}
    for row in table:
        path = pathlib.Path(root) / "clips" / f"{row['clip']}.npz"
        given = np.float32(np.load(path)["poses"])
        poses, visibility = conversion.convert(
            given,
            np.ones(given.shape[:2], bool),
            skeletons.JHMDB_15,
            skeleton,
        )
        parts[row[f"split_{split}"]].append(
            {
                "clip_id": row["clip"],
                "poses": poses,
                "visibility": visibility,
                "boxes": np.concatenate([given.min(1), given.max(1)], -1),
                "action": np.int64(actions.index(row["action"])),
                "view": np.int64(0),
                "frame_size": np.array(FRAME_SIZE, np.int32),
            }
        )
    return example_gen.Clips(
        train=_dataset(parts["train"], skeleton),
        test=_dataset(parts["test"], skeleton),
        actions=actions,
        views=("unknown",),
        skeleton=skeleton,
    )


def _dataset(clips, skeleton):
    import tensorflow as tf

    joints, coordinates = skeleton.num_joints, skeleton.num_coordinates
    spec = {
        "clip_id": tf.TensorSpec((), tf.string),
        "poses": tf.TensorSpec((None, joints, coordinates), tf.float32),
        "visibility": tf.TensorSpec((None, joints), tf.bool),
        "boxes": tf.TensorSpec((None, 4), tf.float32),
        "action": tf.TensorSpec((), tf.int64),
        "view": tf.TensorSpec((), tf.int64),
        "frame_size": tf.TensorSpec((2,), tf.int32),
    }
    ds = tf.data.Dataset.from_generator(lambda: clips, output_signature=spec)
    ds = ds.apply(tf.data.experimental.assert_cardinality(len(clips)))
    return ds.cache()
