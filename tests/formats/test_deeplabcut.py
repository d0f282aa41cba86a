"""DeepLabCut's tables with three and four rows of header."""

import numpy as np
import pytest

from pose_tf.formats import read as reader
from tests.support import same_people, tool_recordings

PARTS = ("nose", "left_shoulder", "right_shoulder", "left_hip", "right_hip")
COORDS = ("x", "y", "likelihood")


def read(folder, text, **options):
    path = folder / "jumpsDLC.csv"
    path.write_text(text)
    return reader.read(path, **options)


def table(rows, parts=PARTS, coords=COORDS, index=1):
    """Returns a file of rows of texts, with some columns before the joints."""
    size = len(parts) * len(coords)
    empty = "," * (index - 1)
    head = [
        f"scorer{empty}," + ",".join(["DLC_resnet50"] * size),
        f"bodyparts{empty}," + ",".join(np.repeat(parts, len(coords))),
        f"coords{empty}," + ",".join(coords * len(parts)),
    ]
    return "\n".join([*head, *rows]) + "\n"


def row(frame, first="100.0", likelihood=",0.9"):
    """Returns a row whose part p is at (100 + p, 50 + 10 p)."""
    cells = [f"{100.0 + p},{50.0 + 10 * p}{likelihood}" for p in range(5)]
    cells[0] = cells[0].replace("100.0", first, 1)
    return f"{frame}," + ",".join(cells)


def test_one_person(tmp_path):
    path = tool_recordings.write_deeplabcut(tmp_path)
    same_people.check(reader.read(path), [0], people=[0])


def test_individuals(tmp_path):
    path = tool_recordings.write_deeplabcut_individuals(tmp_path)
    clips = reader.read(path)
    assert [len(clip.poses) for clip in clips] == [40, 40]
    assert not clips[1].visibility[3].any()
    same_people.check(clips[:1], [0], people=[0])


def test_files_of_labels(tmp_path):
    """Pictures in any order, in three columns; no likelihood."""
    rows = [
        f"labeled-data,jumps,img{row(f'{n:03d}.png', likelihood='')}"
        for n in (12, 10, 11, 13, 14, 17)
    ]
    (clip,) = read(tmp_path, table(rows, coords=("x", "y"), index=3))
    seen = clip.visibility.any(-1).tolist()
    assert seen == [True] * 5 + [False] * 2 + [True]
    assert clip.confidence is None
    hip = clip.skeleton.joints.index("right_hip")
    assert clip.poses[0, hip].tolist() == [104, 90]


def test_pictures_in_one_column(tmp_path):
    rows = [
        row(f"labeled-data/a/img{n}.png", likelihood="") for n in range(9, 15)
    ]
    (clip,) = read(tmp_path, table(rows, coords=("x", "y")))
    assert len(clip.poses) == 6 and clip.visibility.any(-1).all()


def test_the_model_zoos_human(tmp_path):
    """1 is the right side, 2 the left."""
    parts = ("forehead", "shoulder1", "shoulder2", "hip1", "hip2")
    (clip,) = read(tmp_path, table([row(n) for n in range(6)], parts))
    right, left = clip.skeleton.indices(["right_hip", "left_hip"])
    assert clip.poses[0, [right, left], 0].tolist() == [103, 104]


def test_low_likelihoods_hide(tmp_path):
    rows = [row(n, likelihood=",0.2") for n in range(6)]
    (clip,) = read(tmp_path, table(rows), min_confidence=0.1)
    assert clip.visibility[:, clip.skeleton.joints.index("nose")].all()
    (clip,) = read(tmp_path, table(rows))
    assert not clip.visibility.any()


def test_blank_cells_are_missing(tmp_path):
    rows = [row(n) for n in range(6)]
    rows[2] = "2" + "," * 15
    rows[4] = row(4, "")
    (clip,) = read(tmp_path, table(rows))
    nose = clip.skeleton.joints.index("nose")
    assert clip.visibility[:, nose].tolist() == [1, 1, 0, 1, 0, 1]


@pytest.mark.parametrize("rows", [[], ["0" + "," * 15] * 3])
def test_nobody(tmp_path, rows):
    assert read(tmp_path, table(rows)) == []


ROWS = [row(n) for n in range(5001)]


def late(wrong):
    rows = list(ROWS)
    rows[4999] = wrong
    return table(rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (late(row(4999, "left")), "'left' in line 5003, nose, x"),
        (late(row(4999, "1e308")), r"1e\+308 in line 5003"),
        (late(row("here")), "number of a frame. Received: 'here' in line 5003"),
        (late(row(4999)[:-4]), "16 cells. Received: 15 in line 5003"),
        (table(ROWS[:5], ("nose", "nose", *PARTS[2:])), "nose, x twice"),
        (table(ROWS[:5], ("nose", "Nose", *PARTS[2:])), "'nose' twice"),
        (table(ROWS[:5], ("snout", "tail", "paw", "ear", "leg")), "torso"),
        ("scorer,a\nbodyparts,nose\n", "Received: scorer, bodyparts"),
        (
            "scorer,a\nbodyparts,nose\ncoords\n",
            "number of cells. Received: 1, 2",
        ),
    ],
)
def test_what_is_wrong(tmp_path, text, message):
    with pytest.raises(ValueError, match=message) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value)


def test_a_frame_twice(tmp_path):
    rows = [row(n) for n in (0, 1, 2, 2, 3, 4, 5)]
    with pytest.warns(UserWarning, match="1 others.*frame 2"):
        (clip,) = read(tmp_path, table(rows))
    assert len(clip.poses) == 6
