"""Measures how far a few labels go with an embedding of motions.

Some clips of each action are drawn as labelled; logistic regression on their
embeddings, scaled to unit length, classifies the scored clips. The labelled
clips are training clips, the embedding was fitted without labels, and a scored
clip is never seen before it is scored.
"""

import functools

import numpy as np
import tensorflow as tf
from sklearn import linear_model, preprocessing

from pose_tf.evaluation import blessing
from pose_tf.models import motion_vae

LABELS_PER_ACTION = (1, 5)
NUM_DRAWS = 10
INVERSE_REGULARIZATION = 10.0


def evaluate_motion_vae(embed_motion, train, test, config):
    """Evaluates a motion VAE by its rule, for `blessing`'s table of rules.

    Args:
        embed_motion: Function of `(poses, visibility, num_frames)` that
            returns a dict with `mean` `(B, Z)`.
        train: Dataset of clips to draw labelled clips from, and to fit the
            baseline to.
        test: Dataset of clips to score.
        config: The trainer's config.

    Returns:
        `(scores, baseline, conditions)`, in percent of clips.
    """
    batches = functools.partial(blessing.clip_batches, config=config)
    rows = {}
    for name, embed in (
        ("", lambda *clips: embed_motion(*clips)["mean"]),
        ("pca_", _fit_pca(batches(train), config)),
    ):
        known, actions = embedded_clips(embed, batches(train))
        scored, truth = embedded_clips(embed, batches(test))
        for number in LABELS_PER_ACTION:
            accuracies = accuracy(known, actions, scored, truth, number)
            rows[f"{name}top1_with_{number}_per_action"] = accuracies.mean()
            rows[f"{name}worst_with_{number}_per_action"] = accuracies.min()
    scores = {k: v for k, v in rows.items() if not k.startswith("pca_")}
    baseline = {k: v for k, v in rows.items() if k.startswith("pca_")}
    scores["latent_dim"] = config.latent_dim
    if len(set(actions)) < 2:
        reason = "There is one action, so that nothing is to be told apart."
        return scores, baseline, [(True, reason)]
    conditions = []
    for number in LABELS_PER_ACTION:
        key = f"top1_with_{number}_per_action"
        labels = "1 label" if number == 1 else f"{number} labels"
        reason = (
            f"Top-1 with {labels} per action is {rows[key]:.1f} "
            f"%, that of PCA of {config.latent_dim} dimensions is "
            f"{rows['pca_' + key]:.1f} % (mean of {NUM_DRAWS} draws)."
        )
        conditions.append((rows[key] > rows["pca_" + key], reason))
    return scores, baseline, conditions


def _fit_pca(batches, config):
    """Returns a function that embeds clips by PCA of as many dimensions.

    It is of the same random convolutions, averaged over a clip and its mirror
    image likewise, with the same weights of the components.
    """
    pca = motion_vae.MotionVAE(
        config.skeleton,
        config.latent_dim,
        config.num_frames,
        config.num_features,
        config.latent_dim,
        bank_size=0,
        seed=config.seed,
    )
    pca.adapt(motion_vae.sequences(pca, batches))
    scale = pca.components.stddev**motion_vae.INPUT_POWER

    @functools.partial(tf.function, autograph=False, reduce_retracing=True)
    def embed(poses, visibility, num_frames):
        sides = [
            pca.describe(poses, visibility, num_frames, mirrored)
            for mirrored in (False, True)
        ]
        return (sides[0] + sides[1]) / 2 * scale

    return embed


def embedded_clips(embed, batches):
    """Returns embeddings `(N, Z)` of unit length, and actions `(N,)`."""
    means, actions = [], []
    for batch in batches:
        mean = embed(batch["poses"], batch["visibility"], batch["num_frames"])
        means.append(np.asarray(mean))
        actions.append(batch["action"].numpy())
    return preprocessing.normalize(np.concatenate(means)), np.concatenate(
        actions
    )


def draw(actions, number, seed) -> np.ndarray:
    """Draws `number` clips of each action, or all if there are fewer.

    Args:
        actions: Int array `(N,)`.
        number: Integer.
        seed: Integer; the draws of one seed contain those of smaller numbers.

    Returns:
        Int array of indices.
    """
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [
            rng.permutation(np.flatnonzero(actions == action))[:number]
            for action in np.unique(actions)
        ]
    )


def accuracy(known, actions, scored, truth, number, num_draws=NUM_DRAWS):
    """Returns the top-1 of each draw of labelled clips, percent.

    Args:
        known: Embeddings of training clips, `(N, Z)`.
        actions: Their actions, int `(N,)`.
        scored: Embeddings of the scored clips, `(S, Z)`.
        truth: Their actions, int `(S,)`.
        number: Labelled clips per action.
        num_draws: Draws, by seeds from 0 on.

    Returns:
        Float array `(num_draws,)`. Where only one action is known, everything
        is taken for it.
    """
    scores = []
    for seed in range(num_draws):
        labelled = draw(actions, number, seed)
        given = actions[labelled]
        predicted = np.full(len(scored), given[0])
        if (given != given[0]).any():
            head = linear_model.LogisticRegression(
                C=INVERSE_REGULARIZATION, max_iter=1000
            )
            predicted = head.fit(known[labelled], given).predict(scored)
        scores.append(100 * np.mean(predicted == truth))
    return np.array(scores)
