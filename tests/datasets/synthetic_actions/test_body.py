"""The kinematics, by hand-worked poses and for all of them."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from pose_tf.datasets.synthetic_actions import body

# Lengths that make sums easy.
BODY = body.Body(
    height=2.0,
    lengths={
        "head": 0.25,
        "trunk": 0.5,
        "shoulder_width": 0.4,
        "hip_width": 0.2,
        "arm": 0.3,
        "forearm": 0.2,
        "thigh": 0.4,
        "shank": 0.4,
    },
)
BONES = {  # What a bone's length must be.
    ("left_shoulder", "right_shoulder"): 0.4,
    ("left_shoulder", "left_elbow"): 0.3,
    ("right_elbow", "right_wrist"): 0.2,
    ("left_hip", "right_hip"): 0.2,
    ("right_hip", "right_knee"): 0.4,
    ("left_knee", "left_ankle"): 0.4,
}


def angles(num_frames=1, **values):
    result = np.zeros((num_frames, len(body.CHANNELS)))
    for name, value in values.items():
        result[:, body.channel(name)] = value
    return result


def place(joints, name):
    return joints[:, body.SKELETON.joints.index(name)]


def test_upright_figure():
    joints = body.joints(angles(), BODY)[0]
    expected = [
        [0, 1.55, 0],  # Head: legs 0.8, trunk 0.5, head 0.25.
        [-0.2, 1.3, 0],
        [0.2, 1.3, 0],
        [-0.2, 1.0, 0],
        [0.2, 1.0, 0],
        [-0.2, 0.8, 0],
        [0.2, 0.8, 0],
        [-0.1, 0.8, 0],
        [0.1, 0.8, 0],
        [-0.1, 0.4, 0],
        [0.1, 0.4, 0],
        [-0.1, 0, 0],
        [0.1, 0, 0],
    ]
    np.testing.assert_allclose(joints, expected, atol=1e-12)


@pytest.mark.parametrize(
    "values, joint, expected",
    [
        ({"left_arm": 90}, "left_elbow", [0.2, 1.3, 0.3]),
        ({"left_arm_out": 90}, "left_elbow", [0.5, 1.3, 0]),
        ({"right_arm_out": 90}, "right_elbow", [-0.5, 1.3, 0]),
        ({"right_arm": 180}, "right_elbow", [-0.2, 1.6, 0]),
        ({"lean": 90}, "head", [0, 0.8, 0.75]),
        ({"lean": 90, "nod": -90}, "head", [0, 1.05, 0.5]),
        ({"side_lean": 90}, "head", [0.75, 0.8, 0]),
        ({"twist": 90}, "left_shoulder", [0, 1.3, -0.2]),
        ({"twist": 90, "left_arm": 90}, "left_elbow", [0.3, 1.3, -0.2]),
        ({"yaw": 90}, "left_shoulder", [0, 1.3, -0.2]),
        ({"lift": 10}, "left_ankle", [0.1, 0.2, 0]),  # 10 % of 2 m.
        ({"lift": -10}, "left_ankle", [0.1, 0, 0]),
        ({"left_thigh": 90}, "left_knee", [0.1, 0.8, 0.4]),
    ],
)
def test_one_angle(values, joint, expected):
    joints = body.joints(angles(**values), BODY)
    np.testing.assert_allclose(place(joints, joint)[0], expected, atol=1e-12)


any_angles = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).uniform(
        -180, 180, (5, len(body.CHANNELS))
    )
)


@hypothesis.given(any_angles)
def test_bones_keep_their_lengths(values):
    joints = body.joints(values, BODY)
    for (a, b), length in BONES.items():
        measured = np.linalg.norm(place(joints, a) - place(joints, b), axis=-1)
        np.testing.assert_allclose(measured, length, atol=1e-9)


@hypothesis.given(any_angles)
def test_lower_foot_stands_on_the_floor(values):
    values[:, body.channel("lift")] = -1
    joints = body.joints(values, BODY)
    feet = np.stack([place(joints, f"{s}_ankle") for s in body.SIDES])
    np.testing.assert_allclose(feet[..., 1].min(axis=0), 0, atol=1e-9)


@hypothesis.given(any_angles)
def test_left_hander_is_the_mirror_image(values):
    joints = body.joints(values, BODY)
    mirrored = body.joints(body.mirror(values), BODY)
    expected = joints[:, body.SKELETON.mirror_indices] * [-1, 1, 1]
    np.testing.assert_allclose(mirrored, expected, atol=1e-9)


def test_standing_foot_does_not_slip():
    """The left leg swings back while the right one is up: the body goes on."""
    values = angles(9, right_thigh=80)
    values[:, body.channel("left_thigh")] = np.linspace(20, -20, 9)
    values[:, body.channel("left_shank")] = np.linspace(20, -20, 9)
    joints = body.joints(values, BODY)
    foot = place(joints, "left_ankle")
    np.testing.assert_allclose(foot - foot[0], 0, atol=1e-3)
    hip = place(joints, "left_hip")
    step = 2 * 0.8 * np.sin(np.radians(20))  # Of a leg of 0.8 m.
    np.testing.assert_allclose((hip[-1] - hip[0])[2], step, atol=1e-3)


def test_random_bodies_differ_within_reason():
    rng = np.random.default_rng(0)
    bodies = [body.random_body(rng) for _ in range(200)]
    heights = np.array([random.height for random in bodies])
    assert 1.5 <= heights.min() < 1.6 and 1.85 < heights.max() <= 1.95
    for part, share in body.PROPORTIONS.items():
        shares = [random.lengths[part] / random.height for random in bodies]
        np.testing.assert_allclose(np.mean(shares), share, rtol=0.02)
        assert 0.8 * share <= min(shares) and max(shares) <= 1.2 * share
