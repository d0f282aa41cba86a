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
from pose_tf.pipeline import prepared

INCOMPLETE = "incomplete.*_"  # Prefix of folders that TFDS is preparing.
_PARTS = re.compile("([^/:]*)(?:/([^:]*))?(?::(.*))?", re.DOTALL)
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
        dataset: One of `prepared.DATASETS`, with an optional config and version:
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
        ValueError: If the dataset or an option is unknown, a clip cannot be
            used, or the prepared dataset is damaged.
        FileNotFoundError: If `manual_dir` holds no annotations, the prepared
            dataset lacks files, or the dataset would have to be downloaded and
            `download` is False.
    """
    options = {
        "data_dir": data_dir,
        "manual_dir": manual_dir,
        "on_bad_clip": on_bad_clip,
    }
    builder_ = builder(dataset, **options)
    path = pathlib.Path(builder_.data_path)
    downloads = getattr(builder_, "DOWNLOADS", False) and manual_dir is None
    if path.exists():
        prepared.open_builder(path)
    elif downloads and not download:
        raise _not_built(dataset, data_dir, path)
    with _building(path):
        # Made again within the lock: another process may have built it by now.
        builder_ = builder(dataset, **options)
        builder_.download_and_prepare(file_format=file_format)
    if builder_.info.file_format.value != file_format:
        raise ValueError(
            f"{path} was prepared as {builder_.info.file_format.value}; delete "
            "it, or name another `data_dir`. "
            f"Received: file_format={file_format!r}"
        )
    return path


def _not_built(dataset, data_dir, path):
    where = "" if data_dir is None else f" --data_dir={data_dir}"
    return FileNotFoundError(
        f"{dataset} is not built, and only `pose-tf build` downloads. Run "
        f"`pose-tf build {dataset}{where}` first, with --manual_dir if you "
        f"have its annotations. Received: no {path}"
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
    _check_name(dataset)
    options = {"data_dir": data_dir}
    if reads_annotations(dataset):
        options |= {"manual_dir": manual_dir, "on_bad_clip": on_bad_clip}
    # By its name, since TFDS parses config and version. It is registered now.
    try:
        return tfds.builder(dataset, **options)
    except Exception as error:
        # Of what a damaged dataset makes TFDS raise, its file is not named.
        _check_prepared(name_of(dataset), data_dir)
        if isinstance(error, (ValueError, OSError)):
            kind = type(error) if isinstance(error, OSError) else ValueError
            raise kind(_TFDS_WORDS.sub("", str(error))) from error
        raise


def _check_name(dataset):
    """Checks the config and the version in the name of a dataset."""
    class_ = _builder_class(dataset)
    configs = [config.name for config in class_.BUILDER_CONFIGS]
    _, config, version = next(_PARTS.finditer(dataset)).groups()
    if config is not None and config not in configs:
        known = f"one of the configs {', '.join(configs)}"
        raise ValueError(
            f"`dataset` must have {known if configs else 'no config'}. "
            f"Received: {dataset!r}"
        )
    if version is not None and version != str(class_.VERSION):
        raise ValueError(
            f"`dataset` must have the version {class_.VERSION} or none. "
            f"Received: {dataset!r}"
        )


def _check_prepared(name, data_dir):
    """Checks everything that is prepared of a dataset."""
    folder = pathlib.Path(data_dir or tfds.core.constants.DATA_DIR) / name
    for level in ("*", "*/*"):  # Versions, or versions of configs.
        for file in folder.glob(f"{level}/{prepared.INFO_FILE}"):
            if not file.parent.match(INCOMPLETE + "*"):
                prepared.check_descriptions(file.parent)


def reads_annotations(dataset) -> bool:
    """Returns whether a dataset is made from files of annotations.

    Raises:
        ValueError: If the dataset is unknown.
    """
    return issubclass(_builder_class(dataset), clip_builder.ClipBuilder)


def _builder_class(dataset):
    name = name_of(dataset)
    if name not in prepared.DATASETS:
        raise ValueError(
            f"`dataset` must be one of {', '.join(prepared.DATASETS)}. "
            f"Received: {dataset!r}"
        )
    module = importlib.import_module(
        f"pose_tf.datasets.{name}.{name}_dataset_builder"
    )
    return module.Builder


def name_of(dataset) -> str:
    """Returns the name of a dataset without its config and version.

    >>> name_of("synthetic_actions/tiny:2.0.0")
    'synthetic_actions'
    """
    return re.split("[/:]", dataset)[0]
