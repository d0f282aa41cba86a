"""One clip in a file of its own: read, written, drawn.

    clip.npz    arrays `poses` [T, J, D] and, if need be, `visibility` [T, J]
    clip.json   an object with lists of the same names
    synthetic_actions/test/3    the fourth test clip of that dataset

Coordinates are pixels, x right, y down. Without `visibility` every joint
whose coordinates are finite counts as visible.
"""

import json
import pathlib
import zipfile

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
        arrays = _read_arrays(path)
    elif len(parts := source.rsplit("/", 2)) == 3 and parts[1] in SPLITS:
        arrays = _read_example(*parts, data_dir=data_dir)
    else:
        raise ValueError(
            f"`poses` must be a {' or '.join(ARRAY_SUFFIXES)} file, or a clip "
            f"of a dataset such as penn_action/test/0. Received: {source}"
        )
    return _checked(arrays, source)


def _read_arrays(path):
    try:
        if path.suffix == ".json":
            items = dict(json.loads(path.read_text())).items()
            arrays = {name: np.asarray(value) for name, value in items}
        else:
            with np.load(path, allow_pickle=False) as file:
                arrays = dict(file)
    except (ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} must hold arrays of numbers. Received: {error}"
        ) from error
    return arrays


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


def _checked(arrays, source):
    if "poses" not in arrays:
        raise ValueError(
            f"{source} must hold `poses`. Received: {sorted(arrays)}"
        )
    poses = np.asarray(arrays["poses"])
    if poses.dtype.kind not in "fiu" or poses.ndim != 3 or not poses.size:
        raise ValueError(
            f"`poses` of {source} must be numbers [T, J, D]. "
            f"Received: {poses.dtype} {list(poses.shape)}"
        )
    poses = poses.astype(np.float32)
    finite = np.isfinite(poses).all(-1)
    visibility = np.asarray(arrays.get("visibility", finite))
    if visibility.shape != poses.shape[:2]:
        raise ValueError(
            f"`visibility` of {source} must be {list(poses.shape[:2])}, as "
            f"`poses` are. Received: {list(visibility.shape)}"
        )
    visibility = visibility.astype(bool) & finite
    return np.where(finite[..., None], poses, np.float32(0)), visibility


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
