"""The table of how continuations move."""

import numpy as np
import pytest

from pose_tf import files
from pose_tf.evaluation import health_table
from pose_tf.pose import skeletons

PREFIX, HORIZON = 6, 7


def window(speeds=(2.0, 3.0, 4.0)):
    """Each moves to the right, by so many pixels per frame."""
    rng = np.random.default_rng(0)
    num_windows, num_frames = len(speeds), PREFIX + HORIZON
    start = rng.uniform(100, 200, (num_windows, 1, 13, 2))
    steps = np.arange(num_frames)[:, None, None] * [1, 0]
    steps = np.reshape(speeds, (-1, 1, 1, 1)) * steps
    return {
        "poses": (start + steps).astype(np.float32),
        "visibility": np.ones((num_windows, num_frames, 13), bool),
        "boxes": np.tile([100.0, 100, 200, 180], (num_windows, num_frames, 1)),
        "frame_size": np.tile([400.0, 300], (num_windows, 1)),
    }


def measure(batches, speed_of):
    def sample(poses, visibility, horizon, num_samples, temperature):
        steps = np.arange(1, horizon + 1)[:, None, None] * [1, 0]
        future = poses[:, -1:] + speed_of[temperature] * steps
        return np.repeat(future[:, None], num_samples, axis=1)

    return health_table.measure(
        sample, batches, skeletons.PENN_ACTION, PREFIX, HORIZON, 2
    )


def test_rows_by_hand():
    # The real energy is (4 + 9 + 16) / 3 = 29 / 3, if a step is one pixel. From
    # horizon 5 on, all frames of the energy are those of the continuation. The
    # slowest of three is below the 5th percentile, even of real people.
    rows = measure([window()], {0.0: 1.0, 1.0: 5.0})
    columns = {name: health_table.columns(row) for name, row in rows.items()}
    assert list(columns["real"]) == [
        "energy at 5",
        "energy at 7",
        "jitter",
        "frozen",
        "limbs",
        "outside",
    ]
    for name, energy in (
        ("real", 1),
        ("zero_velocity", 0),
        ("prediction", 3 / 29),
        ("samples", 75 / 29),
    ):
        for head in ("energy at 5", "energy at 7"):
            assert columns[name][head] == pytest.approx(energy, abs=1e-3)
        assert columns[name]["limbs"] == pytest.approx(0, abs=1e-3)
    frozen = [row["frozen"] for row in columns.values()]
    assert frozen == pytest.approx([100 / 3, 100, 100, 0])


def test_what_leaves_the_frame_shows():
    rows = measure([window()], {0.0: 0.0, 1.0: 100.0})
    assert rows["samples"]["out_of_frame"] == 100
    assert rows["prediction"]["out_of_frame"] == 0


def test_windows_in_which_nobody_is_visible_do_not_count():
    nobody = window()
    nobody["visibility"][:] = False
    nobody["poses"][:] = np.nan
    speeds = {0.0: 1.0, 1.0: 4.0}
    expected = measure([window()], speeds)
    for name, row in measure([window(), nobody], speeds).items():
        got = health_table.columns(row)
        assert got == pytest.approx(health_table.columns(expected[name]))
    rows = measure([nobody], speeds)
    assert np.isnan(list(health_table.columns(rows["samples"]).values())).all()
    assert "nan" not in health_table.markdown(rows)


def test_the_table_is_the_same_from_json():
    rows = measure([window((0.0, 0.0, 0.0)), window()], {0.0: 1.0, 1.0: 4.0})
    text = health_table.titled(rows)
    assert health_table.titled(files.plain(rows)) == text
    title, empty, head, rule, *lines = text.split("\n")
    assert "7 frames, of 6 windows" in title and not empty
    cells = [cell.strip() for cell in head.strip("|").split("|")]
    assert cells[1:3] == ["energy at 5", "energy at 7"]
    assert cells[4:] == ["frozen, %", "limbs, %", "outside, %"]
    assert [line.split("|")[1].strip() for line in lines] == [
        "real",
        "zero velocity",
        "prediction",
        "samples",
    ]
    assert len({len(line) for line in (head, rule, *lines)}) == 1
