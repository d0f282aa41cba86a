"""What `frame_size`, `fps` and `min_confidence` do, whatever the dialect."""

import numpy as np
import pytest

from pose_tf.formats import read
from tests.support import recordings, space_recordings, two_people

WIDTH, HEIGHT = two_people.FRAME_SIZE
SAY_A_SIZE = ("person_keypoints_train.json", "jumps.pose")
EVERY = [
    pytest.param(
        write,
        id=write.__name__.removeprefix("write_"),
        marks=space_recordings.needs(dialect),
    )
    for dialect, writers in recordings.SAMPLES.items()
    for write in writers
]


@pytest.mark.parametrize("write", EVERY)
def test_options_of_every_dialect(tmp_path, write):
    """In one test, since writing a file takes longer than reading it."""
    path = write(tmp_path)
    clips = read.read(path, frame_size=(WIDTH, HEIGHT))
    assert len(clips) in (1, 2)
    _check_frame_size(path, clips)
    _check_fps(path, clips)
    _check_min_confidence(path, clips)


def _check_frame_size(path, clips):
    """Shares of the frame grow with it, pixels and meters do not.

    A file that says its size is right.
    """
    larger = read.read(path, frame_size=(2 * WIDTH, 2 * HEIGHT))
    says = path.name in SAY_A_SIZE
    expected = (WIDTH, HEIGHT) if says else (2 * WIDTH, 2 * HEIGHT)
    assert {clip.frame_size for clip in larger} == {expected}
    scales = {
        scale
        for scale in (1, 2)
        for one, other in zip(clips, larger, strict=True)
        if np.allclose(
            other.poses, scale * one.poses, rtol=1e-4, equal_nan=True
        )
    }
    assert len(scales) == 1


def _check_fps(path, clips):
    """What is asked for counts if the file does not say it."""
    faster = read.read(path, fps=12.5, frame_size=(WIDTH, HEIGHT))
    for one, other in zip(clips, faster, strict=True):
        assert other.fps == (one.fps or 12.5)
        np.testing.assert_array_equal(one.poses, other.poses)


def _check_min_confidence(path, clips):
    """The more is asked, the less is visible; no confidence hides nothing."""
    size = (WIDTH, HEIGHT)
    counts = [
        sum(int(clip.visibility.sum()) for clip in of)
        for of in (
            read.read(path, min_confidence=0.05, frame_size=size),
            clips,
            read.read(path, min_confidence=2, frame_size=size),
        )
    ]
    if all(clip.confidence is None for clip in clips):
        assert len({*counts}) == 1
    else:
        assert counts[0] >= counts[1] > counts[2] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frame_size": (0, 5)}, "frame_size must be a width and a height"),
        ({"frame_size": 640}, "frame_size must be a width and a height"),
        ({"fps": 0}, "fps must be a positive, finite number"),
        ({"fps": float("nan")}, "fps must be a positive, finite number"),
        ({"min_confidence": -0.1}, "`min_confidence` must be a finite number"),
        ({"min_confidence": float("nan")}, "`min_confidence` must be"),
        ({"min_confidence": 50}, "from 0 to 10"),
        ({"skeleton": "coco"}, "`skeleton` must be one of"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        read.read("docs/jumping_jacks.npz", **options)
