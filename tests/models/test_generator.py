"""The generator of chunks: latents, actions and its loss."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import draws
from pose_tf.models.features import PoseFeatures
from pose_tf.models.generator import PoseGenerator
from pose_tf.pose.transform import PoseTransform
from tests.models.conftest import moving, shake
from tests.models.test_continuation import SEED, generate


def small(features):
    return PoseGenerator(features, 4, units=7, hidden_units=6, latent_dim=3)


@pytest.fixture
def generator(features):
    return shake(small(features), seed=3)


@pytest.fixture
def raw():
    return small(PoseFeatures(PoseTransform("penn_action")))


def test_log_prob_is_that_of_the_latents(generator, clips):
    # Of 7 frames two chunks are drawn: 3 latents of 3 numbers, all 0 here.
    given = generate(generator, clips, horizon=7)["log_prob"]
    np.testing.assert_allclose(given, -0.5 * 9 * np.log(2 * np.pi), rtol=1e-5)
    drawn = generate(generator, clips, 7, num_samples=3, temperature=1.0)
    assert (drawn["log_prob"] < given[:, :1]).all()
    assert np.ptp(drawn["log_prob"][0]) > 0.1


def test_joints_of_a_new_model_stay_as_visible_as_they_were(raw, clips):
    given = generate(raw, clips, 60, num_samples=2, temperature=1.0)
    seen = np.asarray(clips[1])[:, None, -1:]
    # p = sigmoid(4 * (2 * p - 1)) has the solutions 0.979 and 0.021.
    expected = np.where(seen, 0.979, 0.021)
    np.testing.assert_allclose(
        given["visibility"], np.tile(expected, (1, 2, 60, 1)), atol=0.02
    )


def test_visibility_is_what_the_decoder_says(raw, clips):
    bias = np.zeros(raw.head.bias.shape)
    bias[
        -raw.skeleton.num_joints :
    ] = -20  # All joints of the chunk's last frame.
    raw.head.bias.assign(bias)
    given = generate(raw, clips, 6)["visibility"][:, 0]
    assert (given[:, 4] < 1e-3).all() and (given[:, 3] > 0.01).all()
    frame = raw.stream_step(
        clips[0][:, 0], clips[1][:, 0], raw.stream_state(3)
    )["visibility"]
    assert (frame.numpy() > 0.01).all()


def test_a_future_is_drawn_with_one_latent_for_all_of_it(generator, clips):
    state, _ = generator.observe(*clips)
    state = generator.conditioned(state, None)
    latents = np.zeros((3, 3, 3), np.float32)
    rollouts = []
    for changed in (None, 0, 1, 2):
        drawn = latents.copy()
        if changed is not None:
            drawn[:, changed] = 2
        _, coordinates, _ = generator.draw(
            state, tf.constant(drawn), tf.zeros((3, 1))
        )
        rollouts.append(coordinates.numpy())
    plain, whole, first, second = rollouts
    assert np.abs(whole - plain)[:, :5].max() > 1e-3
    assert np.abs(first - plain)[:, :5].max() > 1e-3
    np.testing.assert_array_equal(second[:, :5], plain[:, :5])
    assert np.abs(second - plain)[:, 5:].max() > 1e-3


def test_an_action_changes_what_goes_on_and_an_unknown_one_does_not(
    generator, clips
):
    def future(action):
        return generator.generate(
            *clips, 6, 1, 1.0, SEED, action=action and tf.constant(action)
        )["poses"].numpy()

    plain = future(None)
    np.testing.assert_array_equal(future([-1, -1, 9]), plain)
    drawn = generator.recognizer.bias
    drawn.assign([-99.0, -99.0, 99.0, -99.0])
    np.testing.assert_array_equal(future([2, 2, 2]), future(None))
    assert np.abs(future(None) - plain).max() > 1e-2
    drawn.assign([0.0, 0.0, 0.0, 0.0])
    plain = future(None)
    known = future([-1, 2, -1])
    np.testing.assert_array_equal(known[[0, 2]], plain[[0, 2]])
    assert np.abs(known[1] - plain[1]).max() > 1e-2


def test_actions_are_drawn_as_often_as_they_are_likely(generator, clips):
    generator.recognizer.kernel.assign(0 * generator.recognizer.kernel)
    share = [0.5, 0.25, 0.25, 1e-9]
    generator.recognizer.bias.assign(np.log(share))
    state, _ = generator.observe(*clips)
    state = generator.conditioned(state, tf.constant([-1, 1, -1]))
    np.testing.assert_allclose(state["action"][0], share, atol=1e-6)
    np.testing.assert_array_equal(state["action"][1], [0, 1, 0, 0])
    many = tf.nest.map_structure(lambda x: tf.repeat(x, 4000, axis=0), state)
    gumbel = draws.gumbel(4000, (4,), SEED)
    state, log_prob = generator.drawn(many, tf.tile(gumbel, [3, 1]))
    action = state["action"].numpy()
    np.testing.assert_allclose(action[:4000].mean(0), share, atol=0.03)
    np.testing.assert_array_equal(action[4000:8000, 1], 1)
    assert set(np.round(np.exp(log_prob[:4000]), 4)) == {0.5, 0.25}
    np.testing.assert_array_equal(log_prob[4000:8000], 0)


def test_a_new_model_repeats_the_last_frame_almost(raw, clips):
    poses, visibility = clips[0], tf.ones_like(clips[1])
    given = generate(raw, (poses, visibility))["poses"][:, 0]
    last = np.repeat(poses[:, -1:], 6, axis=1)
    assert np.abs(given - last).max() < 5  # Pixels.


def batch_of(poses, visibility, action=(0, 1, 2), num_frames=None):
    count, length = visibility.shape[:2]
    return {
        "poses": poses,
        "visibility": visibility,
        "action": tf.constant(action),
        "num_frames": tf.constant(num_frames or [length] * count),
    }


def test_hidden_targets_and_padding_do_not_matter(generator):
    poses, visibility = moving(3, 17)
    seen = visibility.numpy()
    seen[1, 12:] = False  # Padding.
    poses = tf.where(seen[..., None], poses, 0.0)
    other = tf.where(seen[..., None], poses, np.nan)
    losses = [
        float(
            generator.compute_loss(
                batch_of(x, tf.constant(seen)), SEED, prefix=7, horizon=10
            )[0]
        )
        for x in (poses, other)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert np.isfinite(losses[0])


def test_padding_says_nothing_of_visibility(raw):
    poses, visibility = moving(3, 17)
    # The same windows, once taken for people who are hidden in the end.
    inside = tf.sequence_mask([17, 12, 17], 17)[..., None]
    hidden = batch_of(poses, visibility & inside)
    padded = batch_of(poses, visibility & inside, num_frames=[17, 12, 17])
    more, less = (
        float(raw.compute_loss(x, SEED, prefix=7, horizon=10)[0])
        for x in (hidden, padded)
    )
    assert more > less + 1e-3


def test_the_loss_trains_every_weight_and_is_of_the_seed_alone(generator):
    batch = batch_of(*moving(3, 37))
    batch["num_forward"] = tf.constant([37, 20, 9])

    def loss(seed):
        return generator.compute_loss(
            batch, seed, prefix=7, horizon=10, longest=30
        )[0]

    with tf.GradientTape() as tape:
        value = loss(SEED)
    gradients = tape.gradient(value, generator.trainable_variables)
    for weight, gradient in zip(
        generator.trainable_variables, gradients, strict=True
    ):
        gradient = tf.convert_to_tensor(gradient)
        assert np.isfinite(gradient).all(), weight.path
        assert np.abs(gradient).max() > 0, weight.path
    assert float(loss(SEED)) == float(value)
    assert float(loss(SEED + 1)) != float(value)


def test_training_learns_to_move_where_the_truth_is_uncertain():
    # People step left or right by chance: the mean stays, samples must not.
    rng = np.random.default_rng(0)
    figure = rng.normal(0, 40, (1, 1, 13, 2)) + 200
    side = rng.choice([-1.0, 1.0], (64, 1, 1, 1))
    time = np.maximum(np.arange(12) - 6, 0)[None, :, None, None]
    poses = figure + side * time * [8.0, 0.0]
    poses = tf.constant(poses, tf.float32)
    visibility = tf.ones(poses.shape[:3], tf.bool)
    batch = batch_of(poses, visibility, [0] * 64)
    model = PoseGenerator(
        PoseFeatures(PoseTransform("penn_action")),
        1,
        units=8,
        hidden_units=16,
        latent_dim=2,
    )
    optimizer = tf.keras.optimizers.Adam(5e-3)

    @tf.function
    def step(seed):
        with tf.GradientTape() as tape:
            loss, _ = model.compute_loss(batch, seed, prefix=7, horizon=5)
        weights = model.trainable_variables
        gradients = tape.gradient(loss, weights)
        optimizer.apply_gradients(zip(gradients, weights, strict=True))

    for i in range(150):
        step(tf.constant([0, i]))
    prefix = (poses[:1, :7], visibility[:1, :7])
    samples = generate(model, prefix, 5, num_samples=40, temperature=1.0)
    moved = samples["poses"][0, :, -1, 0, 0] - poses[0, 6, 0, 0].numpy()
    assert (moved > 20).mean() > 0.2 and (moved < -20).mean() > 0.2
    assert np.abs(moved).mean() == pytest.approx(40, abs=15)
