"""Tables: headers, rows, and clips whose frames are rows."""

import numpy as np
import pytest

from pose_tf.formats import tables
from pose_tf.pose import skeletons

PENN = skeletons.PENN_ACTION


def test_blanks_around_columns_and_empty_lines_do_not_count():
    content = b'\xef\xbb\xbf a ,b\r\n\r\n1," x\ny"\r\n'
    assert tables.read(content) == (["a", "b"], [["1", " x\ny"]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must have a header. Received: no line"),
        (b"a,b,a\n", "'a' twice"),
        (b"a, a\n", "'a' twice"),
        (b"a,b\n1,2,3\n", "header's 2 cells. Received: 3 in '1,2,3'"),
        (b"a\n\xe9\n", "UTF-8. Received: the byte 0xe9 in line 2"),
        ("a\n1\n".encode("utf-16"), "UTF-8"),
        (b"a\n" + b"1" * 200_000, "must be CSV"),
    ],
)
def test_what_is_no_table(content, message):
    with pytest.raises(ValueError, match=message):
        tables.read(content)


def test_rows_go_to_their_frames():
    """Frames 3 and 5: of 4 nothing is known, and nothing is visible."""
    content = (
        "frame,head_x,head_y,head_visibility,left_hip_x,left_hip_y\n"
        "3,1,2,1,5,6\n"
        "5,3,4,0,7,\n"
    )
    arrays = tables.read_clip(content.encode(), PENN)
    head, hip = PENN.indices(["head", "left_hip"])
    nan = np.nan
    np.testing.assert_array_equal(
        arrays["poses"][:, [head, hip]],
        [[[1, 2], [5, 6]], [[nan, nan]] * 2, [[3, 4], [7, nan]]],
    )
    # Where no column says so, what has both coordinates is visible.
    assert arrays["visibility"][:, [head, hip]].tolist() == [
        [1, 1],
        [0, 0],
        [0, 0],
    ]
    assert arrays["visibility"].sum() == 2


@pytest.mark.parametrize("frames", ["0,2,1", "0,0,1", "0,0.5,1", "0,,1", "nan"])
def test_frames_must_be_whole_and_rise(frames):
    content = "frame,head_x\n" + "".join(
        f"{frame},1\n" for frame in frames.split(",")
    )
    with pytest.raises(ValueError, match="frame must hold whole numbers"):
        tables.read_clip(content.encode(), PENN)


def test_a_frame_that_is_far_off_does_not_fill_the_memory():
    with pytest.raises(ValueError, match="at most 1000000 frames"):
        tables.read_clip(b"frame,head_x\n0,1\n1e18,1\n", PENN)
