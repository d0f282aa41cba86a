"""Timelines: of a model, and as files that others read."""

import csv
import io
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import pose_tf
from pose_tf.pose import clip, skeletons
from pose_tf.serving import segmentation, timelines

PENN = skeletons.PENN_ACTION


class Model:
    """Says `bowl` where people are left of x = 100, `squat` if above y = 100."""

    actions = ("bowl", "squat")
    skeleton = PENN

    def classify_frames(self, poses, visibility):
        left, above = poses[..., 0, 0] < 100, poses[..., 0, 1] < 100
        return np.stack([0.9 * left, 0.8 * (~left & above)], -1)


def person(number, path, fps=30.0, start=0):
    """A clip whose joints all are where the path `[T, 2]` says."""
    poses = np.repeat(np.array(path, float)[:, None], 13, 1)
    poses += np.random.default_rng(0).uniform(-20, 20, (13, 2))
    poses[:, 0] = path
    return clip.Clip(
        poses=poses,
        visibility=np.isfinite(poses).all(-1),
        skeleton=PENN,
        fps=fps,
        person=number,
        start=start,
        clip_id="yard",
    )


LEFT, RIGHT, FAR = (50, 50), (150, 50), (150, 150)


@pytest.fixture(scope="module")
def timeline():
    """Two people at 10 frames per second; the second appears after 3 s."""
    return pose_tf.Timeline.of(
        Model(),
        [
            person(1, [LEFT] * 60 + [FAR] * 30 + [RIGHT] * 60, fps=10),
            person(4, [FAR] * 40, fps=10, start=30),
        ],
        late=0,
    )


def rows(timeline):
    return [(s.person, s.action, s.start, s.end) for s in timeline.segments]


def test_timeline_of_a_recording(timeline):
    assert rows(timeline) == [
        (1, "bowl", 0, 6),
        (1, None, 6, 9),
        (1, "squat", 9, 15),
        (4, None, 3, 7),
    ]
    assert (timeline.people, timeline.fps) == ((1, 4), 10)
    assert (timeline.recording, timeline.actions) == ("yard", Model.actions)
    assert [s.confidence for s in timeline.of_person(1)] == pytest.approx(
        [0.9, 1, 0.8]
    )


def test_rate_is_assumed_aloud():
    with pytest.warns(UserWarning, match="Took 30 frames per second"):
        timeline = pose_tf.Timeline.of(Model(), [person(0, [LEFT] * 60, None)])
    assert rows(timeline) == [(0, "bowl", 0, 2)]


def test_what_a_model_says_late_is_moved():
    recording = [person(1, [LEFT] * 60 + [RIGHT] * 60, fps=10)]
    timeline = pose_tf.Timeline.of(Model(), recording, late=0.5)
    assert rows(timeline) == [(1, "bowl", 0, 5.5), (1, "squat", 5.5, 12)]
    with pytest.raises(ValueError, match="`late` must be finite and not"):
        pose_tf.Timeline.of(Model(), recording, late=-1)


def test_what_has_no_timeline():
    with pytest.raises(ValueError, match="one clip at least"):
        pose_tf.Timeline.of(Model(), [])
    with pytest.raises(ValueError, match="with one `fps`. Received: .*25"):
        pose_tf.Timeline.of(
            Model(), [person(0, [LEFT]), person(1, [LEFT], 25.0)]
        )
    with pytest.raises(ValueError, match="positive, finite number"):
        pose_tf.Timeline.from_probabilities({0: [[1.0]]}, ["a"], fps=0)


def test_json_holds_all_of_it(timeline):
    value = json.loads(timeline.to_json())
    assert {name: value[name] for name in ("recording", "fps", "actions")} == {
        "recording": "yard",
        "fps": 10,
        "actions": ["bowl", "squat"],
    }
    assert [one["person"] for one in value["people"]] == [1, 4]
    second = value["people"][0]["segments"][1]
    assert second == {
        "action": None,
        "start": 6,
        "end": 9,
        "start_frame": 60,
        "end_frame": 90,
        "confidence": 1,
    }


def test_csv_has_a_row_per_segment(timeline):
    header, *lines = csv.reader(io.StringIO(timeline.to_csv()))
    assert header == [
        "person", "start", "end", "start_frame", "end_frame", "action",
        "confidence",
    ]  # fmt: skip
    assert lines[0] == ["1", "0.0", "6.0", "0", "60", "bowl", "0.9"]
    assert lines[1] == ["1", "6.0", "9.0", "60", "90", "", "1.0"]
    assert len(lines) == len(timeline.segments)


def test_vtt_has_a_cue_per_segment_by_time(timeline):
    assert timeline.to_vtt() == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:06.000\nperson 1: bowl (90%)\n\n"
        "00:00:03.000 --> 00:00:07.000\nperson 4: none (100%)\n\n"
        "00:00:06.000 --> 00:00:09.000\nperson 1: none (100%)\n\n"
        "00:00:09.000 --> 00:00:15.000\nperson 1: squat (80%)\n"
    )


def segment(action, start, end):
    return segmentation.Segment(
        person=0,
        action=action,
        start=start,
        end=end,
        start_frame=0,
        end_frame=1,
        confidence=0.5,
    )


def test_vtt_of_strange_names_and_long_recordings():
    """No name can end a cue, start a tag, or look like a cue's times."""
    name = "up --> down\n\n<b>&amp;\r\nNOTE"
    timeline = pose_tf.Timeline(
        segments=(segment(name, 3599.9996, 3599.9996), segment("a", 4e5, 5e5)),
        actions=(name, "a"),
        fps=1e4,
    )
    header, first, second = timeline.to_vtt().split("\n\n")
    assert header == "WEBVTT"
    assert first == (
        "01:00:00.000 --> 01:00:00.001\n"
        "up --&gt; down &lt;b&gt;&amp;amp; NOTE (50%)"
    )
    assert second.startswith("111:06:40.000 --> 138:53:20.000\na (50%)")
    assert len(re.findall("-->", timeline.to_vtt())) == 2


@pytest.mark.parametrize("suffix", timelines.SUFFIXES)
def test_files_are_whole_or_as_they_were(timeline, tmp_path, suffix):
    path = tmp_path / f"x{suffix.upper()}"
    timeline.save(path)
    content = path.read_bytes()
    if suffix == ".png":
        assert Image.open(path).size[0] == 1200
    else:
        text = {".json": timeline.to_json, ".csv": timeline.to_csv,
                ".vtt": timeline.to_vtt}[suffix]()  # fmt: skip
        assert content.decode() == text
    broken = pose_tf.Timeline(segments=(None,), actions=(), fps=1)
    with pytest.raises((AttributeError, TypeError)):
        broken.save(path)
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_other_suffixes_are_refused(timeline, tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.json, .*x\.srt"):
        timeline.save(tmp_path / "x.srt")


def test_timelines_need_no_tensorflow():
    code = (
        "import sys, pose_tf; pose_tf.Timeline; "
        "print('tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
