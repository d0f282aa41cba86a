"""One clip in a file of its own: read, written, drawn.

    clip.npz    arrays `poses` [T, J, D] and, if need be, `visibility` [T, J]
    clip.json   an object with lists of the same names
    synthetic_actions/test/3    the fourth test clip of that dataset

Files are read as those of the dataset `keypoint_files`. Coordinates are
pixels, x right, y down. Without `visibility` every joint whose coordinates are
finite counts as visible.
"""

import json
import pathlib

import numpy as np

ARRAY_SUFFIXES = (".npz", ".json")
PICTURE_SUFFIXES = (".gif", ".png")
SPLITS = ("train", "test")


def read(source, data_dir=None):
    """Reads a clip from a file, or from a dataset as `name/split/index`.

    Returns:
        `(poses, visibility)`: float32 `[T, J, D]` pixels, bool `[T, J]`.

    Raises:
        FileNotFoundError: If there is no such file, nor such a dataset.
        ValueError: If what is there is not a clip.
    """
    path, source = pathlib.Path(source), str(source)
    if path.suffix in ARRAY_SUFFIXES:
        if not path.is_file():
            raise FileNotFoundError(f"No such file. Received: {source}")
        return _read_file(path)
    if len(parts := source.rsplit("/", 2)) == 3 and parts[1] in SPLITS:
        clip = _read_example(*parts, data_dir=data_dir)
        return clip["poses"], clip["visibility"]
    raise ValueError(
        f"`poses` must be a {' or '.join(ARRAY_SUFFIXES)} file, or a clip "
        f"of a dataset such as penn_action/test/0. Received: {source}"
    )


def _read_file(path):
    # Not above: `pose-tf --help` would wait for TFDS.
    from pose_tf.datasets import clips
    from pose_tf.datasets.keypoint_files import keypoints

    try:
        return clips.checked_poses(*keypoints.seen(keypoints.read_arrays(path)))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _read_example(dataset, split, index, data_dir):
    from pose_tf.pipeline import example_gen

    if not index.isdecimal():
        raise ValueError(
            f"`index` of a clip must be a whole number. Received: {index!r}"
        )
    clips_ds = getattr(example_gen.load(dataset, data_dir=data_dir), split)
    for clip in clips_ds.skip(int(index)).take(1).as_numpy_iterator():
        return clip
    raise ValueError(
        f"`index` must be below the number of {split} clips of {dataset}, "
        f"{clips_ds.cardinality()}. Received: {index}"
    )


def write(path, arrays):
    """Writes named arrays to a .npz or .json file.

    Raises:
        ValueError: For another kind of file.
    """
    path = _with_suffix(path, ARRAY_SUFFIXES)
    arrays = {name: np.asarray(value) for name, value in arrays.items()}
    if path.suffix == ".npz":
        np.savez_compressed(path, **arrays)
    else:
        lists = {name: value.tolist() for name, value in arrays.items()}
        path.write_text(json.dumps(lists) + "\n")


def draw(path, sequences, skeleton, titles, *, prefix=0):
    """Draws sequences side by side: a moving .gif, or rows of a .png.

    Args:
        path: Of the picture.
        sequences: Pairs (poses `[T, J, D]`, visibility `[T, J]`).
        skeleton: A `Skeleton`.
        titles: A text for each.
        prefix: Frames that a model observed, drawn grey.

    Raises:
        ValueError: For another kind of file.
    """
    from pose_tf import plots

    path = _with_suffix(path, PICTURE_SUFFIXES)
    picture = plots.animate if path.suffix == ".gif" else plots.strip
    picture(sequences, skeleton, path, titles, prefix=prefix)


def _with_suffix(path, suffixes):
    path = pathlib.Path(path)
    if path.suffix not in suffixes:
        raise ValueError(
            f"`output` must end in {' or '.join(suffixes)}. Received: {path}"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
