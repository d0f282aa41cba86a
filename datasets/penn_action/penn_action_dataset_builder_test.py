"""TFDS's own checks of the builder, on an archive of made-up clips."""

from typing import ClassVar

import tensorflow_datasets as tfds

from pose_tf.datasets.penn_action import penn_action_dataset_builder


class PennActionTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = penn_action_dataset_builder.Builder
    SPLITS: ClassVar = {"train": 4, "test": 2}
    DL_DOWNLOAD_RESULT = "Penn_Action.tar.gz"
    SKIP_CHECKSUMS = True  # The archive's are not known: see README.md.


if __name__ == "__main__":
    tfds.testing.test_main()
