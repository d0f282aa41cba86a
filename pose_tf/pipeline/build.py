"""Builds datasets, as `pose-tf build` does."""

import contextlib
import importlib
import pathlib
import re
import shutil
import sys

import tensorflow_datasets as tfds

from pose_tf import files
from pose_tf.datasets import clip_builder

DATASETS = ("keypoint_files", "penn_action", "synthetic_actions")
INCOMPLETE = "incomplete.*_"  # Prefix of folders that TFDS is preparing.
# TFDS puts all arguments of a builder before the message of its error.
_TFDS_WORDS = re.compile(r'^Failed to construct dataset .*?\}": ', re.DOTALL)


def build(
    dataset,
    *,
    data_dir=None,
    manual_dir=None,
    on_bad_clip="stop",
    file_format="tfrecord",
    download=True,
) -> pathlib.Path:
    """Prepares a dataset if it is not prepared yet.

    If another process is building it, this one waits, with a message on stderr.

    Args:
        dataset: One of `DATASETS`, with an optional config and version:
            `name[/config][:version]`.
        data_dir: Folder of all prepared datasets; by default TFDS's,
            `$TFDS_DATA_DIR` or `~/tensorflow_datasets`.
        manual_dir: Folder of the annotations, for datasets made from files.
        on_bad_clip: `"stop"` or `"quarantine"`, for datasets made from files;
            see `clip_builder.ClipBuilder`.
        file_format: Format of the prepared files. `tf.data` reads only
            `"tfrecord"`; `"array_record"` is for random access.
        download: If False, nothing is downloaded: a dataset that is not
            prepared and has to be downloaded is an error.

    Returns:
        The folder of the prepared dataset, which
        `tfds.builder_from_directory` reads without this package.

    Raises:
        ValueError: If the dataset or an option is unknown, or a clip cannot be
            used.
        FileNotFoundError: If `manual_dir` holds no annotations, or the dataset
            would have to be downloaded and `download` is False.
    """
    options = {
        "data_dir": data_dir,
        "manual_dir": manual_dir,
        "on_bad_clip": on_bad_clip,
    }
    prepared = builder(dataset, **options)
    downloads = getattr(prepared, "DOWNLOADS", False) and manual_dir is None
    if downloads and not download:
        _require_prepared(prepared, dataset, data_dir)
    with _building(pathlib.Path(prepared.data_path)):
        # Made again within the lock: another process may have built it by now.
        prepared = builder(dataset, **options)
        prepared.download_and_prepare(file_format=file_format)
    if prepared.info.file_format.value != file_format:
        raise ValueError(
            f"{prepared.data_path} was prepared as "
            f"{prepared.info.file_format.value}; delete it, or name another "
            f"`data_dir`. Received: file_format={file_format!r}"
        )
    return pathlib.Path(prepared.data_path)


def _require_prepared(prepared, dataset, data_dir):
    if not pathlib.Path(prepared.data_path).exists():
        where = "" if data_dir is None else f" --data_dir={data_dir}"
        raise FileNotFoundError(
            f"{dataset} is not built, and only `pose-tf build` downloads. Run "
            f"`pose-tf build {dataset}{where}` first, with --manual_dir if you "
            f"have its annotations. Received: no {prepared.data_path}"
        )


@contextlib.contextmanager
def _building(path):
    """Waits for other builds of the dataset at `path`, and sweeps dead ones.

    Datasets that are already prepared can be read by many processes at once.
    """
    if path.exists():
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.locked(path.parent, lambda: _tell_waiting(path)) as is_locked:
        if is_locked:  # Nobody else is building: these are of killed builds.
            for folder in path.parent.glob(INCOMPLETE + path.name):
                shutil.rmtree(folder, ignore_errors=True)
        yield


def _tell_waiting(path):
    print(f"Waiting for another build of {path} to end", file=sys.stderr)


def builder(
    dataset, *, data_dir=None, manual_dir=None, on_bad_clip="stop"
) -> tfds.core.DatasetBuilder:
    """Returns the TFDS builder of a dataset; arguments are those of `build`."""
    options = {"data_dir": data_dir}
    if reads_annotations(dataset):
        options |= {"manual_dir": manual_dir, "on_bad_clip": on_bad_clip}
    # By its name, since TFDS parses config and version. It is registered now.
    try:
        return tfds.builder(dataset, **options)
    except (ValueError, OSError) as error:
        kind = type(error) if isinstance(error, OSError) else ValueError
        raise kind(_TFDS_WORDS.sub("", str(error))) from error


def reads_annotations(dataset) -> bool:
    """Returns whether a dataset is made from files of annotations.

    Raises:
        ValueError: If the dataset is unknown.
    """
    name = re.split("[/:]", dataset)[0]
    if name not in DATASETS:
        raise ValueError(
            f"`dataset` must be one of {', '.join(DATASETS)}. "
            f"Received: {dataset!r}"
        )
    module = importlib.import_module(
        f"pose_tf.datasets.{name}.{name}_dataset_builder"
    )
    return issubclass(module.Builder, clip_builder.ClipBuilder)
