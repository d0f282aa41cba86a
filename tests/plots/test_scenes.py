"""Scenes: everybody in one picture, where and when they are there."""

import io

import numpy as np
import pytest
from PIL import Image

from pose_tf.plots import animations, scenes, stick_figures
from pose_tf.pose import clip, skeletons

FIRST, SECOND = stick_figures.COLORS[:2]
BODY = np.random.default_rng(0).uniform(0, 100, (13, 2))


def person(x, frames, start=0):
    poses = np.tile(BODY + [x, 0], (frames, 1, 1))
    return clip.Clip(
        poses=poses,
        visibility=np.ones((frames, 13)),
        skeleton=skeletons.PENN_ACTION,
        fps=25,
        start=start,
    )


def centers(picture, color):
    """x of the middle of what is about as saturated as a color, or None."""
    near = np.abs(picture.astype(int) - color).sum(-1) < 90
    return np.flatnonzero(near.any(0)).mean() if near.any() else None


def test_gif_shows_who_is_there_in_the_color_of_each(tmp_path):
    """The second person is there in the last two of four seconds, at right."""
    path = tmp_path / "x.gif"
    scenes.animate([person(0, 100), person(300, 50, start=50)], path)
    picture = Image.open(path)
    elapsed = 0
    for k in range(picture.n_frames):  # Frames that are the same are one.
        picture.seek(k)
        frame = np.array(picture.convert("RGB"))
        left, right = centers(frame, FIRST), centers(frame, SECOND)
        assert left is not None and left < scenes.SIZE / 2
        assert (right is not None) == (elapsed >= 2000)
        assert right is None or right > scenes.SIZE / 2
        elapsed += picture.info["duration"]
    assert elapsed == 50 * 80 + animations.END_PAUSE_MS


def test_long_recordings_are_sped_up(tmp_path, monkeypatch):
    """The last of ten stills of 200 seconds is of its end."""
    monkeypatch.setattr(scenes, "MAX_FRAMES", 10)
    scenes.animate([person(0, 5000)], tmp_path / "x.gif")
    assert Image.open(tmp_path / "x.gif").n_frames == 10


def test_stills_are_in_rows():
    file = io.BytesIO()
    scenes.strip([person(0, 100)], file, num_frames=6)
    step = scenes.STILL + scenes.GAP
    assert Image.open(file).size == (
        4 * step + scenes.GAP,
        2 * step + scenes.GAP,
    )
    file = io.BytesIO()
    scenes.strip([person(0, 1)], file)
    assert Image.open(file).size == (step + scenes.GAP, step + scenes.GAP)


def test_what_cannot_be_drawn(tmp_path):
    for draw in (scenes.animate, scenes.strip):
        with pytest.raises(ValueError, match="one clip at least"):
            draw([], tmp_path / "x")
    with pytest.raises(ValueError, match="`num_frames` must be at least 1"):
        scenes.strip([person(0, 1)], tmp_path / "x", num_frames=0)
