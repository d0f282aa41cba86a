"""Loaded generators: actions, prefixes of any length and rate, in a batch."""

import numpy as np
import pytest
import tensorflow as tf

import pose_tf
from pose_tf.models.features import PoseFeatures
from pose_tf.models.generator import PoseGenerator
from pose_tf.models.recurrent_generator import RecurrentGenerator
from pose_tf.pose import clip as clips
from pose_tf.pose import skeletons
from pose_tf.pose.transform import PoseTransform
from pose_tf.serving import generators, saved_model

J, T = 13, 11
ACTIONS = ("bowl", "squat", "jump_rope")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A generator of chunks that knows actions, and a recurrent one."""
    tf.keras.utils.set_random_seed(1)
    features = PoseFeatures(PoseTransform("penn_action"))
    chunks = PoseGenerator(features, len(ACTIONS), units=8, hidden_units=8)
    for weight in (chunks.head.kernel, chunks.action_embedding.kernel):
        weight.assign(20 * weight)
    folder = tmp_path_factory.mktemp("generators")
    saved_model.export_generator(chunks, folder / "chunks", ACTIONS)
    recurrent = RecurrentGenerator(features, units=8)
    saved_model.export_generator(recurrent, folder / "recurrent", ACTIONS)
    return {
        name: pose_tf.load(folder / name) for name in ("chunks", "recurrent")
    }


@pytest.fixture(scope="module")
def walks():
    """Poses [3, T, J, 2] of random walks, all visible."""
    rng = np.random.default_rng(0)
    start = rng.uniform(99, 299, (3, 1, J, 2))
    walk = rng.normal(0, 2, (3, T, J, 2)).cumsum(1) + start
    return walk.astype(np.float32)


@pytest.mark.parametrize("name", ["chunks", "recurrent"])
def test_prefixes_of_different_lengths_in_one_batch(exported, walks, name):
    generator = exported[name]
    lengths = np.array([11, 5, 3])
    poses = walks.copy()
    for i, length in enumerate(lengths):
        poses[i, length:] = 1e9  # Whatever lies beyond.
    together = generator.generate(
        poses, horizon=6, num_samples=2, num_frames=lengths
    )
    for i, length in enumerate(lengths):
        alone = generator.generate(walks[i, :length], horizon=6, num_samples=2)
        for key, value in alone.items():
            np.testing.assert_allclose(
                together[key][i], value, rtol=1e-4, atol=1e-2
            )
    with pytest.raises(ValueError, match="`num_frames` must be between"):
        generator.generate(walks, num_frames=[12, 1, 1])


def test_ends_of_prefixes_are_aligned_by_hand():
    poses = np.arange(6.0).reshape(2, 3, 1, 1)  # 0 1 2 and 3 4 5.
    given, seen = generators.align_ends(
        poses, np.ones((2, 3, 1), bool), np.array([3, 1])
    )
    np.testing.assert_array_equal(
        given[..., 0, 0], [[0, 1, 2], [np.nan, np.nan, 3]]
    )
    np.testing.assert_array_equal(
        seen[..., 0], [[True] * 3, [False, False, True]]
    )


def test_an_action_goes_on_that_is_named(exported, walks):
    generator = exported["chunks"]
    assert generator.actions == ACTIONS

    def future(**options):
        return generator.generate(walks, horizon=5, **options)["poses"]

    plain, squat = future(), future(action="squat")
    assert np.abs(squat - plain).max() > 1e-2
    mixed = future(action=["squat", None, "squat"])
    np.testing.assert_allclose(mixed[[0, 2]], squat[[0, 2]], atol=1e-3)
    np.testing.assert_allclose(mixed[1], plain[1], atol=1e-3)
    one = generator.generate(walks[0], horizon=5, action="squat")["poses"]
    np.testing.assert_allclose(one, squat[0], atol=1e-3)


@pytest.mark.parametrize(
    "action", ["swim", ["squat"], ["squat", "bowl", "swim"], [0, 1, 2]]
)
def test_an_action_that_is_not_known(exported, walks, action):
    with pytest.raises(ValueError, match="`action` must be one of bowl, squat"):
        exported["chunks"].generate(walks, action=action)


def test_a_recurrent_generator_knows_no_action(exported, walks):
    assert exported["recurrent"].actions == ()
    with pytest.raises(ValueError, match="the model knows none"):
        exported["recurrent"].generate(walks, action="squat")


def test_the_endpoint_refuses_an_action_out_of_bounds(exported, walks):
    def call(*actions):
        return exported["chunks"]._call(
            "generate_action",
            poses=walks,
            visibility=np.ones(walks.shape[:3], bool),
            action=np.array(actions, np.int32),
            horizon=np.int32(5),
            num_samples=np.int32(1),
            temperature=np.float32(0),
            seed=np.int32([0, 0]),
        )

    assert np.isfinite(call(-1, 0, 2)["poses"]).all()
    with pytest.raises(tf.errors.InvalidArgumentError, match="`action` must"):
        call(0, 1, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="`action` must"):
        call(0)


def test_a_prefix_of_half_the_rate_goes_on_at_that_rate(exported, walks):
    generator = exported["chunks"]
    slow = walks[:, ::2]  # 6 frames at 15 per second are 11 at 30.
    between = (slow[:, :-1] + slow[:, 1:]) / 2
    whole = np.zeros_like(walks)
    whole[:, ::2], whole[:, 1::2] = slow, between
    expected = generator.generate(whole, horizon=8, num_samples=2)
    given = generator.generate(slow, horizon=4, num_samples=2, fps=15)
    for key in ("poses", "visibility"):
        np.testing.assert_allclose(
            given[key], expected[key][:, :, 1::2], rtol=1e-4, atol=1e-2
        )
    recording = clips.Clip(
        poses=slow[0],
        visibility=np.ones(slow.shape[1:3], bool),
        skeleton=skeletons.PENN_ACTION,
        fps=15.0,
    )
    again = generator.generate(recording, horizon=4, num_samples=2)
    np.testing.assert_allclose(again["poses"], given["poses"][0], atol=1e-2)


def test_a_prefix_of_twice_the_rate_begins_between_frames(exported, walks):
    generator = exported["chunks"]
    fast = walks[0, :11]  # Its frames 0, 2 ... 10 are those at 30 per second.
    expected = generator.generate(fast[::2], horizon=2)["poses"][0]
    given = generator.generate(fast, horizon=4, fps=60)["poses"][0]
    np.testing.assert_allclose(given[1::2], expected, rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(given[0], (fast[-1] + expected[0]) / 2, atol=0.1)


@pytest.mark.parametrize("fps", [0, -5.0, np.nan, [30, 30]])
def test_a_rate_that_is_none(exported, walks, fps):
    with pytest.raises(ValueError, match="`fps` must be a positive number"):
        exported["chunks"].generate(walks, fps=fps)
