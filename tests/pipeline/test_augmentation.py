"""Augmentation, by numbers worked out by hand."""

import math

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.pipeline import augmentation


def batch_of(poses, visibility=None, boxes=None, num_frames=None):
    """A batch from poses (B, L, 3, 2); all visible, boxes (1, 2, 5, 4)."""
    poses = np.asarray(poses, np.float32)
    num_windows, length = poses.shape[:2]
    if visibility is None:
        visibility = np.ones(poses.shape[:3], np.bool_)
    if boxes is None:
        boxes = np.tile(np.float32([1, 2, 5, 4]), (num_windows, length, 1))
    if num_frames is None:
        num_frames = [length] * num_windows
    return {
        "poses": tf.constant(poses),
        "visibility": tf.constant(visibility),
        "boxes": tf.constant(boxes, tf.float32),
        "num_frames": tf.constant(num_frames, tf.int32),
    }


POSE = [(1, 2), (3, 2), (2, 0)]  # Left hip, right hip, head.


class TestMirror:
    def test_swaps_left_and_right_about_the_centre(self, figure):
        seen = [[[True, False, True]]] * 2
        batch = batch_of([[POSE], [POSE]], seen)
        centre = tf.constant([[10.0, 7.0]] * 2)
        out = augmentation.mirror(
            batch, tf.constant([True, False]), figure, centre
        )
        # About x = 10: 1, 3 and 2 become 19, 17 and 18; the left hip takes
        # what was the right hip's.
        np.testing.assert_allclose(
            out["poses"][0, 0], [(17, 2), (19, 2), (18, 0)]
        )
        assert out["visibility"][0, 0].numpy().tolist() == [False, True, True]
        np.testing.assert_allclose(out["boxes"][0, 0], [15, 2, 19, 4])
        for key in ("poses", "visibility", "boxes"):
            np.testing.assert_array_equal(out[key][1], batch[key][1])

    def test_twice_is_nothing(self, figure):
        batch = batch_of(np.random.default_rng(0).normal(size=(2, 3, 3, 2)))
        yes, centre = tf.constant([True, True]), tf.constant([[1.0, 0.0]] * 2)
        out = batch
        for _ in range(2):
            out = augmentation.mirror(out, yes, figure, centre)
        np.testing.assert_allclose(out["poses"], batch["poses"], atol=1e-6)
        np.testing.assert_allclose(out["boxes"], batch["boxes"], atol=1e-6)

    def test_padding_stays_padding(self, figure):
        poses = np.zeros((1, 2, 3, 2))
        poses[0, 0] = POSE
        batch = batch_of(poses, num_frames=[1])
        out = augmentation.mirror(
            batch, tf.constant([True]), figure, tf.constant([[10.0, 0.0]])
        )
        assert np.isnan(out["poses"][0, 1]).all()
        assert not np.any(out["boxes"][0, 1])


class TestMove:
    def move(self, batch, factor=1.0, angle=0.0, shift=(0, 0), centre=(0, 0)):
        return augmentation.move(
            batch,
            tf.constant([factor]),
            tf.constant([angle]),
            tf.constant([shift], tf.float32),
            tf.constant([centre], tf.float32),
        )

    def test_scale_about_the_centre(self):
        out = self.move(batch_of([[POSE]]), factor=2.0, centre=(1, 1))
        np.testing.assert_allclose(
            out["poses"][0, 0], [(1, 3), (5, 3), (3, -1)]
        )
        # The box 1..5 x 2..4 about (1, 1).
        np.testing.assert_allclose(out["boxes"][0, 0], [1, 3, 9, 7])

    def test_rotation_from_x_towards_y(self):
        out = self.move(batch_of([[POSE]]), angle=math.pi / 2, centre=(1, 1))
        # (dx, dy) becomes (-dy, dx).
        np.testing.assert_allclose(
            out["poses"][0, 0], [(0, 1), (0, 3), (2, 2)], atol=1e-6
        )
        # Its middle (3, 3) goes to (-1, 3); its sides stay 4 and 2.
        np.testing.assert_allclose(out["boxes"][0, 0], [-3, 2, 1, 4], atol=1e-6)

    def test_shift_comes_last(self):
        out = self.move(batch_of([[POSE]]), factor=2.0, shift=(10, -5))
        np.testing.assert_allclose(
            out["poses"][0, 0], [(12, -1), (16, -1), (14, -5)]
        )
        np.testing.assert_allclose(out["boxes"][0, 0], [12, -1, 20, 3])

    def test_padding_stays_padding(self):
        poses = np.zeros((1, 2, 3, 2))
        out = self.move(batch_of(poses, num_frames=[1]), shift=(10, -5))
        assert np.isnan(out["poses"][0, 1]).all()
        assert not np.any(out["boxes"][0, 1])
        assert np.all(out["poses"][0, 0] == [10, -5])


class TestShear:
    def test_leans_about_the_centre(self):
        batch = batch_of([[POSE]])
        out = augmentation.shear(
            batch, tf.constant([0.5]), tf.constant([[0.0, 2.0]])
        )
        # At y = 2 nothing moves; at y = 0, 2 above, x loses 1.
        np.testing.assert_allclose(out["poses"][0, 0], [(1, 2), (3, 2), (1, 0)])
        # The box of y 2 to 4 gains 0 at the top and 1 at the bottom.
        np.testing.assert_allclose(out["boxes"][0, 0], [1, 2, 6, 4])

    def test_padding_stays_padding(self):
        batch = batch_of([[POSE, POSE]], num_frames=[1])
        out = augmentation.shear(
            batch, tf.constant([0.5]), tf.constant([[0.0, 9.0]])
        )
        assert np.isnan(out["poses"][0, 1]).all()
        np.testing.assert_array_equal(out["boxes"][0, 1], [0, 0, 0, 0])


class TestDrop:
    def test_drops_a_share_of_the_joints_for_all_frames(self):
        batch = batch_of(np.ones((500, 4, 3, 2)))
        out = augmentation.drop(batch, 0.25, (1, 2))
        seen = out["visibility"].numpy()
        assert (seen.all(1) | ~seen.any(1)).all()
        # All three would go with probability 1/64, and stay instead.
        assert abs((~seen).mean() - (0.25 - 1 / 64)) < 0.03
        assert np.isnan(out["poses"].numpy()[~seen]).all()
        np.testing.assert_array_equal(out["poses"].numpy()[seen], 1)

    def test_leaves_something_of_every_window(self):
        batch = batch_of(np.ones((20, 4, 3, 2)))
        out = augmentation.drop(batch, 0.999, (1, 2))
        assert out["visibility"].numpy().any(axis=(1, 2)).all()


class TestJitter:
    def test_moves_visible_joints_by_the_standard_deviation(self):
        seen = np.ones((1, 400, 3), np.bool_)
        seen[:, :, 1] = False
        batch = batch_of(np.zeros((1, 400, 3, 2)), seen)
        out = augmentation.jitter(
            batch, tf.constant([2.0]), tf.constant([1, 2])
        )
        noise = out["poses"].numpy()[:, :, [0, 2]]
        assert noise.std() == pytest.approx(2.0, rel=0.1)
        assert noise.mean() == pytest.approx(0.0, abs=0.3)
        assert not np.any(out["poses"][:, :, 1])


class TestPlay:
    def test_mixes_two_frames(self):
        poses = [[[(t, 10 * t)] * 3 for t in range(4)]]
        boxes = [[(t, t, t + 4, t + 4) for t in range(4)]]
        batch = batch_of(poses, boxes=boxes)
        out = augmentation.play(
            batch, tf.constant([[0.0, 1.25, 2.5, 3.0]]), tf.constant([4])
        )
        np.testing.assert_allclose(out["poses"][0, :, 0, 0], [0, 1.25, 2.5, 3])
        np.testing.assert_allclose(out["poses"][0, :, 2, 1], [0, 12.5, 25, 30])
        np.testing.assert_allclose(out["boxes"][0, 1], [1.25, 1.25, 5.25, 5.25])

    def test_a_joint_must_be_seen_in_both_frames(self):
        seen = np.ones((1, 3, 3), np.bool_)
        seen[0, 1, 0] = False  # The left hip, in the middle frame.
        poses = np.zeros((1, 3, 3, 2))
        poses[0, 1, 0] = np.nan  # Must not leak into the frame before.
        out = augmentation.play(
            batch_of(poses, seen),
            tf.constant([[0.0, 0.5, 1.0, 1.5, 2.0]]),
            tf.constant([5]),
        )
        assert out["visibility"][0, :, 0].numpy().tolist() == [
            True,
            False,
            False,
            False,
            True,
        ]
        assert np.all(out["visibility"][0, :, 1:])
        assert np.all(np.isfinite(out["poses"].numpy()[0, [0, 4]]))

    def test_pads_beyond_the_requested_frames(self):
        batch = batch_of(np.ones((1, 4, 3, 2)))
        out = augmentation.play(
            batch, tf.constant([[0.0, 1.0, 2.0]]), tf.constant([2])
        )
        assert out["num_frames"].numpy().tolist() == [2]
        assert np.all(out["poses"][0, :2] == 1)
        assert np.isnan(out["poses"][0, 2]).all()
        assert not np.any(out["visibility"][0, 2])
        assert not np.any(out["boxes"][0, 2])


class TestAugment:
    def augment(self, figure, batch, seed=(0, 0), **amounts):
        num_windows = batch["poses"].shape[0]
        return augmentation.augment(
            batch,
            tf.constant(seed),
            augmentation.Augmentation(**amounts),
            figure,
            tf.zeros((num_windows, 2)),
            tf.fill([num_windows], 10.0),
        )

    def test_amounts_bound_what_happens(self, figure):
        batch = batch_of(np.tile(np.float32(POSE), (500, 1, 1, 1)))
        hips = lambda out: out["poses"][:, 0, 1] - out["poses"][:, 0, 0]
        none = {"mirror": 0.0, "scale": 0.0, "rotation": 0.0}
        none |= {"shift": 0.0, "jitter": 0.0}

        same = self.augment(figure, batch, **none)
        np.testing.assert_allclose(same["poses"], batch["poses"], atol=1e-6)

        out = self.augment(figure, batch, **{**none, "scale": 0.2})
        width = np.log(np.linalg.norm(hips(out), axis=-1) / 2)
        assert -0.2 <= width.min() < -0.15 and 0.15 < width.max() <= 0.2

        out = self.augment(figure, batch, **{**none, "rotation": 0.3})
        turn = np.arctan2(hips(out)[:, 1], hips(out)[:, 0])
        assert -0.3001 <= turn.min() < -0.25 and 0.25 < turn.max() <= 0.3001

        out = self.augment(figure, batch, **{**none, "shift": 0.1})
        move = (out["poses"] - batch["poses"])[:, 0, 0].numpy()
        assert -1.0001 <= move.min() < -0.9 and 0.9 < move.max() <= 1.0001
        assert abs(np.corrcoef(move.T)[0, 1]) < 0.15  # x and y by themselves.

        out = self.augment(figure, batch, **{**none, "mirror": 0.3})
        mirrored = np.mean(out["poses"][:, 0, 2, 0] == -2)
        assert mirrored == pytest.approx(0.3, abs=0.07)

    def test_is_a_function_of_the_seed(self, figure):
        batch = batch_of(np.random.default_rng(0).normal(size=(4, 5, 3, 2)))
        tf.random.set_seed(1)
        one = self.augment(figure, batch, seed=(3, 4))
        tf.random.set_seed(2)
        two = self.augment(figure, batch, seed=(3, 4))
        other = self.augment(figure, batch, seed=(3, 5))
        np.testing.assert_array_equal(one["poses"], two["poses"])
        assert np.abs(one["poses"] - other["poses"]).min() > 0

    def test_windows_differ(self, figure):
        batch = batch_of(np.tile(np.float32(POSE), (8, 1, 1, 1)))
        out = self.augment(figure, batch)["poses"].numpy()
        assert len(np.unique(out[:, 0, 0, 0])) == 8

    def test_invisible_joints_never_matter(self, figure):
        rng = np.random.default_rng(0)
        seen = rng.random((6, 4, 3)) < 0.6
        poses = rng.normal(size=(6, 4, 3, 2))
        hidden = np.where(seen[..., None], poses, 1e6)
        one = self.augment(figure, batch_of(poses, seen))
        two = self.augment(figure, batch_of(hidden, seen))
        np.testing.assert_array_equal(one["visibility"], two["visibility"])
        visible = one["visibility"].numpy()
        np.testing.assert_array_equal(
            one["poses"].numpy()[visible], two["poses"].numpy()[visible]
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mirror", 1.5),
        ("repeat", 1.5),
        ("drop", 1.0),
        ("scale", -1.0),
        ("jitter", math.nan),
    ],
)
def test_amounts_are_checked(field, value):
    with pytest.raises(ValueError, match=f"`{field}`.*Received: {value}"):
        augmentation.Augmentation(**{field: value})
