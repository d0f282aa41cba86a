"""What all generators do: futures, streams, prefixes of any start and end."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import motion_space, stillness
from pose_tf.models.chunk_vae import ChunkVAE
from pose_tf.models.features import PoseFeatures
from pose_tf.models.generator import CHUNK, PoseGenerator
from pose_tf.models.recurrent_generator import RecurrentGenerator
from pose_tf.pose.transform import PoseTransform
from tests.models.conftest import shake

SEED = tf.constant([3, 4])


def generate(model, clips, horizon=6, num_samples=1, temperature=0.0):
    return {
        key: value.numpy()
        for key, value in model.generate(
            *clips, horizon, num_samples, temperature, SEED
        ).items()
    }


def test_shapes_and_temperature_0(generator, clips):
    given = generate(generator, clips, num_samples=2)
    assert given["poses"].shape == (3, 2, 6, 13, 2)
    assert given["visibility"].shape == (3, 2, 6, 13)
    assert given["log_prob"].shape == (3, 2)
    first, second = given["poses"][:, 0], given["poses"][:, 1]
    np.testing.assert_allclose(first, second, rtol=1e-5)
    assert ((given["visibility"] >= 0) & (given["visibility"] <= 1)).all()


def test_unrolled_for_training_it_predicts_the_same(generator, clips):
    unrolled = generator(*clips, horizon=6)
    given = generate(generator, clips)["poses"][:, 0]
    np.testing.assert_allclose(unrolled, given, rtol=1e-4, atol=1e-2)


def test_samples_differ_and_obey_the_seed(generator, clips):
    first = generate(generator, clips, num_samples=3, temperature=1.0)
    again = generate(generator, clips, num_samples=3, temperature=1.0)
    np.testing.assert_array_equal(first["poses"], again["poses"])
    assert np.abs(first["poses"][:, 0] - first["poses"][:, 1]).max() > 1e-2
    median = generate(generator, clips, num_samples=1)
    assert (first["log_prob"] < median["log_prob"]).all()


def test_futures_depend_only_on_prefix_seed_and_number(generator, clips):
    three = generate(generator, clips, 6, num_samples=3, temperature=1.0)
    longer = generate(generator, clips, 9, num_samples=2, temperature=1.0)
    poses, visibility = clips
    for i in range(3):
        alone = (poses[i : i + 1], visibility[i : i + 1])
        one = generate(generator, alone, 6, num_samples=1, temperature=1.0)
        for name, value in one.items():
            np.testing.assert_allclose(
                three[name][i, :1], value[0], rtol=1e-3, atol=1e-3
            )
    np.testing.assert_allclose(
        longer["poses"][:, :, :6], three["poses"][:, :2], rtol=1e-3, atol=1e-2
    )


def still(frame, num_frames=10):
    """A prefix of one clip in which frame 0 of `frame` is repeated."""
    return tuple(np.repeat(value[:1, :1], num_frames, 1) for value in frame)


@pytest.fixture(params=["recurrent", "chunks", "embedded chunks"])
def generator(request, features):
    if request.param == "recurrent":
        return shake(RecurrentGenerator(features, units=7), seed=3)
    chunk_vae = None
    if request.param == "embedded chunks":
        size = motion_space.motion_space(features, 4.0).size
        chunk_vae = shake(ChunkVAE(CHUNK, size, latent_dim=5, hidden_dim=8))
    model = PoseGenerator(
        features,
        4,
        units=7,
        hidden_units=6,
        latent_dim=3,
        chunk_vae=chunk_vae,
    )
    return shake(model, seed=3)


@pytest.mark.parametrize("hidden", [False, True])
def test_a_still_prefix_continues_still(generator, clips, hidden):
    poses, visibility = still(clips)
    if not hidden:
        visibility = np.ones_like(visibility)
    given = generate(generator, (poses, visibility), horizon=60)
    future = given["poses"][0, 0]
    if isinstance(generator.space, motion_space.JointSpace):
        expected = np.repeat(poses[0, :1], 60, 0)
        seen = np.repeat(visibility[0, :1], 60, 0)
        np.testing.assert_allclose(future[seen], expected[seen], atol=1e-2)
        shown = given["visibility"][0, 0] > 0.5
        np.testing.assert_array_equal(shown, seen)
    else:  # The VAE decodes the pose that it embeds, and no other.
        np.testing.assert_allclose(future, future[:1].repeat(60, 0), atol=1e-2)
    moved = generate(generator, clips, horizon=60)["poses"][0, 0]
    assert np.abs(moved[-1] - moved[0]).max() > 1


def test_a_stopped_motion_stays_still_and_an_ongoing_one_does_not(clips):
    poses, visibility = (value[:1] for value in clips)
    model = shake(
        RecurrentGenerator(PoseFeatures(PoseTransform("penn_action")), 7)
    )
    stop = [np.repeat(value[:, -1:], 20, 1) for value in (poses, visibility)]
    stopped = (
        np.concatenate([poses, stop[0]], 1),
        np.concatenate([visibility, stop[1]], 1),
    )
    future = generate(model, stopped)["poses"][0, 0]
    np.testing.assert_allclose(future[-1], future[0], atol=1e-2)
    going_on = generate(model, (poses, visibility))["poses"][0, 0]
    assert np.abs(going_on[-1] - going_on[0]).max() > 1


def test_samples_after_a_still_prefix_move(generator, clips):
    future = generate(generator, still(clips), temperature=1.0)["poses"][0, 0]
    assert np.abs(future[-1] - future[0]).max() > 1


def test_the_gate_by_hand():
    # 1.6 motion units three frames ago count 0.2, which opens it fully; five
    # frames ago 0.05, which does not open it at all.
    motion = np.zeros((2, 6, 2), np.float32)
    motion[0, 2, 1] = -1.6
    motion[1, 0, 0] = 1.6
    known = np.ones((2, 6), bool)
    latest = stillness.latest_motion(tf.constant(motion), known)
    np.testing.assert_allclose(latest, [0.2, 0.05])
    np.testing.assert_allclose(stillness.gate(latest), [1, 0], atol=1e-6)
    half = tf.constant([0.125])
    np.testing.assert_allclose(stillness.gate(half), [0.5], rtol=1e-5)
    first = stillness.latest_motion(tf.constant(motion[:, :4]), known[:, :4])
    again = stillness.latest_motion(
        tf.constant(motion[:, 4:]), known[:, 4:], first
    )
    np.testing.assert_allclose(again, latest)


def test_nobody_is_held_of_whom_one_frame_is_known(generator, clips):
    poses, visibility = (x[:, :1] for x in clips)
    given = generate(generator, (poses, visibility))["poses"][:, 0]
    assert (np.abs(given[:, -1] - given[:, 0]).max((1, 2)) > 1).all()
    # However long nobody was there before.
    length = 400
    poses = tf.repeat(poses, length, axis=1)
    visibility = tf.repeat(visibility, length, axis=1)
    last = tf.range(length)[None, :, None] == length - 1
    late = generate(generator, (poses, visibility & last))["poses"][:, 0]
    assert (np.abs(late[:, -1] - late[:, 0]).max((1, 2)) > 1).all()
    unknown = stillness.latest_motion(
        tf.zeros((2, 3, 1)), tf.zeros((2, 3), tf.bool), tf.constant([-1.0, 0.8])
    )
    np.testing.assert_allclose(unknown, [-1, 0.1])


def test_a_stream_predicts_what_generate_predicts(generator, clips):
    poses, visibility = clips
    state = generator.stream_state(3)
    for t in range(9):
        output = generator.stream_step(poses[:, t], visibility[:, t], state)
        predicted = output.pop("pose")
        output.pop("visibility")
        state = output
        prefix = (poses[:, : t + 1], visibility[:, : t + 1])
        np.testing.assert_allclose(
            predicted,
            generate(generator, prefix, horizon=1)["poses"][:, 0, 0],
            rtol=1e-3,
            atol=5e-2,
        )


@pytest.mark.parametrize("guessed", [False, True])
@pytest.mark.parametrize("num_empty", [1, 120])
def test_frames_before_anybody_is_visible_do_not_count(
    generator, clips, late_clips, num_empty, guessed
):
    expected = generate(generator, clips)
    got = generate(generator, late_clips([num_empty] * 3, guessed))
    np.testing.assert_allclose(got["poses"], expected["poses"], rtol=1e-5)
    np.testing.assert_allclose(
        got["visibility"], expected["visibility"], atol=1e-5
    )


def test_each_clip_of_a_batch_starts_with_its_own_first_frame(
    generator, clips, late_clips
):
    poses, visibility = late_clips([0, 4, 6], False)
    got = generate(generator, (poses[:, :9], visibility[:, :9]))["poses"]
    for i, length in enumerate((9, 5, 3)):
        alone = [value[i : i + 1, :length] for value in clips]
        expected = generate(generator, alone)["poses"][0]
        np.testing.assert_allclose(got[i], expected, rtol=1e-5)


def test_a_stream_starts_with_the_first_visible_frame(generator, late_clips):
    poses, visibility = late_clips([2, 0, 5], True)
    state = generator.stream_state(3)
    for t in range(9):
        output = generator.stream_step(poses[:, t], visibility[:, t], state)
        predicted = output.pop("pose")
        output.pop("visibility")
        if t < 5:  # Nobody is there yet: nothing is known of their motion.
            for name in ("lstm_h", "lstm_c", "has_place", "has_expected"):
                np.testing.assert_array_equal(output[name][2], state[name][2])
        state = output
    prefix = (poses[:, :9], visibility[:, :9])
    np.testing.assert_allclose(
        predicted,
        generate(generator, prefix, horizon=1)["poses"][:, 0, 0],
        rtol=1e-3,
        atol=5e-2,
    )


def test_a_stream_continues_through_a_gap_from_its_own_prediction(
    generator, clips
):
    poses, visibility = clips
    state = generator.stream_state(3)
    output = generator.stream_step(
        poses[:, 0], tf.ones_like(visibility[:, 0]), state
    )
    expected = output["pose"]
    state = {k: v for k, v in output.items() if k not in ("pose", "visibility")}
    hidden = tf.zeros_like(visibility[:, 0])
    blind = generator.stream_step(poses[:, 1], hidden, state)
    told = generator.stream_step(expected, ~hidden, state)
    np.testing.assert_array_equal(blind["pose"], told["pose"])
    assert np.isfinite(blind["pose"]).all()


def test_saved_and_loaded_it_gives_the_same(generator, clips, tmp_path):
    generator.save(tmp_path / "generator.keras")
    loaded = keras.saving.load_model(tmp_path / "generator.keras")
    np.testing.assert_array_equal(
        generate(generator, clips)["poses"], generate(loaded, clips)["poses"]
    )
