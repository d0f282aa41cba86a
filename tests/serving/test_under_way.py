"""What is under way at each frame, whatever the length and rate of a clip."""

import numpy as np
import pytest

from pose_tf.pose import clip, skeletons
from pose_tf.serving import under_way

PENN = skeletons.PENN_ACTION
MEMORY = 200  # Frames that the model below remembers.


class Model:
    """Answers with means over the last frames, which can be checked by hand.

    The probability of `left` is the mean x of the seen joints of the last
    `MEMORY` frames, that of `right` a constant. NaN before anybody is seen.
    """

    actions = ("left", "right")
    skeleton = PENN

    def __init__(self):
        self.shapes = []

    def classify_frames(self, poses, visibility):
        assert visibility.any((-2, -1)).all()
        self.shapes.append(poses.shape)
        x = np.where(visibility, poses[..., 0], 0).sum(-1)
        counts = visibility.sum(-1)
        sums, numbers = (
            self.summed(array.astype(float)) for array in (x, counts)
        )
        with np.errstate(invalid="ignore"):
            left = sums / numbers
        left[np.cumsum(counts, -1) == 0] = np.nan
        return np.stack([left, np.full_like(left, 0.125)], -1)

    def summed(self, array):
        sums = np.cumsum(array, -1)
        sums[..., MEMORY:] -= sums[..., :-MEMORY].copy()
        return sums


def of_path(x, seen=None, **kwargs):
    """A clip whose joints all have the given x; NaN in unseen frames."""
    poses = np.ones((len(x), 13, 2), np.float32)
    poses[..., 0] = np.asarray(x)[:, None]
    visibility = np.ones((len(x), 13), bool)
    if seen is not None:
        visibility[~seen], poses[~seen] = False, np.nan
    return clip.Clip(
        poses=poses, visibility=visibility, skeleton=PENN, **kwargs
    )


@pytest.mark.parametrize("num_frames", [100, 1280, 1281, 2304, 5000, 40_000])
def test_parts_give_what_the_whole_gives(num_frames):
    """The model remembers less than the frames that lead into a part."""
    assert MEMORY < under_way.LEAD
    rng = np.random.default_rng(0)
    seen = rng.uniform(size=num_frames) > 0.1
    seen[:50] = False
    one = of_path(rng.uniform(size=num_frames), seen, fps=30)
    model = Model()
    answers = under_way.probabilities(model, one)
    whole = Model().classify_frames(one.poses, one.visibility)
    assert np.isnan(whole[:50]).any() and (answers[:50] == 0).all()
    np.testing.assert_allclose(answers[51:], whole[51:], atol=1e-5)
    length = under_way.LEAD + under_way.PART
    shown = num_frames - seen.argmax()
    assert {shape[1] for shape in model.shapes} == {min(length, shown)}
    assert max(shape[0] for shape in model.shapes) <= under_way.BATCH


def test_nothing_is_put_before_a_clip():
    """A model may take unseen frames for a while in which nobody moved."""

    class Watching(Model):
        def classify_frames(self, poses, visibility):
            assert visibility[:, 0].all()
            return super().classify_frames(poses, visibility)

    for unseen in (0, 20):
        one = of_path([0.5] * 5000, np.arange(5000) >= unseen)
        answers = under_way.probabilities(Watching(), one)
        assert (answers[:unseen] == 0).all()
        np.testing.assert_allclose(answers[unseen:, 0], 0.5)


def test_part_in_which_nobody_is_seen_is_none():
    """The model itself refuses clips in which nobody is."""
    seen = np.ones(8000, bool)
    seen[2000:6000] = False
    answers = under_way.probabilities(Model(), of_path([0.5] * 8000, seen))
    assert (answers[2000:6000] == 0).all()
    np.testing.assert_allclose(answers[seen], [[0.5, 0.125]] * seen.sum())
    nobody = of_path([0.5] * 50, np.zeros(50, bool))
    assert (under_way.probabilities(Model(), nobody) == 0).all()


def test_only_long_absences_are_none():
    """At 25 frames per second, 25 frames are not more than a second."""
    seen = np.ones(200, bool)
    seen[10:35] = seen[100:126] = False
    answers = under_way.probabilities(
        Model(), of_path([0.5] * 200, seen, fps=25)
    )
    assert np.flatnonzero(answers[:, 1] == 0).tolist() == list(range(100, 126))


@pytest.mark.parametrize(
    ("fps", "seen_frames"),
    [(30, 61), (25, 61), (60, 31), (10, 181), (None, 61)],
)
def test_other_rates_are_resampled(fps, seen_frames):
    """Each frame gets the answer of its instant, whatever the model saw."""
    model = Model()
    answers = under_way.probabilities(model, of_path([0.25] * 61, fps=fps))
    assert model.shapes == [(1, seen_frames, 13, 2)]
    np.testing.assert_allclose(answers, [[0.25, 0.125]] * 61)


def test_answers_are_mapped_back_to_their_frames():
    """At 15 per second, frames lie at every second one of the model's."""

    class Echo(Model):
        def classify_frames(self, poses, visibility):
            return np.stack([poses[..., 0, 0], 0 * poses[..., 0, 0]], -1)

    path = np.linspace(0, 1, 40)
    for fps in (15, 10, 60):
        answers = under_way.probabilities(Echo(), of_path(path, fps=fps))
        # One of 60 frames per second may lie between two of the model's.
        step = path[1] if fps == 60 else 1e-6
        np.testing.assert_allclose(answers[:, 0], path, atol=step)


def test_other_skeletons_are_converted():
    coco = skeletons.COCO_17
    poses = np.full((5, 17, 2), 0.5)
    one = clip.Clip(poses=poses, visibility=np.ones((5, 17)), skeleton=coco)
    answers = under_way.probabilities(Model(), one)
    np.testing.assert_allclose(answers, [[0.5, 0.125]] * 5)


def test_model_must_classify_frames():
    with pytest.raises(ValueError, match="endpoint 'classify_frames'.*object"):
        under_way.probabilities(object(), of_path([1]))
