"""A user's own keypoint files as a TFDS dataset."""

import functools
import pathlib
from typing import ClassVar

import tensorflow_datasets as tfds

from pose_tf.datasets import clip_builder, clips
from pose_tf.datasets.keypoint_files import (
    description,
    folder,
    keypoints,
)


class Builder(clip_builder.ClipBuilder):
    """Builder of `keypoint_files`; README.md describes the folder it reads.

    Skeleton and class names come from the folder, so `manual_dir` is an
    argument here, required unless the dataset is already prepared.
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
        skeleton = description.read(self._manual_dir).target
        actions, views = _names(folder.find_clips(self._manual_dir))
        return self.dataset_info_from_configs(
            features=clips.clip_features(skeleton, actions, views),
            metadata=tfds.core.MetadataDict(skeleton=skeleton.name),
            disable_shuffling=True,  # Protocols count clips in file order.
        )

    def find_sources(self, manual_dir) -> list[pathlib.Path]:
        """The files of the folder that make up the dataset, in order."""
        return folder.find_files(manual_dir)

    def _split_generators(self, dl_manager: tfds.download.DownloadManager):
        del dl_manager  # Nothing to download.
        found = folder.find_clips(self._manual_dir)
        read = functools.partial(
            keypoints.read_clip,
            description=description.read(self._manual_dir),
            actions=self.info.features["action"].names,
            views=self.info.features["view"].names,
        )
        return self._examples(
            {
                split: self._usable(
                    [clip for clip in found if clip.split == split], read
                )
                for split in folder.SPLITS
            }
        )


def _names(found):
    """Class names of the actions and the views of some clips."""
    actions = sorted({clip.action for clip in found if clip.action})
    views = sorted({clip.view or folder.UNKNOWN_VIEW for clip in found})
    return actions or [folder.UNLABELLED], views
