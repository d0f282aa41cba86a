"""Trains the pose VAE and exports it.

python -m pose_tf.trainers.vae --workdir=runs/vae --dataset=penn_action
"""

import sys

from pose_tf import trainers

if __name__ == "__main__":  # Before TensorFlow is imported.
    sys.exit(trainers.main("vae"))


import functools

import numpy as np
import tensorflow as tf

from pose_tf import configs
from pose_tf.evaluation import blessing, evaluator, metrics
from pose_tf.models import vae as models
from pose_tf.pipeline import augmentation, single_poses
from pose_tf.pose import skeletons
from pose_tf.serving import saved_model
from pose_tf.trainers import progress, starts, tfx, trainer
from pose_tf.trainers import summaries as tensorboard

# The target is the pose itself: a jittered one would be learnt as well. Tempo
# means nothing to single poses.
AUGMENTATION = augmentation.Augmentation(jitter=0.0, speed=0.0)
NUM_START_BATCHES = 64
NUM_SHOWN = 1000
IMPORTANCE_SAMPLES = 64


class VAETrainer(trainer.Trainer):
    """Trains, evaluates and exports a `PoseVAE`; see `trainer.Trainer`.

    Its `workdir` gets `poses/` as well, the transformed poses of training.

    Example:

    >>> trainer = VAETrainer(configs.VAEConfig(latent_dim=8), "runs/vae")
    >>> trainer.workdir.name, trainer.monitor  # No file is written yet.
    ('vae', 'loss')
    """

    kind = "vae"
    purpose = "Embeds single poses and decodes them again."
    rule = evaluator.VAE
    config_class = configs.VAEConfig
    scores = ("rate", "distortion", "elbo")
    monitor = "loss"
    higher_is_better = False
    loss_settings = ("beta", "free_bits")

    def new_model(self):
        """Returns the config's model, neither trained nor its transform fitted."""
        config = self.config
        return models.PoseVAE(
            config.skeleton,
            config.latent_dim,
            config.hidden_dim,
            config.num_layers,
            config.normalization,
            config.use_occluded,
        )

    def build(self):
        config, model = self.config, self.new_model()
        # tf.data cannot read variables that a strategy spreads over replicas,
        # so that the pipeline has a transform of its own.
        self.data_transform = single_poses.fit_transform(
            self.train_clips(),
            skeletons.get(config.skeleton),
            config.normalization,
            config.use_occluded,
        )
        # Before the poses are stored as it transforms them.
        starts.take(self, self.data_transform, under="transform")
        model.transform.set_weights(self.data_transform.get_weights())
        self.stored = single_poses.store(
            self.train_clips(),
            self.data_transform,
            self.workdir / "poses",
            skeleton=self.clips.skeleton,
            frame_normalized=self.frame_normalized,
            seed=config.seed,
        )
        start = self.epoch(0).take(NUM_START_BATCHES)
        model.start_linear(np.concatenate([b["features"] for b in start]))
        return model

    def steps_per_epoch(self):
        return -(-count_poses(self.train_clips()) // self.config.batch_size)

    def batches(self, clips_ds):
        """Returns batches of transformed poses, in order."""
        return single_poses.pose_batches(
            clips_ds,
            self.data_transform,
            batch_size=self.config.batch_size,
            skeleton=self.clips.skeleton,
            frame_normalized=self.frame_normalized,
        )

    def epoch(self, epoch):
        return single_poses.training_batches(
            self.stored,
            self.data_transform,
            batch_size=self.config.batch_size,
            skeleton=self.clips.skeleton,
            amounts=AUGMENTATION if self.config.augment else None,
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
            free_bits=config.free_bits,
            beta_warmup_steps=config.beta_warmup_steps,
        )

    @functools.cached_property
    def validation_batches(self):
        """Batches of the validation poses, made once for all epochs."""
        return self.batches(self.validation_clips()).cache()

    def validate(self):
        scores = embedding_scores(
            self.model, self.validation_batches, bound_samples=0
        )
        rate, distortion = scores["rate"], scores["distortion"]
        return {
            "loss": distortion + self.config.beta * rate,
            "rate": rate,
            "distortion": distortion,
            "elbo": scores["elbo"],
            "mpjpe": scores["mpjpe"],
        }

    def pictures(self, logs):
        return [
            tensorboard.Projector(logs, self.embedding, self.clips.skeleton)
        ]

    def embedding(self):
        """Returns some hundreds of embedded poses, with labels."""
        ds = self.batches(self.validation_clips() or self.train_clips())
        ds = ds.unbatch()
        every = max(
            count_poses(self.validation_clips() or self.train_clips())
            // NUM_SHOWN,
            1,
        )
        shown = next(iter(ds.shard(every, 0).batch(NUM_SHOWN)))
        return tensorboard.Embedding(
            mean=self.model.encode(shown["features"]).mean().numpy(),
            poses=shown["pose"].numpy(),
            visibility=shown["visibility"].numpy(),
            labels={
                "action": [self.clips.actions[i] for i in shown["action"]],
                "view": [self.clips.views[i] for i in shown["view"]],
            },
        )

    def predictors(self):
        """Returns `reconstruct` and `embed`, for `blessing.evaluate_vae`."""
        model = self.model
        return (
            tf.function(
                lambda poses, seen: model.reconstruct(poses, seen)["poses"],
                autograph=False,
                reduce_retracing=True,
            ),
            tf.function(
                lambda poses, seen: model.embed_clip(poses, seen)["mean"],
                autograph=False,
                reduce_retracing=True,
            ),
        )

    def measure(self, clips_ds):
        """Measures what every trainer does, and `embedding_scores`."""
        self.data_transform = self.model.transform
        batches = self.batches(clips_ds)
        if self.verbose:
            num_poses = count_poses(clips_ds)
            batches = progress.watched(batches, num_poses, "pose")
        scores = embedding_scores(self.model, batches, IMPORTANCE_SAMPLES)
        return {**scores, **super().measure(clips_ds)}

    def write_saved_model(self, model, path):
        saved_model.export_vae(model, path)


def count_poses(clips_ds):
    """Counts the frames of clips in which at least one joint is visible."""
    counts = clips_ds.map(
        lambda clip: tf.math.count_nonzero(
            tf.reduce_any(clip["visibility"], axis=-1)
        )
    )
    return int(sum(n for n in counts.as_numpy_iterator()))


def embedding_scores(model, batches, bound_samples):
    """Measures rate, distortion, bounds and reconstruction error.

    Returns:
        Dict: `rate`, `distortion`, `elbo` and (with samples) `bound`, nats per
        pose; `mpjpe`, torso lengths, of visible joints; `active_units`, latent
        dimensions whose posterior mean varies by more than
        `blessing.ACTIVE_UNIT_VARIANCE`.
    """
    sums: dict[str, float] = {}
    errors, posterior_means = metrics.PerFrame(), []
    for number, batch in enumerate(batches):
        seed = tf.constant([number, 0])
        values, again, mean = _scores_of_batch(
            model, batch, seed, bound_samples
        )
        for name, value in values.items():
            sums[name] = sums.get(name, 0.0) + float(tf.reduce_sum(value))
        posterior_means.append(mean.numpy())
        _add_errors(errors, again, batch["pose"], batch["visibility"])
    means = np.concatenate(posterior_means)
    scores = {name: value / len(means) for name, value in sums.items()}
    scores["elbo"] = -(scores["rate"] + scores["distortion"])
    return {
        **scores,
        "mpjpe": float(errors.mean().mean()),
        "active_units": int(
            (means.var(0) > blessing.ACTIVE_UNIT_VARIANCE).sum()
        ),
    }


@tf.function(autograph=False, reduce_retracing=True)
def _scores_of_batch(model, batch, seed, bound_samples):
    given = batch["features"]
    posterior = model.encode(given)
    noise = tf.random.stateless_normal(tf.shape(posterior.mean()), seed)
    rate, distortion = models.elbo_terms(model, batch, given, noise)
    values = {"rate": tf.reduce_sum(rate, -1), "distortion": distortion}
    if bound_samples:
        values["bound"] = models.importance_weighted_bound(
            model, batch, given, bound_samples, seed
        )
    again, _ = model.decode_pose(posterior.mean())
    return values, again, posterior.mean()


def _add_errors(errors, predicted, target, visibility):
    """Adds the distances of poses `(N, J, D)` as frames of one clip each."""
    predicted, target = (
        np.asarray(predicted)[:, None],
        np.asarray(target)[:, None],
    )
    visibility = np.asarray(visibility)[:, None]
    apart = metrics.distances(predicted, target, visibility)
    errors.add(apart, visibility)


def run_fn(fn_args):
    """Trains and exports for TFX; see `tfx.run_fn`."""
    return tfx.run_fn(VAETrainer, fn_args)
