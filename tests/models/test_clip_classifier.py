"""The classifier of whole clips: what does not matter to it, and its loss."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import clip_classifier as models
from pose_tf.models import losses
from pose_tf.models.motion_features import MotionFeatures

NUM_ACTIONS = 3


@pytest.fixture
def classifier():
    keras.utils.set_random_seed(0)
    features = MotionFeatures("penn_action", num_frames=16)
    return models.ClipClassifier(features, NUM_ACTIONS, filters=8, units=8)


@pytest.fixture
def batch():
    """Four clips of up to 20 frames: random walks."""
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 3, (4, 20, 13, 2)).cumsum(1)
    poses = rng.uniform(100, 300, (4, 1, 13, 2)) + steps
    return {
        "poses": tf.constant(poses, tf.float32),
        "visibility": tf.constant(rng.uniform(size=(4, 20, 13)) > 0.2),
        "num_frames": tf.constant([20, 9, 14, 2]),
        "action": tf.constant([0, 2, 1, 0]),
        "tempo": tf.ones(4),
    }


def probabilities(classifier, batch):
    given = classifier.classify(
        batch["poses"], batch["visibility"], batch["num_frames"]
    )
    return given["probabilities"].numpy()


def loss_of(classifier, batch, **options):
    settings = {"label_smoothing": 0.0, "mixup_alpha": 0.0, **options}
    return classifier.compute_loss(batch, tf.constant([0, 1]), **settings)


def test_probabilities_sum_to_1(classifier, batch):
    given = probabilities(classifier, batch)
    assert given.shape == (4, NUM_ACTIONS)
    np.testing.assert_allclose(given.sum(-1), np.ones(4), rtol=1e-5)


def test_padding_does_not_matter(classifier, batch):
    short = {
        **batch,
        "poses": batch["poses"][1:2, :9],
        "visibility": batch["visibility"][1:2, :9],
        "num_frames": tf.constant([9]),
    }
    np.testing.assert_allclose(
        probabilities(classifier, batch)[1:2],
        probabilities(classifier, short),
        rtol=1e-4,
    )


def test_frames_without_anybody_at_the_ends_do_not_matter(classifier, batch):
    late = {
        name: tf.pad(batch[name], [[0, 0], [7, 5]] + [[0, 0]] * more)
        for name, more in (("poses", 2), ("visibility", 1))
    }
    num_frames = batch["num_frames"] + tf.constant([12, 7, 7, 7])
    np.testing.assert_allclose(
        probabilities(classifier, batch),
        probabilities(classifier, {**late, "num_frames": num_frames}),
        rtol=1e-3,
    )


def test_parts_are_shares_of_the_visible_frames():
    visibility = np.zeros((1, 12, 3), bool)
    visibility[0, 3:8, 1] = True  # Five frames, so four steps.
    parts = [
        np.flatnonzero(part[0]).tolist()
        for part in models._parts(tf.constant(visibility))
    ]
    assert parts == [
        [3, 4, 5, 6, 7],
        [3, 4, 5, 6],
        [4, 5, 6, 7],
    ]


def test_probabilities_are_the_sharpened_mean_of_the_parts(classifier, batch):
    poses, visibility = batch["poses"], batch["visibility"]
    num_frames = batch["num_frames"]
    mask = tf.sequence_mask(num_frames, poses.shape[1])
    visibility &= mask[..., None]
    parts = list(models._parts(visibility))
    logits = [
        classifier(
            classifier.sequences(
                poses,
                visibility & part[..., None],
                num_frames,
                tf.ones(len(poses)),
            )
        )
        for part in parts
    ]
    mean = np.mean([tf.nn.log_softmax(x) for x in logits], axis=0)
    expected = np.exp(mean / models.TEMPERATURE)
    expected /= expected.sum(1, keepdims=True)
    given = classifier.classify(poses, visibility, num_frames)
    np.testing.assert_allclose(given["probabilities"], expected, atol=1e-5)


def test_the_embedding_is_the_mean_of_the_parts(classifier, batch):
    poses, num_frames = batch["poses"][:1], tf.constant([20])
    seen = np.zeros((1, 20, 13), bool)
    seen[:, 0, 0] = seen[:, 19] = True  # The span: parts 0-13 and 6-19.
    parts = [
        classifier.embed(
            classifier.sequences(
                poses, tf.constant(seen & part), num_frames, tf.ones(1)
            )
        )
        for part in (
            np.ones((20, 1), bool),
            np.arange(20)[:, None] < 14,
            np.arange(20)[:, None] > 5,
        )
    ]
    given = classifier.classify(poses, tf.constant(seen), num_frames)
    np.testing.assert_allclose(
        given["embedding"], np.mean(parts, axis=0), atol=1e-5
    )


def test_place_and_size_do_not_matter(classifier, batch):
    other = {**batch, "poses": 2 * batch["poses"] + 50}
    np.testing.assert_allclose(
        probabilities(classifier, batch),
        probabilities(classifier, other),
        rtol=1e-3,
    )


def test_the_end_of_a_clip_matters_to_its_start(classifier, batch):
    """A whole clip is seen both ways: it is not the sum of its frames."""
    poses = batch["poses"].numpy()
    turned = {**batch, "poses": np.concatenate([poses[:, ::-1]])}
    turned["num_frames"] = tf.fill([4], 20)
    straight = {**batch, "num_frames": tf.fill([4], 20)}
    change = probabilities(classifier, turned) - probabilities(
        classifier, straight
    )
    assert np.abs(change).max() > 1e-4


def test_the_loss_of_a_model_that_knows_nothing(classifier, batch):
    classifier.head.kernel.assign(tf.zeros_like(classifier.head.kernel))
    for smoothing in (0.0, 0.1):
        loss, _ = loss_of(classifier, batch, label_smoothing=smoothing)
        np.testing.assert_allclose(loss, np.log(NUM_ACTIONS), rtol=1e-5)


def test_label_smoothing_by_hand(classifier, batch):
    """Logits (2, 0, 0) of the action 0: -0.9 ln p0 - 0.05 (ln p1 + ln p2)
    less the share of the true one; p0 = e^2 / (e^2 + 2) = 0.786986."""
    classifier.head.kernel.assign(tf.zeros_like(classifier.head.kernel))
    classifier.head.bias.assign([2.0, 0.0, 0.0])
    first = {key: value[:1] for key, value in batch.items()}
    loss, metrics = loss_of(classifier, first, label_smoothing=0.15)
    # -(0.85 + 0.05) * ln 0.786986 - 2 * 0.05 * ln 0.106507
    np.testing.assert_allclose(loss, 0.439545, atol=1e-5)
    assert float(metrics["accuracy"]) == 1


def test_mixup_mixes_labels_with_those_at_the_mirrored_place(classifier, batch):
    classifier.head.kernel.assign(tf.zeros_like(classifier.head.kernel))
    classifier.head.bias.assign([2.0, 0.0, 0.0])
    pair = {key: value[:2] for key, value in batch.items()}  # Actions 0 and 2.
    share = float(losses.stateless_beta(0.5, tf.constant([0, 1])))
    share = max(share, 1 - share)
    loss, metrics = loss_of(classifier, pair, mixup_alpha=0.5)
    # Over both places, half of the labels is 0 and half is 2.
    expected = -(np.log(0.786986) + np.log(0.106507)) / 2
    np.testing.assert_allclose(loss, expected, atol=1e-5)
    assert 0.5 < share and float(metrics["accuracy"]) == 0.5


def test_a_saved_model_gives_the_same(classifier, batch, tmp_path):
    classifier.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        probabilities(classifier, batch),
        probabilities(loaded, batch),
        rtol=1e-5,
    )


def test_one_action_is_refused():
    with pytest.raises(ValueError, match="`num_actions`.*Received: 1"):
        models.ClipClassifier(MotionFeatures("penn_action"), 1)
