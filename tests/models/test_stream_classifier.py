"""The classifier of beginnings of clips and of streams: what it looks at."""

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
    frames, num_kept = models._spread(tf.constant([num_frames]))
    assert frames[0, : int(num_kept[0])].numpy().tolist() == expected


def test_frames_before_anybody_is_visible_do_not_count(classifier, clips):
    poses, visibility = (x.numpy()[1:2] for x in clips)
    late = classifier.classify(poses, visibility, tf.constant([12]))
    cut = classifier.classify(poses[:, 3:], visibility[:, 3:], tf.constant([9]))
    np.testing.assert_allclose(
        late["probabilities"], cut["probabilities"], rtol=1e-4
    )


def test_frames_that_are_not_looked_at_do_not_matter(classifier, clips):
    """Of 9 frames it looks at 0, 4 and 8."""
    poses, visibility = (x.numpy() for x in clips)
    other = poses.copy()
    other[:, [1, 2, 3, 5, 6, 7]] = 1e5
    keep, num_frames = [0, 2], tf.fill([2], 9)  # Those that begin at frame 0.
    np.testing.assert_allclose(
        *(
            classifier.classify(x[keep], visibility[keep], num_frames)[
                "probabilities"
            ]
            for x in (poses, other)
        ),
        rtol=1e-4,
    )


def test_later_frames_do_not_matter(classifier, clips):
    poses, visibility = clips
    num_frames = tf.fill([3], 9)
    other = tf.concat([poses[:, :9], 3 * poses[:, 9:]], 1)
    np.testing.assert_allclose(
        classifier.classify(poses, visibility, num_frames)["probabilities"],
        classifier.classify(other, visibility, num_frames)["probabilities"],
        rtol=1e-4,
    )


def test_streams_are_those_of_its_live_part(classifier, clips):
    poses, visibility = clips
    state = classifier.stream_state(3)
    given = classifier.stream_step(poses[:, 0], visibility[:, 0], state)
    frames = classifier.classify_frames(poses, visibility, tf.fill([3], 21))
    expected = classifier.live.classify_frames(
        poses, visibility, tf.fill([3], 21)
    )
    np.testing.assert_array_equal(
        frames["probabilities"], expected["probabilities"]
    )
    np.testing.assert_allclose(
        given["probabilities"][0], frames["probabilities"][0, 0], rtol=1e-4
    )
    assert classifier.stream_started(given).numpy().tolist() == [
        True,
        False,
        True,
    ]


def test_a_saved_model_gives_the_same(classifier, clips, tmp_path):
    classifier.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    num_frames = tf.constant([21, 9, 1])
    np.testing.assert_allclose(
        classifier.classify(*clips, num_frames)["probabilities"],
        loaded.classify(*clips, num_frames)["probabilities"],
        rtol=1e-5,
    )
