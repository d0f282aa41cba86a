"""Tables of trackers: which columns there may be, and what is wrong."""

import numpy as np
import pytest

from pose_tf.formats import read as reader

JOINTS = (
    "nose",
    "left_shoulder",
    "right_shoulder",
    "left_hip",
    "right_hip",
    "left_knee",
)
HEADER = "frame,track_id," + ",".join(
    f"{joint}_{end}" for joint in JOINTS for end in ("x", "y", "conf")
)


def read(folder, text, **options):
    path = folder / "tracks.csv"
    path.write_text(text)
    return reader.read(path, "ultralytics", **options)


def row(frame, track, x=100.0):
    """Returns a row whose joint j is at (x + j, 50 + 10 j)."""
    cells = [f"{x + j},{50 + 10 * j},0.9" for j in range(len(JOINTS))]
    return f"{frame},{track}," + ",".join(cells)


def table(*rows, header=HEADER):
    return "\n".join([header, *rows]) + "\n"


def test_people_come_and_go(tmp_path):
    """Frames count from the first one, and those that are left out stay."""
    rows = [row(frame, 7) for frame in range(100, 106)]
    rows += [row(frame, 2, 400.0) for frame in (102, 103, 104, 108, 109)]
    first, second = read(tmp_path, table(*rows[::-1]))
    assert (first.person, first.start, len(first.poses)) == (7, 0, 6)
    assert (second.person, second.start, len(second.poses)) == (2, 2, 8)
    seen = second.visibility.any(-1).tolist()
    assert seen == [True] * 3 + [False] * 3 + [True] * 2
    knee = second.skeleton.joints.index("left_knee")
    assert second.poses[0, knee].tolist() == [405, 100]
    # The other joints of COCO have no columns.
    assert second.skeleton.name == "coco_17"
    assert second.visibility[0].sum() == len(JOINTS)


def test_blank_cells_and_the_origin_are_missing(tmp_path):
    blank = row(0, 1).replace("100.0,50,0.9", " ,,")
    zero = row(1, 1).replace("100.0,50,0.9", "0,0,0.9")
    whole = [row(frame, 1) for frame in range(2, 6)]
    (clip,) = read(tmp_path, table(blank, zero, *whole))
    nose = clip.skeleton.joints.index("nose")
    assert clip.visibility[:, nose].tolist() == [False, False, *[True] * 4]
    assert clip.visibility.any(-1).all()


@pytest.mark.parametrize(
    "header",
    [
        HEADER.replace("track_id", "ID").replace("frame", "Frame"),
        HEADER.replace("_conf", ".score")
        .replace("_x", ".x")
        .replace("_y", ".y"),
        HEADER.replace("left_", "l_").replace("track_id", "person id"),
        HEADER.replace("left_knee", "LKnee").replace("nose", "Nose"),
    ],
)
def test_other_names_of_columns(tmp_path, header):
    rows = [row(frame, 5) for frame in range(5)]
    (clip,) = read(tmp_path, table(*rows, header=header))
    knee = clip.skeleton.joints.index("left_knee")
    assert clip.person == 5 and clip.poses[0, knee].tolist() == [105, 100]


def test_numbered_keypoints_in_any_order(tmp_path):
    order = list(range(17))[::-1]
    names = [f"kp{j}_{end}" for j in order for end in ("x", "y", "conf")]
    cells = [str(c) for j in order for c in (100 + j, 50 + 10 * j, 0.9)]
    rows = [",".join([str(frame), *cells]) for frame in range(5)]
    (clip,) = read(tmp_path, table(*rows, header=",".join(["frame", *names])))
    assert clip.skeleton.name == "coco_17"
    assert clip.poses[0, :, 0].tolist() == list(range(100, 117))


def test_named_persons_boxes_and_scores(tmp_path):
    header = f"{HEADER},bbox_x1,bbox_y1,bbox_x2,bbox_y2,box_conf,action"
    rows = [
        f"{row(frame, name, x)},1,2,3,4,0.8,jump"
        for frame in range(5)
        for name, x in (("anna", 100.0), ("ben", 400.0))
    ]
    first, second = read(tmp_path, table(*rows, header=header))
    assert (first.person, second.person) == (0, 1)
    assert first.boxes[0].tolist() == [1, 2, 3, 4]
    assert second.poses[0, 0].tolist() == [400, 50]


def test_nobody(tmp_path):
    assert read(tmp_path, table()) == []


def test_a_pose_twice_in_a_frame_counts_once(tmp_path):
    rows = [row(frame, 1) for frame in (0, 1, 2, 3, 4, 4)]
    rows += [row(frame, 2, 400.0) for frame in range(5)]
    with pytest.warns(UserWarning, match="1 others.*person 1 in frame 4"):
        clips = read(tmp_path, table(*rows))
    assert [len(clip.poses) for clip in clips] == [5, 5]


LATE = [row(frame, 1) for frame in range(5001)]


def late(wrong):
    rows = list(LATE)
    rows[4999] = wrong
    return table(*rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (late(row(4999, 1) + ",1"), "must have the header's 20 cells"),
        (late("4999,1,5,5"), "20 cells. Received: 4 in row 5000"),
        (
            late(row(4999, 1).replace("50,", "high,", 1)),
            "'high' in row 5000, nose_y",
        ),
        (late(row(4999, 1, 1e308)), r"Received: 1e\+308 in row 5000"),
        (late(row("4999.5", 1)), "must be whole. Received: 4999.5 in row 5000"),
        (late(row("", 1)), "must be whole. Received: nan in row 5000"),
        (table(row(0, 1), header=HEADER.replace("left_hip", "nose")), "twice"),
        (
            table(row(0, 1), header=HEADER.replace("left_hip", "Nose")),
            "names a joint again in 'Nose_conf'",
        ),
        (
            table(row(0, 1), header=HEADER.replace("nose_y", "a")),
            "no y of nose",
        ),
        (
            table(row(0, 1), row(0, 2), header=HEADER.replace("frame", "f")),
            "must have a column frame",
        ),
        ("a,b\n1,2\n", "0 columns <joint>_x"),
        ("", "must have a header"),
    ],
)
def test_what_is_wrong(tmp_path, text, message):
    with pytest.raises(ValueError, match=message) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value)


def test_nan_is_missing(tmp_path):
    rows = [row(frame, 1, np.nan) for frame in range(6)]
    (clip,) = read(tmp_path, table(*rows))
    assert not clip.visibility.any()
