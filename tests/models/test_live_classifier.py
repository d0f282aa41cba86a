"""The classifier of what is under way: streams, forgetting, what it learns."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models.causal_convolutions import CausalConvolution
from pose_tf.models.live_classifier import LiveClassifier
from tests.models.conftest import moving, shake


@pytest.fixture(scope="module")
def classifier():
    keras.utils.set_random_seed(0)
    return shake(LiveClassifier("penn_action", 3, filters=8))


@pytest.fixture(scope="module")
def classify_frames(classifier):
    """Probabilities `[B, T, C]` of arrays."""
    function = tf.function(classifier.classify_frames, reduce_retracing=True)

    def classify(poses, visibility, num_frames=None):
        if num_frames is None:
            num_frames = tf.fill([len(poses)], poses.shape[1])
        return function(poses, visibility, num_frames)["probabilities"].numpy()

    return classify


def test_a_convolution_sees_frames_before():
    """Kernel of ones and two taps, two frames apart: sums worked by hand."""
    layer = CausalConvolution(1, 2, dilation=2)
    x = tf.constant([[[1.0], [2.0], [3.0], [4.0]]])
    layer.build((None, None, 1))
    layer.dense.kernel.assign(tf.ones((2, 1)))
    y, history = layer(x, tf.constant([[[10.0], [20.0]]]))
    assert y[0, :, 0].numpy().tolist() == [11, 22, 4, 6]
    assert history[0, :, 0].numpy().tolist() == [3, 4]


def test_fewer_than_two_actions_are_refused():
    with pytest.raises(ValueError, match="`num_actions` must be at least 2"):
        LiveClassifier("penn_action", 1)


def test_a_stream_gives_what_the_recording_gives(classifier, classify_frames):
    poses, visibility = moving(2, 700)
    whole = classify_frames(poses, visibility)
    step = tf.function(classifier.stream_step)
    state, steps = classifier.stream_state(2), []
    for t in range(700):
        state = step(poses[:, t], visibility[:, t], state)
        steps.append(state.pop("probabilities").numpy())
    np.testing.assert_allclose(np.stack(steps, 1), whole, atol=1e-5)
    assert whole.std(1).min() > 1e-3  # Not all the same.


def test_later_frames_do_not_matter(classify_frames):
    poses, visibility = (x.numpy() for x in moving(1, 40))
    other = poses.copy()
    other[:, 20:] *= 3
    ours, theirs = (classify_frames(x, visibility) for x in (poses, other))
    np.testing.assert_allclose(ours[:, :20], theirs[:, :20], atol=1e-6)
    assert np.abs(ours[:, 20:] - theirs[:, 20:]).max() > 1e-3


def test_what_is_older_than_its_reach_is_forgotten(classifier, classify_frames):
    assert classifier.reach == 255
    poses, visibility = (x.numpy() for x in moving(1, 260))
    other = poses.copy()
    other[:, :4] = 5 * other[:, :4] - 300
    ours, theirs = (classify_frames(x, visibility) for x in (poses, other))
    np.testing.assert_allclose(ours[:, -1], theirs[:, -1], atol=1e-6)


def test_there_is_no_answer_before_somebody_comes_and_in_padding(
    classify_frames,
):
    poses, visibility = (x.numpy() for x in moving(2, 12))
    visibility[0, :3] = False
    given = classify_frames(poses, visibility, tf.constant([12, 9]))
    unknown = np.isnan(given).all(-1)
    assert unknown[0].tolist() == [True] * 3 + [False] * 9
    assert unknown[1].tolist() == [False] * 9 + [True] * 3
    assert np.isnan(given).any(-1).sum() == 6


@pytest.mark.parametrize("unseen", [1, 7, 40])
def test_frames_before_somebody_comes_do_not_matter(
    classifier, classify_frames, unseen
):
    poses, visibility = moving(2, 40)
    expected = classify_frames(poses, visibility)
    nobody = [(0, 0), (unseen, 0), (0, 0)]
    later = np.pad(poses, [*nobody, (0, 0)], constant_values=np.nan)
    seen = np.pad(visibility, nobody)
    answers = classify_frames(later, seen)
    assert np.isnan(answers[:, :unseen]).all()
    np.testing.assert_allclose(answers[:, unseen:], expected, atol=1e-6)
    state = classifier.stream_state(2)
    for t in range(unseen):
        state = classifier.stream_step(later[:, t], seen[:, t], state)
        del state["probabilities"]
    for t in range(5):
        state = classifier.stream_step(poses[:, t], visibility[:, t], state)
        given = state.pop("probabilities")
        np.testing.assert_allclose(given, expected[:, t], atol=1e-6)


def test_padding_does_not_matter(classify_frames):
    poses, visibility = (x.numpy() for x in moving(1, 12))
    short = classify_frames(poses[:, :9], visibility[:, :9])
    padded = classify_frames(poses, visibility, tf.constant([9]))
    np.testing.assert_allclose(padded[:, :9], short, atol=1e-6)


def test_the_state_keeps_its_names_shapes_and_types(classifier):
    poses, visibility = moving(3, 1)
    state = classifier.stream_state(3)
    after = classifier.stream_step(poses[:, 0], visibility[:, 0], state)
    assert set(after) == {*state, "probabilities"}
    for name, value in state.items():
        assert after[name].shape == value.shape
        assert after[name].dtype == value.dtype


def test_a_stream_waits_for_somebody(classifier):
    poses, visibility = moving(1, 2)
    state = classifier.stream_state(1)
    hidden = tf.zeros_like(visibility[:, 0])
    state = classifier.stream_step(poses[:, 0], hidden, state)
    assert not classifier.stream_started(state).numpy()
    del state["probabilities"]
    state = classifier.stream_step(poses[:, 1], visibility[:, 1], state)
    assert classifier.stream_started(state).numpy()


def test_frames_that_are_not_scored_do_not_count():
    """Their labels change nothing; those of others do."""
    model = LiveClassifier("penn_action", 3, filters=8, dropout_rate=0.0)
    poses, visibility = moving(2, 10)
    labels = np.tile(np.int32([0, 1, 2, -1, 0, -2, -2, 1, 2, 0]), (2, 1))

    def loss(labels):
        batch = {"poses": poses, "visibility": visibility, "labels": labels}
        return float(model.compute_loss(batch, None, label_smoothing=0.1)[0])

    ignored = labels.copy()
    ignored[:, 5:7] = -3
    assert loss(ignored) == loss(labels)
    changed = labels.copy()
    changed[:, 3] = 2
    assert loss(changed) != loss(labels)


def test_the_loss_is_the_mean_cross_entropy():
    """With a head of zeros all four classes are equally likely: ln 4."""
    model = LiveClassifier("penn_action", 3, filters=8)
    model.head.kernel.assign(tf.zeros_like(model.head.kernel))
    poses, visibility = moving(1, 6)
    batch = {"poses": poses, "visibility": visibility}
    batch["labels"] = tf.constant([[0, 1, 2, -1, -2, 0]])
    loss, metrics = model.compute_loss(batch, None, label_smoothing=0.0)
    assert float(loss) == pytest.approx(np.log(4), rel=1e-5)
    # The first class is taken, and is right in two of five frames.
    assert float(metrics["accuracy"]) == pytest.approx(0.4)


def test_a_saved_model_gives_the_same(classifier, tmp_path):
    classifier.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras")
    clips = *moving(2, 9), tf.fill([2], 9)
    np.testing.assert_allclose(
        classifier.classify_frames(*clips)["probabilities"],
        read.classify_frames(*clips)["probabilities"],
        rtol=1e-5,
    )
