"""Opens prepared datasets, and reports which of their files is damaged.

A prepared dataset is a folder that TFDS wrote:

    dataset_info.json, features.json, metadata.json    its description
    action.labels.txt, view.labels.txt                 names of the classes
    <name>-<split>.tfrecord-00000-of-00001             its clips
    sources.json, quarantine.json                      ours; see `clip_builder`
"""

import json
import pathlib
import re
import shlex
from typing import NoReturn

import tensorflow as tf
import tensorflow_datasets as tfds

from pose_tf.datasets.clip_builder import QUARANTINE_FILE, SOURCES_FILE

DATASETS = ("keypoint_files", "penn_action", "synthetic_actions")
INFO_FILE, FEATURES_FILE = "dataset_info.json", "features.json"
OPTIONAL_FILES = ("metadata.json", SOURCES_FILE, QUARANTINE_FILE)


def is_prepared(path) -> bool:
    """Returns whether a folder holds a prepared dataset, damaged or not."""
    folder = pathlib.Path(path)
    return any((folder / x).exists() for x in (INFO_FILE, FEATURES_FILE))


def open_builder(path) -> tfds.core.DatasetBuilder:
    """Opens the prepared dataset in a folder, after reading all of its files.

    Args:
        path: Folder of one version of a dataset.

    Returns:
        A TFDS builder that reads the dataset.

    Raises:
        FileNotFoundError: If one of its files is missing.
        ValueError: If one of them is damaged. Both errors name the file and
            how to build the dataset again.
    """
    path = pathlib.Path(path)
    check_descriptions(path)
    try:
        tfds.features.FeaturesDict.from_config(path)
    except Exception as error:  # noqa: BLE001 - TFDS raises anything.
        _refuse(path / FEATURES_FILE, f"is damaged: {error}", error)
    try:
        builder = tfds.builder_from_directory(path)
        shards = [
            (pathlib.Path(file), num_clips)
            for split in builder.info.splits.values()
            for file, num_clips in zip(
                split.filepaths, split.shard_lengths, strict=True
            )
        ]
    except Exception as error:  # noqa: BLE001 - the same.
        _refuse(path / INFO_FILE, f"is damaged: {error}", error)
    is_tfrecord = builder.info.file_format is tfds.core.FileFormat.TFRECORD
    for file, num_clips in shards:
        _require(file)
        if is_tfrecord:
            _check_records(file, num_clips)
    return builder


def check_descriptions(path) -> None:
    """Checks the files of a prepared dataset, except its clips.

    Args:
        path: Folder of one version of a dataset.

    Raises:
        FileNotFoundError: If one of them is missing.
        ValueError: If one of them is damaged.
    """
    path = pathlib.Path(path)
    if missing := {"name", "version", "splits"} - set(
        _read_json(path / INFO_FILE)
    ):
        _refuse(path / INFO_FILE, f"has no {', '.join(sorted(missing))}")
    features = _read_json(path / FEATURES_FILE)
    for name in OPTIONAL_FILES:
        if (path / name).exists():
            _read_json(path / name)
    try:
        num_classes = {
            name: int(feature["classLabel"]["numClasses"])
            for name, feature in features["featuresDict"]["features"].items()
            if "classLabel" in feature
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        _refuse(path / FEATURES_FILE, "does not list the features", error)
    for name, count in num_classes.items():
        _check_labels(path / f"{name}.labels.txt", count)


def remedy(path) -> str:
    """Returns a sentence that says how to repair a damaged dataset."""
    path = pathlib.Path(path)
    command = "build the dataset again"
    # It is data_dir/name/version, or data_dir/name/config/version.
    for folder in path.parents[:2]:
        if folder.name in DATASETS:
            name = path.parent.relative_to(folder.parent)
            data_dir = shlex.quote(f"--data_dir={folder.parent}")
            command = f"run `pose-tf build {name} {data_dir}`"
    if (path / SOURCES_FILE).exists():
        command += ", with --manual_dir as before"
    return f"Delete {path} and {command}"


def _check_labels(file, num_classes):
    labels = [line for line in _read_text(file).split("\n") if line.strip()]
    if len(set(labels)) != num_classes:
        _refuse(file, f"must name {num_classes} classes, not {len(labels)}")


def _check_records(file, num_clips):
    """Reads a file of clips, whose records have checksums."""
    records = tf.data.TFRecordDataset(str(file))
    try:
        count = int(records.reduce(0, lambda n, _: n + 1))
    except tf.errors.OpError as error:
        _refuse(file, f"is damaged: {_reason(error)}", error)
    if count != num_clips:
        _refuse(file, f"must hold {num_clips} clips, not {count}")


def _reason(error):
    """Returns the message of TensorFlow's error, without its operation."""
    text = re.sub(r"{{.*?}} *", "", error.message)
    return text.split(" [Op:")[0]


def _read_json(file):
    text = _read_text(file)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        _refuse(file, f"is damaged: {error}", error)
    if not isinstance(value, list if file.name == QUARANTINE_FILE else dict):
        _refuse(file, f"is damaged: it holds a {type(value).__name__}")
    return value


def _read_text(file):
    _require(file)
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        _refuse(file, f"is damaged: {error}", error)


def _require(file):
    if not file.is_file():
        raise FileNotFoundError(f"{file} is missing. {remedy(file.parent)}")


def _refuse(file, problem, error=None) -> NoReturn:
    raise ValueError(f"{file} {problem}. {remedy(file.parent)}") from error
