"""What loaded models may be given; that they ask is in test_inference.py."""

import numpy as np
import pytest

from pose_tf.pose import skeletons
from pose_tf.serving import inputs

JOINTS = skeletons.PENN_ACTION.joints
J, D = len(JOINTS), 2


def test_a_clip_becomes_a_batch_and_what_is_not_finite_is_missing():
    poses = np.arange(1.0, 2 * J * D + 1).reshape(2, J, D).tolist()
    poses[1][3][0] = np.nan
    taken, visible, batched = inputs.clips(poses, None, JOINTS, D)
    assert taken.shape == (1, 2, J, D) and taken.dtype == np.float32
    assert not batched
    assert np.isnan(taken[0, 1, 3]).all()
    np.testing.assert_array_equal(np.argwhere(~visible), [[0, 1, 3]])
    again, _, batched = inputs.clips(taken, visible, JOINTS, D)
    assert batched
    np.testing.assert_array_equal(again, taken)


def test_zeros_of_a_detector_are_missing():
    poses = np.ones((2, J, D))
    poses[1, 3] = 0
    taken, visible, _ = inputs.clips(poses, None, JOINTS, D)
    assert np.argwhere(~visible).tolist() == [[0, 1, 3]]
    assert np.isnan(taken[0, 1, 3]).all()
    # One coordinate may be 0, and both if the joint is said to be visible.
    poses[1, 3] = 0, 1
    assert inputs.clips(poses, None, JOINTS, D)[1].all()
    poses[1, 3] = 0
    everything = np.ones((2, J), bool)
    taken, visible, _ = inputs.clips(poses, everything, JOINTS, D)
    assert visible.all() and np.isfinite(taken).all()


def test_guesses_of_hidden_joints_stay_wherever_they_are():
    poses, visible = np.ones((2, J, D)), np.ones((2, J), bool)
    visible[0, 5] = visible[1, 3] = False
    poses[1, 3] = 0
    taken, _, _ = inputs.clips(poses, visible, JOINTS, D)
    np.testing.assert_array_equal(taken[0, 0, 5], [1, 1])
    assert np.isnan(taken[0, 1, 3]).all()


def test_masked_arrays_keep_their_mask():
    poses = np.ma.masked_array(np.full((2, J, D), 5), False)
    poses[1, 3, 0] = np.ma.masked
    taken, visible, _ = inputs.clips(poses, None, JOINTS, D)
    assert np.argwhere(~visible).tolist() == [[0, 1, 3]]
    assert np.isnan(taken[0, 1, 3]).all()
    flags = np.ma.masked_array(np.ones((2, J), bool), False)
    flags[0, 2] = np.ma.masked
    _, visible, _ = inputs.clips(np.ones((2, J, D)), flags, JOINTS, D)
    assert np.argwhere(~visible).tolist() == [[0, 0, 2]]
    with pytest.raises(ValueError, match=r"in frame 1, \w+_elbow"):
        inputs.clips(poses, np.ones((2, J), bool), JOINTS, D)


def test_somebody_must_be_visible():
    seen = np.zeros((3, 4, J), bool)
    seen[0, 3, 2] = seen[2, 0, 0] = True
    inputs.require_somebody(seen[::2])
    with pytest.raises(ValueError, match="`visibility`.*none in 4 .* clip 1"):
        inputs.require_somebody(seen)
    with pytest.raises(ValueError, match="`poses` must.* none in 4 frames$"):
        inputs.require_somebody(seen[1:2])


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((np.ones((J, D)),), r"`poses` must be \[T, 13, 2\].*d: \(13, 2\)"),
        ((np.ones((1, 1, 1, J, D)),), r"Received: \(1, 1, 1, 13, 2\)"),
        ((np.ones((3, 17, 2)),), r"model's 13 joints .*Received: \(3, 17, 2"),
        ((np.ones((3, J, 3)),), r"Received: \(3, 13, 3\)"),
        ((np.ones((0, J, D)),), r"one frame\. Received: \(0, 13, 2\)"),
        ((np.ones((0, 3, J, D)),), r"one clip .* Received: \(0, 3, 13, 2\)"),
        ((np.ones((3, J, D), complex),), "`poses` .*real.*d: complex128"),
        ((np.ones((3, J, D), bool),), "`poses` .*real.* Received: bool"),
        ((np.full((3, J, D), "1"),), "`poses` must hold real numbers.*<U1"),
        (([[1], [2, 3]],), "`poses` must be an array. Received: "),
        (
            (np.ones((3, J, D)), np.ones((3, J))),
            "`visibility` must be bool.*Received: float64",
        ),
        (
            (np.ones((3, J, D)), np.ones((2, J), bool)),
            r"`visibility` must be \(3, 13\).*Received: \(2, 13\)",
        ),
    ],
)
def test_clips_that_do_not_fit(arguments, message):
    poses, visibility = (*arguments, None)[:2]
    with pytest.raises(ValueError, match=message):
        inputs.clips(poses, visibility, JOINTS, D)


@pytest.mark.parametrize("bad", [np.nan, -np.inf, 1e300, 1e20, -1.1e6])
def test_visible_joints_must_be_finite_and_within_reason(bad):
    poses, visible = np.ones((3, J, D)), np.ones((3, J), bool)
    poses[1, 5, 0] = bad
    message = "`poses` must be finite, and at most 1,000,000 pixels .* in {}$"
    place = "frame 1, right_wrist"
    with pytest.raises(ValueError, match=message.format(place)):
        inputs.clips(poses, visible, JOINTS, D)
    batch = np.stack([np.ones_like(poses), poses])
    with pytest.raises(ValueError, match=message.format(f"clip 1, {place}")):
        inputs.clips(batch, np.stack([visible, visible]), JOINTS, D)
    # Without visibility, a joint is missing if it is not finite, not if it is
    # far away.
    if np.isfinite(bad):
        with pytest.raises(ValueError, match=message.format(place)):
            inputs.clips(poses, None, JOINTS, D)
    else:
        assert not inputs.clips(poses, None, JOINTS, D)[1][0, 1, 5]


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e20])
def test_an_invisible_joint_beyond_reason_is_missing(bad):
    poses, visible = np.ones((3, J, D)), np.ones((3, J), bool)
    poses[1, 5, 0], visible[1, 5] = bad, False
    taken, _, _ = inputs.clips(poses, visible, JOINTS, D)
    assert np.argwhere(np.isnan(taken).any(-1)).tolist() == [[0, 1, 5]]


def test_padding_is_not_checked():
    poses, visible = np.ones((3, J, D)), np.ones((3, J), bool)
    poses[2] = np.nan
    _, seen, _ = inputs.clips(poses, visible, JOINTS, D, num_frames=2)
    assert seen[0].any(-1).tolist() == [True, True, False]
    with pytest.raises(ValueError, match="in frame 2, "):
        inputs.clips(poses, visible, JOINTS, D, num_frames=3)


def test_errors_name_the_argument_that_was_given():
    with pytest.raises(ValueError, match="^`pose` must be finite"):
        inputs.clips(np.full((1, J, D), 1e9), None, JOINTS, D, name="pose")


def test_a_pose_must_have_exactly_the_shape():
    assert inputs.pose("pose_a", [[1, 2]], (1, 2)).dtype == np.float32
    with pytest.raises(ValueError, match=r"`pose_a` must be \(1, 2\).*\(2,\)"):
        inputs.pose("pose_a", [1, 2], (1, 2))


def test_latents_of_a_clip_become_a_batch():
    z, root = np.ones((4, 3)), np.ones((4, D))
    latents, batched = inputs.latents(z, root, 2.0, 3, D)
    assert not batched
    assert {name: value.shape for name, value in latents.items()} == {
        "z": (1, 4, 3),
        "root": (1, 4, D),
        "scale": (1,),
    }
    assert inputs.latents(*latents.values(), 3, D)[1]
    latents, _ = inputs.latents(z, root, np.ones(4), 3, D)
    assert latents["scale"].shape == (1, 4)


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("z", np.nan, r"`z` must be finite .* nan in frame 2$"),
        ("z", 1e5, r"`z` must be finite and at most 10,000. .* in frame 2$"),
        ("root", -np.inf, r"`root` must be finite .* -inf in frame 2$"),
        ("scale", 0, r"`scale` must be positive, .* Received: 0.0 in frame 2$"),
        ("scale", -3, r"`scale` must be positive, .* Received: -3.0 in fr"),
        ("scale", np.nan, r"`scale` must be positive, .* Received: nan in fr"),
    ],
)
def test_latents_beyond_reason(name, value, message):
    given = {"z": np.ones((4, 3)), "root": np.ones((4, D)), "scale": np.ones(4)}
    given[name][2] = value
    with pytest.raises(ValueError, match=message):
        inputs.latents(*given.values(), 3, D)
    batch = [np.stack([np.ones_like(v), v]) for v in given.values()]
    with pytest.raises(ValueError, match="in clip 1, frame 2$"):
        inputs.latents(*batch, 3, D)


def test_one_scale_must_be_positive():
    with pytest.raises(ValueError, match="`scale` must .* Received: 0.0$"):
        inputs.latents(np.ones((4, 3)), np.ones((4, D)), 0, 3, D)
    with pytest.raises(ValueError, match="`scale` must .* in clip 1$"):
        inputs.latents(np.ones((2, 4, 3)), np.ones((2, 4, D)), [1, -1], 3, D)


@pytest.mark.parametrize(
    "z, root, scale, message",
    [
        ((4, 2), (4, 2), (), r"`z` must be \[T, 3\].*Received: \(4, 2\)"),
        ((3,), (3, 2), (), r"`z` must be .*Received: \(3,\)"),
        ((4, 3), (3, 2), (), r"`root` must be \(4, 2\), as `z` .*\(3, 2\)"),
        ((4, 3), (4, 2), (1,), r"`scale` must be \(\) or \(4,\).*d: \(1,\)"),
        ((5, 4, 3), (5, 4, 2), (), r"`scale` .*\(5,\) or \(5, 4\).*\(\)"),
    ],
)
def test_latents_that_do_not_fit(z, root, scale, message):
    with pytest.raises(ValueError, match=message):
        inputs.latents(np.ones(z), np.ones(root), np.ones(scale), 3, D)


def test_there_is_one_length_per_clip():
    for given, batched, expected in (
        (None, True, [9, 9]),
        ([3, 9], True, [3, 9]),
        (None, False, [9]),
        (4, False, [4]),
    ):
        found = inputs.lengths(given, len(expected), 9, batched)
        assert found.tolist() == expected and found.dtype == np.int32


@pytest.mark.parametrize(
    "num_frames, message",
    [
        (0, "between 1 and 3.* Received: 0"),
        (4, "between 1 and 3.* Received: 4"),
        ([3], "`num_frames` must be an integer"),
        (2.0, "`num_frames` must be an integer. Received: "),
    ],
)
def test_lengths_that_do_not_fit(num_frames, message):
    with pytest.raises(ValueError, match=message):
        inputs.lengths(num_frames, 1, 3, batched=False)
    with pytest.raises(ValueError, match="must be 2 integers"):
        inputs.lengths([3], 2, 3, batched=True)


@pytest.mark.parametrize("value", [-0.5, np.nan, np.inf, [1, 2]])
def test_temperatures_out_of_range(value):
    with pytest.raises(ValueError, match="`temperature` must .* Received: "):
        inputs.temperature(value)


@pytest.mark.parametrize("value", [0, 2.5, True, 2**31, "3", None])
def test_counts_out_of_range(value):
    with pytest.raises(ValueError, match="`horizon` must .* at least 1. Rec"):
        inputs.count("horizon", value)


def test_counts_and_seeds_are_int32():
    assert inputs.count("num_steps", np.int64(2), least=2) == 2
    assert inputs.count("num_steps", 2**31 - 1).dtype == np.int32
    for value in (7, (0, 7), np.array([0, 7])):
        assert inputs.seed(value).tolist() == [0, 7]
    assert inputs.seed(7).dtype == np.int32


@pytest.mark.parametrize("value", [2**31, (1, 2, 3), 0.5, True, (1, 2**31)])
def test_seeds_out_of_range(value):
    with pytest.raises(ValueError, match="`seed` must be an integer .* Rec"):
        inputs.seed(value)
