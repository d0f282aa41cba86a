"""Builds a TFDS dataset of Penn Action's annotations."""

import dataclasses
import pathlib
from typing import ClassVar

import tensorflow_datasets as tfds

from pose_tf.datasets import clip_builder, clips
from pose_tf.datasets.penn_action import annotations

SKELETON = annotations.SKELETON.name
ARCHIVE_URL = "https://www.cis.upenn.edu/~kostas/Penn_Action.tar.gz"


class Builder(clip_builder.ClipBuilder):
    """Builds `penn_action`; clips are in the order of their files.

    The .mat files are read from the manual directory, from `labels/` or from
    `Penn_Action/labels/` in it. Without a manual directory, the original
    archive is downloaded (3 GB, most of them video frames that are not read).

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     builder = Builder(data_dir=folder)
    >>> builder.info.features["poses"].shape
    (None, 13, 2)
    """

    DOWNLOADS = True
    VERSION = tfds.core.Version("2.0.0")
    RELEASE_NOTES: ClassVar = {
        "1.0.0": "First release.",
        "2.0.0": "Missing joints are NaN.",
    }

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=clips.clip_features(
                annotations.SKELETON, annotations.ACTIONS, annotations.VIEWS
            ),
            homepage="https://dreamdragon.github.io/PennAction/",
            metadata=tfds.core.MetadataDict(skeleton=SKELETON),
            disable_shuffling=True,  # Protocols count clips in file order.
        )

    def find_sources(self, manual_dir) -> list[pathlib.Path]:
        """Returns the .mat files in or under `manual_dir`, by name.

        Raises:
            FileNotFoundError: If there are none.
        """
        root = pathlib.Path(manual_dir).expanduser()
        for folder in _label_folders(root):
            if paths := sorted(
                path for path in folder.iterdir() if _is_clip(path.name)
            ):
                return paths
        raise FileNotFoundError(
            "`manual_dir` must be a folder with Penn_Action/labels/*.mat, "
            f"labels/*.mat or *.mat. Received: {manual_dir}, which "
            f"{'has none' if root.is_dir() else 'is no folder'}"
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager):
        if self._manual_dir:
            sources = self.find_sources(self._manual_dir)
        else:
            sources = _archive_members(dl_manager)
        by_split: dict[str, list[dict]] = {"train": [], "test": []}
        for split, clip in self._usable(sources, _read):
            by_split[split].append(clip)
        return self._examples(by_split)


@dataclasses.dataclass(frozen=True)
class _Member:
    """Holds a file of an archive in memory."""

    name: str
    content: bytes

    def read_bytes(self):
        return self.content


def _archive_members(dl_manager):
    archive = dl_manager.iter_archive(dl_manager.download(ARCHIVE_URL))
    members = [
        _Member(pathlib.PurePath(name).name, file.read())
        for name, file in archive
        if _is_clip(pathlib.PurePath(name).name)
    ]
    if not members:
        raise FileNotFoundError(f"{ARCHIVE_URL} must hold .mat files")
    return sorted(members, key=lambda member: member.name)


def _label_folders(root):
    """Yields the folders that may hold the .mat files, the best first."""
    if not root.is_dir():
        return
    for above in (*_named(root, "penn_action"), root):
        yield from _named(above, "labels")
    yield root


def _named(folder, name):
    """Returns the folders in a folder that have a name, in any case."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.name.lower() == name and path.is_dir()
    ]


def _is_clip(name):
    """Returns whether a file is a clip; macOS adds "._" files to archives."""
    return name.lower().endswith(".mat") and not name.startswith(".")


def _read(source):
    return [annotations.read_clip(source)]
