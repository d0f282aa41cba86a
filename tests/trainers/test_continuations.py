"""What TensorBoard shows of a generator."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorboard.backend.event_processing import event_accumulator

from pose_tf.evaluation import generation, health_table
from pose_tf.trainers import continuations, summaries
from pose_tf.trainers.generator import GeneratorTrainer
from tests.support import runs

ROW = {
    "jitter": 0.5,
    "seam": 1.0,
    "frozen": 12.5,
    "limb_change": 10.0,
    "out_of_frame": np.nan,
    "num_windows": 4,
}
ROWS = {
    "real": {**ROW, "lag_energy": np.ones(6)},
    "samples": {**ROW, "lag_energy": np.array([1, 1, 1, 1, 0.75, 0.25])},
}


def events(folder):
    """What a run's event files hold: {tag: [(step, value)]}."""
    reader = event_accumulator.EventAccumulator(
        str(folder), size_guidance={event_accumulator.TENSORS: 0}
    )
    reader.Reload()
    return {
        tag: [
            (event.step, tf.make_ndarray(event.tensor_proto))
            for event in reader.Tensors(tag)
        ]
        for tag in reader.Tags()["tensors"]
    }


def test_health_is_a_line_per_row_and_a_table(tmp_path):
    callback = continuations.Health(
        summaries.Logs(tmp_path), lambda: ROWS, every=2
    )
    for epoch in range(3):
        callback.on_epoch_end(epoch)
    callback.on_train_end()
    found = events(tmp_path / "health" / "samples")
    assert {tag: values[0][1] for tag, values in found.items()} == {
        "health/energy_at_5": 0.75,
        "health/energy_at_6": 0.25,
        "health/jitter": 0.5,
        "health/frozen": 12.5,
        "health/limbs": 10.0,
    }  # What is not known has no point.
    assert [step for step, _ in found["health/jitter"]] == [1, 2]
    assert events(tmp_path / "health" / "real")["health/energy_at_5"][0][1] == 1
    (_, text), _ = events(tmp_path / "validation")["health"]
    assert "| samples | 0.75 " in text.item().decode()


def test_a_rollout_shows_its_continuations_after_the_same_prefix():
    poses = np.arange(5.0)[:, None, None] * np.ones((5, 3, 2))
    seen = np.ones((5, 3), bool)
    seen[1, 0] = seen[4, 2] = False
    prediction, samples = np.full((3, 3, 2), 9.0), np.zeros((2, 3, 3, 2))
    shown = continuations.rollout("0001", poses, seen, prediction, samples)
    assert list(shown.titles) == ["truth", "prediction", "sample 1", "sample 2"]
    assert (shown.name, shown.prefix) == ("0001", 2)
    for future, (drawn, visible) in zip(
        (poses[2:], prediction, *samples), shown.sequences, strict=True
    ):
        np.testing.assert_array_equal(drawn[:2], poses[:2])
        np.testing.assert_array_equal(drawn[2:], future)
        np.testing.assert_array_equal(visible[:2], seen[:2])
    np.testing.assert_array_equal(visible[2:], np.tile(seen[1], (3, 1)))


@pytest.fixture(scope="module")
def logs(run_of):
    return run_of("generator").workdir / "logs"


def test_a_training_shows_the_table_of_its_validation_clips(run_of, logs):
    run = run_of("generator")
    batches, horizon = generation.health_windows(
        run.trainer.validation_clips(), run.config
    )
    real = events(logs / "health" / "real")
    steps = [step for step, _ in real["health/jitter"]]
    assert steps == list(range(run.config.num_epochs))
    assert f"health/energy_at_{horizon}" in real
    found = events(logs / "health" / "zero_velocity")
    assert found["health/frozen"][-1][1] == 100
    num_windows = sum(len(batch["poses"]) for batch in batches)
    _, text = events(logs / "validation")["health"][-1]
    assert f"{horizon} frames, of {num_windows} windows" in text.item().decode()


def test_a_training_shows_samples_that_move_beside_the_truth(run_of, logs):
    found = events(logs / "validation")
    pictures = [tag for tag in found if tag.startswith("rollouts/")]
    assert pictures
    _, (_, _, gif) = found[pictures[0]][-1]
    config = run_of("generator").config
    assert (
        Image.open(io.BytesIO(gif)).n_frames == config.prefix + config.horizon
    )


def test_evaluation_prints_the_table(run_of):
    told = run_of("generator").told
    for name in ("real", "zero velocity", "prediction", "samples"):
        assert f"\n| {name} " in told


@pytest.mark.parametrize("most", [1, 3, 1000])
def test_windows_are_chosen_evenly(run_of, most):
    run = run_of("generator")
    clips_ds = run.trainer.validation_clips()
    every, horizon = generation.health_windows(clips_ds, run.config)
    starts = np.concatenate([batch["poses"] for batch in every])
    chosen, same = generation.health_windows(clips_ds, run.config, most)
    poses = np.concatenate([batch["poses"] for batch in chosen])
    assert same == horizon and len(poses) == min(most, len(starts))
    np.testing.assert_array_equal(poses[0], starts[0])
    if most > 1:
        np.testing.assert_array_equal(poses[-1], starts[-1])


def test_no_clip_is_long_enough(run_of):
    run = run_of("generator")
    nothing = run.trainer.validation_clips().take(0)
    chosen, _ = generation.health_windows(nothing, run.config, 8)
    assert chosen == [] and run.trainer.rollouts(nothing) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "recurrent"},
        {"inputs": "embedding"},
    ],
)
def test_every_model_is_measured(run_of, tiny_clips, tmp_path, changes):
    if "inputs" in changes:
        vae = run_of("vae")
        changes = {
            **changes,
            "vae": str(vae.workdir),
            "use_occluded": vae.config.use_occluded,
        }
    config = runs.small("generator", **changes)
    trainer = GeneratorTrainer(config, tmp_path, clips=tiny_clips)
    trainer.model = trainer.build()
    batches, horizon = generation.health_windows(
        trainer.validation_clips(), config, 4
    )
    (batch,) = batches
    batch["visibility"][0] = False  # There is a window without anybody.
    batch["poses"][0] = np.nan
    rows = generation.health(trainer.sample, batches, horizon, config, 2)
    for row in rows.values():
        assert np.isfinite(list(health_table.columns(row).values())).all()
