"""Several classifiers of whole clips that decide together."""

import keras
import numpy as np
import tensorflow as tf

from pose_tf.models.clip_classifier import TEMPERATURE, ClipClassifier
from pose_tf.models.ridge_classifier import RidgeClassifier

# Of the ridge regression's scores, to make logarithms of probabilities of them.
# Chosen on left-out training clips of JHMDB-14, where 2 to 4 are as good.
SHARPNESS = 3.0


@keras.saving.register_keras_serializable("pose_tf")
class ClipCommittee(keras.Model):
    """Joins `ClipClassifier`s with ridge regression of random convolutions.

    For a few hundred clips: classifiers that were trained from other weights, or
    that see clips in another way, err on different ones. `classify` adds up the
    logarithms of their probabilities. The ridge regression takes seconds, which
    are spent before the networks are trained.

    Args:
        features: A `MotionFeatures` layer: clips to sequences.
        num_actions: Integer, classes `C`.
        num_networks: How many `ClipClassifier`s there are.
        num_features: Random convolutions' features; 0 leaves the ridge
            regression out.
        filters, units, dropout_rate: As for `ClipClassifier`.
        seed: Seed of the random convolutions.

    Raises:
        ValueError: For fewer than 2 actions, no network, or from 1 to 83
            features.

    Example:

    >>> from pose_tf.models import ClipCommittee, MotionFeatures
    >>> features = MotionFeatures("penn_action", num_frames=16)
    >>> sizes = {"num_features": 84, "filters": 8, "units": 8}
    >>> committee = ClipCommittee(features, 3, num_networks=2, **sizes)
    >>> poses = tf.random.normal((4, 9, 13, 2))
    >>> visibility = tf.ones((4, 9, 13), tf.bool)
    >>> given = committee.classify(poses, visibility, tf.fill([4], 9))
    >>> tuple(given["probabilities"].shape)
    (4, 3)
    """

    def __init__(
        self,
        features,
        num_actions,
        num_networks=3,
        num_features=9_996,
        filters=48,
        units=64,
        dropout_rate=0.3,
        seed=0,
        **kwargs,
    ):
        if num_networks < 1:
            raise ValueError(
                f"`num_networks` must be at least 1. Received: {num_networks}"
            )
        super().__init__(**kwargs)
        self.features = features
        self.num_features = num_features
        self.seed = seed
        self.networks = [
            ClipClassifier(features, num_actions, filters, units, dropout_rate)
            for _ in range(num_networks)
        ]
        self.ridge = None
        if num_features:
            frames = features.num_frames
            self.ridge = RidgeClassifier(
                num_actions, frames, num_features, seed
            )
        self.build()

    @property
    def skeleton(self):
        """The `Skeleton` of the poses."""
        return self.features.skeleton

    @property
    def num_actions(self):
        """How many actions there are, `C`."""
        return self.networks[0].num_actions

    def build(self):
        """Makes the weights of the ridge regression; networks have theirs."""
        if self.ridge:
            shape = (None, self.features.num_frames, self.features.num_channels)
            self.ridge.build(shape)

    def call(self, sequences, training=False):
        """Returns the networks' mean logits `(B, C)`; see `ClipClassifier`."""
        logits = [network(sequences, training) for network in self.networks]
        return tf.reduce_mean(tf.stack(logits), 0)

    def classify(self, poses, visibility, num_frames):
        """Classifies and embeds whole clips; see `ClipClassifier.classify`.

        Returns:
            Dict of `probabilities` `(B, C)` of the actions, and `embedding`
            `(B, num_networks * 4 * units)`, those of all networks in a row.
        """
        first = self.networks[0]
        poses, visibility = first.without_jumps(poses, visibility, num_frames)
        parts = first.parts(poses, visibility, num_frames)
        scores, embeddings = zip(
            *[network.of_parts(*parts) for network in self.networks],
            strict=True,
        )
        mean = tf.reduce_mean(tf.stack(scores), 0)
        if self.ridge:
            sides = self._sides(poses, visibility, num_frames)
            ridge = tf.add_n([self.ridge(side) for side in sides]) / len(sides)
            # Of a clip in which nobody is visible nothing is said.
            seen = tf.reduce_sum(parts[1], 0)  # [B, 1], 0 or 1.
            mean += seen * tf.nn.log_softmax(SHARPNESS * ridge)
        else:
            mean /= TEMPERATURE
        return {
            "probabilities": tf.nn.softmax(mean),
            "embedding": tf.concat(embeddings, -1),
        }

    def fit_ridge(self, batches):
        """Fits the ridge regression, if there is one, to clips and their mirrors.

        Args:
            batches: Iterable of dicts of `poses`, `visibility`, `num_frames` and
                `action`, as `windows.clip_batches` gives them.
        """
        if not self.ridge:
            return
        sequences, labels = [], []
        for batch in batches:
            num_frames = batch["num_frames"]
            poses, visibility = self.networks[0].without_jumps(
                batch["poses"], batch["visibility"], num_frames
            )
            sides = self._sides(poses, visibility, num_frames)
            sequences += [side.numpy() for side in sides]
            labels += [batch["action"].numpy()] * 2
        self.ridge.fit(np.concatenate(sequences), np.concatenate(labels))

    def _sides(self, poses, visibility, num_frames):
        """Returns sequences of clips, and of their mirror images."""
        return [
            self.features(poses, visibility, num_frames, mirrored=mirrored)
            for mirrored in (False, True)
        ]

    def compute_loss(self, batch, seed, **settings):
        """Returns the mean loss of the networks, and mean metrics.

        Every network mixes the clips in its own way; see
        `ClipClassifier.compute_loss`.
        """
        fold = tf.random.experimental.stateless_fold_in
        losses, scores = zip(
            *[
                network.compute_loss(batch, fold(seed, index), **settings)
                for index, network in enumerate(self.networks)
            ],
            strict=True,
        )
        accuracy = tf.reduce_mean([score["accuracy"] for score in scores])
        return tf.reduce_mean(losses), {"accuracy": accuracy}

    def get_config(self):
        first = self.networks[0]
        return {
            **super().get_config(),
            "features": keras.saving.serialize_keras_object(self.features),
            "num_actions": first.num_actions,
            "num_networks": len(self.networks),
            "num_features": self.num_features,
            "filters": first.filters,
            "units": first.units,
            "dropout_rate": first.dropout_rate,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        features = keras.saving.deserialize_keras_object(config.pop("features"))
        return cls(features, **config)
