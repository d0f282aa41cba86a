"""`build.build`: which datasets there are, and where they end up."""

import subprocess
import sys

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


@pytest.mark.parametrize(
    ("dataset", "known"),
    [
        ("penn_action:9.9.9", "the version 2.0.0"),
        ("synthetic_actions/tiny:1.0.0", "the version 2.0.0"),
        ("penn_action:2", "the version 2.0.0"),
        ("penn_action:", "the version 2.0.0"),
        ("penn_action:2.0.0:1", "the version 2.0.0"),
        ("penn_action/tiny", "no config"),
        ("synthetic_actions/huge", "default, tiny, large"),
        ("synthetic_actions/tiny/2.0.0", "default, tiny, large"),
        ("", "keypoint_files, penn_action"),
    ],
)
def test_unknown_versions_and_configs_list_the_known(dataset, known, tmp_path):
    with pytest.raises(ValueError, match=f"{known}.* Received: '{dataset}'"):
        build.build(dataset, data_dir=tmp_path)


def test_which_datasets_read_annotations():
    assert build.reads_annotations("penn_action:2.0.0")
    assert not build.reads_annotations("synthetic_actions")


def test_config_and_version_may_follow_the_name(tiny_data_dir):
    path = build.build("penn_action:2.0.0", data_dir=tiny_data_dir)
    assert path == tiny_data_dir / "penn_action" / "2.0.0"


def test_a_prepared_dataset_is_not_prepared_again(tiny_data_dir):
    record = tiny_data_dir / "penn_action" / "2.0.0" / "dataset_info.json"
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


BUILD = """
import os, sys, time
from pose_tf.datasets.penn_action import penn_action_dataset_builder as module
from pose_tf.pipeline import build

data_dir, manual_dir, go_on = sys.argv[1:]
generate = module.Builder._generate_examples

def slowly(self, split_clips):
    print("Said: at work", flush=True)
    while not os.path.exists(go_on):
        time.sleep(0.1)
    yield from generate(self, split_clips)

module.Builder._generate_examples = slowly
path = build.build("penn_action", data_dir=data_dir, manual_dir=manual_dir)
print(f"Said: {path}")
"""


def start_build(data_dir, manual_dir, go_on):
    """Starts a build that waits at each split until the file `go_on` exists."""
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, data_dir, manual_dir, go_on],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(process):
    """What a build says next: that it is at work, or where the dataset is."""
    lines = (line for line in process.stdout if line.startswith("Said: "))
    return next(lines).removeprefix("Said: ").strip()


def incomplete(data_dir):
    return list((data_dir / "penn_action").glob("incomplete.*"))


def test_two_builds_at_once_wait_for_each_other(tiny_penn_dir, tmp_path):
    go_on = tmp_path / "go_on"
    first = start_build(tmp_path, tiny_penn_dir, go_on)
    assert said(first) == "at work"
    assert len(incomplete(tmp_path)) == 1
    second = start_build(tmp_path, tiny_penn_dir, go_on)
    assert any("Waiting for another build" in line for line in second.stderr)
    go_on.touch()
    # Not built once more.
    assert said(second) == f"{tmp_path}/penn_action/2.0.0"
    assert "Waiting" not in first.communicate()[1]
    second.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    assert not incomplete(tmp_path)


def test_what_a_killed_build_leaves_is_swept(tiny_penn_dir, tmp_path):
    killed = start_build(tmp_path, tiny_penn_dir, tmp_path / "never")
    assert said(killed) == "at work"
    killed.kill()
    killed.communicate()
    assert len(incomplete(tmp_path)) == 1
    build.build("penn_action", data_dir=tmp_path, manual_dir=tiny_penn_dir)
    assert [path.name for path in (tmp_path / "penn_action").iterdir()] == [
        "2.0.0"
    ]


def test_errors_of_a_builder_keep_its_own_words(tmp_path):
    options = {"data_dir": tmp_path / "data", "manual_dir": tmp_path}
    with pytest.raises(FileNotFoundError, match=r"^`manual_dir` must hold"):
        build.build("keypoint_files", **options)
    (tmp_path / "dataset.json").write_text('{"skeleton": "coco_17"}')
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "labels.csv").write_bytes(b"clip_id,action\na,h\xfcpfen\n")
    with pytest.raises(ValueError, match=rf"^{tmp_path}/labels.csv: .*UTF-8"):
        build.build("keypoint_files", **options)
