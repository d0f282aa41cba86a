"""Pictures: geometry on pixels worked by hand, and what must not be drawn."""

import io

import hypothesis
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import strategies as st
from PIL import Image

from pose_tf.plots import animations, stick_figures
from pose_tf.pose import skeletons

PENN = skeletons.PENN_ACTION
J = PENN.num_joints
BLUE, VERMILION = stick_figures.COLORS[:2]


def figure(num_frames=1, step=0.0):
    """A standing figure that walks right, `step` a frame: [T, J, 2]."""
    pose = np.array(
        [
            [50, 10], [60, 30], [40, 30], [65, 45], [35, 45], [68, 60],
            [32, 60], [56, 60], [44, 60], [57, 80], [43, 80], [58, 100],
            [42, 100],
        ],
        float,
    )  # fmt: skip
    path = step * np.arange(num_frames)[:, None, None] * np.array([1.0, 0.0])
    return pose + path


def gif_frames(data):
    image = Image.open(io.BytesIO(data))
    frames = []
    for t in range(image.n_frames):
        image.seek(t)
        frames.append(np.array(image.convert("RGB")))
    return frames


def animated(sequences, *args, **kwargs):
    file = io.BytesIO()
    animations.animate(sequences, PENN, file, *args, **kwargs)
    return file.getvalue()


def has_color(picture, color, tolerance=0):
    distance = np.abs(picture.astype(int) - np.array(color)).max(-1)
    return bool((distance <= tolerance).any())


def test_draw_pose_puts_joints_where_the_view_says():
    # 100 units on 100 pixels around (50, 50): a unit is a pixel.
    view = stick_figures.View(np.array([50.0, 50.0]), 100.0, 60.0)
    pose = np.full((J, 2), 50.0)
    visible = np.zeros(J, bool)
    left, right = PENN.indices(("left_wrist", "right_wrist"))
    pose[left], pose[right] = (20, 30), (80, 90)
    visible[[left, right]] = True
    picture = np.array(
        stick_figures.draw_pose(
            pose, PENN, visibility=visible, view=view, size=100
        )
    )
    assert picture.shape == (100, 100, 3)
    assert np.abs(picture[30, 20].astype(int) - BLUE).max() <= 10
    darker = np.array(BLUE) * (1 - stick_figures.SHADES["right"])
    assert np.abs(picture[90, 80].astype(int) - darker).max() <= 10
    assert (picture[50, 50] == 255).all()  # Nothing at the missing joints.
    assert (picture[30, 26:] == 255).all()


def test_a_bone_is_drawn_only_between_two_visible_joints():
    view = stick_figures.View(np.array([50.0, 50.0]), 100.0, 60.0)
    pose, visible = np.zeros((J, 2)), np.zeros(J, bool)
    hip, knee = PENN.indices(("left_hip", "left_knee"))
    pose[hip], pose[knee] = (50, 20), (50, 80)
    visible[[hip, knee]] = True
    drawn = stick_figures.draw_pose(
        pose, PENN, visibility=visible, view=view, size=100
    )
    assert has_color(np.array(drawn)[48:53, 50:51], BLUE, tolerance=5)
    visible[knee] = False
    drawn = stick_figures.draw_pose(
        pose, PENN, visibility=visible, view=view, size=100
    )
    assert (np.array(drawn)[40:] == 255).all()


@hypothesis.settings(max_examples=30)
@hypothesis.given(
    hnp.arrays(bool, (3, J)),
    hnp.arrays(np.float64, (3, J, 2), elements=st.floats(allow_nan=True)),
)
def test_missing_joints_never_matter(visible, noise):
    poses = figure(3, step=10.0)
    other = np.where(visible[..., None], poses, noise)
    first = animated([(poses, visible)], size=60)
    assert first == animated([(other, visible)], size=60)


def test_joints_that_are_not_finite_count_as_missing():
    poses, visible = figure(2, step=10.0), np.ones((2, J), bool)
    broken = poses.copy()
    broken[0, 3], broken[1, 5, 1] = np.nan, np.inf
    visible[0, 3] = visible[1, 5] = False
    assert animated([broken], size=60) == animated([(poses, visible)], size=60)


def test_view_box_holds_all_sequences():
    # x from 32 to 68 and, one sequence further right, to 78; y 10 to 100.
    visible = np.ones((1, J), bool)
    pairs = [(figure(), visible), (figure() + [10, 0], visible)]
    view = stick_figures.view_box(pairs)
    np.testing.assert_allclose(view.centre, [55, 55])
    np.testing.assert_allclose(view.side, 90 / 0.84)
    np.testing.assert_allclose(view.extent, 90)


def test_view_box_does_not_follow_a_diverged_rollout():
    visible = np.ones((1, J), bool)
    pairs = [(figure(), visible), (figure() + [1e6, 0], visible)]
    view = stick_figures.view_box(pairs)
    # 32 up to 68 + 90: the calm figure's own side, once more to the right.
    np.testing.assert_allclose(view.side, 126 / 0.84)
    np.testing.assert_allclose(view.centre, [95, 55])


def test_nothing_visible_gives_an_empty_panel():
    nothing = np.zeros(J, bool)
    picture = stick_figures.draw_pose(figure()[0], PENN, visibility=nothing)
    assert (np.array(picture) == 255).all()
    assert len(gif_frames(animated([(figure(2), nothing[None] & [[1]] * 2)])))


def test_animate_shows_the_prefix_in_grey_and_what_follows_in_color():
    truth, predicted = figure(6, 4.0), figure(6, 7.0)
    data = animated(
        [truth[:2], truth, predicted],
        ["prefix", "truth", "prediction"],
        prefix=2,
        fps=10,
        size=80,
    )
    frames = gif_frames(data)
    assert len(frames) == 6
    assert frames[0].shape == (
        animations.HEADER + 80 + animations.FOOTER + 2 * animations.GAP,
        3 * (80 + animations.GAP) + animations.GAP,
        3,
    )
    body = slice(
        animations.GAP + animations.HEADER,
        animations.GAP + animations.HEADER + 80,
    )
    for t, frame in enumerate(frames):
        seen = [
            [has_color(frame[body, 10 + 90 * k : 90 + 90 * k], color)
             for color in (stick_figures.PREFIX, BLUE, VERMILION)]
            for k in range(3)
        ]  # fmt: skip
        assert seen[0] == [True, False, False]
        assert seen[1] == [t < 2, t >= 2, False]
        assert seen[2] == [t < 2, False, t >= 2]
    image = Image.open(io.BytesIO(data))
    assert image.info["loop"] == 0
    assert image.info["duration"] == 100


def test_all_frames_of_a_gif_share_one_palette():
    image = Image.open(io.BytesIO(animated([figure(4, 9.0)], prefix=2)))
    assert image.mode == "P"
    shared = {
        tuple(color)
        for color in np.array(image.getpalette()).reshape(-1, 3).tolist()
    }
    for frame in gif_frames(animated([figure(4, 9.0)], prefix=2)):
        assert {tuple(c) for c in frame.reshape(-1, 3).tolist()} <= shared


def test_animate_leaves_frames_out():
    walk = [figure(7, 9.0)]
    whole = gif_frames(animated(walk, prefix=2))
    few = gif_frames(animated(walk, prefix=2, every=3))
    # The same frames under the same times.
    np.testing.assert_array_equal(few, whole[::3])
    assert len(few) == 3


def test_strip_has_a_row_per_sequence_and_a_column_per_instant(tmp_path):
    path = tmp_path / "new" / "strip.png"
    animations.strip(
        [figure(9, 3.0), figure(5, 3.0)],
        PENN,
        path,
        ["truth", "prediction"],
        num_frames=5,
        size=60,
    )
    picture = np.array(Image.open(path))
    row = animations.HEADER + 60 + animations.FOOTER
    assert picture.shape == (2 * row + 20, 5 * 70 + 10, 3)
    # Instants 0, 2, 4, 6, 8: the short sequence has the first three.
    lower = picture[10 + row : -2]
    assert has_color(lower[:, 150:220], VERMILION, tolerance=25)
    assert (lower[:, 222:-2] == 255).all()


def test_strip_of_one_frame():
    animations.strip(
        [figure()], PENN, file := io.BytesIO(), num_frames=8, size=60
    )
    assert Image.open(file).size == (80, 60 + 26 + 14 + 20)


def test_sprite_is_in_reading_order():
    poses = figure(5)
    visible = np.ones((5, J), bool)
    visible[3] = False
    colors = [BLUE, BLUE, VERMILION, BLUE, VERMILION]
    file = io.BytesIO()
    stick_figures.sprite(
        poses, PENN, file, visibility=visible, colors=colors, size=40
    )
    image = np.array(Image.open(file))
    assert image.shape == (120, 120, 4)  # ceil(sqrt(5)) = 3 columns.
    tiles = image.reshape(3, 40, 3, 40, 4).swapaxes(1, 2)
    tiles = tiles.reshape(9, 40, 40, 4)
    filled = tiles[..., 3].max((1, 2)) > 0
    assert filled.tolist() == [True] * 3 + [False, True] + [False] * 4
    for tile, color in zip(tiles[[0, 2, 4]], (BLUE, VERMILION, VERMILION)):
        assert has_color(tile[tile[..., 3] > 250][:, :3], color, tolerance=25)


@pytest.mark.parametrize(
    "sequences, options, message",
    [
        ([], {}, "`sequences` must not be empty"),
        ([figure()[0]], {}, r"`poses` must be \[T, 13, D\]"),
        ([figure()[:, :5]], {}, r"13 joints\. Received: \(1, 5, 2\)"),
        ([figure()[:0]], {}, r"a frame .* Received: \(0, 13, 2\)"),
        ([figure()[..., :1]], {}, r"two coordinates.* Received: \(1, 13, 1\)"),
        (
            [(figure(2), np.ones((1, J), bool))],
            {},
            r"`visibility` must be \(2, 13\).* Received: \(1, 13\)",
        ),
        ([figure()], {"titles": ["a", "b"]}, "`titles` must be 1, .*Received"),
        ([figure()], {"prefix": -1}, "`prefix` must not be negative.*-1"),
        ([figure()], {"fps": 0}, r"`fps` must be in \(0, 100\]. Received: 0"),
        ([figure()], {"fps": 101}, "Received: 101"),
        ([figure()], {"every": 0}, "`every` must be at least 1. Received: 0"),
    ],
)
def test_animate_says_what_is_wrong(sequences, options, message):
    with pytest.raises(ValueError, match=message):
        animated(sequences, **options)


def test_others_say_what_is_wrong():
    with pytest.raises(ValueError, match="`num_frames` must be at least 1.*0"):
        animations.strip([figure()], PENN, io.BytesIO(), num_frames=0)
    with pytest.raises(ValueError, match=r"`poses` must be \[13, D\]"):
        stick_figures.draw_pose(figure(), PENN)
    with pytest.raises(ValueError, match="at most 4 .* Received: 5"):
        stick_figures.sprite(figure(5), PENN, io.BytesIO(), size=4000)
