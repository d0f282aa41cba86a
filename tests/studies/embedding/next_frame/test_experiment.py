"""Tests of the next frame on tiny clips, and of its baseline on real ones."""

import dataclasses

import numpy as np
import pytest

from pose_tf import presets
from pose_tf.evaluation import next_frame as protocol
from pose_tf.pipeline import windows
from studies.embedding.generation import generators
from studies.embedding.next_frame import experiment as next_frame


@pytest.mark.slow
def test_next_frame_runs_of_tiny_clips(shared_context, tiny_plan):
    metrics = {
        run.options["arm"]: shared_context.perform(run)["metrics"]
        for run in next_frame.runs(tiny_plan)
    }
    assert set(metrics) == {*generators.BASELINES, "raw", "embedding"}
    embedded = metrics["embedding"]
    assert (
        embedded["visible_mae"]
        <= embedded["reconstruction"] + embedded["dynamics"] + 1e-9
    )
    clips = shared_context.clips
    batches = windows.window_batches(
        clips.test,
        length=5 * 2 + 1,
        stride=2,
        batch_size=64,
        skeleton=clips.skeleton,
    )
    expected = protocol.evaluate_next_frame(
        lambda poses, seen: (poses[:, -1:], seen[:, -1:]),
        batches,
        skip=2,
        unit=None,
    )
    assert metrics["zero_velocity"] == pytest.approx(expected)


def test_training_windows_keep_every_second_frame(shared_context):
    clips = shared_context.clips
    trainer = next_frame.trainer_of(2)
    made = trainer.__new__(trainer)  # Needs no folder to cut windows.
    made.config = dataclasses.replace(
        presets.get("generator", "recurrent"), prefix=5, horizon=5
    )
    made.clips = clips
    assert made.length == 11
    batch = next(iter(made.batches(clips.test, batch_size=4)))
    clip = next(iter(clips.test))
    np.testing.assert_array_equal(batch["poses"][0], clip["poses"][:11:2])
    assert batch["visibility"].shape[1] == batch["boxes"].shape[1] == 6


def test_repeating_the_last_frame_has_the_published_error(penn_clips):
    for skip, mae in ((1, 0.0061), (2, 0.0117), (4, 0.0215)):
        cut = next_frame._test_windows(penn_clips, skip)
        scores = protocol.evaluate_next_frame(
            lambda poses, seen: (poses[:, -1:], seen[:, -1:]), [cut], unit=None
        )
        assert scores["mae"] == pytest.approx(mae, abs=5e-5)
