"""The classifier: causal, a stream like a clip, losses by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import classifier as models
from pose_tf.models import losses
from pose_tf.models.features import PoseFeatures


def test_probabilities_sum_to_1(classifier, clips):
    given = classifier.classify(*clips, tf.constant([9, 5, 1]))
    assert given["probabilities"].shape == (3, 4)
    np.testing.assert_allclose(
        tf.reduce_sum(given["probabilities"], -1), [1, 1, 1], rtol=1e-5
    )


def test_padding_does_not_matter(classifier, clips):
    poses, visibility = clips
    num_frames = tf.constant([5, 5, 5])
    whole = classifier.classify(poses, visibility, num_frames)
    cut = classifier.classify(poses[:, :5], visibility[:, :5], num_frames)
    np.testing.assert_allclose(
        whole["probabilities"], cut["probabilities"], rtol=1e-4, atol=1e-6
    )


def test_a_stream_gives_the_same_as_the_clip(classifier, clips):
    poses, visibility = clips
    state = classifier.stream_state(3)
    for t in range(9):
        output = classifier.stream_step(poses[:, t], visibility[:, t], state)
        probabilities = output.pop("probabilities")
        state = output
        so_far = classifier.classify(
            poses, visibility, tf.constant([t + 1] * 3)
        )["probabilities"]
        np.testing.assert_allclose(probabilities, so_far, rtol=2e-3, atol=1e-5)


@pytest.mark.parametrize("guessed", [False, True])
@pytest.mark.parametrize("num_empty", [1, 120])
def test_frames_before_anybody_is_visible_do_not_count(
    classifier, clips, late_clips, num_empty, guessed
):
    num_frames = np.array([9, 5, 1], np.int32)
    expected = classifier.classify(*clips, tf.constant(num_frames))
    # Of the first clip alone, then of all.
    for chosen in ([0], [0, 1, 2]):
        empty = np.isin(range(3), chosen) * np.int32(num_empty)
        got = classifier.classify(
            *late_clips(empty, guessed), tf.constant(num_frames + empty)
        )
        np.testing.assert_allclose(
            got["probabilities"], expected["probabilities"], atol=1e-5
        )


def test_a_gap_after_the_first_visible_frame_counts(classifier, clips):
    poses, visibility = clips
    gap = tf.concat([visibility[:, :1], visibility[:, 1:4] & False], 1)
    state = classifier.stream_state(3)
    for t in range(4):
        state = classifier.stream_step(poses[:, t], gap[:, t], state)
        state.pop("probabilities")
    np.testing.assert_array_equal(state["count"], [[4]] * 3)


def test_a_stream_starts_with_the_first_visible_frame(classifier, late_clips):
    poses, visibility = late_clips([2, 0, 5], True)
    state = classifier.stream_state(3)
    for t in range(9):
        output = classifier.stream_step(poses[:, t], visibility[:, t], state)
        probabilities = output.pop("probabilities")
        if t < 5:  # As it was for those who are not there yet.
            for name, value in output.items():
                np.testing.assert_array_equal(value[2], state[name][2])
        state = output
        so_far = classifier.classify(poses, visibility, tf.fill([3], t + 1))
        np.testing.assert_allclose(
            probabilities, so_far["probabilities"], rtol=2e-3, atol=1e-5
        )
    np.testing.assert_array_equal(state["count"][:, 0], [7, 9, 4])


def test_the_loss_leaves_out_what_comes_before_anybody(
    classifier, clips, late_clips
):
    def loss(poses, visibility, num_frames):
        return classifier.compute_loss(
            {
                "poses": poses,
                "visibility": visibility,
                "num_frames": tf.fill([3], num_frames),
                "action": tf.constant([0, 3, 1]),
            },
            (1, 2),
            label_smoothing=0.0,
            mixup_alpha=0.0,
            frame_loss_weight=0.0,
        )[0]

    for layer in classifier.dropouts:
        layer.rate = 0.0
    classifier.dropout_rate = 0.0
    late = late_clips([4, 4, 4], False)
    np.testing.assert_allclose(loss(*late, 13), loss(*clips, 9), rtol=1e-4)


def test_the_state_of_a_stream_keeps_its_structure(classifier, clips):
    poses, visibility = clips
    state = classifier.stream_state(3)
    output = classifier.stream_step(poses[:, 0], visibility[:, 0], state)
    del output["probabilities"]
    assert {k: (v.shape, v.dtype) for k, v in output.items()} == {
        k: (v.shape, v.dtype) for k, v in state.items()
    }


def test_saved_and_loaded_it_gives_the_same(classifier, clips, tmp_path):
    classifier.save(tmp_path / "classifier.keras")
    loaded = keras.saving.load_model(tmp_path / "classifier.keras")
    num_frames = tf.constant([9, 9, 9])
    np.testing.assert_array_equal(
        classifier.classify(*clips, num_frames)["probabilities"],
        loaded.classify(*clips, num_frames)["probabilities"],
    )


def test_a_frozen_vae_does_not_train(vae):
    features = PoseFeatures(vae=vae)
    model = models.ActionClassifier(features, 2, 4, 1, 4, 1)
    held = {id(v) for v in vae.variables}
    assert not held & {id(v) for v in model.trainable_variables}
    tuned = PoseFeatures(vae=vae, fine_tune=True)
    model = models.ActionClassifier(tuned, 2, 4, 1, 4, 1)
    assert held & {id(v) for v in model.trainable_variables}


def test_at_last_frame():
    logits = tf.reshape(tf.range(12.0), (2, 3, 2))
    np.testing.assert_allclose(
        models.at_last_frame(logits, tf.constant([1, 3])), [[0, 1], [10, 11]]
    )


def batch_of(clips):
    poses, visibility = clips
    return {
        "poses": poses,
        "visibility": visibility,
        "num_frames": tf.constant([9, 4, 6]),
        "action": tf.constant([0, 3, 1]),
    }


def test_loss_is_the_cross_entropy_after_the_last_frame(classifier, clips):
    batch = batch_of(clips)
    for dropout in classifier.dropouts:
        dropout.rate = 0.0
    loss, figures = classifier.compute_loss(
        batch,
        tf.constant([0, 1]),
        label_smoothing=0.0,
        mixup_alpha=0.0,
        frame_loss_weight=0.0,
    )
    given = classifier.classify(
        batch["poses"], batch["visibility"], batch["num_frames"]
    )["probabilities"].numpy()
    chosen = given[np.arange(3), [0, 3, 1]]
    assert float(loss) == pytest.approx(-np.log(chosen).mean(), rel=1e-4)
    assert float(figures["accuracy"]) == pytest.approx(
        (given.argmax(-1) == [0, 3, 1]).mean()
    )


def test_mixup_depends_only_on_the_seed(classifier, clips):
    for dropout in classifier.dropouts:
        dropout.rate = 0.0

    def loss(seed):
        return float(
            classifier.compute_loss(
                batch_of(clips),
                tf.constant(seed),
                label_smoothing=0.1,
                mixup_alpha=0.5,
                frame_loss_weight=0.5,
            )[0]
        )

    assert loss([0, 1]) == loss([0, 1])
    assert loss([0, 1]) != loss([5, 2])


def test_beta_draws_have_the_mean_and_variance_of_the_distribution():
    draws = np.array(
        [float(losses.stateless_beta(0.5, (0, i))) for i in range(2000)]
    )
    # Beta(a, a): mean 1/2, variance 1 / (4 (2 a + 1)) = 1/8.
    assert draws.mean() == pytest.approx(0.5, abs=0.03)
    assert draws.var() == pytest.approx(0.125, abs=0.015)


def test_a_classifier_needs_two_actions(features):
    with pytest.raises(ValueError, match="`num_actions`.*Received: 1"):
        models.ActionClassifier(features, 1)


def test_features_take_a_transform_or_a_vae(vae):
    with pytest.raises(ValueError, match="`transform` and `vae`"):
        PoseFeatures()
    with pytest.raises(ValueError, match="`transform` and `vae`"):
        PoseFeatures(transform=vae.transform, vae=vae)
