"""The prepared `penn_action`: known facts, bad folders, kills, full disks."""

import collections
import functools
import http.server
import json
import pathlib
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import tensorflow_datasets as tfds

from pose_tf.datasets.penn_action import penn_action_dataset_builder
from pose_tf.pipeline import build
from pose_tf.pose import skeletons


def prepared_clips(data_dir, split):
    """All clips of a split, in order, as dicts of arrays."""
    builder = tfds.builder_from_directory(data_dir / "penn_action" / "2.0.0")
    return list(tfds.as_numpy(builder.as_dataset(split=split)))


@pytest.fixture(scope="module")
def real(penn_action_data_dir):
    return {
        split: prepared_clips(penn_action_data_dir, split)
        for split in ("train", "test")
    }


@pytest.fixture(scope="module")
def real_names(penn_action_data_dir):
    builder = tfds.builder_from_directory(
        penn_action_data_dir / "penn_action" / "2.0.0"
    )
    return {key: builder.info.features[key].names for key in ("action", "view")}


def by_id(real, clip_id):
    (clip,) = [
        clip
        for clip in real["train"] + real["test"]
        if clip["clip_id"] == clip_id
    ]
    return clip


def count(real, real_names, key):
    labels = [clip[key] for clip in real["train"] + real["test"]]
    numbers = collections.Counter(real_names[key][label] for label in labels)
    return dict(numbers)


def test_splits(real):
    assert len(real["train"]) == 1258
    assert len(real["test"]) == 1068


def test_frames(real):
    lengths = {
        split: [len(clip["poses"]) for clip in clips]
        for split, clips in real.items()
    }
    assert sum(lengths["train"]) == 87543
    assert sum(lengths["test"]) == 76298
    both = lengths["train"] + lengths["test"]
    assert (min(both), np.median(both), max(both)) == (18, 56, 663)


def test_views(real, real_names):
    assert count(real, real_names, "view") == {
        "front": 612,
        "back": 604,
        "right": 597,
        "left": 513,
    }


def test_left_is_the_persons_own(real, real_names):
    """A person's left shoulder is on the picture's right in front views.

    Counted are upright clips whose shoulders are well apart in the picture.
    Were left the viewer's, as the files name it, the shares would be 3 and
    87 %; the rest are errors of the annotators.
    """
    joints = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
    torso = list(skeletons.PENN_ACTION.indices(joints))
    on_the_right = {"front": [], "back": []}
    for clip in real["train"] + real["test"]:
        view = real_names["view"][clip["view"]]
        seen = clip["visibility"][:, torso].all(-1)
        if view not in on_the_right or not seen.any():
            continue
        left, right, *hips = clip["poses"][seen][:, torso].swapaxes(0, 1)
        spine = np.mean(hips, 0) - (left + right) / 2
        length = np.linalg.norm(spine, axis=-1)
        apart = np.median((left - right)[:, 0] / length)
        if np.median(spine[:, 1] / length) > 0.7 and abs(apart) > 0.4:
            on_the_right[view].append(apart > 0)
    shares = {view: np.mean(flags) for view, flags in on_the_right.items()}
    assert {view: len(flags) for view, flags in on_the_right.items()} == {
        "front": 408,
        "back": 483,
    }
    assert shares["front"] == pytest.approx(0.973, abs=0.005)
    assert shares["back"] == pytest.approx(0.135, abs=0.005)


def test_actions(real, real_names):
    assert count(real, real_names, "action") == {
        "squat": 231,
        "bowl": 220,
        "pushup": 211,
        "pullup": 199,
        "tennis_serve": 186,
        "baseball_swing": 173,
        "baseball_pitch": 167,
        "golf_swing": 166,
        "tennis_forehand": 157,
        "bench_press": 140,
        "jumping_jacks": 112,
        "situp": 100,
        "strum_guitar": 94,
        "clean_and_jerk": 88,
        "jump_rope": 82,
    }


def test_visible_joints(real):
    shares = [c["visibility"].mean() for c in real["train"] + real["test"]]
    assert round(100 * np.mean(shares), 1) == 77.7  # The mean clip's.
    flags = [c["visibility"] for c in real["train"] + real["test"]]
    assert round(100 * np.concatenate(flags).mean(), 1) == 78.0


def test_missing_joints_are_those_that_nobody_annotated(real):
    missing, flags = {}, {}
    for split, clips in real.items():
        poses = np.concatenate([clip["poses"] for clip in clips])
        missing[split] = np.isnan(poses)
        flags[split] = np.concatenate([clip["visibility"] for clip in clips])
        np.testing.assert_array_equal(
            missing[split].any(-1), missing[split].all(-1)
        )
        missing[split] = missing[split].all(-1)
        assert not (missing[split] & flags[split]).any()
    assert sum(split.sum() for split in missing.values()) == 187352
    share = missing["test"].sum() / (~flags["test"]).sum()
    assert round(100 * share, 1) == 44.2


def test_clip_without_any_visible_joint(real):
    assert [
        clip["clip_id"]
        for clip in real["train"] + real["test"]
        if not clip["visibility"].any()
    ] == [b"1516"]


@pytest.mark.parametrize("clip_id", [b"1154", b"1865"])
def test_short_boxes_are_completed(real, clip_id):
    clip = by_id(real, clip_id)
    assert len(clip["boxes"]) == len(clip["poses"])
    np.testing.assert_array_equal(clip["boxes"][-1], clip["boxes"][-2])


def test_joints_may_lie_outside_the_frame(real):
    num_clips = num_clips_visibly = 0
    for clip in real["train"] + real["test"]:
        outside = (clip["poses"] < 0) | (clip["poses"] >= clip["frame_size"])
        num_clips += outside.any()
        num_clips_visibly += outside[clip["visibility"]].any()
    assert (num_clips, num_clips_visibly) == (7, 5)


def test_clips_are_in_the_order_of_their_files(real):
    for clips in real.values():
        ids = [clip["clip_id"] for clip in clips]
        assert ids == sorted(ids)


def test_skeleton_is_recoverable(tiny_data_dir):
    builder = tfds.builder_from_directory(
        tiny_data_dir / "penn_action" / "2.0.0"
    )
    assert builder.info.metadata["skeleton"] == "penn_action"


@pytest.mark.parametrize("inside", ["Penn_Action/labels", "labels", "."])
def test_manual_dir_may_be_any_folder_above_the_files(
    tiny_penn_dir, tmp_path, inside
):
    folder = tmp_path / inside
    folder.mkdir(parents=True, exist_ok=True)
    for path in (tiny_penn_dir / "labels").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "._0001.mat").write_bytes(b"left by macOS")
    builder = penn_action_dataset_builder.Builder(data_dir=tmp_path / "data")
    assert len(builder.find_sources(tmp_path)) == 24


@pytest.fixture
def archive_server(monkeypatch):
    """Serves the made-up archive where the original would lie."""
    folder = pathlib.Path(penn_action_dataset_builder.__file__).parent
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=folder / "dummy_data"
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(
            penn_action_dataset_builder,
            "ARCHIVE_URL",
            f"{base}/Penn_Action.tar.gz",
        )
        yield base
        server.shutdown()


def test_without_a_manual_dir_the_archive_is_downloaded(
    archive_server, tmp_path
):
    build.build("penn_action", data_dir=tmp_path)
    ids = [clip["clip_id"] for clip in prepared_clips(tmp_path, "train")]
    assert ids == [b"0001", b"0003", b"0004", b"0006"]
    assert len(prepared_clips(tmp_path, "test")) == 2


def test_an_archive_that_is_not_there_is_an_error(
    archive_server, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        penn_action_dataset_builder,
        "ARCHIVE_URL",
        f"{archive_server}/no.tar.gz",
    )
    with pytest.raises(Exception, match=r"no\.tar\.gz"):
        build.build("penn_action", data_dir=tmp_path)
    assert not (tmp_path / "penn_action" / "2.0.0").exists()


def test_names_may_be_in_any_case(tmp_path, penn_annotations_of, write_penn):
    folder = write_penn(tmp_path / "PENN_ACTION", [penn_annotations_of()])
    (folder / "labels" / "0001.mat").rename(folder / "labels" / "0001.MAT")
    (folder / "labels").rename(folder / "Labels")
    data_dir = tmp_path / "data"
    build.build("penn_action", data_dir=data_dir, manual_dir=tmp_path)
    (clip,) = prepared_clips(data_dir, "train")
    assert clip["clip_id"] == b"0001"


def test_manual_dir_must_exist(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"`manual_dir` .*nowhere, which is no folder"
    ):
        build.build(
            "penn_action", data_dir=tmp_path, manual_dir=tmp_path / "nowhere"
        )


def test_manual_dir_must_hold_annotations(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "0001.txt").touch()
    with pytest.raises(FileNotFoundError, match=r"`manual_dir` .* has none"):
        build.build("penn_action", data_dir=tmp_path, manual_dir=tmp_path)


def test_prepared_data_are_not_reused_for_other_files(
    tiny_data_dir, tiny_penn_dir, tmp_path, penn_annotations_of, write_penn
):
    options = {"data_dir": tiny_data_dir, "manual_dir": tiny_penn_dir}
    build.build("penn_action", **options)
    options["manual_dir"] = write_penn(tmp_path, [penn_annotations_of()])
    with pytest.raises(ValueError, match="prepared from other files"):
        build.build("penn_action", **options)


@pytest.fixture
def folder_with_bad_clips(penn_annotations_of, write_penn, tmp_path):
    clips = [penn_annotations_of(seed=seed) for seed in range(4)]
    clips[1]["action"] = "yoga"
    folder = write_penn(tmp_path / "manual", clips)
    (folder / "labels" / "0003.mat").write_bytes(b"")
    return folder


def test_a_bad_clip_stops_the_build(folder_with_bad_clips, tmp_path):
    with pytest.raises(ValueError, match=r"0002\.mat: action must be one of"):
        build.build(
            "penn_action",
            data_dir=tmp_path / "data",
            manual_dir=folder_with_bad_clips,
        )
    assert not (tmp_path / "data" / "penn_action" / "2.0.0").exists()


def test_bad_clips_can_be_quarantined(folder_with_bad_clips, tmp_path):
    path = build.build(
        "penn_action",
        data_dir=tmp_path / "data",
        manual_dir=folder_with_bad_clips,
        on_bad_clip="quarantine",
    )
    clips = prepared_clips(tmp_path / "data", "train")
    assert [clip["clip_id"] for clip in clips] == [b"0001", b"0004"]
    bad = json.loads((path / "quarantine.json").read_text())
    assert [entry["file"] for entry in bad] == ["0002.mat", "0003.mat"]
    assert "yoga" in bad[0]["reason"]
    assert "readable" in bad[1]["reason"]


def test_without_bad_clips_there_is_no_list_of_them(tiny_data_dir):
    folder = tiny_data_dir / "penn_action" / "2.0.0"
    assert (folder / "sources.json").exists()
    assert not (folder / "quarantine.json").exists()


def test_some_clip_must_be_usable(folder_with_bad_clips, tmp_path):
    for name in ("0001.mat", "0004.mat"):
        (folder_with_bad_clips / "labels" / name).unlink()
    with pytest.raises(ValueError, match=r"usable.* 2 bad clips.*yoga"):
        build.build(
            "penn_action",
            data_dir=tmp_path / "data",
            manual_dir=folder_with_bad_clips,
            on_bad_clip="quarantine",
        )


KILLED = """
import itertools, os, signal
from pose_tf.pipeline import build
from pose_tf.datasets.penn_action import penn_action_dataset_builder as module

def die_after_two(self, split_clips):
    for clip in itertools.islice(split_clips, 2):
        yield clip["clip_id"], clip
    os.kill(os.getpid(), signal.SIGKILL)

module.Builder._generate_examples = die_after_two
"""
# A file may grow to 20 kB, as on a disk that is then full; a write beyond
# that fails.
FULL_DISK = """
import resource
from pose_tf.pipeline import build
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
"""


@pytest.mark.parametrize(
    ("script", "code", "message"),
    [(KILLED, -signal.SIGKILL, ""), (FULL_DISK, 1, "File too large")],
    ids=["kill", "full disk"],
)
def test_nothing_half_written_is_picked_up(
    script, code, message, tiny_penn_dir, tmp_path
):
    options = f"data_dir={str(tmp_path)!r}, manual_dir={str(tiny_penn_dir)!r}"
    script += f"build.build('penn_action', {options})"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False
    )
    assert run.returncode == code, run.stderr.decode()[-2000:]
    assert message in run.stderr.decode()
    assert not (tmp_path / "penn_action" / "2.0.0").exists()

    build.build("penn_action", data_dir=tmp_path, manual_dir=tiny_penn_dir)
    assert len(prepared_clips(tmp_path, "train")) == 18
    assert len(prepared_clips(tmp_path, "test")) == 6
