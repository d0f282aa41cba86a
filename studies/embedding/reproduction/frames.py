"""Single frames as arrays, and trainers on them, for the original experiment.

`leaky_frames` has 130,000 clips of one frame each: arrays of them can be
shuffled and batched at once.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from pose_tf.evaluation import recognition
from pose_tf.models.features import PoseFeatures
from pose_tf.pipeline import example_gen, windows
from pose_tf.pose.transform import REFERENCE_SIZE, PoseTransform
from pose_tf.trainers import classifier, pretrained, trainer, vae
from studies.embedding.reproduction.whitening import WhitenedFeatures

SHIFT = 0.1  # Largest shift of a frame, in sides of the picture.
READ_FRAMES = 4096
START_FRAMES = 32768
_ORDER, _SHIFT = range(2)


def parts(clips, split_protocol):
    """Returns the frames of each part of a split, as dicts of arrays.

    The arrays are those of `windows.frame_batches`. Poses are stretched to the
    reference frame; missing joints are NaN.
    """
    return {
        name: _read(clips_ds, clips.skeleton)
        for name, clips_ds in example_gen.split(clips, split_protocol).items()
    }


def _read(clips_ds, skeleton):
    batches = windows.frame_batches(
        clips_ds,
        batch_size=READ_FRAMES,
        skeleton=skeleton,
        frame_normalized=True,
    )
    keys = ("poses", "visibility", "num_frames", "action")
    columns: dict[str, list] = {key: [] for key in keys}
    for batch in batches:
        for key in keys:
            columns[key].append(batch[key].numpy())
    return {key: np.concatenate(values) for key, values in columns.items()}


def together(frames_by_part):
    """Returns the frames of all parts, concatenated."""
    first, *rest = frames_by_part.values()
    return {
        key: np.concatenate([first[key], *(part[key] for part in rest)])
        for key in first
    }


def in_order(frames, batch_size):
    """Returns a dataset of batches of frames, in their order."""
    return tf.data.Dataset.from_tensor_slices(frames).batch(batch_size)


def shuffled(frames, batch_size, seed, epoch, shift):
    """Returns a dataset of batches, shuffled and shifted by `(seed, epoch)`.

    Args:
        frames: Dict of tensors.
        batch_size: Integer.
        seed: Integer.
        epoch: Integer, or scalar tensor of one.
        shift: Whether each frame is shifted at random, by at most `SHIFT`.
    """
    fold = tf.random.experimental.stateless_fold_in
    root = fold(tf.constant([seed, 0], tf.int64), tf.cast(epoch, tf.int64))
    order = tf.random.experimental.stateless_shuffle(
        tf.range(tf.shape(frames["action"])[0]), fold(root, _ORDER)
    )

    def batch_of(number, chosen):
        batch = {key: tf.gather(frames[key], chosen) for key in frames}
        if not shift:
            return batch
        shifts = tf.random.stateless_uniform(
            (tf.shape(chosen)[0], 1, 1, 2),
            fold(fold(root, _SHIFT), number),
            minval=-SHIFT * REFERENCE_SIZE,
            maxval=SHIFT * REFERENCE_SIZE,
        )
        return {**batch, "poses": batch["poses"] + shifts}

    ds = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
    return ds.enumerate().map(batch_of)


class _FrameTrainer(trainer.Trainer):
    """Trains on single frames.

    Args:
        config, workdir: See `Trainer`.
        parts: Frames of each part of the split, as `parts` returns them.
        scaler: `all` or `train`, the frames to which the scaler is fitted.
        shift: Whether training frames are shifted.
        every: Integer `n`; only every `n`-th frame of each part is used.
        options: Keyword arguments of `Trainer`.
    """

    def __init__(
        self, config, workdir, *, parts, scaler, shift, every, **options
    ):
        super().__init__(config, workdir, resumable=False, verbose=0, **options)
        self.parts = {
            name: {key: value[::every] for key, value in frames.items()}
            for name, frames in parts.items()
        }
        self.scaler, self.shift = scaler, shift
        self.train = {
            key: tf.constant(value)
            for key, value in self.parts["train"].items()
        }

    def fit_transform(self):
        """Returns a transform with the scaler's statistics."""
        config, frames = self.config, self.parts["train"]
        if self.scaler == "all":
            frames = together(self.parts)
        transform = PoseTransform(
            config.skeleton, config.normalization, config.use_occluded
        )
        transform.fit(in_order(frames, READ_FRAMES))
        return transform

    def steps_per_epoch(self):
        return -(-len(self.train["action"]) // self.config.batch_size)

    def epoch(self, epoch):
        config = self.config
        return shuffled(
            self.train, config.batch_size, config.seed, epoch, self.shift
        )


class FrameVAETrainer(_FrameTrainer, vae.VAETrainer):
    """Trains a `PoseVAE` on frames."""

    def build(self):
        config, model = self.config, self.new_model()
        model.transform.set_weights(self.fit_transform().get_weights())
        start = shuffled(
            self.train, START_FRAMES, config.seed, 0, self.shift
        ).map(lambda batch: _transformed(batch, model.transform))
        model.start_linear(next(iter(start))["features"])
        return model

    def loss(self, batch, step, seed):
        model: Any = self.model
        batch = _transformed(batch, model.transform)
        return super().loss(batch, step, seed)


class FrameClassifierTrainer(_FrameTrainer, classifier.ClassifierTrainer):
    """Trains an `ActionClassifier` on frames, or embeds them.

    Args:
        whiten: Whether raw poses are whitened.
        args, options: Arguments of `_FrameTrainer`.
    """

    def __init__(self, *args, whiten=False, **options):
        super().__init__(*args, **options)
        self.whiten = whiten

    def features(self):
        """Returns raw features, whitened ones, or those of the config's VAE."""
        if self.config.inputs == "raw":
            transform = self.fit_transform()
            if not self.whiten:
                return PoseFeatures(transform)
            batches = in_order(self.parts["train"], READ_FRAMES)
            batches = batches.map(lambda b: _transformed(b, transform))
            return WhitenedFeatures(
                transform, np.concatenate([b["features"] for b in batches])
            )
        return PoseFeatures(vae=pretrained.load_model(self.config.vae))

    def measure(self, clips_ds=None):
        """Returns `recognition.scores` of the test frames."""
        del clips_ds
        batches = in_order(self.parts["test"], READ_FRAMES)
        return recognition.scores(
            *recognition.predictions(self.classify, batches)
        )

    def arrays(self):
        """Returns features `(N, F)` and actions `(N,)` of `train` and `test`."""
        features = self.features()
        return {
            name: (
                np.concatenate(
                    [
                        features(b["poses"], b["visibility"])[0][:, 0]
                        for b in in_order(frames, READ_FRAMES)
                    ]
                ),
                frames["action"],
            )
            for name, frames in self.parts.items()
        }


def _transformed(batch, transform):
    """Returns frames in the form that `losses.negative_elbo` takes."""
    frames, _ = transform(batch["poses"], batch["visibility"])
    return {
        "pose": frames["pose"][:, 0],
        "visibility": frames["visibility"][:, 0],
        "features": transform.standardize_pose(frames)[:, 0],
    }
