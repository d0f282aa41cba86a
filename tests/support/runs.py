"""Small runs of every kind of model, and what they leave."""

import contextlib
import dataclasses
import functools
import io
import json
import pathlib
from typing import Any

import numpy as np
import pytest

import pose_tf
from pose_tf import presets, trainers
from pose_tf.pipeline import example_gen
from pose_tf.trainers import live

# What differs from the preset `tiny` in most tests.
SMALL: dict[str, dict] = {
    "vae": {"batch_size": 64},
    "motion_vae": {},
    "classifier": {"batch_size": 4, "inputs": "raw"},
    "generator": {"batch_size": 16},
}
# With a middle of the second epoch, and checkpoints before it.
LONG = {"num_epochs": 2, "checkpoint_steps": 2}
_CLIPS = {"window": 16, "filters": 8, "units": 8, "batch_size": 4, **LONG}
# Kind, preset and what differs from it. Another number of epochs does not
# change a constant schedule, so that a run may go on to more.
RUNS: dict[str, tuple[str, str, dict]] = {
    "vae": ("vae", "tiny", SMALL["vae"] | LONG | {"schedule": "constant"}),
    "motion_vae": ("motion_vae", "tiny", LONG),
    "classifier": (  # Of the embedding by the run `vae`.
        "classifier",
        "tiny",
        SMALL["classifier"] | LONG | {"inputs": "embedding"},
    ),
    "generator": ("generator", "tiny", SMALL["generator"] | LONG),
    "learned": (
        "motion_vae",
        "tiny",
        {"encoder": "convolution_lstm", "num_frames": 16, "num_epochs": 1},
    ),
    "clip": ("classifier", "default", _CLIPS),
    "committee": (
        "classifier",
        "small",
        {**_CLIPS, "num_networks": 2, "num_features": 84},
    ),
    "stream": ("classifier", "causal", {**_CLIPS, "live_epochs": 2}),
}


def small(kind, **changes):
    """Returns the preset `tiny` of a kind, with the changes of `SMALL`."""
    return dataclasses.replace(
        presets.get(kind, "tiny"), **{**SMALL[kind], **changes}
    )


@dataclasses.dataclass
class Run:
    """A finished run, exported, and evaluated on the test clips.

    Attributes:
        kind: Kind of model.
        config: The run's config.
        workdir: Its folder.
        clips: What it was trained on.
        history: What `fit` gave.
        scores: What `evaluate` gave.
        told: What `evaluate` printed.
        shapes: Of what is in a batch of training, by name.
        weights: Of the trained model, before anything was read from a file.
    """

    kind: str
    config: Any
    workdir: pathlib.Path
    clips: example_gen.Clips
    history: dict
    scores: dict
    told: str
    shapes: dict
    weights: list[np.ndarray]

    @functools.cached_property
    def trainer(self):
        """A trainer that has read the model; it writes to the shared folder."""
        trainer = _trainer(self.kind, self.config, self.workdir, self.clips)
        trainer.load_or_get_model()
        return trainer

    @functools.cached_property
    def exported(self):
        """What `pose_tf.load` gives."""
        return pose_tf.load(self.workdir / "saved_model")


def _trainer(kind, config, workdir, clips):
    return trainers.get(kind)(config, workdir, clips=clips, verbose=0)


def make(kind, config, clips, folder):
    """Trains, exports and evaluates, for `read`; in a new folder."""
    trainer = _trainer(kind, config, folder / "run", clips)
    history = trainer.fit()
    np.savez(folder / "weights.npz", *trainer.model.get_weights())
    trainer.export()
    with contextlib.redirect_stdout(io.StringIO()) as told:
        scores = trainer.evaluate()
    (batch, *_) = trainer.epoch(0).take(1)
    shapes = {name: list(value.shape) for name, value in batch.items()}
    text = json.dumps([history, scores, told.getvalue(), shapes])
    (folder / "outcome.json").write_text(text)


@contextlib.contextmanager
def small_recordings():
    """Makes recordings small that classifiers of streams are trained on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "RECORDINGS_PER_BATCH", 2)
        patch.setattr(live, "NUM_FRAMES", 64)
        patch.setattr(live, "NUM_VALIDATED", 2)
        yield


def read(kind, config, clips, folder):
    """Returns the `Run` that `make` has made."""
    outcome = json.loads((folder / "outcome.json").read_text())
    with np.load(folder / "weights.npz") as arrays:
        weights = list(arrays.values())
    return Run(kind, config, folder / "run", clips, *outcome, weights)
