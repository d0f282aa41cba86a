"""Builds a TFDS dataset of generated clips, without a download."""

import dataclasses
from typing import ClassVar

import tensorflow_datasets as tfds

from pose_tf.datasets import clips
from pose_tf.datasets.synthetic_actions import body, camera, synthesis

SKELETON = body.SKELETON.name


@dataclasses.dataclass(kw_only=True)
class Config(tfds.core.BuilderConfig):
    """Holds the numbers of clips and their seed.

    Attributes:
        num_train: Number of clips in the split `train`.
        num_test: Number of clips in the split `test`.
        seed: Seed of all clips.

    Raises:
        ValueError: If a split has no clip, or the seed is negative.

    Example:

    >>> Config(name="small", num_train=32, num_test=16).seed
    0
    """

    num_train: int
    num_test: int
    seed: int = 0

    def __post_init__(self):
        for name, least in (("num_train", 1), ("num_test", 1), ("seed", 0)):
            value = getattr(self, name)
            if value < least:
                raise ValueError(
                    f"`{name}` must be at least {least}. Received: {value}"
                )


class Builder(tfds.core.GeneratorBasedBuilder):
    """Builds clips of a kinematic body that performs 16 actions.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     builder = Builder(config="tiny", data_dir=folder)
    >>> builder.info.features["action"].names[:2]
    ['bow', 'clap']
    """

    VERSION = tfds.core.Version("2.0.0")
    RELEASE_NOTES: ClassVar = {
        "1.0.0": "16 actions.",
        "2.0.0": "Missing joints are NaN.",
    }
    DEFAULT_BUILDER_CONFIG_NAME = "default"
    BUILDER_CONFIGS: ClassVar = [
        Config(
            name="default",
            description="Enough to train every model within minutes.",
            num_train=640,
            num_test=320,
        ),
        Config(
            name="tiny",
            description="A few clips per action, for tests.",
            num_train=64,
            num_test=32,
        ),
        Config(
            name="large",
            description="Ten times the clips of Penn Action, for benchmarks.",
            num_train=12_580,
            num_test=10_680,
        ),
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=clips.clip_features(
                body.SKELETON, synthesis.ACTIONS, camera.VIEWS
            ),
            metadata=tfds.core.MetadataDict(skeleton=SKELETON),
            disable_shuffling=True,  # Clips stay in the order of their names.
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # There is nothing to download.
        config = self.builder_config
        return {
            "train": self._generate_examples("train", config.num_train),
            "test": self._generate_examples("test", config.num_test),
        }

    def _generate_examples(self, split, num_clips):
        seed = self.builder_config.seed
        for index in range(num_clips):
            yield index, synthesis.clip(split, index, seed)
