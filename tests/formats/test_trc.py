"""Markers of OpenSim and Pose2Sim in space."""

import numpy as np
import pytest

from pose_tf.formats import read as reader
from pose_tf.pose import own_skeletons
from tests.support import space_recordings

NAMES = ("RHip", "LHip", "Neck", "Tail")  # The skeleton of these alone.


def read(folder, text, **options):
    path = folder / "jumps.trc"
    path.write_text(text)
    return reader.read(path, **options)


def trc(rows, names=NAMES, unit="m", num_frames=None, rate="60.0"):
    """Returns a file of rows of texts."""
    count = len(rows) if num_frames is None else num_frames
    head = [
        "PathFileType\t4\t(X/Y/Z)\tjumps.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits",
        f"{rate}\t{rate}\t{count}\t{len(names)}\t{unit}",
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t",
        "\t\tX1\tY1\tZ1",
        "",
    ]
    return "\n".join([*head, *rows]) + "\n"


def row(frame, first="1.0"):
    """Returns the marker m at (1 + m, 2 + m, 3 + m)."""
    places = [str(float(m + axis)) for m in range(4) for axis in (1, 2, 3)]
    return "\t".join([str(frame), "0.1", first, *places[1:]])


def test_markers_of_pose2sim(tmp_path):
    path = space_recordings.write_trc(tmp_path)
    (clip,) = reader.read(path)
    joints = tuple(space_recordings.MARKERS.values())
    assert clip.skeleton.joints == joints and clip.fps == space_recordings.FPS
    figure = own_skeletons.of_joints(joints)
    expected = space_recordings.in_space(figure)[0]
    wrist = joints.index("left_wrist")
    unseen = np.argwhere(~clip.visibility).tolist()
    assert unseen == [[space_recordings.BLANK, wrist]]
    visible = clip.visibility
    np.testing.assert_allclose(
        clip.poses[visible], expected[visible], atol=1e-5
    )


@pytest.mark.parametrize(
    ("unit", "scale"), [("mm", 0.001), ("cm", 0.01), ("m", 1)]
)
def test_units(tmp_path, unit, scale):
    (clip,) = read(tmp_path, trc([row(n) for n in range(1, 7)], unit=unit))
    np.testing.assert_allclose(
        clip.poses[0, 2], np.multiply([3, -4, -5], scale), rtol=1e-6
    )
    assert clip.fps == 60


def test_frames_in_any_order_and_gaps(tmp_path):
    rows = [row(n) for n in (12, 10, 11, 13, 14, 17)]
    (clip,) = read(tmp_path, trc(rows))
    seen = clip.visibility.any(-1).tolist()
    assert seen == [True] * 5 + [False] * 2 + [True]


def test_rates_that_are_none(tmp_path):
    text = trc([row(n) for n in range(6)], rate="0")
    assert read(tmp_path, text)[0].fps is None
    assert read(tmp_path, text, fps=50)[0].fps == 50


def test_blank_markers_at_the_end_of_a_line(tmp_path):
    short = row(3).rsplit("\t", 3)[0]
    rows = [row(0), row(1), row(2), short, row(4), row(5) + "\t"]
    (clip,) = read(tmp_path, trc(rows))
    assert np.argwhere(~clip.visibility).tolist() == [[3, 3]]


def test_nobody(tmp_path):
    assert read(tmp_path, trc([])) == []


ROWS = [row(n) for n in range(5001)]


def late(wrong):
    rows = list(ROWS)
    rows[4999] = wrong
    return trc(rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (late(row(4999, "up")), "'up' in line 5006, cell 3"),
        (late(row(4999, "1e308")), r"1e\+308 in line 5006"),
        (late(row("4999.5")), "must be whole. Received: 4999.5 in line 5006"),
        (late(row(4999) + "\t1.0"), "15 in line 5006"),
        (late("4999"), "Received: 1 in line 5006"),
        (trc(ROWS[:5], num_frames=9), "NumFrames in line 3, 9. Received: 5"),
        (trc(ROWS[:5], unit="feet"), "one of mm, cm, m. Received: 'feet'"),
        (trc(ROWS[:5], names=("Neck", "LHip", "RHip", "neck")), "'neck' twice"),
        (trc(ROWS[:5], names=("C7", "LASI", "RASI", "STRN")), "torso"),
        ("PathFileType\t4\n", "header must have 5 lines. Received: 1"),
        ("Frame#\tTime\n", "does not begin with PathFileType"),
    ],
)
def test_what_is_wrong(tmp_path, text, message):
    with pytest.raises(ValueError, match=message) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value)


def test_a_frame_twice(tmp_path):
    rows = [row(n) for n in (0, 1, 2, 2, 3, 4, 5)]
    with pytest.warns(UserWarning, match="1 others.*frame 2"):
        (clip,) = read(tmp_path, trc(rows))
    assert len(clip.poses) == 6


def test_nan_is_missing(tmp_path):
    rows = [row(n, "NaN") for n in range(6)]
    (clip,) = read(tmp_path, trc(rows))
    assert clip.visibility[0].tolist() == [False, True, True, True]
