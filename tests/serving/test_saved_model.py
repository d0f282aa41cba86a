"""Exports: stopped in the middle, and given frames without anybody."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models.classifier import ActionClassifier
from pose_tf.models.features import PoseFeatures
from pose_tf.models.generator import PoseGenerator
from pose_tf.models.motion_embedder import MotionEmbedder
from pose_tf.models.motion_vae import MotionVAE
from pose_tf.pose.transform import PoseTransform
from pose_tf.serving import loaded, saved_model

EXPORT = """
import os, signal, sys
import tensorflow as tf
from pose_tf import files
from pose_tf.serving import saved_model
from pose_tf.models.vae import PoseVAE
{stop}
try:
    saved_model.export_vae(
        PoseVAE("penn_action", latent_dim=2, hidden_dim=4, num_layers=1),
        sys.argv[1],
    )
except OSError as error:
    print("OSError", error)
"""
KILL = """
save = tf.saved_model.save

def save_and_die(module, folder, **kwargs):
    save(module, folder, **kwargs)
    assert os.path.exists(os.path.join(folder, "saved_model.pb"))
    os.kill(os.getpid(), signal.SIGKILL)  # The assets are missing.

tf.saved_model.save = save_and_die
"""
# No file may grow beyond this: writing fails as on a full disk.
FULL_DISK = """
import resource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
"""


@pytest.mark.parametrize(
    ("stop", "code", "output"),
    [(KILL, -signal.SIGKILL, ""), (FULL_DISK, 0, "OSError")],
    ids=["kill", "full disk"],
)
@pytest.mark.parametrize("before", [True, False], ids=["over", "new"])
def test_nothing_half_written_is_picked_up(
    stop, code, output, before, tmp_path
):
    path = tmp_path / "saved_model"
    if before:
        path.mkdir()
        (path / "saved_model.pb").write_text("before")
    run = subprocess.run(
        [sys.executable, "-c", EXPORT.format(stop=stop), path],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    assert run.returncode == code, run.stderr[-2000:]
    assert run.stdout.startswith(output), run.stderr[-2000:]
    if before:
        assert [p.name for p in path.iterdir()] == ["saved_model.pb"]
        assert (path / "saved_model.pb").read_text() == "before"
    else:
        assert not path.exists()
    if stop == FULL_DISK:
        assert str(path) in run.stdout
        assert list(tmp_path.iterdir()) == [path] * before


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A small classifier and a generator, exported and loaded."""
    folder = tmp_path_factory.mktemp("exports")
    features = PoseFeatures(PoseTransform("penn_action", use_occluded=True))
    classifier = ActionClassifier(features, 3, 8, 2, 8, 2)
    generator = PoseGenerator(features, 3, units=8, hidden_units=8)
    saved_model.export_classifier(classifier, folder / "c", ["a", "b", "c"])
    saved_model.export_generator(generator, folder / "g")
    return loaded.load(folder / "c"), loaded.load(folder / "g")


def test_a_motion_is_embedded_between_its_first_and_last_visible_frames(
    tmp_path,
):
    model = MotionVAE("penn_action", 4, num_features=84, num_components=8)
    rng = np.random.default_rng(0)
    model.adapt(rng.normal(size=(20, 64, 28)).astype(np.float32))
    model.set_references(rng.normal(size=(20, 4)))
    saved_model.export_motion_vae(MotionEmbedder(model), tmp_path / "m")
    vae = loaded.load(tmp_path / "m")
    assert type(vae) is loaded.LoadedMotionVAE and vae.latent_dim == 4
    poses = rng.uniform(50, 300, (30, 13, 2))
    empty = np.full((40, 13, 2), np.nan)
    for clip in (
        np.concatenate([empty, poses]),
        np.concatenate([poses, empty]),
    ):
        for name, value in vae.embed_motion(poses).items():
            np.testing.assert_allclose(
                vae.embed_motion(clip)[name], value, atol=1e-5
            )
    # One clip with a joint beyond reason: no answer, and none but for it.
    wild = np.stack([poses, poses])
    wild[1, 3, 2] = 1e20
    seen = np.ones(wild.shape[:3], bool)
    raw = tf.saved_model.load(str(tmp_path / "m")).signatures["embed_motion"]
    outputs = raw(
        poses=tf.constant(wild, tf.float32),
        visibility=tf.constant(seen),
        num_frames=tf.constant([30, 30]),
    )
    for name, value in outputs.items():
        assert np.isfinite(value[0]).all(), name
        assert np.isnan(value[1]).all(), name


@pytest.mark.parametrize("num_empty", [0, 1, 120])
@pytest.mark.parametrize("unseen", [0.0, np.nan])
def test_frames_before_anybody_is_visible_change_no_answer(
    models, num_empty, unseen
):
    classifier, generator = models
    poses = np.random.default_rng(0).uniform(50, 300, (9, 13, 2))
    late = np.concatenate([np.full((num_empty, 13, 2), unseen), poses])
    expected = classifier.classify(poses)
    np.testing.assert_allclose(classifier.classify(late), expected, atol=1e-5)
    future = generator.generate(poses, horizon=5, temperature=0.0)["poses"]
    np.testing.assert_allclose(
        generator.generate(late, horizon=5, temperature=0.0)["poses"],
        future,
        rtol=1e-5,
    )
    streams = classifier.stream(), generator.stream()
    for pose in late:
        probabilities, ahead = (stream.step(pose) for stream in streams)
    np.testing.assert_allclose(
        probabilities["probabilities"], expected, atol=1e-5
    )
    np.testing.assert_allclose(ahead["pose"], future[0, 0], rtol=1e-4)
