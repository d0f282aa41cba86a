"""TFDS's own checks of the builder, on a folder of made-up clips."""

from typing import ClassVar

import tensorflow_datasets as tfds

from pose_tf.datasets.keypoint_files import keypoint_files_dataset_builder


class KeypointFilesTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = keypoint_files_dataset_builder.Builder
    SPLITS: ClassVar = {"train": 3, "test": 1}

    def _make_builder(self, config=None):
        return self.dataset_class(
            data_dir=self.tmp_dir, config=config, manual_dir=self.dummy_data
        )


if __name__ == "__main__":
    tfds.testing.test_main()
