"""Trains classifiers of windows or clips on few or many labels.

An arm of the study is the input that a classifier gets of a frame: `raw`, the
`embedding` of a frozen VAE, or `sampled`, the same with the noise of the
posterior in training.
"""

import contextlib
import functools
import math
from typing import Any

import numpy as np
import tensorflow as tf

from pose_tf.evaluation import recognition
from pose_tf.models.features import PoseFeatures
from pose_tf.pipeline import example_gen, windows
from pose_tf.trainers import classifier

ARMS = ("raw", "embedding", "sampled")
_NOISE_STREAM = 1


class SampledFeatures(PoseFeatures):
    """Embeds by the posterior's mean; inside `sampling`, by a sample of it."""

    _seed = None

    @contextlib.contextmanager
    def sampling(self, seed):
        """Embeds by samples inside the context; `seed` is an int tensor `(2,)`."""
        self._seed = seed
        try:
            yield
        finally:
            self._seed = None

    def of_frames(self, frames):
        """Returns features `(B, T, F)` of transformed frames."""
        if self._seed is None:
            return super().of_frames(frames)
        pose = self.transform.standardize_pose(frames)
        posterior = self.vae.encode(pose)
        noise = tf.random.stateless_normal(
            tf.shape(posterior.mean()), self._seed
        )
        return tf.concat(
            [
                posterior.mean() + posterior.stddev() * noise,
                self.transform.standardize_root(frames),
            ],
            axis=-1,
        )


class WindowClassifierTrainer(classifier.ClassifierTrainer):
    """Trains on windows of labelled clips and scores all windows of others.

    Args:
        config: `ClassifierConfig`.
        workdir: Folder of the run.
        length: Frames per window; 0 means whole clips.
        stride: Frames between two windows of a clip.
        labels: Percent of each action's training clips that are labelled;
            transform and VAE use all of them.
        sampled: Whether training embeds by samples.
        options: Keyword arguments of `Trainer`.
    """

    def __init__(
        self,
        config,
        workdir,
        *,
        length,
        stride,
        labels=100,
        sampled=False,
        **options,
    ):
        super().__init__(config, workdir, resumable=False, verbose=0, **options)
        self.length, self.stride, self.sampled = length, stride, sampled
        self.labelled = labelled_clips(
            self.clips, config.split_protocol, labels, config.seed
        )
        # Counted here, since an epoch's pipeline cannot count its windows.
        size = self._size(self.train_clips())
        self.num_steps = math.ceil(size / config.batch_size)
        repeats = math.ceil(size / self._size(self.labelled))
        self.repeated = self.labelled.repeat(repeats)

    def features(self):
        """Returns the features of the config, sampled if the arm asks for it."""
        features = super().features()
        return SampledFeatures(vae=features.vae) if self.sampled else features

    def steps_per_epoch(self):
        """Returns the steps with all clips labelled: the same for all arms."""
        return self.num_steps

    def epoch(self, epoch):
        ds = self.windows(
            self.repeated,
            training=True,
            augment=classifier.AUGMENTATION if self.config.augment else False,
            seed=self.config.seed,
            epoch=epoch,
        )
        return ds.take(self.num_steps)

    def loss(self, batch, step, seed):
        if not self.sampled:
            return super().loss(batch, step, seed)
        noise = tf.random.experimental.stateless_fold_in(seed, _NOISE_STREAM)
        model: Any = self.model
        with model.features.sampling(noise):
            return super().loss(batch, step, seed)

    def windows(self, clips_ds, **options):
        """Returns batches of windows, or of clips or, in training, of crops."""
        if not self.length:
            crop = self.config.window if options.get("training") else None
            return self.batches(clips_ds, window=crop, **options)
        return windows.window_batches(
            clips_ds,
            length=self.length,
            stride=self.stride,
            batch_size=self.config.batch_size,
            skeleton=self.clips.skeleton,
            **options,
        )

    @functools.cached_property
    def validation_batches(self):
        """Windows of the validation clips, made once for all epochs."""
        return self.windows(self.validation_clips())

    def measure(self, clips_ds):
        """Returns `recognition.scores` of all windows of clips."""
        return recognition.scores(
            *recognition.predictions(self.classify, self.windows(clips_ds))
        )

    def _size(self, clips_ds):
        if not self.length:
            return len(clips_ds)
        return windows.num_windows(
            clips_ds, length=self.length, stride=self.stride
        )


def labelled_clips(clips, split_protocol, percent, seed):
    """Returns training clips drawn per action, at least one, for all arms.

    The draws of a seed are nested: those of 5 % include those of 1 %.

    Args:
        clips: `example_gen.Clips`.
        split_protocol: How clips are split; see `configs`.
        percent: Share of each action's clips.
        seed: Integer.

    Raises:
        ValueError: If `percent` is not above 0 and at most 100.
    """
    if not 0 < percent <= 100:
        raise ValueError(
            f"`percent` must be above 0 and at most 100. Received: {percent}"
        )
    train = example_gen.split(clips, split_protocol)["train"]
    if percent == 100:
        return train
    actions = np.array(list(train.map(_action).as_numpy_iterator()))
    chosen = tf.constant(draw(actions, percent, seed))
    ds = train.enumerate().filter(lambda number, _: chosen[number])
    ds = ds.map(lambda _, clip: clip).cache()
    count = int(tf.math.count_nonzero(chosen))
    return ds.apply(tf.data.experimental.assert_cardinality(count))


def draw(actions, percent, seed):
    """Returns which clips are labelled, bool `(N,)`; see `labelled_clips`."""
    rng = np.random.default_rng(seed)
    chosen = np.zeros(len(actions), bool)
    for action in np.unique(actions):
        order = rng.permutation(np.flatnonzero(actions == action))
        chosen[order[: max(round(percent / 100 * len(order)), 1)]] = True
    return chosen


def _action(clip):
    return clip["action"]
