"""Other rates: linear in time, and nothing known that was not."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from pose_tf.pose import clip, resampling, skeletons

PENN = skeletons.PENN_ACTION
NAN = np.nan


def of_path(path, visibility=None, **kwargs):
    """A clip whose joints all have the x of a path, and y 1."""
    poses = np.ones((len(path), 13, 2))
    poses[..., 0] = np.asarray(path, float)[:, None]
    if visibility is None:
        visibility = np.isfinite(path)
    flags = np.repeat(np.asarray(visibility)[:, None], 13, 1)
    return clip.Clip(
        poses=poses, visibility=flags, skeleton=PENN, **{"fps": 10, **kwargs}
    )


def x_of(resampled):
    return resampled.poses[:, 0, 0].tolist()


def test_twice_and_half_the_rate():
    twice = of_path([0, 4, 8]).at(20)
    assert (x_of(twice), twice.fps) == ([0, 2, 4, 6, 8], 20)
    assert x_of(of_path([0, 1, 2, 3, 4, 5]).at(5)) == [0, 2, 4]
    # 0, 1.5, 3 and no more: the next would be 4.5.
    assert x_of(of_path([0, 2, 4, 6, 8]).at(10 / 1.5)) == pytest.approx(
        [0, 3, 6]
    )


def test_gaps_stay_gaps():
    """Frames 0, 1/3, 2/3, ...: nearer to frame 1, joints are missing."""
    resampled = of_path([0, NAN, 6]).at(30)
    np.testing.assert_array_equal(x_of(resampled), [0, 0, NAN, NAN, NAN, 6, 6])
    assert resampled.visibility[:, 0].tolist() == [1, 1, 0, 0, 0, 1, 1]


def test_guesses_do_not_mix_with_what_was_seen():
    resampled = of_path([0, 9, 12], visibility=[1, 0, 0]).at(30)
    assert x_of(resampled) == pytest.approx([0, 0, 9, 9, 10, 11, 12])
    assert resampled.visibility[:, 0].tolist() == [1, 1, 0, 0, 0, 0, 0]


def test_all_else_goes_along():
    resampled = of_path(
        [0, 1, 2],
        confidence=np.repeat([[0.5], [0.7], [0]], 13, 1),
        boxes=[[0, 0, 1, 1], [2, 2, 3, 3], [NAN] * 4],
        start=7,
        person=4,
    ).at(20)
    assert resampled.confidence[:, 3].tolist() == pytest.approx(
        [0.5, 0.6, 0.7, 0.35, 0]
    )
    np.testing.assert_array_equal(resampled.boxes[:, 0], [0, 1, 2, NAN, NAN])
    assert (resampled.start, resampled.person) == (14, 4)


def test_one_frame_is_one_frame_at_any_rate():
    assert x_of(of_path([3]).at(1000)) == [3]


def test_what_cannot_be_resampled():
    with pytest.raises(ValueError, match="must have an `fps`"):
        of_path([0, 1], fps=None).at(30)
    with pytest.raises(ValueError, match="positive, finite number"):
        of_path([0, 1]).at(0)
    with pytest.raises(ValueError, match="at most 10,000,000 frames"):
        of_path([0, 1]).at(1e9)


@hypothesis.given(
    strategies.integers(1, 200),
    strategies.floats(1, 120),
    strategies.floats(1, 120),
)
def test_instants_are_regular_and_within_the_clip(num_frames, fps, new_fps):
    times = resampling.instants(num_frames, new_fps / fps)
    assert times[0] == 0
    assert times[-1] <= num_frames - 1 < times[-1] + fps / new_fps + 1e-4
    np.testing.assert_allclose(np.diff(times), fps / new_fps, rtol=1e-3)
