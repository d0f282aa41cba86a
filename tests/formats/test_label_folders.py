"""Folders of Ultralytics' label files, a file per frame."""

import numpy as np
import pytest

from pose_tf.formats import read as reader
from tests.support import same_people, tool_recordings, two_people

SIZE = (200, 100)
BOX = "0.5 0.5 0.2 0.4"


def read(folder, **options):
    return reader.read(folder, "ultralytics", frame_size=SIZE, **options)


def line(third=" 0.9", end=""):
    """Returns a person whose joint j is at (0.1 + j / 50, 0.2 + j / 50)."""
    joints = [f"{0.1 + j / 50} {0.2 + j / 50}{third}" for j in range(17)]
    return f"0 {BOX} {' '.join(joints)}{end}\n"


def write(folder, texts, first=0):
    for frame, text in enumerate(texts, first):
        (folder / f"clip_{frame}.txt").write_text(text)
    return folder


def test_the_folder_above(tmp_path):
    """Users name that of the prediction, in which there is a picture, too."""
    labels = tool_recordings.write_ultralytics_labels(tmp_path)
    (labels.parent / "jumps.avi").touch()
    clips = reader.read(labels.parent, frame_size=two_people.FRAME_SIZE)
    same_people.check(clips, (3, 4))


def test_frames_are_ordered_by_number_and_gaps_stay(tmp_path):
    """Frame 10 is after 9, and of 12 there is no file."""
    write(tmp_path, [line()] * 5, first=7)
    write(tmp_path, [line()], first=13)
    (tmp_path / "clip_8.txt").write_text("")
    (clip,) = read(tmp_path)
    seen = clip.visibility.any(-1).tolist()
    assert seen == [True, False, True, True, True, False, True]
    np.testing.assert_allclose(clip.poses[0, 5], [0.2 * 200, 0.3 * 100])
    np.testing.assert_allclose(clip.boxes[0], [80, 30, 120, 70], rtol=1e-6)


def test_confidences(tmp_path):
    write(tmp_path, [line(" 0.4")] * 6)
    (clip,) = read(tmp_path)
    assert clip.visibility.all() and clip.confidence[0, 3] == np.float32(0.4)
    assert read(tmp_path, min_confidence=0.5) == []


def test_models_without_confidences(tmp_path):
    (clip,) = read(write(tmp_path, [line("")] * 6))
    assert clip.visibility.all() and clip.confidence is None


def test_flags_of_annotations(tmp_path):
    """0 is not labeled, 1 hidden, 2 visible: no confidences."""
    flags = (
        f"0 {BOX} 0 0 0 {' '.join(['0.3 0.4 1'] * 2 + ['0.3 0.4 2'] * 14)}\n"
    )
    (clip,) = read(write(tmp_path, [flags] * 6))
    assert clip.confidence is None
    assert clip.visibility[0].tolist() == [False] + [True] * 16


@pytest.mark.parametrize("end", ["", " 0.75", " 12", " 0.75 12"])
@pytest.mark.parametrize("third", ["", " 0.9"])
def test_what_follows_the_joints(tmp_path, third, end):
    (clip,) = read(write(tmp_path, [line(third, end)] * 6))
    assert clip.person == (12 if "12" in end else 0)
    np.testing.assert_allclose(
        clip.poses[0, 16],
        [(0.1 + 16 / 50) * 200, (0.2 + 16 / 50) * 100],
        rtol=1e-6,
    )


def test_other_skeletons_have_a_name(tmp_path):
    own = f"0 {BOX} {' '.join(['0.3 0.4 0.9'] * 4)}\n"
    write(tmp_path, [own] * 6)
    with pytest.raises(ValueError, match="Received: 17 numbers"):
        read(tmp_path)
    (clip,) = read(tmp_path, skeleton="neck,left_hip,right_hip,tail")
    assert clip.visibility.all()


def test_nobody(tmp_path):
    assert read(write(tmp_path, [""] * 5)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (line()[:-20], r"line 2 of clip_3\.txt"),
        (
            line().replace(BOX, "0.5 0.5 wide 0.4"),
            r"'wide' in line 2 of clip_3",
        ),
        (line().replace("0.1 ", "1e308 ", 1), r"1e\+308 in line 2 of clip_3"),
        (line() + line(end=" 0.7"), "same number of cells"),
    ],
)
def test_what_is_wrong_in_a_late_frame(tmp_path, text, message):
    texts = [line()] * 6
    texts[3] = line() + text
    with pytest.raises(ValueError, match=message) as error:
        read(write(tmp_path, texts))
    assert "\n" not in str(error.value)


def test_bytes_that_are_no_text(tmp_path):
    write(tmp_path, [line()] * 3)
    (tmp_path / "clip_1.txt").write_bytes(b"\xff\xfe0")
    with pytest.raises(ValueError, match="UTF-8"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("notes.txt", line(), "no file <name>_<frame>.txt"),
        ("notes_1.txt", "once upon a time\n", "begins with 'once'"),
        ("boxes_1.txt", f"0 {BOX}\n", "has 5 numbers and no joints"),
        ("pixels_1.txt", line().replace(BOX, "50 50 20 40"), "not from 0 to 1"),
    ],
)
def test_other_folders(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=message):
        read(tmp_path)
