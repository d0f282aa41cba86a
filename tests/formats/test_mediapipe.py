"""MediaPipe's landmarks, in JSON and in tables."""

import csv
import json

import numpy as np
import pytest

from pose_tf.formats import mediapipe, read, sources
from pose_tf.pose import skeletons
from tests.support import json_recordings, refusals, two_people

SKELETON = skeletons.MEDIAPIPE_33
SIZE = two_people.FRAME_SIZE
NAMES = [
    "nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye",
    "right_eye_outer left_ear right_ear mouth_left mouth_right left_shoulder",
    "right_shoulder left_elbow right_elbow left_wrist right_wrist left_pinky",
    "right_pinky left_index right_index left_thumb right_thumb left_hip",
    "right_hip left_knee right_knee left_ankle right_ankle left_heel",
    "right_heel left_foot_index right_foot_index",
]
NAMES = " ".join(NAMES).split()
# x is 0.01 times the index, y 0.5.
MARKS = [
    {"x": n / 100, "y": 0.5, "z": -3.0, "visibility": 0.75} for n in range(33)
]


def written(folder, value):
    path = folder / "a.json"
    path.write_text(json.dumps(value))
    return path


def raw(path):
    source = sources.Source(path)
    assert mediapipe.difference(source) == ""
    return mediapipe.read(source, sources.Options())


def assert_first_person(one, missing=()):
    """Checks a clip of the first of two people."""
    poses = two_people.poses(SKELETON)[0]
    confidence = two_people.confidence(SKELETON)[0].astype(np.float32)
    rows = [row for row in range(len(poses)) if row not in missing]
    assert one.skeleton == SKELETON
    assert len(one.poses) == two_people.NUM_FRAMES
    np.testing.assert_allclose(one.poses[rows], poses[rows], atol=0.01)
    np.testing.assert_allclose(one.confidence[rows], confidence[rows])
    np.testing.assert_array_equal(one.visibility[rows], confidence[rows] > 0.3)
    assert not one.visibility[list(missing)].any()


def test_messages_of_the_older_api(tmp_path):
    path = json_recordings.write_mediapipe(tmp_path)
    (one,) = read.read(path, frame_size=SIZE)
    assert_first_person(one, missing=[3])


def test_results_of_tasks_have_several_people_and_a_rate(tmp_path):
    path = json_recordings.write_mediapipe_tasks(tmp_path)
    clips = read.read(path, frame_size=SIZE)
    assert len(clips) == 2
    assert_first_person(clips[0])
    poses = two_people.poses(SKELETON)[1]
    np.testing.assert_allclose(clips[1].poses, poses, atol=0.01)
    assert clips[0].fps == 25


@pytest.mark.parametrize("write", json_recordings.TABLES)
def test_tables(tmp_path, write):
    (one,) = read.read(write(tmp_path), frame_size=SIZE)
    assert_first_person(one)


def test_without_a_size_frames_are_wide(tmp_path):
    path = json_recordings.write_mediapipe_bare(tmp_path)
    with pytest.warns(UserWarning, match="Assumed frames of 16:9"):
        (one,) = read.read(path)
    assert one.frame_size == (1920, 1080)


@pytest.mark.parametrize(
    "frame",
    [
        MARKS,
        [MARKS],
        [{"landmarks": MARKS}],
        {"landmark": MARKS},
        {"landmarks": [MARKS], "worldLandmarks": []},
        {"poseLandmarks": MARKS, "image": {}},
        {"pose_landmarks": {"landmark": MARKS}, "pose_world_landmarks": None},
        {"pose": MARKS, "face": [], "left_hand": None},
        {name.upper(): mark for name, mark in zip(NAMES, MARKS, strict=True)},
        {str(n): mark for n, mark in enumerate(MARKS)},
        [list(mark.values()) for mark in MARKS],
        [[list(mark.values()) for mark in MARKS]],
        [{**mark, "presence": None, "name": None} for mark in MARKS],
    ],
)
@pytest.mark.parametrize("wrap", [None, "frames", "one", "by name"])
def test_forms_of_a_frame(tmp_path, frame, wrap):
    value = {
        None: [frame, None, frame],
        "frames": {"fps": 12, "frames": [frame, None, frame]},
        "one": frame if isinstance(frame, dict) else [frame],
        "by name": {"frame_4": frame, "frame_6": frame},
    }[wrap]
    found = raw(written(tmp_path, value))
    assert found.frames.tolist() == ([0] if wrap == "one" else [0, 2])
    assert found.fps == (12 if wrap == "frames" else None)
    np.testing.assert_allclose(found.poses[0, :, 0], np.arange(33) / 100)
    assert (found.poses[..., 1] == 0.5).all()
    assert (found.confidence == 0.75).all()
    assert found.unit == "normalized"


def test_who_it_is_is_kept(tmp_path):
    items = [
        {"frame": frame, "person_id": person, "landmarks": MARKS}
        for frame in (3, 4)
        for person in (7, 5)
    ]
    found = raw(written(tmp_path, items))
    assert found.frames.tolist() == [0, 0, 1, 1]
    assert found.ids.tolist() == [7, 5, 7, 5]
    header = ["frame", "person", *columns("{a}{n}", "xyzv", first=1)]
    rows = [[n, who, *NUMBERS] for n, who in ((0, 2), (0, 1), (1, 2), (1, ""))]
    found = raw(table(tmp_path, header, rows))
    assert found.frames.tolist() == [0, 0, 1, 1]
    assert found.ids.tolist() == [2, 1, 2, -1]


def test_landmarks_may_lack_what_is_optional(tmp_path):
    bare = [{"x": mark["x"], "y": mark["y"]} for mark in MARKS]
    assert raw(written(tmp_path, [bare])).confidence is None
    # Some versions for browsers write 0 for everything.
    unsure = [{**mark, "visibility": 0} for mark in MARKS]
    assert raw(written(tmp_path, [unsure])).confidence is None
    some = [{**MARKS[0], "x": None}, *MARKS[1:]]
    assert np.isnan(raw(written(tmp_path, [some])).poses[0, 0, 0])


def test_coordinates_far_beyond_1_are_pixels(tmp_path):
    marks = [{**mark, "x": 10 * n, "y": 90} for n, mark in enumerate(MARKS)]
    found = raw(written(tmp_path, [marks]))
    assert found.unit == "pixels"
    assert found.poses[0, 7].tolist() == [70, 90]


@pytest.mark.parametrize(
    ("key", "values", "frames", "fps"),
    [
        ("frame", [10, 12, 11], [0, 1, 2], None),
        ("frameNumber", [1, 2, 5], [0, 1, 4], None),
        ("timestamp", [0.5, 0.6, 0.9, 1.0], [0, 1, 4, 5], 10),
        ("timestamp_ms", [0, 40, 80, 160], [0, 1, 2, 4], 25),
        ("timestamp", [0, 40_000, 80_000, 120_000], [0, 1, 2, 3], 25),
        ("timestamp", [0, 40, 40], [0, 1, 2], None),  # It stood still.
        ("timestamp", ["a", "b"], [0, 1], None),
    ],
)
def test_frames_and_times_are_kept(tmp_path, key, values, frames, fps):
    value = [{key: value, "landmarks": [MARKS]} for value in values]
    found = raw(written(tmp_path, value))
    assert found.frames.tolist() == frames
    assert found.fps == (None if fps is None else pytest.approx(fps))


@pytest.mark.parametrize("value", [[], [None, None], [{"landmarks": []}], [[]]])
def test_nobody_is_no_clip(tmp_path, value):
    assert read.read(written(tmp_path, value)) == []


@pytest.mark.parametrize(
    ("per_landmark", "more"),
    [(3, None), (4, None), (5, None), (4, 0), (4, 1530)],
)
@pytest.mark.parametrize("num_frames", [0, 2])
def test_arrays(tmp_path, per_landmark, num_frames, more):
    """Flat ones have four numbers per landmark, and perhaps a face's after."""
    array = np.full((num_frames, 33, per_landmark), 0.75)
    array[:, 1, 0] = 0.25
    if more is not None:
        array = array.reshape(num_frames, 132)
        array = np.hstack([array, np.zeros((num_frames, more))])
    path = tmp_path / "a.npy"
    np.save(path, array)
    found = raw(path)
    assert len(found.poses) == num_frames
    assert (found.poses[:, 1] == [0.25, 0.75]).all()
    if per_landmark == 3:
        assert found.confidence is None
    elif num_frames:
        assert (found.confidence == 0.75).all()


def test_other_arrays_stay_ours(tmp_path):
    path = tmp_path / "a.npy"
    poses = np.arange(132.0).reshape(2, 33, 2) + 1
    np.save(path, poses)
    np.testing.assert_array_equal(read.read(path)[0].poses, poses)
    for array in (np.zeros((2, 7)), np.array(3.0), np.array([{}])):
        np.save(path, array)
        assert refusals.message(path)
    path.write_bytes(b"")
    assert refusals.message(path)


def changed(at, **more):
    """Returns frames, of which the sixth has a landmark with other values."""
    marks = [dict(mark) for mark in MARKS]
    marks[at].update(more)
    return [MARKS] * 5 + [{"landmarks": [MARKS, marks]}]


def test_a_bad_cell_is_named(tmp_path):
    said = refusals.message(written(tmp_path, changed(8, y="abc")))
    assert (
        said
        == "cells must be numbers. Received: 'abc' in item 6, landmark 9, y"
    )
    frames = changed(8)
    del frames[-1]["landmarks"][1][8]["x"]
    said = refusals.message(written(tmp_path, frames))
    assert said.startswith("each must have 'x'. Received: an object of 'y', ")


def test_other_numbers_of_landmarks_are_refused(tmp_path):
    path = written(tmp_path, [MARKS, MARKS[:32]])
    assert refusals.message(path) == (
        "a person must have 33 landmarks. Received: 32 in item 2, person 1"
    )
    path = written(tmp_path, [None, MARKS[:21]])
    assert "mediapipe: item 2 has 21 landmarks, not 33" in refusals.message(
        path
    )


def test_the_frame_without_landmarks_is_named(tmp_path):
    frames = [{"landmarks": [MARKS]} for _ in range(5000)]
    frames[4999] = {"marks": 1}
    assert refusals.message(written(tmp_path, frames)) == (
        "frames must hold landmarks. Received: an object of 'marks' in item 5000"
    )


def table(folder, header, rows):
    path = folder / "a.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([*([header] if header else []), *rows])
    return path


def columns(form, endings, count=33, first=0):
    return [
        form.format(n=n, a=a)
        for n in range(first, first + count)
        for a in endings
    ]


# x, y, z and visibility of 33 landmarks, one after the other.
NUMBERS = [value for mark in MARKS for value in mark.values()]
FLAT = [value for mark in MARKS for value in (mark["x"], 0.5, -3.0)]


@pytest.mark.parametrize(
    ("header", "before", "after"),
    [
        (columns("landmark_{n}_{a}", ["x", "y", "z", "visibility"]), [], []),
        (columns("lm_{n}_{a}", ["x", "y", "z", "vis"]) + ["label"], [], ["up"]),
        (["video", *columns("{a}_{n}", "xyzv")], ["a.mp4"], []),
        (columns("{a}{n}", "xyzv", first=1), [], []),
        ([], ["a.jpg", "up"], []),
        ([], [], ["up"]),
        ([], [1], []),
        ([], [], [1]),
        ([], [7, 1], []),
    ],
)
def test_forms_of_a_table(tmp_path, header, before, after):
    rows = [[*before, *NUMBERS, *after]] * 2
    found = raw(table(tmp_path, header, rows))
    assert found.frames.tolist() == [0, 1]
    np.testing.assert_allclose(found.poses[1, :, 0], np.arange(33) / 100)
    assert (found.confidence == 0.75).all()


def test_tables_without_visibility(tmp_path):
    """As the classification example writes them, in pixels."""
    numbers = (100 * np.array(FLAT)).tolist()
    found = raw(table(tmp_path, [], [["a.jpg", "up", *numbers]]))
    assert found.confidence is None
    assert found.unit == "pixels"
    np.testing.assert_allclose(found.poses[0, :, 0], np.arange(33))


def test_tables_of_faces_too_begin_with_the_pose(tmp_path):
    header = ["class", *columns("{a}{n}", "xyzv", count=501, first=1)]
    rows = [["up", *NUMBERS, *[0.25] * (4 * 468)]]
    found = raw(table(tmp_path, header, rows))
    np.testing.assert_allclose(found.poses[0, :, 0], np.arange(33) / 100)


def test_tables_of_hands_too_say_which_columns_are_the_poses(tmp_path):
    hands = columns("hand_{n}_{a}", "xyz", count=33)
    header = [*hands, *columns("pose_{n}_{a}", "xyzv")]
    found = raw(table(tmp_path, header, [[0.25] * 99 + NUMBERS]))
    np.testing.assert_allclose(found.poses[0, :, 0], np.arange(33) / 100)


def test_numbers_of_frames_count_and_empty_cells_are_missing(tmp_path):
    header = ["frame", *columns("{a}{n}", "xyzv", first=1)]
    rows = [[4, *NUMBERS], [7, *[""] * 132], [9, "nan", *NUMBERS[1:]]]
    found = raw(table(tmp_path, header, rows))
    assert found.frames.tolist() == [0, 3, 5]
    assert np.isnan(found.poses[1]).all()
    assert np.isnan(found.poses[2, 0, 0])


def test_a_table_of_no_row_is_nobody(tmp_path):
    assert read.read(table(tmp_path, columns("{a}{n}", "xyzv"), [])) == []


def test_our_own_tables_of_these_joints_stay_ours(tmp_path):
    header = [f"{joint}_{a}" for joint in SKELETON.joints for a in "xy"]
    numbers = np.arange(66.0) + 1
    (one,) = read.read(table(tmp_path, header, [numbers]))
    assert one.skeleton == SKELETON
    np.testing.assert_array_equal(one.poses[0].ravel(), numbers)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [NUMBERS, [*NUMBERS[:5], "abc", *NUMBERS[6:]]],
            "cells must be numbers. Received: 'abc' in row 2, column 6",
        ),
        (
            [NUMBERS, NUMBERS[:-1]],
            "rows must have 132 cells, as the first line. Received: 131 in row "
            + "2",
        ),
    ],
)
def test_a_bad_row_is_named(tmp_path, rows, said):
    path = table(tmp_path, columns("{a}{n}", "xyzv"), rows)
    assert refusals.message(path) == said


def test_a_landmark_twice_or_a_frame_in_between_is_refused(tmp_path):
    header = columns("{n}_{a}", "xyzv")
    path = table(tmp_path, [*header, "x_0"], [[*NUMBERS, 0.5]])
    assert "Received: 'x_0' for the same landmark" in refusals.message(path)
    path = table(tmp_path, ["frame", *header], [[1.5, *NUMBERS]])
    assert refusals.message(path) == (
        "frames must be whole numbers. Received: 1.5 in row 1"
    )
