"""Tests of the baselines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose_tf.models import baselines
from pose_tf.pose.transform import PoseTransform

# Three joints over three frames, of which the second hides in the last one
# and the third is never seen.
POSES = np.array(
    [
        [[0, 0], [10, 0], [99, 99]],
        [[1, 0], [12, 0], [98, 98]],
        [[3, 1], [-7, -7], [97, 97]],
    ],
    np.float32,
)[None]
VISIBILITY = np.array(
    [[True, True, False], [True, True, False], [True, False, False]]
)[None]


def test_zero_velocity_by_hand():
    got = baselines.zero_velocity(POSES, VISIBILITY, 2)
    # The hidden joint stays at (12, 0); the unseen one goes to the middle.
    pose = [[3, 1], [12, 0], [7.5, 0.5]]
    np.testing.assert_array_equal(got, [[pose, pose]])
    got = baselines.zero_velocity(POSES, None, 1)
    np.testing.assert_array_equal(got, POSES[:, -1:])


def test_guesses_are_trusted_but_what_is_missing_is_no_guess():
    poses = POSES.copy()
    poses[0, 2, 1] = poses[0, :, 2] = np.nan
    # As if the missing joints were the hidden ones above.
    for baseline in (baselines.zero_velocity, baselines.constant_velocity):
        np.testing.assert_array_equal(
            baseline(poses, None, 2), baseline(POSES, VISIBILITY, 2)
        )


def test_constant_velocity_by_hand():
    got = baselines.constant_velocity(POSES, VISIBILITY, 2)
    np.testing.assert_array_equal(
        got,
        [
            [
                [[5, 2], [12, 0], [7.5, 0.5]],
                [[7, 3], [12, 0], [7.5, 0.5]],
            ]
        ],
    )
    got = baselines.constant_velocity(POSES, None, 2)
    np.testing.assert_array_equal(
        got[0, 1], 3 * POSES[0, -1] - 2 * POSES[0, -2]
    )


@given(st.integers(0, 2**31))
def test_hidden_coordinates_never_matter(seed):
    rng = np.random.default_rng(seed)
    visibility = rng.uniform(size=VISIBILITY.shape) < 0.5
    noise = rng.choice([np.nan, np.inf, 1e30], POSES.shape)
    changed = np.where(visibility[..., None], POSES, noise).astype(np.float32)
    for baseline in (baselines.zero_velocity, baselines.constant_velocity):
        got = baseline(changed, visibility, 3)
        np.testing.assert_array_equal(got, baseline(POSES, visibility, 3))
        assert np.isfinite(got).all()
        assert got.dtype == np.float32


def test_unsigned_coordinates_do_not_wrap():
    poses = np.array([[[[9, 9]], [[4, 9]]]], np.uint8)
    got = baselines.constant_velocity(poses, None, 1)
    np.testing.assert_array_equal(got, [[[[-1, 9]]]])


def test_pca_keeps_a_plane_and_loses_the_rest():
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(6, 3)))[0].T
    z = rng.normal(size=(200, 3)) * [5, 3, 0.1]
    poses = (z @ basis + 1).reshape(200, 3, 2)
    pca = baselines.PCA(2).fit(poses)
    assert pca.transform(poses).shape == (200, 2)
    error = pca.inverse_transform(pca.transform(poses)) - poses
    # What is lost is the third direction: its spread, and nothing else.
    lost = np.sqrt((error**2).sum((1, 2)).mean())
    assert lost == pytest.approx(z[:, 2].std(), rel=0.05)
    again = baselines.PCA(3).fit(poses)
    np.testing.assert_allclose(
        again.inverse_transform(again.transform(poses)), poses
    )


def clips(num_clips, seed=0):
    """Batch of clips: in action 0 joint 0 rises, in action 1 it falls."""
    rng = np.random.default_rng(seed)
    action = np.arange(num_clips) % 2
    num_frames = rng.integers(4, 9, num_clips)
    poses = rng.normal(0, 0.1, (num_clips, 8, 13, 2)).astype(np.float32)
    poses += 20 * np.random.default_rng(0).normal(size=(13, 2))
    time = np.arange(8) / (num_frames[:, None] - 1)
    poses[:, :, 0, 1] += (2 * action - 1)[:, None] * 10 * (time - 0.5)
    inside = np.arange(8) < num_frames[:, None]
    return {
        "poses": np.where(inside[..., None, None], poses, 0),
        "visibility": np.repeat(inside[..., None], 13, -1),
        "num_frames": num_frames.astype(np.int32),
        "action": action,
    }


@pytest.mark.parametrize(
    "baseline", [baselines.NearestNeighbor, baselines.LogisticRegression]
)
@pytest.mark.parametrize("centred", [False, True])
def test_classifiers_distinguish_motions_of_any_length(baseline, centred):
    transform = PoseTransform("penn_action") if centred else None
    classifier = baseline(transform, num_frames=4).fit(
        [clips(30), clips(30, 1)], num_actions=3
    )
    test = clips(6, 2)
    probabilities = classifier.classify(
        test["poses"], test["visibility"], test["num_frames"]
    )
    np.testing.assert_array_equal(probabilities.argmax(-1), test["action"])
    np.testing.assert_allclose(probabilities.sum(-1), 1)
    assert not probabilities[:, 2].any()


def test_features_of_a_clip_ignore_its_padding_and_keep_its_ends():
    batch = clips(4)
    classifier = baselines.NearestNeighbor(None, num_frames=3)
    call = (batch["visibility"], batch["num_frames"])
    got = classifier.features(batch["poses"], *call).reshape(4, 3, 13, 2)
    for i, last in enumerate(batch["num_frames"] - 1):
        np.testing.assert_array_equal(got[i, 0], batch["poses"][i, 0])
        np.testing.assert_array_equal(got[i, 2], batch["poses"][i, last])
    noisy = np.where(batch["visibility"][..., None], batch["poses"], 1e6)
    np.testing.assert_array_equal(
        classifier.features(noisy, *call), got.reshape(4, -1)
    )


def test_nearest_neighbours_vote():
    poses = np.zeros((4, 1, 13, 2), np.float32)
    poses[:, 0, 0, 0] = [0, 1, 2, 10]
    train = {
        "poses": poses,
        "visibility": np.ones((4, 1, 13), bool),
        "num_frames": np.ones(4, np.int32),
        "action": np.array([0, 1, 1, 0]),
    }
    query = (poses[:1], train["visibility"][:1], [1])
    one = baselines.NearestNeighbor(None, 1, 1).fit([train], 2)
    np.testing.assert_allclose(one.classify(*query), [[1, 0]])
    three = baselines.NearestNeighbor(None, 1, 3).fit([train], 2)
    np.testing.assert_allclose(three.classify(*query), [[1 / 3, 2 / 3]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: baselines.zero_velocity(POSES, None, 0), "`horizon`"),
        (lambda: baselines.zero_velocity(POSES[0], None, 1), "`poses`"),
        (
            lambda: baselines.zero_velocity(POSES, VISIBILITY[:, :1], 1),
            "`visibility`",
        ),
        (
            lambda: baselines.constant_velocity(POSES[:, :1], None, 1),
            "at least 2 observed frames",
        ),
        (lambda: baselines.PCA(0), "`num_components`"),
        (lambda: baselines.PCA(3).fit(POSES[:, 0]), "`poses`"),
        (lambda: baselines.NearestNeighbor(None, 0), "`num_frames`"),
        (lambda: baselines.LogisticRegression(None).fit([], 2), "`batches`"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
