"""Nothing fitted depends on a clip that is held out, to the last bit.

Every trainer runs twice: on the clips as they are, and on clips of which those
held out have other coordinates, other joints visible and wrong labels.
"""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from sklearn import decomposition, linear_model, neighbors

from pose_tf import presets
from pose_tf.pipeline import example_gen
from pose_tf.trainers.classifier import ClassifierTrainer
from pose_tf.trainers.generator import GeneratorTrainer
from pose_tf.trainers.vae import VAETrainer

TRAINERS = {
    "vae": (VAETrainer, {"batch_size": 128}),
    "classifier": (ClassifierTrainer, {"batch_size": 8, "inputs": "raw"}),
    "generator": (GeneratorTrainer, {"batch_size": 64}),
}
FITTED = (
    decomposition.PCA,
    neighbors.KNeighborsClassifier,
    linear_model.LogisticRegression,
)
ABSURD = 1e5  # Pixels.


def poison(clip, num_actions):
    """Another clip of as many frames: nothing else of it is kept."""
    shape = tf.shape(clip["poses"])
    seed = tf.stack([shape[0], 0])
    poses = tf.random.stateless_normal(shape, seed, stddev=ABSURD)
    seen = tf.random.stateless_uniform(shape[:2], seed) < 0.7
    return {
        **clip,
        # Visible NaN is refused, hidden NaN says that a joint is missing.
        "poses": tf.where(seen[..., None], poses, np.nan),
        "visibility": seen,
        "boxes": clip["boxes"] + ABSURD,
        "action": (clip["action"] + 1) % num_actions,
        "view": tf.zeros_like(clip["view"]),
    }


def poisoned(clips, split_protocol):
    """Clips of which all but the protocol's training part are poison."""
    train = example_gen.split(clips, split_protocol)["train"]
    kept = tf.constant([c["clip_id"] for c in train.as_numpy_iterator()])

    def spoil(clip):
        return tf.cond(
            tf.reduce_any(kept == clip["clip_id"]),
            lambda: clip,
            lambda: poison(clip, len(clips.actions)),
        )

    spoilt = dataclasses.replace(
        clips, train=clips.train.map(spoil), test=clips.test.map(spoil)
    )
    # Who is held back goes by the labels: by the true ones.
    vars(spoilt)["train_index"] = clips.train_index
    return spoilt


@pytest.fixture
def fitted(monkeypatch):
    """What baselines are fitted to: a list of arrays."""
    seen = []

    def recording(fit):
        def wrapper(self, *data):
            seen.extend(np.array(x) for x in data if x is not None)
            return fit(self, *data)

        return wrapper

    for estimator in FITTED:
        monkeypatch.setattr(estimator, "fit", recording(estimator.fit))
    return seen


def run(kind, split_protocol, clips, workdir):
    """Weights, history and test scores of an epoch."""
    trainer_class, changes = TRAINERS[kind]
    config = dataclasses.replace(
        presets.get(kind, "tiny"),
        **changes,
        split_protocol=split_protocol,
        num_epochs=1,
        patience=0,
    )
    trainer = trainer_class(config, workdir, clips=clips, verbose=0)
    trainer.pictures = lambda logs: []
    history = trainer.fit()
    scores = trainer.measure(trainer.clips_of("test")[1])
    return trainer.model.get_weights(), history, scores


# `official` holds back a part of what `validation` does, by the same code.
@pytest.mark.parametrize(
    ("kind", "split_protocol"),
    [
        ("vae", "official"),
        ("classifier", "validation"),
        ("generator", "validation"),
    ],
)
def test_held_out_clips_change_no_bit_of_what_is_fitted(
    kind, split_protocol, tiny_clips, fitted, tmp_path
):
    weights, history, scores = run(
        kind, split_protocol, tiny_clips, tmp_path / "clean"
    )
    baselines = fitted[:]
    fitted.clear()
    spoilt = poisoned(tiny_clips, split_protocol)
    again, spoilt_history, spoilt_scores = run(
        kind, split_protocol, spoilt, tmp_path / "poisoned"
    )
    for one, two in zip(weights, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert len(baselines) == {"vae": 1, "classifier": 4, "generator": 0}[kind]
    for one, two in zip(baselines, fitted, strict=True):
        np.testing.assert_array_equal(one, two)
    # The poison was there, and seen by what only scores.
    assert spoilt_scores != scores
    clean, spoilt = map(_by_part, (history, spoilt_history))
    assert clean["train"] == spoilt["train"]
    validated = split_protocol == "validation"
    assert bool(clean["validation"]) == validated
    assert (clean["validation"] != spoilt["validation"]) == validated


def _by_part(history):
    """A history, apart for the training part and the validation part."""
    parts = {"train": {}, "validation": {}}
    for name, values in history.items():
        part = "validation" if name.startswith("val_") else "train"
        parts[part][name] = values
    return parts
