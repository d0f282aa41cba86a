"""The prepared dataset: its features, its order, its bytes."""

import hashlib
from typing import ClassVar

import numpy as np
import pytest
import tensorflow_datasets as tfds

from pose_tf.datasets.synthetic_actions import synthesis
from pose_tf.datasets.synthetic_actions import (
    synthetic_actions_dataset_builder as builder_lib,
)


class BuilderTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = builder_lib.Builder
    BUILDER_CONFIG_NAMES_TO_TEST: ClassVar = ["tiny"]
    SPLITS: ClassVar = {"train": 64, "test": 32}
    EXAMPLE_DIR = "."  # Nothing is read.


def prepare(data_dir, **changes):
    config = builder_lib.Config(
        name="test", **{"num_train": 16, "num_test": 16, **changes}
    )
    builder = builder_lib.Builder(config=config, data_dir=data_dir)
    builder.download_and_prepare()
    return builder


def digest(builder):
    paths = sorted(builder.data_path.glob("*.tfrecord*"))
    assert len(paths) == 2
    return hashlib.sha256(b"".join(p.read_bytes() for p in paths)).digest()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return prepare(tmp_path_factory.mktemp("prepared"))


def test_what_is_read_is_what_was_made(prepared):
    for index, clip in enumerate(tfds.as_numpy(prepared.as_dataset("test"))):
        made = synthesis.clip("test", index)
        assert clip["clip_id"].decode() == made["clip_id"]
        for name in ("poses", "visibility", "boxes", "frame_size"):
            np.testing.assert_array_equal(clip[name], made[name])
            assert clip[name].dtype == made[name].dtype
        for name in ("action", "view"):
            feature = prepared.info.features[name]
            assert feature.int2str(clip[name]) == made[name]


def test_skeleton_is_in_the_metadata(prepared):
    assert prepared.info.metadata["skeleton"] == "penn_action"
    restored = tfds.builder_from_directory(prepared.data_path)
    assert restored.info.metadata["skeleton"] == "penn_action"


def test_same_seed_same_bytes(prepared, tmp_path):
    assert digest(prepare(tmp_path)) == digest(prepared)


def test_other_seed_other_bytes(prepared, tmp_path):
    assert digest(prepare(tmp_path, seed=1)) != digest(prepared)


@pytest.mark.parametrize("split", ["train", "test"])
def test_every_action_has_its_share(prepared, split):
    actions = [
        clip["action"] for clip in tfds.as_numpy(prepared.as_dataset(split))
    ]
    assert sorted(actions) == list(range(16))


@pytest.mark.parametrize("config", builder_lib.Builder.BUILDER_CONFIGS)
def test_configs_hold_every_action(config):
    assert config.num_train >= config.num_test >= 16


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"num_train": 0}, "`num_train` must be at least 1. Received: 0"),
        ({"num_test": -3}, "`num_test` must be at least 1. Received: -3"),
        ({"seed": -1}, "`seed` must be at least 0. Received: -1"),
    ],
)
def test_bad_configs(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        prepare(tmp_path, **changes)
