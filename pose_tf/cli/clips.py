"""One clip in a file of its own: read, written, drawn.

    clip.npz    arrays `poses` [T, J, D] and, if need be, `visibility` [T, J]
    clip.json   an object with lists of the same names
    synthetic_actions/test/3    the fourth test clip of that dataset

Files are read as those of the dataset `keypoint_files`, and those that
`pose-tf generate` wrote are clips too: their first future. Coordinates are
pixels, x right, y down. Without `visibility` every joint counts as visible
whose coordinates are finite and not exactly (0, 0).
"""

import pathlib

from pose_tf.formats import arrays

PICTURE_SUFFIXES = (".gif", ".png")
SPLITS = ("train", "test")


def read(source, data_dir=None, skeleton=None):
    """Reads a clip from a file, or from a dataset as `name/split/index`.

    Args:
        source: Path of a file, or a clip of a dataset.
        data_dir: Folder of prepared datasets; TFDS's own if not given.
        skeleton: Expected `Skeleton`; see `arrays.read_clip`.

    Returns:
        `(poses, visibility)`: float32 `[T, J, D]` pixels, bool `[T, J]`.

    Raises:
        FileNotFoundError: If there is no such file, nor such a dataset.
        ValueError: If what is there is not a clip.
    """
    path, source = pathlib.Path(source), str(source)
    if path.suffix.lower() in arrays.ARRAY_SUFFIXES:
        if not path.is_file():
            raise FileNotFoundError(f"No such file. Received: {source}")
        return arrays.read_clip(path, skeleton)
    if len(parts := source.rsplit("/", 2)) == 3 and parts[1] in SPLITS:
        dataset, split, index = parts
        clip = _read_example(dataset, split, index, data_dir)
        return clip["poses"], clip["visibility"]
    raise ValueError(
        f"`poses` must be a {' or '.join(arrays.ARRAY_SUFFIXES)} file, or a clip "
        f"of a dataset such as penn_action/test/0. Received: {source}"
    )


def _read_example(dataset, split, index, data_dir):
    from pose_tf.pipeline import example_gen

    if not (index.isascii() and index.isdecimal()):
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
    from pose_tf.plots import animations

    path = arrays.with_suffix(path, PICTURE_SUFFIXES)
    moves = path.suffix.lower() == ".gif"
    picture = animations.animate if moves else animations.strip
    picture(sequences, skeleton, path, titles, prefix=prefix)
