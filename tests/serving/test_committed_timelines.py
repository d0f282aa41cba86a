"""Timelines by the committed classifier of frames."""

import pathlib

import numpy as np
import pytest

import pose_tf
from pose_tf.cli import main
from pose_tf.serving import under_way

ROOT = pathlib.Path(__file__).parents[2]
MODEL = ROOT / "saved_models" / "penn_action_causal_classifier"
CLIP = ROOT / "docs" / "jumping_jacks.npz"


@pytest.fixture(scope="module")
def model():
    return pose_tf.load(MODEL)


def test_parts_give_what_the_whole_recording_gives(model, monkeypatch):
    """What is older than `LEAD` frames is forgotten."""
    with np.load(CLIP) as arrays:
        poses = np.tile(arrays["poses"], (12, 1, 1)).astype(np.float32)
    rng = np.random.default_rng(0)
    poses += rng.normal(0, 1, poses.shape)
    poses[rng.uniform(size=poses.shape[:2]) < 0.2] = np.nan
    visibility = np.isfinite(poses).all(-1)
    whole = model.classify_frames(poses, visibility)
    monkeypatch.setattr(under_way, "PART", 64)
    parts = under_way._in_parts(model, poses, visibility)
    np.testing.assert_allclose(parts, whole, atol=1e-5)


def test_command_names_the_action(tmp_path, capsys):
    output = tmp_path / "x.vtt"
    main.main(["timeline", str(MODEL), str(CLIP), f"--output={output}"])
    *rows, path = capsys.readouterr().out.splitlines()
    assert any(row.endswith("jumping_jacks") for row in rows)
    assert path == str(output)
    assert output.read_text().count("-->") == len(rows)
