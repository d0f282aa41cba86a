"""Trains an action classifier, of whole clips or of streams, and exports it.

    python -m pose_tf.trainers.classifier --workdir=runs/classifier \
        --dataset=penn_action
    python -m pose_tf.trainers.classifier --workdir=runs/causal \
        --dataset=penn_action --preset=causal
"""

import sys

from pose_tf import trainers

if __name__ == "__main__":  # Before TensorFlow is imported.
    sys.exit(trainers.main("classifier"))


import dataclasses
import functools

import numpy as np
import tensorflow as tf

from pose_tf import configs
from pose_tf.evaluation import detection, evaluator, metrics, recognition
from pose_tf.evaluation import recordings as under_way
from pose_tf.models.classifier import ActionClassifier
from pose_tf.models.clip_classifier import ClipClassifier
from pose_tf.models.clip_committee import ClipCommittee
from pose_tf.models.motion_features import MotionFeatures
from pose_tf.models.stream_classifier import StreamClassifier
from pose_tf.pipeline import augmentation, recordings, windows
from pose_tf.serving import saved_model
from pose_tf.trainers import inputs, live, tfx, trainer
from pose_tf.trainers import summaries as tensorboard

# Of the model `frames`.
AUGMENTATION = augmentation.Augmentation(
    speed=0.4, jitter=0.004, stretch=0.15, crop=0.3
)
CLIP_AUGMENTATION = augmentation.Augmentation(
    scale=0.15,
    rotation=0.25,
    shift=0.0,
    jitter=0.005,
    stretch=0.25,
    shear=0.15,
    drop=0.1,
    crop=0.3,
)
# Jitter of the many frames that are made of a few would look like motion, and
# how an action starts says much of it.
STREAM_AUGMENTATION = dataclasses.replace(
    CLIP_AUGMENTATION, jitter=0.002, crop=0.0, unfinished=0.6
)
AMOUNTS = {
    "frames": AUGMENTATION,
    "clip": CLIP_AUGMENTATION,
    "stream": STREAM_AUGMENTATION,
}
ENCODER = "encoder/"  # Names of a motion VAE's weights begin so.
# Clips that the ridge regression of a committee is fitted to, at most.
MAX_FITTED = 4096
CLIP_MODELS = {"clip": ClipClassifier, "stream": StreamClassifier}


class ClassifierTrainer(trainer.Trainer):
    """Trains, evaluates and exports a classifier: the config's `model`.

    Example:

    >>> config = configs.ClassifierConfig(inputs="raw")
    >>> trainer = ClassifierTrainer(config, "runs/classifier")
    >>> trainer.workdir.name, trainer.monitor  # No file is written yet.
    ('classifier', 'accuracy')
    """

    kind = "classifier"
    purpose = "Classifies the action of a clip of poses."
    rule = evaluator.CLASSIFIER
    config_class = configs.ClassifierConfig
    scores = ("accuracy",)
    monitor = "accuracy"
    higher_is_better = True
    init_kinds = ("motion_vae",)
    per_action = ("head", "live/head")
    loss_settings = ("frame_loss_weight",)

    def build(self):
        config, num_actions = self.config, len(self.clips.actions)
        if config.num_networks > 1 or config.num_features:
            return ClipCommittee(
                MotionFeatures(config.skeleton, config.window),
                num_actions,
                config.num_networks,
                config.num_features,
                config.filters,
                config.units,
                config.dropout_rate,
                config.seed,
            )
        if config.model in CLIP_MODELS:
            return CLIP_MODELS[config.model](
                MotionFeatures(config.skeleton, config.window),
                num_actions,
                config.filters,
                config.units,
                config.dropout_rate,
            )
        return ActionClassifier(
            self.features(),
            num_actions,
            config.filters,
            config.num_convs,
            config.units,
            config.num_lstms,
            config.dropout_rate,
        )

    def features(self):
        """Returns the features of the model `frames`, `PoseFeatures`."""
        return inputs.build(self)

    def initial_weights(self, layer):
        """Returns the weights of `init_from`; of a motion VAE, its encoder's.

        That of a `LearnedMotionVAE` has the layers of a classifier of clips;
        its head gives a posterior, no actions. What the members of a
        `ClipCommittee` know of other actions is left out.
        """
        values = super().initial_weights(layer)
        if self.pretrained.kind != "motion_vae":
            same = self.pretrained.actions == tuple(self.clips.actions)
            return {
                name: value
                for name, value in values.items()
                if same or not _is_of_members(name)
            }
        return {
            name.removeprefix(ENCODER): value
            for name, value in values.items()
            if name.startswith(ENCODER)
            and not name.startswith(f"{ENCODER}head/")
        }

    def steps_per_epoch(self):
        return -(-len(self.train_clips()) // self.config.batch_size)

    def batches(self, clips_ds, **options):
        """Returns batches of clips; see `windows.clip_batches`."""
        return windows.clip_batches(
            clips_ds,
            batch_size=self.config.batch_size,
            skeleton=self.clips.skeleton,
            frame_normalized=self.frame_normalized,
            **options,
        )

    def epoch(self, epoch):
        config = self.config
        return self.batches(
            self.train_clips(),
            window=config.window,
            fit=config.model in CLIP_MODELS,
            training=True,
            augment=self.amounts() if config.augment else False,
            seed=config.seed,
            epoch=epoch,
        )

    def amounts(self):
        """Returns how far training clips are changed, an `Augmentation`."""
        amounts = AMOUNTS[self.config.model]
        if self.config.model != "clip":
            return amounts
        return dataclasses.replace(amounts, repeat=self.config.repeat)

    def loss(self, batch, step, seed):
        del step
        config = self.config
        options = {
            "label_smoothing": config.label_smoothing,
            "mixup_alpha": config.mixup_alpha,
        }
        if config.model == "frames":
            options["frame_loss_weight"] = config.frame_loss_weight
        return self.model.compute_loss(batch, seed, **options)

    def prepare(self):
        """Readies what is not trained along.

        The part for streams waits for `finish`; the ridge regression of a
        `ClipCommittee` is fitted to training clips as they are.
        """
        if self.config.model == "stream":
            self.model.live.trainable = False
        if isinstance(self.model, ClipCommittee):
            clips_ds = self.train_clips()
            every = -(-len(clips_ds) // MAX_FITTED)
            self.model.fit_ridge(self.batches(clips_ds.shard(every, 0)))

    def finish(self):
        """Trains the part for streams; see `live`."""
        if self.config.model == "stream":
            self.model.live.trainable = True
            live.fit(self, self.model.live)

    @functools.cached_property
    def validation_batches(self):
        """Batches of the validation clips, made once for all epochs."""
        return self.batches(self.validation_clips())

    def predict(self, batches):
        """Returns actions, int `(N,)`, and their probabilities `(N, C)`."""
        probabilities, labels = recognition.predictions(self.classify, batches)
        return labels, probabilities

    def classify(self, poses, visibility, num_frames):
        """Returns probabilities `(B, C)` of clips; see the model's `classify`."""
        if getattr(self, "_classify", None) is None:
            self._classify = tf.function(
                self.model.classify, autograph=False, reduce_retracing=True
            )
        given = self._classify(poses, visibility, num_frames)
        return given["probabilities"].numpy()

    def classify_frames(self, poses, visibility, num_frames):
        """Returns `(B, T, C)` of recordings; see the model's method."""
        if getattr(self, "_classify_frames", None) is None:
            self._classify_frames = tf.function(
                self.model.classify_frames,
                autograph=False,
                reduce_retracing=True,
            )
        given = self._classify_frames(poses, visibility, num_frames)
        return given["probabilities"].numpy()

    def predictors(self):
        """Returns `classify`, as `blessing.evaluate_classifier` takes it."""
        return (self.classify,)

    def measure(self, clips_ds):
        """Measures the model as all trainers do, and on degraded clips.

        Adds top-1 on clips as detectors give them (`detection.top1`); of
        models that take streams, on beginnings of clips
        (`recognition.early_recognition`); and of the model `stream`, what was
        under way in recordings made of the clips (`evaluation.recordings`).
        """
        scores = super().measure(clips_ds)
        batches = self.batches(clips_ds)
        scores |= detection.top1(
            self.classify, batches, self.clips.skeleton, self.config.seed
        )
        if self.config.model != "clip":
            scores |= recognition.early_recognition(self.classify, batches)
        if self.config.model == "stream":
            # The same recordings for every seed of training.
            made = recordings.of_clips(clips_ds, self.clips.skeleton)
            scores |= under_way.evaluate(self.classify_frames, made)
        return scores

    def validate(self):
        labels, probabilities = self.predict(self.validation_batches)
        chosen = probabilities[np.arange(len(labels)), labels]
        return {
            "accuracy": metrics.top1(probabilities, labels) / 100,
            "loss": float(-np.log(np.maximum(chosen, 1e-12)).mean()),
        }

    def pictures(self, logs):
        if not self.validation_clips():
            return []
        return [
            tensorboard.ConfusionMatrix(
                logs,
                lambda: self.predict(self.validation_batches),
                self.clips.actions,
                every=max(self.config.num_epochs // 10, 1),
            )
        ]

    def write_saved_model(self, model, path):
        # What novelty is measured by: the clips that the model has seen.
        embeddings = None
        if self.config.model == "clip":
            embeddings = embed(model, self.batches(self.train_clips()))
        saved_model.export_classifier(
            model, path, self.clips.actions, embeddings
        )


def _is_of_members(name):
    """Returns whether a weight is of the actions of a committee's member."""
    return name.startswith("ridge/") or (
        name.startswith("networks/") and "/head/" in name
    )


def embed(model, batches) -> np.ndarray:
    """Returns what a `ClipClassifier` gives as `embedding` of clips, `(N, E)`.

    Args:
        model: The `ClipClassifier`, or `ClipCommittee`.
        batches: Batches of clips, as `windows.clip_batches` gives them.
    """
    classify = tf.function(
        model.classify, autograph=False, reduce_retracing=True
    )
    return np.concatenate(
        [
            classify(batch["poses"], batch["visibility"], batch["num_frames"])[
                "embedding"
            ].numpy()
            for batch in batches
        ]
    )


def run_fn(fn_args):
    """Trains and exports for TFX; see `tfx.run_fn`."""
    return tfx.run_fn(ClassifierTrainer, fn_args)
