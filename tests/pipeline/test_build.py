"""`build.build`: which datasets there are, and where they end up."""

import pytest
import tensorflow_datasets as tfds

from pose_tf.pipeline import build


def test_unknown_dataset_lists_the_known():
    with pytest.raises(
        ValueError, match=r"keypoint_files, penn_action, .* Received: 'mnist'"
    ):
        build.build("mnist")


def test_unknown_policy_lists_the_known(tmp_path):
    with pytest.raises(ValueError, match="stop, quarantine.*'ignore'"):
        build.build("penn_action", data_dir=tmp_path, on_bad_clip="ignore")


def test_which_datasets_read_annotations():
    assert build.reads_annotations("penn_action:1.0.0")
    assert not build.reads_annotations("synthetic_actions")


def test_config_and_version_may_follow_the_name(tiny_data_dir):
    path = build.build("penn_action:1.0.0", data_dir=tiny_data_dir)
    assert path == tiny_data_dir / "penn_action" / "1.0.0"


def test_a_prepared_dataset_is_not_prepared_again(tiny_data_dir):
    record = tiny_data_dir / "penn_action" / "1.0.0" / "dataset_info.json"
    before = record.stat().st_mtime_ns
    path = build.build("penn_action", data_dir=tiny_data_dir)
    assert record == path / "dataset_info.json"
    assert record.stat().st_mtime_ns == before


def test_other_file_formats(tiny_penn_dir, tiny_data_dir, tmp_path):
    path = build.build(
        "penn_action",
        data_dir=tmp_path,
        manual_dir=tiny_penn_dir,
        file_format="array_record",
    )
    source = tfds.builder_from_directory(path).as_data_source(split="train")
    assert len(source) == 18
    with pytest.raises(ValueError, match=r"prepared as tfrecord.*array_record"):
        build.build(
            "penn_action", data_dir=tiny_data_dir, file_format="array_record"
        )


@pytest.mark.parametrize("name", ["penn_action", "synthetic_actions"])
def test_builders_are_known_under_their_names(name, tmp_path):
    builder = build.builder(name, data_dir=tmp_path)
    assert builder.name == name
    assert name in tfds.list_builders(with_community_datasets=False)
