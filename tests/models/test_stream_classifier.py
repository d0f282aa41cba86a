"""The classifier of streams: what it remembers, and a clip like its stream."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import stream_classifier as models
from pose_tf.models.motion_features import MotionFeatures

MEMORY = 4  # Frames, in place of many more.


@pytest.fixture
def classifier(monkeypatch):
    monkeypatch.setattr(models, "MEMORY", MEMORY)
    keras.utils.set_random_seed(0)
    features = MotionFeatures("penn_action", num_frames=16)
    return models.StreamClassifier(features, 3, filters=8, units=8)


@pytest.fixture
def clips():
    """Three clips of 21 frames, the second of which starts late."""
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 3, (3, 21, 13, 2)).cumsum(1)
    poses = rng.uniform(100, 300, (3, 1, 13, 2)) + steps
    visibility = rng.uniform(size=(3, 21, 13)) > 0.2
    visibility[1, :3] = False
    visibility[2, 5:8] = False
    return tf.constant(poses, tf.float32), tf.constant(visibility)


@pytest.mark.parametrize(
    ("num_frames", "expected"),
    [
        (1, [0]),
        (4, [0, 1, 2, 3]),
        (5, [0, 2, 4]),
        (6, [0, 2, 4, 5]),
        (8, [0, 2, 4, 6, 7]),
        (9, [0, 4, 8]),
        (16, [0, 4, 8, 12, 15]),
        (17, [0, 8, 16]),
    ],
)
def test_every_second_frame_is_forgotten_when_memory_is_full(
    monkeypatch, num_frames, expected
):
    monkeypatch.setattr(models, "MEMORY", MEMORY)
    frames, num_kept = models._remembered(tf.constant([num_frames]))
    assert frames[0, : int(num_kept[0])].numpy().tolist() == expected


def test_a_stream_gives_the_same_as_the_clip_so_far(classifier, clips):
    poses, visibility = clips
    state = classifier.stream_state(3)
    for t in range(21):
        state = classifier.stream_step(poses[:, t], visibility[:, t], state)
        streamed = state.pop("probabilities")
        so_far = classifier.classify(poses, visibility, tf.fill([3], t + 1))
        started = [0, 2] if t < 3 else [0, 1, 2]
        np.testing.assert_allclose(
            streamed.numpy()[started],
            so_far["probabilities"].numpy()[started],
            rtol=1e-3,
            atol=1e-6,
        )
    assert state["count"].numpy().tolist() == [21, 18, 21]


def test_later_frames_do_not_matter(classifier, clips):
    poses, visibility = clips
    num_frames = tf.fill([3], 9)
    other = tf.concat([poses[:, :9], 3 * poses[:, 9:]], 1)
    np.testing.assert_allclose(
        classifier.classify(poses, visibility, num_frames)["probabilities"],
        classifier.classify(other, visibility, num_frames)["probabilities"],
        rtol=1e-4,
    )


def test_the_state_keeps_its_names_shapes_and_types(classifier, clips):
    poses, visibility = clips
    state = classifier.stream_state(3)
    after = classifier.stream_step(poses[:, 0], visibility[:, 0], state)
    assert set(after) == {*state, "probabilities"}
    for name, value in state.items():
        assert after[name].shape == value.shape
        assert after[name].dtype == value.dtype


def test_nothing_counts_before_anybody_is_visible(classifier, clips):
    poses, visibility = clips
    state = classifier.stream_state(3)
    after = classifier.stream_step(
        poses[:, 0], tf.zeros_like(visibility[:, 0]), state
    )
    for name, value in state.items():
        np.testing.assert_array_equal(after[name], value)
    assert not classifier.stream_started(after).numpy().any()


def test_a_saved_model_gives_the_same(classifier, clips, tmp_path):
    classifier.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    num_frames = tf.constant([21, 9, 1])
    np.testing.assert_allclose(
        classifier.classify(*clips, num_frames)["probabilities"],
        loaded.classify(*clips, num_frames)["probabilities"],
        rtol=1e-5,
    )
