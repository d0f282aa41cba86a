"""Builds a TFDS dataset of a user's own keypoint files."""

import functools
import pathlib
from typing import ClassVar

import tensorflow_datasets as tfds

from pose_tf.datasets import clip_builder, clips
from pose_tf.datasets.keypoint_files import folder, keypoints


class Builder(clip_builder.ClipBuilder):
    r"""Builds `keypoint_files` from a folder that README.md describes.

    Skeleton and class names come from the folder, so that `manual_dir` is an
    argument of the constructor, required unless the dataset is already
    prepared.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as root:
    ...     path = pathlib.Path(root, "train", "wave", "ann_01.csv")
    ...     path.parent.mkdir(parents=True)
    ...     _ = path.write_text("nose_x,nose_y\n320,240\n")
    ...     path = pathlib.Path(root, "dataset.json")
    ...     _ = path.write_text('{"skeleton": "coco_17"}')
    ...     builder = Builder(data_dir=root, manual_dir=root)
    >>> builder.info.features["action"].names
    ['wave']
    """

    VERSION = tfds.core.Version("2.0.0")
    RELEASE_NOTES: ClassVar = {"2.0.0": "Missing joints are NaN."}

    def _info(self) -> tfds.core.DatasetInfo:
        if (
            self.data_path / tfds.core.constants.DATASET_INFO_FILENAME
        ).exists():
            return self.dataset_info_from_configs()  # TFDS reads the rest.
        if not self._manual_dir:
            raise ValueError(
                "`manual_dir` must name the folder of the keypoint files, since "
                f"none are prepared in {self.data_path}. Received: None"
            )
        skeleton = folder.described(self._manual_dir).target
        actions, views = _names(folder.find_clips(self._manual_dir))
        return self.dataset_info_from_configs(
            features=clips.clip_features(skeleton, actions, views),
            metadata=tfds.core.MetadataDict(skeleton=skeleton.name),
            disable_shuffling=True,  # Protocols count clips in file order.
        )

    def find_sources(self, manual_dir) -> list[pathlib.Path]:
        """Returns the files that make up the dataset; see `folder`."""
        return folder.find_files(manual_dir)

    def _split_generators(self, dl_manager: tfds.download.DownloadManager):
        del dl_manager  # Nothing to download.
        files = folder.find_clips(self._manual_dir)
        read = functools.partial(
            keypoints.read_clips,
            description=folder.described(self._manual_dir),
            actions=self.info.features["action"].names,
            views=self.info.features["view"].names,
        )
        return self._examples(
            {
                split: self._usable(
                    [file for file in files if file.split == split], read
                )
                for split in folder.SPLITS
            }
        )


def _names(files):
    """Returns the class names of actions and views of `folder.Clip`s."""
    actions = sorted({file.action for file in files if file.action})
    views = sorted({file.view or folder.UNKNOWN_VIEW for file in files})
    return actions or [folder.UNLABELLED], views
