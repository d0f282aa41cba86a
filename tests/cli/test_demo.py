"""What `make demo` prints and draws, and the script that needs only TensorFlow."""

import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from pose_tf.cli import demo
from pose_tf.evaluation import evaluator
from pose_tf.pose import skeletons
from tests.support import fake_models

SCRIPT = pathlib.Path(__file__).parents[2] / "docs" / "without_pose_tf.py"
JOINTS = skeletons.PENN_ACTION.joints


def evaluation(kind, metrics, baseline):
    return evaluator.Evaluation(
        kind=kind,
        blessed=True,
        reasons=(),
        metrics=metrics,
        baseline=baseline,
        dataset="synthetic_actions",
        split_protocol="validation",
        split="test",
        candidate="",
    )


def test_table_has_every_model_next_to_its_baselines():
    text = demo.table(
        {
            "vae": evaluation(
                "vae",
                {"mpjpe": 0.0512},
                {"pca_mpjpe": 0.0874, "pca_num_components": 12},
            ),
            "motion_vae": evaluation(
                "motion_vae",
                {
                    "latent_dim": 24,
                    "top1_with_1_per_action": 63.91,
                    "top1_with_5_per_action": 91.53,
                },
                {
                    "pca_top1_with_1_per_action": 61.03,
                    "pca_top1_with_5_per_action": 83.44,
                },
            ),
            "classifier": evaluation(
                "classifier", {"top1": 97.25}, {"nearest_neighbor_top1": 81.0}
            ),
            "generator": evaluation(
                "generator",
                {"pck": [98.76, 34.56], "mean_pck": 66.66},
                {
                    "zero_velocity": {"pck": [90.0, 1.0], "mean_pck": 45.5},
                    "constant_velocity": {"pck": [95.0, 2.0], "mean_pck": 48.5},
                },
            ),
        }
    )
    rows = [re.split("   *", line) for line in text.splitlines()]
    assert rows[0] == ["on unseen clips", "model", "baselines"]
    assert [row[1:] for row in rows[1:]] == [
        ["0.051", "0.087 PCA of 12 dimensions"],
        ["63.9", "61.0 PCA of 24 dimensions"],
        ["91.5", "83.4 PCA of 24 dimensions"],
        ["97.2", "81.0 nearest training clip"],
        ["98.8", "90.0 zero velocity, 95.0 constant velocity"],
        ["66.7", "45.5 zero velocity, 48.5 constant velocity"],
    ]
    assert "next frame" in rows[5][0] and "mean of 2 frames" in rows[6][0]


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    """A run's folder whose exports are the fakes."""
    folder = tmp_path_factory.mktemp("demo")
    for kind, model in (
        ("vae", fake_models.FakeVAE()),
        ("classifier", fake_models.FakeClassifier()),
        ("generator", fake_models.FakeGenerator()),
    ):
        (folder / kind).mkdir()
        actions = ["bowl", "squat"] if kind == "classifier" else None
        fake_models.save(model, folder / kind / "saved_model", JOINTS, actions)
    return folder


def clip(num_frames):
    """The mean x of all joints is 25 px, the head's y 7 px in every frame."""
    poses = np.tile(np.linspace((20, 7), (30, 127), 13), (num_frames, 1, 1))
    return {
        "clip_id": b"waving",
        "poses": poses.astype(np.float32),
        "visibility": np.ones((num_frames, 13), bool),
    }


def test_gallery_moves(workdir, tmp_path):
    paths = demo.draw_gallery({"wave": clip(45)}, workdir, tmp_path)
    assert [path.name for path in paths] == [
        "continuation_wave.gif",
        "reconstruction_wave.gif",
    ]
    frames = []
    for path in paths:
        with Image.open(path) as image:
            frames.append(image.n_frames)
    assert frames == [demo.PREFIX + demo.HORIZON, 45]


def test_the_gallery_has_the_first_long_clip_of_each_action():
    actions = ("wave", "squat", "jumping_jacks")
    lengths = ((1, 20), (1, 50), (0, 60), (2, 40), (1, 60))
    clips_ds = tf.data.Dataset.from_generator(
        lambda: ({**clip(length), "action": a} for a, length in lengths),
        output_signature={
            "poses": tf.TensorSpec((None, 13, 2)),
            "visibility": tf.TensorSpec((None, 13), tf.bool),
            "clip_id": tf.TensorSpec((), tf.string),
            "action": tf.TensorSpec((), tf.int64),
        },
    )
    chosen = demo.choose_clips(clips_ds, actions)
    lengths = [(name, len(clip["poses"])) for name, clip in chosen.items()]
    assert lengths == [("jumping_jacks", 40), ("squat", 50)]


def test_the_gallery_begins_where_the_prefix_moves():
    moving = clip(60)
    moving["poses"][12:] += 5  # One step, between frames 11 and 12.
    start = demo.most_motion(moving)
    assert start <= 11 and 12 <= start + demo.PREFIX - 1
    moving["poses"][40:] += 50  # What no prefix can see does not count.
    assert demo.most_motion(moving) == start
    assert demo.most_motion(clip(40)) == 0


def script(*arguments, setup=""):
    """Runs docs/without_pose_tf.py; `setup` is code before it."""
    code = f"import runpy, sys; sys.argv = {['x', *map(str, arguments)]!r}\n"
    code += f"{setup}\nrunpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        cwd=SCRIPT.parent,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def arguments(workdir):
    np.savez(workdir / "clip.npz", **clip(12))
    models = [workdir / k / "saved_model" for k in ("classifier", "generator")]
    return [*models, workdir / "clip.npz"]


def test_the_script_classifies_and_continues_with_only_tensorflow(arguments):
    process = script(*arguments)
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert lines[0].split() == ["classified", "squat,", "p", "=", "0.750"]
    # The fake's continuation goes on at one pixel a frame: 30 after (20, 7).
    assert "head is at (50, 37) px" in lines[1]
    assert lines[2].endswith("neither")


def test_the_script_owns_up_to_imports(arguments):
    setup = "import types; sys.modules['pose_tf'] = types.ModuleType('pose_tf')"
    process = script(*arguments, setup=setup)
    assert process.returncode == 1
    assert "['pose_tf']" in process.stdout


def test_the_script_takes_the_newest_version(tmp_path):
    import importlib.util

    spec = importlib.util.spec_from_file_location("without_pose_tf", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("9", "10", "assets"):
        (tmp_path / name).mkdir()
    assert module.newest(tmp_path).name == "10"
    (tmp_path / "9" / "saved_model.pb").touch()
    assert module.newest(tmp_path / "9").name == "9"
