"""Trains the pose generator and exports it.

    python -m pose_tf.trainers.generator --workdir=runs/generator \
        --dataset=penn_action
"""

import sys

from pose_tf import trainers

if __name__ == "__main__":  # Before TensorFlow is imported.
    sys.exit(trainers.main("generator"))


import dataclasses
import functools

import numpy as np
import tensorflow as tf

from pose_tf import configs
from pose_tf.evaluation import evaluator, generation, health_table
from pose_tf.models import chunk_training
from pose_tf.models.generator import PoseGenerator
from pose_tf.models.recurrent_generator import RecurrentGenerator
from pose_tf.pipeline import augmentation, prefixes, windows
from pose_tf.serving import saved_model
from pose_tf.trainers import chunks, continuations, inputs, tfx, trainer
from pose_tf.trainers import summaries as tensorboard

# Sizes and places mean nothing to root-centred, torso-scaled poses; noise
# would be in the targets.
AUGMENTATION = augmentation.Augmentation(
    scale=0.0, shift=0.0, jitter=0.0, speed=0.2
)
# Without likelihoods, targets may be changed more.
CHUNK_AUGMENTATION = dataclasses.replace(AUGMENTATION, stretch=0.15, shear=0.1)
DETECTED = 0.3  # Of their prefixes, as if by a detector of keypoints.
# Share of the training after which samples go on for `long_rollout` frames: from
# the start, they would take from what can be predicted.
FAR_FROM = 0.5
LEAST_ROLLOUT = 15  # True frames that a training window of chunks goes on for.
NUM_SHOWN, SAMPLES_SHOWN = 3, 2
WINDOWS_TO_CHOOSE = 512
# How often a training shows futures, and how they move in some windows.
NUM_PICTURES, NUM_TABLES, HEALTH_WINDOWS = 3, 9, 128


class GeneratorTrainer(trainer.Trainer):
    """Trains, evaluates and exports a generator: the config's `model`.

    Example:

    >>> config = configs.GeneratorConfig(prefix=5, horizon=25)
    >>> trainer = GeneratorTrainer(config, "runs/generator")
    >>> trainer.workdir.name, trainer.monitor  # No file is written yet.
    ('generator', 'pck')
    """

    kind = "generator"
    purpose = "Continues a sequence of poses."
    rule = evaluator.GENERATOR
    config_class = configs.GeneratorConfig
    scores: tuple[str, ...] = ("error", "nll")
    monitor = "pck"
    higher_is_better = True
    loss_settings = ("nll_weight",)
    far_from = 0  # The step from which samples go on for `long_rollout` frames.

    def build(self):
        config, features = self.config, inputs.build(self)
        if config.model == "chunks":
            self.scores = ("error", "score", "energy", "action")
            if config.long_rollout:
                self.scores += chunk_training.FAR
            return PoseGenerator(
                features,
                len(self.clips.actions),
                config.units,
                config.hidden_units,
                config.latent_dim,
                config.dropout_rate,
                chunks.train(self, features) if config.chunk_dim else None,
            )
        return RecurrentGenerator(
            features, config.units, config.dropout_rate, config.residual
        )

    def steps_per_epoch(self):
        config = self.config
        if config.windows == "tprnn":
            count = sum(
                int(n)
                for n in self.train_clips()
                .map(lambda clip: tf.shape(clip["poses"])[0])
                .as_numpy_iterator()
            )
        else:
            count = windows.num_windows(
                self.train_clips(),
                length=self.least_length,
                stride=config.stride,
            )
        steps = -(-count // config.batch_size)
        self.far_from = int(FAR_FROM * config.num_epochs * steps)
        return steps

    def nothing_in(self, name, clips_ds):
        lengths = clips_ds.map(lambda clip: tf.shape(clip["poses"])[0])
        longest = max(map(int, lengths.as_numpy_iterator()), default=0)
        prefix, horizon = self.config.prefix, self.config.horizon
        ahead = self.least_length - prefix
        if name == "train" and ahead != horizon:
            return (
                f"`prefix` must be at most {longest - ahead}, to leave {ahead} "
                f"frames of the longest train clip. Received: {prefix}"
            )
        return (
            f"`prefix` + `horizon` must be at most {longest}, the frames of the "
            f"longest {name} clip. Received: {prefix} + {horizon}"
        )

    def num_scored(self, clips_ds):
        if self.config.windows == "tprnn":
            return windows.num_windows(clips_ds, length=1, stride=1), "window"
        stride = self.config.stride
        count = windows.num_windows(clips_ds, length=self.length, stride=stride)
        return count, "window"

    @property
    def length(self):
        """Number of frames of a window that is scored."""
        return self.config.prefix + self.config.horizon

    @property
    def least_length(self):
        """Number of frames that a clip needs to be trained on."""
        config = self.config
        if config.model == "recurrent":
            return self.length
        return config.prefix + min(LEAST_ROLLOUT, config.rollout)

    def batches(self, clips_ds, **options):
        """Returns batches of windows, of the kind of `config.windows`."""
        config = self.config
        options = {"batch_size": config.batch_size, **options}
        if config.windows == "tprnn":
            return windows.tprnn_batches(
                clips_ds,
                skeleton=self.clips.skeleton,
                horizon=config.horizon,
                **options,
            )
        return windows.window_batches(
            clips_ds,
            **{"length": self.length, **options},
            stride=config.stride,
            skeleton=self.clips.skeleton,
            frame_normalized=self.frame_normalized,
        )

    def epoch(self, epoch):
        config = self.config
        options, amounts = {}, AUGMENTATION
        if config.model == "chunks":
            ahead = config.long_rollout or config.rollout
            options["length"] = config.prefix + ahead
            options["least"] = self.least_length
            options["to_and_fro"] = config.long_rollout > 0
            amounts = CHUNK_AUGMENTATION
        batches = self.batches(
            self.train_clips(),
            training=True,
            augment=amounts if config.augment else False,
            seed=config.seed,
            epoch=epoch,
            **options,
        )
        if config.model == "recurrent" or not config.augment:
            return batches
        return windows.map_seeded(
            batches,
            functools.partial(
                prefixes.degrade,
                prefix=config.prefix,
                skeleton=self.clips.skeleton,
                share=DETECTED,
            ),
            config.seed,
            epoch,
            windows.DEGRADATION,
        )

    def loss(self, batch, step, seed):
        config = self.config
        if config.model == "chunks":
            return self.model.compute_loss(
                batch,
                seed,
                prefix=config.prefix,
                horizon=config.rollout,
                longest=config.long_rollout,
                is_far=step >= self.far_from,
            )
        return self.model.compute_loss(
            batch,
            prefix=config.prefix,
            horizon=config.horizon,
            teacher_forcing=config.teacher_forcing,
            nll_weight=config.nll_weight,
        )

    def predict(self, poses, visibility):
        """Returns the deterministic continuations `(B, H, J, D)` of prefixes."""
        if getattr(self, "_predict", None) is None:
            self._predict = tf.function(
                lambda poses, visibility: self.model(
                    poses, visibility, horizon=self.config.horizon
                ),
                autograph=False,
                reduce_retracing=True,
            )
        return self._predict(poses, visibility).numpy()

    def sample(self, poses, visibility, horizon, num_samples, temperature=1.0):
        """Returns sampled futures of each prefix, `(B, K, H, J, D)`."""
        if getattr(self, "_sample", None) is None:
            self._sample = tf.function(
                self.model.generate, autograph=False, reduce_retracing=True
            )
        seed = tf.constant([0, self.config.seed])
        given = self._sample(
            poses,
            visibility,
            tf.constant(horizon),
            tf.constant(num_samples),
            tf.constant(temperature),
            seed,
        )
        return given["poses"].numpy()

    def predictors(self):
        """Returns what `generation.evaluate_generator` takes first."""
        return self.predict, self.sample

    def validate(self):
        scores = generation.score_windows(
            self.predict, self.validation_clips(), self.config
        )
        names = {"pck": "mean_pck", "mpjpe": "mean_mpjpe"}
        return {k: scores[v] for k, v in names.items() if v in scores}

    def evaluate(self, split="test"):
        """Evaluates as all trainers do, and prints how continuations move."""
        scores = super().evaluate(split)
        if "health" in scores:
            print(f"\n{health_table.titled(scores['health'])}")
        return scores

    def pictures(self, logs):
        clips = self.validation_clips() or self.train_clips()
        shown = tensorboard.Rollouts(
            logs,
            lambda: self.rollouts(clips),
            self.clips.skeleton,
            every=self._every(NUM_PICTURES),
        )
        return [shown, *self._health(logs, clips)]

    def _every(self, times):
        """Returns the number of epochs between what is shown a few times."""
        return max(self.config.num_epochs // times, 1)

    def _health(self, logs, clips_ds):
        """Returns the callback that shows how some continuations move."""
        if self.config.windows == "tprnn":  # Not frames that follow each other.
            return []
        batches, horizon = generation.health_windows(
            clips_ds, self.config, HEALTH_WINDOWS
        )
        if not batches:
            return []
        measure = functools.partial(
            generation.health, self.sample, batches, horizon, self.config
        )
        return [
            continuations.Health(logs, measure, every=self._every(NUM_TABLES))
        ]

    def rollouts(self, clips_ds):
        """Returns some windows, each with its truth, prediction and samples."""
        batches = self.batches(clips_ds, batch_size=WINDOWS_TO_CHOOSE)
        batch = next(iter(batches), None)
        if batch is None:  # Clips to train on may be shorter.
            return []
        size = int(tf.shape(batch["poses"])[0])
        return [
            self._rollout(
                batch["clip_id"][i].numpy().decode(),
                batch["poses"][i].numpy(),
                batch["visibility"][i].numpy(),
            )
            for i in np.linspace(0, size - 1, NUM_SHOWN).astype(int)
        ]

    def _rollout(self, name, poses, seen):
        prefix = self.config.prefix
        start = poses[None, :prefix], seen[None, :prefix]
        return continuations.rollout(
            name,
            poses,
            seen,
            self.predict(*start)[0],
            self.sample(*start, len(poses) - prefix, SAMPLES_SHOWN)[0],
        )

    def write_saved_model(self, model, path):
        saved_model.export_generator(model, path, self.clips.actions)


def run_fn(fn_args):
    """Trains and exports for TFX; see `tfx.run_fn`."""
    return tfx.run_fn(GeneratorTrainer, fn_args)
