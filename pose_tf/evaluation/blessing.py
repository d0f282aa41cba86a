"""Rules for blessing a model, one per kind, and the baseline each must beat.

    vae         MPJPE of reconstructed poses below that of PCA with as many
                dimensions; if the latent has as many as the pose (PCA is exact
                then), with as many as the latent has active units
    classifier  top-1 above that of the nearest training clip
    motion_vae  top-1 with one and with five labels per action above that of
                PCA with as many dimensions; see `few_labels`
    generator   see `generation`

A rule takes the model as functions, so that trainers and the evaluator share
it, clips to fit baselines to, clips to score, and the trainer's config. It
returns the scores of the model, those of the baselines, and conditions: pairs
of whether a condition holds and a sentence.
"""

import functools

import numpy as np

from pose_tf.evaluation import (
    metrics,
    recognition,
)
from pose_tf.models import baselines
from pose_tf.pipeline import single_poses, windows
from pose_tf.pose import skeletons

ACTIVE_UNIT_VARIANCE = 0.01  # Of the posterior mean; Burda et al., 2016.
MAX_FITTED_POSES = 100_000  # For PCA, which holds them in memory.
CLIPS_PER_BATCH, WINDOWS_PER_BATCH = 32, 512


def evaluate_vae(reconstruct, embed, train, test, config):
    """Evaluates a VAE by its rule.

    Args:
        reconstruct: Function of `(poses, visibility)`, float `(B, T, J, D)` in
            pixels and bool `(B, T, J)`, that returns poses of the same shape.
        embed: Function of the same arguments that returns the mean of the
            posterior `(B, T, Z)`.
        train: Dataset of clips to fit the baseline to.
        test: Dataset of clips to score.
        config: The trainer's config.

    Returns:
        `(scores, baseline, conditions)`, errors in torso lengths.
    """
    skeleton = skeletons.get(config.skeleton)
    batches = functools.partial(clip_batches, config=config)
    transform = single_poses.fit_transform(
        train, skeleton, config.normalization, config.use_occluded
    )
    shape = (skeleton.num_joints, skeleton.num_coordinates)
    num_components = config.latent_dim
    if num_components >= np.prod(shape):
        num_components = max(_active_units(embed, batches(test)), 1)
    pca = baselines.PCA(min(num_components, int(np.prod(shape))))
    pca.fit(_some_poses(batches(train), transform))
    errors, pca_errors = metrics.PerFrame(), metrics.PerFrame()
    for batch in batches(test):
        poses, seen = batch["poses"].numpy(), batch["visibility"].numpy()
        frames, _ = transform(poses, seen, causal=False)
        scale = frames["scale"].numpy()[..., None]
        decoded = reconstruct(poses, seen)
        _add(errors, metrics.distances(decoded, poses, seen) / scale, seen)
        pose = frames["pose"].numpy()
        decoded = pca.inverse_transform(pca.transform(pose.reshape(-1, *shape)))
        decoded = decoded.reshape(pose.shape)
        _add(pca_errors, metrics.distances(decoded, pose, seen), seen)
    error, baseline = (float(pool.mean()[0]) for pool in (errors, pca_errors))
    reason = (
        f"MPJPE of reconstructed poses is {error:.4f}, that of PCA of "
        f"{pca.num_components} dimensions is {baseline:.4f} (torso lengths)."
    )
    return (
        {"mpjpe": error, "latent_dim": config.latent_dim},
        {"pca_mpjpe": baseline, "pca_num_components": pca.num_components},
        [(error < baseline, reason)],
    )


def clip_batches(clips_ds, config):
    """Returns batches of whole clips, in order, as the config's models see."""
    return windows.clip_batches(
        clips_ds,
        batch_size=CLIPS_PER_BATCH,
        skeleton=skeletons.get(config.skeleton),
        frame_normalized=config.normalization == "frame",
    )


def _add(pool, values, seen):
    """Adds values `(B, T, J)` as one-frame clips, since batches differ in T."""
    flat = (-1, 1, values.shape[-1])
    pool.add(np.reshape(values, flat), np.reshape(seen, flat))


def _some_poses(batches, transform):
    """Returns transformed poses `(N, J, D)`, evenly spread, limited in number."""
    every = 1
    kept, count = [], 0
    for batch in batches:
        frames, _ = transform(batch["poses"], batch["visibility"], causal=False)
        # A frame with nothing visible has no pose.
        known = batch["visibility"].numpy().any(-1)
        kept.append(frames["pose"].numpy()[known][::every])
        count += len(kept[-1])
        while count > MAX_FITTED_POSES:
            every *= 2
            kept = [np.concatenate(kept)[::2]]
            count = len(kept[0])
    return np.concatenate(kept)


def _active_units(embed, batches):
    """Counts the units whose posterior mean varies; see Burda et al., 2016."""
    total = square = np.zeros(())
    count = 0
    for batch in batches:
        poses, seen = batch["poses"].numpy(), batch["visibility"].numpy()
        mean = np.asarray(embed(poses, seen))[seen.any(-1)]
        total, square = total + mean.sum(0), square + (mean**2).sum(0)
        count += len(mean)
    variance = square / count - (total / count) ** 2
    return int(np.sum(variance > ACTIVE_UNIT_VARIANCE))


def evaluate_classifier(classify, train, test, config):
    """Evaluates a classifier by its rule.

    Args:
        classify: Function of `(poses, visibility, num_frames)`, tensors of
            padded clips, that returns probabilities `(B, C)`.
        train: Dataset of clips to fit the baselines to.
        test: Dataset of clips to score.
        config: The trainer's config.

    Returns:
        `(scores, baseline, conditions)`, in percent of clips.
    """
    probabilities, labels = recognition.predictions(
        classify, clip_batches(test, config)
    )
    scores = {
        "top1": metrics.top1(probabilities, labels),
        "macro_f1": metrics.macro_f1(probabilities, labels),
        "num_clips": len(labels),
    }
    transform = single_poses.fit_transform(
        train,
        skeletons.get(config.skeleton),
        config.normalization,
        config.use_occluded,
    )
    rows = {}
    for name, baseline in (
        ("nearest_neighbor", baselines.NearestNeighbor(transform)),
        ("logistic_regression", baselines.LogisticRegression(transform)),
    ):
        baseline.fit(clip_batches(train, config), probabilities.shape[1])
        predictions = recognition.predictions(
            baseline.classify, clip_batches(test, config)
        )
        rows[f"{name}_top1"] = metrics.top1(*predictions)
    top1, nearest = scores["top1"], rows["nearest_neighbor_top1"]
    reason = (
        f"Top-1 is {top1:.2f} %, that of the nearest training "
        f"clip is {nearest:.2f} %."
    )
    return scores, rows, [(top1 > nearest, reason)]
