"""A training that began with weights: a kill, and what it may go on from."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

from pose_tf import configs
from pose_tf.trainers import pretrained, workdir
from pose_tf.trainers.vae import VAETrainer
from tests.support.runs import LONG, small

# A process that trains, and kills itself at a step if it is told to. With
# operations in one order only, two processes give the same bits.
PROGRAM = """
import json, os, signal, sys
import keras
from pose_tf.trainers.vae import VAETrainer
from tests.support import runs

workdir, data_dir, kill_at, changes = sys.argv[1:]

class Kill(keras.callbacks.Callback):
    step = 0
    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        if str(self.step) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

trainer = VAETrainer(
    runs.small("vae", **json.loads(changes)), workdir, data_dir=data_dir,
    callbacks=[Kill()], verbose=0)
history = trainer.fit()
print(json.dumps(history))
"""


def training(init_from, folder, clips, **changes):
    config = small("vae", init_from=str(init_from), **changes)
    return VAETrainer(config, folder, clips=clips, verbose=0)


@pytest.fixture(scope="module")
def begun(run_of, tiny_clips, tmp_path_factory):
    """The trainer of a run that began with weights, and its history."""
    folder = tmp_path_factory.mktemp("begun") / "run"
    trainer = training(run_of("vae").workdir, folder, tiny_clips, **LONG)
    return trainer, trainer.fit()


def run_process(workdir, data_dir, kill_at, **changes):
    arguments = (workdir, data_dir, kill_at, json.dumps(changes))
    root = pathlib.Path(__file__).parents[2]
    path = f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )


def test_killed_and_started_again_it_ends_with_the_same_bits(
    begun, tiny_data_dir, tmp_path
):
    """Of one kind: what begins a training is the same for all."""
    straight, history = begun
    changes = {**LONG, "init_from": straight.config.init_from}
    steps = straight.steps_per_epoch()
    kill_at = steps + steps // 2
    killed = run_process(tmp_path, tiny_data_dir, kill_at, **changes)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    resumed = run_process(tmp_path, tiny_data_dir, "", **changes)
    assert resumed.returncode == 0, resumed.stderr[-2000:]
    assert json.loads(resumed.stdout.splitlines()[-1]) == history
    for one, two in zip(
        pretrained.load_model(straight.workdir).get_weights(),
        pretrained.load_model(tmp_path).get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, two)
    initial = json.loads((tmp_path / "initial_weights.json").read_text())
    assert initial["taken"]


def test_going_on_from_other_weights_is_refused(
    begun, run_of, tiny_clips, tmp_path
):
    """From the same ones, under whatever path, it may."""
    source, folder = tmp_path / "source", tmp_path / "run"
    shutil.copytree(run_of("vae").workdir / "saved_model", source)
    folder.mkdir()
    initial = begun[0].workdir / "initial_weights.json"
    shutil.copy(initial, folder)
    again = training(source, folder, tiny_clips)
    workdir.claim(folder, again.config, tiny_clips, again.pretrained)
    other = training("", tmp_path / "other", tiny_clips, seed=3)
    other.model = other.build()
    shutil.rmtree(source)
    shutil.copytree(other.export(), source)
    with pytest.raises(ValueError, match="`workdir`.*the same weights"):
        training(source, folder, tiny_clips).fit()


def test_the_config_records_where_the_weights_came_from(begun, run_of):
    path = begun[0].workdir / "config.json"
    config = configs.load(configs.VAEConfig, path)
    assert config.init_from == str(run_of("vae").workdir)
