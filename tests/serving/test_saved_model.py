"""Exports that are stopped in the middle."""

import os
import signal
import subprocess
import sys

import pytest

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
