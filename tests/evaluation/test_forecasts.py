"""Tests of protocols: by hand, and against published rows on real labels."""

import numpy as np
import pytest

from pose_tf.evaluation import forecasts, next_frame, tprnn
from pose_tf.models import baselines
from pose_tf.pipeline import cuts, example_gen, windows


def forecast_batch(num_windows=3, length=5, seed=0):
    """Windows of four joints in boxes of 100 px, in which all is visible."""
    rng = np.random.default_rng(seed)
    return {
        "poses": rng.uniform(0, 100, (num_windows, length, 4, 2)),
        "visibility": np.ones((num_windows, length, 4), bool),
        "boxes": np.tile([0.0, 0, 100, 60], (num_windows, length, 1)),
    }


def test_forecast_unit_by_hand():
    boxes = np.zeros((4, 3, 4))
    boxes[0, :, 2:] = [[500, 10], [10, 10], [20, 30]]  # The last box is fine.
    boxes[1, :, 2:] = [[500, 10], [10, 40], [15, 15]]  # Broken: the largest.
    boxes[2, :, 2:] = [[15, 10], [10, 15], [-1, -1]]  # All are broken.
    boxes[3, :, :] = [7, 8, 17, 24]  # Exactly 16 px is enough.
    unit, scored = forecasts.box_size(boxes)
    np.testing.assert_array_equal(unit[[0, 1, 3]], [30, 500, 16])
    np.testing.assert_array_equal(scored, [True, True, False, True])


def test_forecast_by_hand():
    batch = forecast_batch(num_windows=2)
    target = batch["poses"][:, 2:]

    def predict(poses, visibility):
        assert poses.shape == (2, 2, 4, 2) and visibility.shape == (2, 2, 4)
        predicted = target.copy()
        predicted[:, 0, 0, 0] += 4  # Within 5 % of 100 px.
        predicted[:, 1, 0, 1] += 8
        return predicted

    got = forecasts.evaluate_forecast(predict, [batch], prefix=2, horizon=3)
    np.testing.assert_allclose(got["pck"], [100, 75, 100])
    np.testing.assert_allclose(got["mpjpe"], [1, 2, 0])
    assert got["mean_pck"] == pytest.approx(275 / 3)
    assert got["mean_mpjpe"] == pytest.approx(1)
    assert (got["num_windows"], got["num_left_out"]) == (2, 0)


def test_forecast_sees_neither_the_future_nor_windows_without_a_box():
    batch = forecast_batch()
    batch["boxes"][0, :2] = 0
    # A look into the future would take this box, and this pose, for good.
    batch["boxes"][0, 2:] = [0, 0, 100, 100]
    batch["poses"][0, 2:] = np.nan

    def predict(poses, visibility):
        return baselines.zero_velocity(poses, visibility, 3)

    got = forecasts.evaluate_forecast(predict, [batch], prefix=2, horizon=3)
    rest = {k: v[1:] for k, v in batch.items()}
    wanted = forecasts.evaluate_forecast(predict, [rest], prefix=2, horizon=3)
    assert (got["num_windows"], got["num_left_out"]) == (2, 1)
    np.testing.assert_allclose(got["mpjpe"], wanted["mpjpe"])


def test_scores_do_not_depend_on_the_batches():
    batch = forecast_batch(num_windows=7)
    batch["visibility"] &= (
        np.random.default_rng(1).uniform(size=(7, 5, 4)) < 0.6
    )
    parts = [{k: v[i : i + 3] for k, v in batch.items()} for i in (0, 3, 6)]
    for evaluate in (
        lambda batches: forecasts.evaluate_forecast(
            lambda p, v: baselines.zero_velocity(p, v, 3), batches, 2, 3
        ),
        lambda batches: tprnn.evaluate_tprnn(
            lambda p, v: baselines.zero_velocity(p, v, 4), batches, 4
        ),
    ):
        whole, apart = evaluate([batch]), evaluate(parts)
        for name, value in whole.items():
            np.testing.assert_allclose(apart[name], value)


def test_tprnn_pairs_coordinates_right_and_as_the_code_does():
    # Joint 0 is off by (.09, .09), joint 1 by nothing: its distance, .127, is
    # a miss, but x of both against each other, and y, are hits.
    poses = np.zeros((1, 2, 2, 2))
    poses[0, 1, 0] = 0.09 * cuts.TPRNN_UNIT
    batch = {"poses": poses, "visibility": np.ones((1, 2, 2), bool)}
    got = tprnn.evaluate_tprnn(
        lambda p, v: baselines.zero_velocity(p, v, 1), [batch], horizon=1
    )
    assert got["correct"] == [50] and got["as_coded"] == [100]
    assert got["mean_correct"] == 50 and got["num_windows"] == 1


def test_tprnn_as_coded_counts_what_stays_missing_as_right():
    poses = np.full((1, 2, 2, 2), 200.0)
    poses[0, :, 1] = np.nan
    batch = {"poses": poses, "visibility": np.array([[[True, False]] * 2])}

    def measure():
        return tprnn.evaluate_tprnn(
            lambda poses, _: np.nan_to_num(poses), [batch], horizon=1
        )

    # Pairs are (x0, x1) and (y0, y1): joint 0 is hit, joint 1 has not moved.
    got = measure()
    assert got["correct"] == [100] and got["as_coded"] == [100]
    poses[0, 0, 1] = 200  # Annotated in the observed frame: it went away.
    got = measure()
    assert got["correct"] == [100] and got["as_coded"] == [0]


def test_next_frame_counts_missing_joints_where_the_files_put_them():
    poses = np.full((1, 6, 2, 2), 11.0, np.float32)
    poses[0, :, 0] = np.nan
    seen = np.array([[[False, True]] * 6])

    def measure(*place):
        predicted = np.array([[[place, (11.0, 11.0)]]])
        return next_frame.evaluate_next_frame(
            lambda *_: (predicted, seen[:, :1]),
            [{"poses": poses, "visibility": seen}],
            unit=10.0,
        )["mae"]

    assert measure(np.nan, np.nan) == 0
    # At (1, 1): off by 0 and 10 px, so 1 side of the frame over 6 numbers.
    np.testing.assert_allclose(measure(1.0, 11.0), 1 / 6)


def test_seed_by_hand():
    poses = np.zeros((1, 11, 2, 2))
    poses[0, :, :, 0] = np.arange(11)[:, None]  # 1 px a frame along x.
    visibility = np.ones((1, 11, 2), bool)
    visibility[0, 10, 1] = False
    got = next_frame.evaluate_next_frame(
        lambda p, v: (p[:, -1:], v[:, -1:]),
        [{"poses": poses, "visibility": visibility}],
        skip=2,
        unit=10.0,
    )
    # Two joints, 2 px of 10 off along x each; one of two visibilities wrong.
    assert got == {
        "mae": pytest.approx((2 * 0.2 + 1) / 6),
        "visible_mae": pytest.approx(0.2 / 2),
        "num_windows": 1,
    }


def test_seed_in_units_of_the_frame_that_the_batch_names():
    poses = np.zeros((2, 6, 2, 2))
    poses[:, 5] = [3, 4]
    batch = {
        "poses": poses,
        "visibility": np.ones((2, 6, 2), bool),
        "frame_size": np.array([[10, 20], [30, 40]]),
    }

    def predict(poses, visibility):
        return poses[:, -1:], visibility[:, -1:]

    got = next_frame.evaluate_next_frame(predict, [batch], unit=None)
    assert got["visible_mae"] == pytest.approx((0.3 + 0.2 + 0.1 + 0.1) / 4)
    batch["poses"] = np.zeros((2, 6, 2, 3))
    with pytest.raises(ValueError, match="poses of 2 coord.* Received: 3"):
        next_frame.evaluate_next_frame(predict, [batch], unit=None)


def test_wrong_arguments_are_named():
    batch = forecast_batch()

    def predict(poses, visibility):
        return baselines.zero_velocity(poses, visibility, 3)

    with pytest.raises(ValueError, match="at least 6 frames. Received: .3, 5"):
        forecasts.evaluate_forecast(predict, [batch], prefix=2, horizon=4)
    with pytest.raises(ValueError, match=r"`predict` must give poses \(B, 2,"):
        forecasts.evaluate_forecast(predict, [batch], prefix=2, horizon=2)
    with pytest.raises(ValueError, match="without boxes"):
        del batch["boxes"]
        forecasts.evaluate_forecast(predict, [batch], prefix=2, horizon=3)
    with pytest.raises(ValueError, match="at least one window"):
        tprnn.evaluate_tprnn(predict, [])


# Rows of tables: horizons 1, 2, 4, 8, 15, 30 and the mean over all 30.
HOUSE_HORIZONS = [0, 1, 3, 7, 14, 29]
HOUSE_ROWS = {
    baselines.zero_velocity: {
        "pck": [98.5, 94.0, 80.7, 64.5, 51.9, 40.5, 57.0],
        "mpjpe": [0.87, 1.55, 2.95, 5.40, 8.90, 14.00, 8.49],
    },
    baselines.constant_velocity: {
        "pck": [98.7, 94.9, 84.2, 65.7, 43.9, 28.0, 50.8],
        "mpjpe": [0.71, 1.35, 2.82, 6.05, 12.64, 27.12, 13.34],
    },
}
# Horizons 1 to 16 of zero velocity.
TPRNN_ROWS = {
    "correct": [80.1, 63.5, 54.4, 49.1, 45.8, 43.7, 42.0, 40.6]
    + [39.4, 38.5, 38.0, 37.7, 37.5, 37.4, 37.4, 37.5],
    "as_coded": [82.3, 69.0, 61.6, 57.1, 54.2, 52.1, 50.5, 49.1]
    + [48.0, 47.1, 46.6, 46.2, 45.9, 45.8, 45.7, 45.8],
}
ORIGINAL_ROWS = {1: 0.0061, 2: 0.0117, 4: 0.0215}
ORIGINAL_ROWS_ALL = {1: 0.0065, 2: 0.0127, 4: 0.0236}


@pytest.fixture(scope="module")
def real(penn_action_data_dir):
    """The clips of Penn Action."""
    return example_gen.load("penn_action", data_dir=penn_action_data_dir)


def real_windows(real, length, stride, split="test", **kwargs):
    return windows.window_batches(
        getattr(real, split),
        length=length,
        stride=stride,
        batch_size=1024,
        skeleton=real.skeleton,
        **kwargs,
    )


@pytest.mark.parametrize("baseline", HOUSE_ROWS)
def test_forecast_rows_of_real_labels(real, baseline):
    # Coordinates of hidden joints are taken as annotated: `None`.
    got = forecasts.evaluate_forecast(
        lambda poses, visibility: baseline(poses, None, 30),
        real_windows(real, length=40, stride=5),
    )
    assert got["num_windows"] == 7551
    assert got["num_left_out"] == 7577 - 7551 == 26
    for name, digits in (("pck", 1), ("mpjpe", 2)):
        row = [*got[name][HOUSE_HORIZONS], got["mean_" + name]]
        np.testing.assert_array_equal(
            np.round(row, digits), HOUSE_ROWS[baseline][name]
        )


def test_tprnn_rows_of_real_labels(real):
    got = tprnn.evaluate_tprnn(
        lambda poses, visibility: baselines.zero_velocity(poses, None, 16),
        windows.tprnn_batches(
            real.test, batch_size=4096, skeleton=real.skeleton
        ),
    )
    assert got["num_windows"] == 76298
    for name, row in TPRNN_ROWS.items():
        np.testing.assert_array_equal(np.round(got[name], 1), row)


@pytest.mark.parametrize("skip", ORIGINAL_ROWS)
def test_seed_rows_of_real_labels(real, skip):
    figures = [
        next_frame.evaluate_next_frame(
            lambda poses, visibility: (poses[:, -1:], visibility[:, -1:]),
            real_windows(
                real, 5 * skip + 1, skip, split, frame_normalized=True
            ),
            skip=skip,
            unit=windows.REFERENCE_SIZE,
        )
        for split in ("test", "train")
    ]
    assert round(figures[0]["mae"], 4) == ORIGINAL_ROWS[skip]
    total = sum(f["mae"] * f["num_windows"] for f in figures)
    mean = total / sum(f["num_windows"] for f in figures)
    assert round(mean, 4) == ORIGINAL_ROWS_ALL[skip]
