"""The picture of a timeline: lanes in the colors of what is under way."""

import io

import numpy as np
import pytest
from PIL import Image

from pose_tf.plots import stick_figures, timelines
from pose_tf.pose import clip, skeletons
from pose_tf.serving.timelines import Timeline

COLOR_TWO = stick_figures.COLORS[1]


def drawn(timeline):
    file = io.BytesIO()
    timelines.draw(file, timeline)
    return np.array(Image.open(file).convert("RGB"))


def bar(picture, color):
    """How many pixels of a color a row of the picture has at most."""
    return (picture == color).all(-1).sum(1).max()


def of_labels(*labels, **kwargs):
    """A person per text: a letter per second, `-` for none."""
    actions = sorted({*"".join(labels)} - {"-"})
    probabilities = {
        k: np.repeat([[c == a for a in actions] for c in text], 10, 0) * 1.0
        for k, text in enumerate(labels)
    }
    return Timeline.from_probabilities(probabilities, actions, fps=10, **kwargs)


def test_bars_are_as_long_as_their_actions():
    """6 of 12 seconds one action, 4 another, 2 none."""
    picture = drawn(of_labels("aaaaaabbbb--"))
    first, second = stick_figures.COLORS[:2]
    seconds = (timelines.WIDTH - timelines.LEFT - timelines.RIGHT) / 12
    pixels = seconds * timelines.DPI
    assert bar(picture, first) == pytest.approx(6 * pixels, abs=2)
    assert bar(picture, second) == pytest.approx(4 * pixels, abs=2)
    assert bar(picture, stick_figures.FAINT) >= 2 * pixels - 2


def test_a_lane_per_person():
    one, three = of_labels("aa"), of_labels("aa", "aa", "aa")
    heights = [len(drawn(timeline)) for timeline in (one, three)]
    lane = timelines.BARE_LANE * timelines.DPI
    assert heights[1] - heights[0] == pytest.approx(2 * lane, abs=2)
    many = of_labels(*["a"] * (timelines.MAX_LANES + 5))
    # And a line that says how many are not drawn.
    assert len(drawn(many)) - heights[0] == pytest.approx(
        (timelines.MAX_LANES - 1) * lane + timelines.LINE * timelines.DPI, abs=2
    )


def test_people_are_drawn_where_they_were():
    """Poses in the first half alone, of a person in the colors of the bar."""
    poses = np.random.default_rng(0).uniform(0, 100, (100, 13, 2))
    visibility = np.ones((100, 13), bool)
    visibility[50:] = False
    one = clip.Clip(
        poses=poses,
        visibility=visibility,
        skeleton=skeletons.PENN_ACTION,
        fps=10,
    )
    base = of_labels("a" * 10)
    timeline = Timeline(
        segments=base.segments, actions=base.actions, fps=10, clips=(one,)
    )
    picture = drawn(timeline)
    blue = (picture == stick_figures.COLORS[0]).all(-1)
    top = np.flatnonzero(blue.sum(1) > 600)[0]
    poses = picture[top - timelines.POSE : top - 2]
    drawn_at = np.flatnonzero((poses < 250).any((0, 2))[10:-10]) + 10
    left, right = timelines.LEFT * timelines.DPI, len(picture[0]) - 20
    assert left < drawn_at.min() < left + timelines.POSE
    assert -timelines.POSE < drawn_at.max() - (left + right) / 2 < 20


def test_more_actions_than_colors_are_told_apart_by_hatches():
    """The seventh action has the first one's color, with white lines."""
    first = stick_figures.COLORS[0]
    six = drawn(of_labels("aaabbbcccdddeeefff"))
    seven = drawn(of_labels("aaabbbcccdddeeefffggg"))
    assert bar(six, first) * 6 == pytest.approx(bar(six, COLOR_TWO) * 6, abs=9)
    plain = bar(seven, COLOR_TWO)
    assert 1.3 * plain < bar(seven, first) < 1.95 * plain


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="must have a segment"):
        drawn(Timeline(segments=(), actions=(), fps=30))
