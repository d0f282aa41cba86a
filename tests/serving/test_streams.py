"""Streams of people who come and go, over a model whose numbers are known.

The probability of action 0 is the mean x over all joints and frames, over 100.
"""

import numpy as np
import pytest

from pose_tf.pose import skeletons
from pose_tf.serving import loaded, streams
from tests.support import fake_models

J, D = 13, 2


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "classifier"
    joints = skeletons.PENN_ACTION.joints
    fake_models.save(
        fake_models.FakeClassifier(), folder, joints, ["bowl", "squat"]
    )
    return loaded.load(folder)


@pytest.fixture
def stream(classifier):
    return classifier.stream()


def at(x):
    """A pose whose joints all lie at x."""
    return np.full((J, D), float(x))


def first(answers):
    """The probability of action 0 of each person."""
    return {
        person: pytest.approx(float(answer["probabilities"][0]))
        for person, answer in answers.items()
    }


def test_each_person_has_a_state_of_their_own(stream):
    assert first(stream.step({"a": at(10), 7: at(50)})) == {"a": 0.1, 7: 0.5}
    assert first(stream.step({7: at(70), "a": at(30)})) == {"a": 0.2, 7: 0.6}
    assert stream.people == ("a", 7)


def test_people_come_and_go(stream):
    stream.step({"a": at(10)})
    assert first(stream.step({"b": at(50)})) == {"b": 0.5}
    assert first(stream.step({"a": at(30), "b": at(50)})) == {
        "a": 0.2,
        "b": 0.5,
    }
    assert stream.step({}) == {}
    assert stream.people == ("a", "b")


def test_who_is_unseen_for_long_is_forgotten(stream):
    stream.step({"a": at(10), "b": at(50)})
    for _ in range(streams.UNSEEN_FRAMES - 1):
        stream.step({"b": at(50)})
    assert stream.people == ("a", "b")
    stream.step({"b": at(50)})
    assert stream.people == ("b",)
    assert {len(value) for value in stream.state.values()} == {1}
    # Who comes back begins again.
    assert first(stream.step({"a": at(30)})) == {"a": 0.3}


def test_one_frame_starts_the_count_of_unseen_frames_again(stream):
    for _ in range(2):
        stream.step({"a": at(10)})
        for _ in range(streams.UNSEEN_FRAMES - 1):
            stream.step({})
    assert stream.people == ("a",)
    stream.step({})
    assert stream.people == ()
    assert stream.step({}) == {}


def test_the_same_as_a_stream_of_each(classifier, stream):
    rng = np.random.default_rng(0)
    poses = rng.uniform(1, 90, (5, 3, J, D))
    seen = rng.random((5, 3, J)) < 0.7
    singles = [classifier.stream() for _ in range(3)]
    for frame, flags in zip(poses, seen):
        answers = stream.step(dict(enumerate(frame)), dict(enumerate(flags)))
        for k, single in enumerate(singles):
            np.testing.assert_allclose(
                answers[k]["probabilities"],
                single.step(frame[k], flags[k])["probabilities"],
                rtol=1e-5,
            )


def test_visibility_of_some(stream):
    hidden = np.zeros(J, bool)
    answers = stream.step({"a": at(10), "b": at(50)}, {"a": hidden})
    assert first(answers)["b"] == 0.5
    assert stream.state["count"].tolist() == [0, J]


def test_a_missing_pose_is_a_frame_without_the_person(stream):
    stream.step({"a": at(10)})
    assert first(stream.step({"a": np.full((J, D), np.nan)})) == {"a": 0.1}


def test_reset_forgets_people(stream):
    stream.step({"a": at(10)})
    stream.reset()
    assert stream.people == ()
    assert stream.step(at(50))["probabilities"][0] == pytest.approx(0.5)


def test_mistakes_are_named(classifier, stream):
    with pytest.raises(ValueError, match=r"`pose\['a'\]` must be \(13, 2\)"):
        stream.step({"a": np.zeros((J, 3))})
    with pytest.raises(ValueError, match="of people that are in `pose`"):
        stream.step({"a": at(1)}, {"b": np.ones(J, bool)})
    stream.step({"a": at(1)})
    with pytest.raises(ValueError, match="must be a dict of people per frame"):
        stream.step(at(1))
    single = classifier.stream()
    single.step(at(1))
    with pytest.raises(ValueError, match="must be one pose per frame"):
        single.step({"a": at(1)})
    with pytest.raises(ValueError, match="must be an array"):
        classifier.stream(batch_size=2).step({"a": at(1)})


def test_a_frame_that_is_refused_leaves_everything_as_it_was(stream):
    stream.step({"a": at(10)})
    before = {name: value.copy() for name, value in stream.state.items()}
    with pytest.raises(ValueError, match="pixels from the origin"):
        stream.step({"b": at(10), "a": at(1e9)})
    assert stream.people == ("a",)
    for name, value in before.items():
        np.testing.assert_array_equal(stream.state[name], value)


def test_frames_of_another_skeleton_are_converted(classifier):
    """The head, at the ears, is at 46; the other joints are at 20."""
    poses = np.full((17, D), 20.0)
    ears = skeletons.COCO_17.indices(["left_ear", "right_ear"])
    poses[list(ears)] = [[40, 40], [52, 52]]
    stream = classifier.stream(skeleton="coco_17")
    mean = (12 * 20 + 46) / 13
    assert first(stream.step({"a": poses})) == {"a": mean / 100}
    with pytest.raises(ValueError, match=r"pose\['a'\].*\(17, 2\)"):
        stream.step({"a": at(3)})
