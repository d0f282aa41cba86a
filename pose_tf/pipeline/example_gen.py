"""Reads the clips of a built dataset and splits them by a split protocol.

    official      the dataset's own splits: train, test
    validation    only the training clips: train, and the last ones of each
                  action held back as validation
    leaky_frames  all frames shuffled and cut 80/20: frames of one clip on both
                  sides. It only exists to repeat a mistake

A clip is a dict of tensors; `T` frames, `J` joints, `D` coordinates:

    clip_id     string ()
    poses       float32 (T, J, D), pixels, x right, y down, origin top-left
    visibility  bool (T, J)
    boxes       float32 (T, 4), x1 y1 x2 y2, pixels
    action, view  int64 (), indices of `Clips.actions`, `Clips.views`
    frame_size  int32 (2,), width and height, pixels
"""

import dataclasses
import functools
import hashlib

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from pose_tf import configs
from pose_tf.pipeline import build, prepared
from pose_tf.pose import skeletons

VALIDATION_SHARE = 0.092  # Of each action's clips, as in 3D-PFNet's code.
LEAKY_TRAIN_SHARE = 0.8
CACHE_BYTES = 64 << 20  # Larger datasets are read from disk in every epoch.
_LEAKY_SEED = 0


@dataclasses.dataclass(frozen=True)
class ClipKey:
    """Holds what splits need to know about a clip.

    Attributes:
        clip_id: Name of the clip.
        action: Index of its action in `Clips.actions`.
        num_frames: Number of its frames, `T`.

    Example:

    >>> ClipKey("0001", action=0, num_frames=98).num_frames
    98
    """

    clip_id: str
    action: int
    num_frames: int


@dataclasses.dataclass(frozen=True, eq=False)
class Clips:
    """Holds the clips of a dataset, which are read when they are iterated.

    Attributes:
        train: `tf.data.Dataset` of training clips, in file order.
        test: `tf.data.Dataset` of test clips, in file order; empty if the
            dataset has no test split.
        actions: Names of the actions.
        views: Names of the views.
        skeleton: `Skeleton` of the poses.
        path: Folder of the prepared dataset.

    Example:

    >>> poses = np.zeros((98, 13, 2), np.float32)
    >>> clip = {"clip_id": "0001", "action": np.int64(0), "poses": poses}
    >>> clips_ds = tf.data.Dataset.from_tensors(clip)
    >>> clips = Clips(
    ...     train=clips_ds,
    ...     test=clips_ds.take(0),
    ...     actions=("bowl",),
    ...     views=("left",),
    ...     skeleton=skeletons.PENN_ACTION,
    ... )
    >>> clips.train_index
    (ClipKey(clip_id='0001', action=0, num_frames=98),)
    """

    train: tf.data.Dataset
    test: tf.data.Dataset
    actions: tuple[str, ...]
    views: tuple[str, ...]
    skeleton: skeletons.Skeleton
    path: str = ""

    @functools.cached_property
    def train_index(self) -> tuple[ClipKey, ...]:
        """Keys of all training clips, in order."""
        return _index(self.train)

    @functools.cached_property
    def test_index(self) -> tuple[ClipKey, ...]:
        """Keys of all test clips, in order."""
        return _index(self.test)

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of what the clips are, however they lie on the disk."""
        names = (self.skeleton.name, self.actions, self.views)
        total = hashlib.sha256(repr(names).encode())
        for name, clips_ds in (("train", self.train), ("test", self.test)):
            total.update(f"{name}\0".encode())
            for clip in clips_ds.as_numpy_iterator():
                for key, value in sorted(clip.items()):
                    total.update(f"{key}\0".encode() + _content(value))
        return total.hexdigest()


def load(dataset, *, data_dir=None, manual_dir=None) -> Clips:
    """Reads the clips of a dataset, and builds it first if it is not built.

    Args:
        dataset: Name, with an optional config and version, as in `build.build`.
        data_dir: Folder of the prepared datasets; by default TFDS's own.
        manual_dir: Folder of the annotations, for datasets made from files.

    Raises:
        ValueError: If the dataset is unknown or has no training clips.
        FileNotFoundError: If annotations are needed and missing.
    """
    path = build.build(
        dataset, data_dir=data_dir, manual_dir=manual_dir, download=False
    )
    return read(path)


def read(path) -> Clips:
    """Reads the clips of the prepared dataset in the folder `path`.

    Raises:
        ValueError: If the dataset is damaged, has no training clips or does not
            name its skeleton.
        FileNotFoundError: If there is no prepared dataset, or it lacks files.
    """
    if not prepared.is_prepared(path):
        raise FileNotFoundError(
            f"`path` must be the folder of a prepared dataset. Received: {path}"
        )
    builder = prepared.open_builder(path)
    info = builder.info
    if "train" not in info.splits:
        raise ValueError(
            "The dataset must have a split `train`. Received: "
            f"{', '.join(info.splits) or 'no split'} in {path}"
        )
    name = (info.metadata or {}).get("skeleton")
    if name is None:
        raise ValueError(
            "The dataset's metadata must name its skeleton. Received: "
            f"{info.metadata!r} in {path}. {prepared.remedy(path)}"
        )
    train = _read_split(builder, "train")
    test = train.take(0)
    if "test" in info.splits:
        test = _read_split(builder, "test")
    return Clips(
        train=train,
        test=test,
        actions=tuple(info.features["action"].names),
        views=tuple(info.features["view"].names),
        skeleton=skeletons.get(name),
        path=str(path),
    )


def split(clips: Clips, split_protocol: str) -> dict[str, tf.data.Dataset]:
    """Splits clips into the parts of a protocol.

    Args:
        clips: `Clips` of a dataset.
        split_protocol: One of `configs.SPLIT_PROTOCOLS`.

    Returns:
        Dict of datasets of known cardinality: `train` and `test`, of clips
        (`official`) or of clips of one frame (`leaky_frames`); or `train` and
        `validation` (`validation`).

    Raises:
        ValueError: If the protocol is unknown, or no clip can be held back.
    """
    if split_protocol not in configs.SPLIT_PROTOCOLS:
        raise ValueError(
            f"`split_protocol` must be one of "
            f"{', '.join(configs.SPLIT_PROTOCOLS)}. "
            f"Received: {split_protocol!r}"
        )
    if split_protocol == "official":
        return {"train": clips.train, "test": clips.test}
    if split_protocol == "validation":
        held_back = _held_back(clips.train_index)
        return {
            "train": _where(clips.train, ~held_back),
            "validation": _where(clips.train, held_back),
        }
    in_train = _leaky_frames(clips.train_index + clips.test_index)
    ds = clips.train.concatenate(clips.test)
    return {
        "train": _frames_where(ds, in_train),
        "test": _frames_where(ds, ~in_train),
    }


def held_out(clips: Clips, split_protocol: str) -> tuple[str, tf.data.Dataset]:
    """Returns the name of the part that a model is scored on, and its clips.

    They are the test clips or, in a dataset without any, the clips that
    `validation` holds back.

    Raises:
        ValueError: If the protocol is unknown or leaves no clip for this.
    """
    parts = split(clips, split_protocol)
    # Models of `validation` are tested like those of `official`.
    parts.setdefault("test", clips.test)
    name = "test"
    if "validation" in parts and not int(clips.test.cardinality()):
        name = "validation"
    if not int(parts[name].cardinality()):
        raise ValueError(
            "`clips` must have a test clip, or the protocol be `validation`. "
            f"Received: none, and the protocol {split_protocol!r}"
        )
    return name, parts[name]


def _read_split(builder, name):
    # One file after the other, since protocols count clips in file order.
    config = tfds.ReadConfig(
        interleave_cycle_length=1, assert_cardinality=True, try_autocache=False
    )
    ds = builder.as_dataset(split=name, read_config=config)
    if builder.info.splits[name].num_bytes <= CACHE_BYTES:
        ds = ds.cache()
    return ds


def _index(clips_ds):
    ds = clips_ds.map(
        lambda clip: (
            clip["clip_id"],
            clip["action"],
            tf.shape(clip["poses"])[0],
        )
    )
    return tuple(
        ClipKey(clip_id.decode(), int(action), int(num_frames))
        for columns in ds.batch(1024).as_numpy_iterator()
        for clip_id, action, num_frames in zip(*columns)
    )


def _content(value):
    """Bytes of a string or an array that only equal ones have."""
    if isinstance(value, bytes):
        return value + b"\0"
    value = np.asarray(value)
    if value.dtype.kind == "f":  # There are many NaN, and two zeros.
        value = np.where(np.isnan(value), np.nan, value + 0).astype(value.dtype)
    header = f"{value.dtype.str} {value.shape}\0"
    return header.encode() + value.tobytes()


def _held_back(index):
    """Returns which clips are for validation, bool `(num_clips,)`.

    They are the last `round(VALIDATION_SHARE * n)` of the n clips of each
    action, and at least one of two, so that small datasets can be tried.
    """
    actions = np.array([key.action for key in index], np.int64)
    held_back = np.zeros(len(index), np.bool_)
    for action in np.unique(actions):
        where = np.flatnonzero(actions == action)
        count = max(round(VALIDATION_SHARE * len(where)), int(len(where) > 1))
        held_back[where[len(where) - count :]] = True
    if not held_back.any():
        raise ValueError(
            "The protocol `validation` needs an action with at least 2 training"
            f" clips. Received: {len(index)} clips of different actions"
        )
    return held_back


def _leaky_frames(index):
    """Returns which of all frames, clip after clip, are for training."""
    num_frames = sum(key.num_frames for key in index)
    order = np.random.default_rng(_LEAKY_SEED).permutation(num_frames)
    return order < round(LEAKY_TRAIN_SHARE * num_frames)


def _where(clips_ds, chosen):
    """Returns the chosen clips (bool `(num_clips,)`) of a dataset, in order."""
    mask = tf.constant(chosen)
    ds = clips_ds.enumerate().filter(lambda number, _: mask[number])
    ds = ds.map(lambda _, clip: clip)
    return ds.apply(tf.data.experimental.assert_cardinality(int(chosen.sum())))


def _frames_where(clips_ds, chosen):
    """Returns the chosen frames (bool, over all clips) as clips of one frame."""
    mask = tf.constant(chosen)

    def cut(first, clip):
        end = first + tf.shape(clip["poses"], tf.int64)[0]
        frames = tf.where(mask[first:end])[:, 0]
        one_frame = {
            key: tf.gather(value, frames)[:, None]
            if key in ("poses", "visibility", "boxes")
            else tf.repeat(value[None], tf.shape(frames)[0], axis=0)
            for key, value in clip.items()
        }
        return end, one_frame

    ds = clips_ds.scan(tf.constant(0, tf.int64), cut).unbatch()
    return ds.apply(tf.data.experimental.assert_cardinality(int(chosen.sum())))
