"""Trains the motion VAE and exports it.

python -m pose_tf.trainers.motion_vae --workdir=runs/motion_vae \
    --dataset=penn_action
"""

import sys

from pose_tf import trainers

if __name__ == "__main__":  # Before TensorFlow is imported.
    sys.exit(trainers.main("motion_vae"))


import functools

import numpy as np
import tensorflow as tf

from pose_tf import configs
from pose_tf.evaluation import evaluator
from pose_tf.models import motion_vae as models
from pose_tf.models.learned_motion_vae import LearnedMotionVAE
from pose_tf.models.motion_embedder import (
    LearnedEmbedder,
    MotionEmbedder,
    encoder_of,
)
from pose_tf.pipeline import augmentation, motions, windows
from pose_tf.pose import geometry
from pose_tf.serving import saved_model
from pose_tf.trainers import starts, tfx, trainer
from pose_tf.trainers import summaries as tensorboard

# Every second view is mirrored, so nothing is mirrored at random. Place, size
# and tempo of a clip do not matter to `MotionFeatures`.
AUGMENTATION = augmentation.Augmentation(
    mirror=0.0,
    scale=0.0,
    shift=0.0,
    speed=0.0,
    rotation=0.25,
    jitter=0.01,
    stretch=0.3,
    shear=0.15,
    drop=0.1,
    crop=0.5,
)
# By `encoder`: the model, and what is exported of it.
CLASSES = {
    "random_convolutions": (models.MotionVAE, MotionEmbedder),
    "convolution_lstm": (LearnedMotionVAE, LearnedEmbedder),
}
MAX_ADAPTED = 4096  # Clips that features and components are fitted to.
CLIPS_PER_BATCH = 32
NUM_SHOWN = 1000


class MotionVAETrainer(trainer.Trainer):
    """Trains, evaluates and exports a `MotionVAE`; see `trainer.Trainer`.

    Its `workdir` gets `views/` as well, descriptions of views of the training
    clips. Memory does not grow with the number of clips beyond `MAX_ADAPTED`
    of them, `motions.BLOCK_CLIPS` with all views, and a bank and references of
    a fixed size.

    Example:

    >>> config = configs.MotionVAEConfig(latent_dim=8)
    >>> trainer = MotionVAETrainer(config, "runs/motion_vae")
    >>> trainer.workdir.name, trainer.monitor  # No file is written yet.
    ('motion_vae', 'loss')
    """

    kind = "motion_vae"
    purpose = "Embeds whole motions: clips of any length."
    rule = evaluator.MOTION_VAE
    config_class = configs.MotionVAEConfig
    scores = ("rate", "distortion", "contrastive")
    monitor = "loss"
    higher_is_better = False
    init_settings = ("normalization", "skeleton", "num_frames", "encoder")
    loss_settings = ("beta", "contrastive_weight", "temperature")

    def new_model(self):
        """Returns the config's model, not fitted to any clips."""
        config = self.config
        model_class, _ = CLASSES[config.encoder]
        return model_class(
            config.skeleton,
            config.latent_dim,
            config.num_frames,
            num_features=config.num_features,
            num_components=config.num_components,
            num_targets=config.num_targets,
            bank_size=config.bank_size if config.contrastive_weight else 0,
            # Weights of another model belong to its random convolutions.
            seed=self.pretrained.config.get("seed", 0)
            if self.pretrained
            else config.seed,
        )

    def build(self):
        config, model = self.config, self.new_model()
        # What is not trained comes first: views are described by it.
        start = starts.take(self, model)
        self._adapt(model, start.taken if start else ())
        self.stored = motions.store(
            self.train_clips(),
            by_sides(model.describe),
            by_sides(model.look),
            self.workdir / "views",
            num_views=config.num_views,
            amounts=AUGMENTATION if config.augment else None,
            skeleton=self.clips.skeleton,
            seed=config.seed,
        )
        return model

    def initial_weights(self, layer):
        """Returns the weights of `init_from`, and an encoder of an export.

        There, the components are one with the encoder: its map is that of an
        encoder of this model's components.
        """
        values = dict(super().initial_weights(layer))
        same = np.array_equal(
            values.get("convolutions/thresholds", ()),
            layer.convolutions.thresholds,
        )
        if same and "kernel" in values:  # Of the same random convolutions.
            values["encoder/kernel"], values["encoder/bias"] = encoder_of(
                values.pop("kernel"), values.pop("bias"), layer.components
            )
        return values

    def _adapt(self, model, taken):
        """Fits to some training clips what was not taken from `init_from`."""
        fitted = [
            layer
            for layer in ("convolutions", "components")
            if any(name.startswith(f"{layer}/") for name in taken)
        ]
        if len(fitted) < 2:
            every = -(-len(self.train_clips()) // MAX_ADAPTED)
            batches = self.batches(self.train_clips().shard(every, 0))
            model.adapt(
                models.sequences(model, batches),
                keep_convolutions="convolutions" in fitted,
            )

    def steps_per_epoch(self):
        return motions.steps_per_epoch(
            len(self.train_clips()),
            self.config.num_views,
            self.config.batch_size,
        )

    def batches(self, clips_ds, batch_size=CLIPS_PER_BATCH):
        """Returns batches of whole clips, in order."""
        return windows.clip_batches(
            clips_ds, batch_size=batch_size, skeleton=self.clips.skeleton
        )

    def epoch(self, epoch):
        return motions.training_batches(
            self.stored,
            batch_size=self.config.batch_size,
            seed=self.config.seed,
            epoch=epoch,
        )

    def loss(self, batch, step, seed):
        config = self.config
        return self.model.compute_loss(
            batch,
            step,
            seed,
            beta=config.beta,
            contrastive_weight=config.contrastive_weight,
            temperature=config.temperature,
            bank_steps=config.bank_steps,
        )

    def finish(self):
        """Sets what motions are centered by and compared with."""
        embedded = self.embed_clips(self.train_clips())
        self.model.set_references(embedded["mean"], self.config.seed)

    def embed(self, poses, visibility, num_frames):
        """Returns the model's `embed_motion` of a batch, as NumPy arrays."""
        if getattr(self, "_embed", None) is None:
            self._embed = tf.function(
                self.model.embed_motion, autograph=False, reduce_retracing=True
            )
        embedded = self._embed(poses, visibility, num_frames)
        return {name: value.numpy() for name, value in embedded.items()}

    def embed_clips(self, clips_ds):
        """Returns `embed` of all clips of a dataset."""
        embedded = [
            self.embed(batch["poses"], batch["visibility"], batch["num_frames"])
            for batch in self.batches(clips_ds)
        ]
        return {
            name: np.concatenate([values[name] for values in embedded])
            for name in embedded[0]
        }

    @functools.cached_property
    def validation_batches(self):
        """Descriptions of the validation clips, made once for all epochs."""
        describe = by_sides(self.model.describe)
        look = by_sides(self.model.look)
        batches = []
        for batch in self.batches(self.validation_clips()):
            clip = batch["poses"], batch["visibility"], batch["num_frames"]
            views, targets = (
                tf.stack([see(*clip, False), see(*clip, True)], axis=1)
                for see in (look, describe)
            )
            number = tf.shape(targets)[0]
            batches.append(
                {
                    "views": views,
                    "targets": targets,
                    "mirrored": tf.tile([[0.0, 1.0]], (number, 1)),
                    "index": tf.range(number),
                }
            )
        return batches

    def validate(self):
        return elbo_scores(
            self.model, self.validation_batches, self.config.beta
        )

    def pictures(self, logs):
        return [
            tensorboard.Projector(logs, self.embedding, self.clips.skeleton)
        ]

    def embedding(self):
        """Returns some hundreds of embedded clips: a pose each, and labels."""
        clips_ds = self.validation_clips() or self.train_clips()
        every = max(len(clips_ds) // NUM_SHOWN, 1)
        clips_ds = clips_ds.shard(every, 0).take(NUM_SHOWN)
        clips = list(clips_ds.as_numpy_iterator())
        poses, seen = [], []
        for clip in clips:
            # The frame in the middle of those in which somebody is visible.
            frames = np.flatnonzero(clip["visibility"].any(-1))
            middle = frames[len(frames) // 2] if len(frames) else 0
            poses.append(clip["poses"][middle])
            seen.append(clip["visibility"][middle])
        center, _ = geometry.weighted_mean(
            tf.constant(np.nan_to_num(poses)), tf.cast(seen, tf.float32)
        )
        return tensorboard.Embedding(
            mean=self.embed_clips(clips_ds)["mean"],
            poses=np.stack(poses) - center.numpy()[:, None],
            visibility=np.stack(seen),
            labels={
                "action": [
                    self.clips.actions[clip["action"]] for clip in clips
                ],
                "view": [self.clips.views[clip["view"]] for clip in clips],
            },
        )

    def predictors(self):
        """Returns `embed_motion`, as `blessing.evaluate_motion_vae` takes it."""
        return (self.embed,)

    def write_saved_model(self, model, path):
        _, embedder_class = CLASSES[self.config.encoder]
        saved_model.export_motion_vae(embedder_class(model), path)


def by_sides(function):
    """Returns `describe` or `look` of a model, with a graph for each side."""
    sides = [
        tf.function(
            functools.partial(function, mirrored=mirrored),
            autograph=False,
            reduce_retracing=True,
        )
        for mirrored in (False, True)
    ]

    def call(poses, visibility, num_frames, mirrored=False):
        return sides[mirrored](poses, visibility, num_frames)

    return call


def elbo_scores(model, batches, beta):
    """Measures rate, distortion and ELBO of clips and their mirror images.

    Args:
        model: A `MotionVAE`.
        batches: Batches as `motions.training_batches` gives them.
        beta: Weight of the rate in the loss.

    Returns:
        Dict: `rate`, `distortion` and `elbo`, nats per motion; `loss`.
    """
    rates, distortions = [], []
    for batch in batches:
        posterior = model.encode(
            tf.reshape(batch["views"], (-1, *model.view_shape))
        )
        rates.append(models.tfd.kl_divergence(posterior, model.prior()))
        likelihood = model.likelihood(
            posterior.mean(), tf.reshape(batch["mirrored"], (-1,))
        )
        targets = batch["targets"][..., : model.num_targets]
        targets = tf.reshape(targets, (-1, model.num_targets))
        distortions.append(-likelihood.log_prob(targets))
    rate = float(tf.reduce_mean(tf.concat(rates, 0)))
    distortion = float(tf.reduce_mean(tf.concat(distortions, 0)))
    return {
        "loss": (distortion + beta * rate) / model.latent_dim,
        "rate": rate,
        "distortion": distortion,
        "elbo": -(rate + distortion),
    }


def run_fn(fn_args):
    """Trains and exports for TFX; see `tfx.run_fn`."""
    return tfx.run_fn(MotionVAETrainer, fn_args)
