"""By what a model is blessed: a rule for each kind.

    vae         MPJPE of reconstructed poses below that of PCA of as many
                dimensions; if the latent has as many as the pose (PCA is exact
                then), of as many as the latent's active units
    classifier  top-1 above that of the nearest training clip
    generator   PCK, by the protocol of its windows: the mean over all horizons
                above that of a baseline that is, at each, the better of zero
                and constant velocity; and at none more than
                `HORIZON_TOLERANCE` points below it

A rule takes a loaded SavedModel, clips to fit baselines on, clips to score and
the trainer's config. It gives the figures of the model, those of the
baselines, and its conditions: pairs of whether one holds and a sentence.
"""

import functools

import numpy as np

from pose_tf import inference, metrics, protocols
from pose_tf.models import baselines
from pose_tf.pipeline import poses as single_poses
from pose_tf.pipeline import windows

HORIZON_TOLERANCE = 0.5  # Percentage points: early horizons end near 100.
ACTIVE_UNIT_VARIANCE = 0.01  # Of the posterior mean; Burda et al., 2016.
MAX_FITTED_POSES = 100_000  # That PCA holds in memory.
CLIPS_A_BATCH, WINDOWS_A_BATCH = 32, 512


def _clip_batches(clips_ds, config, skeleton):
    return windows.clip_batches(
        clips_ds,
        batch_size=CLIPS_A_BATCH,
        skeleton=skeleton,
        frame_normalized=config.normalization == "frame",
    )


def judge_vae(model, train, test, config):
    transform = single_poses.fit_transform(
        train, model.skeleton, config.normalization
    )
    batches = functools.partial(
        _clip_batches, config=config, skeleton=model.skeleton
    )
    shape = (model.skeleton.num_joints, model.skeleton.num_coordinates)
    num_components = model.latent_dim
    if num_components >= np.prod(shape):
        num_components = max(_active_units(model, batches(test)), 1)
    pca = baselines.PCA(min(num_components, int(np.prod(shape))))
    pca.fit(_some_poses(batches(train), transform))
    found, expected = metrics.PerFrame(), metrics.PerFrame()
    for batch in batches(test):
        poses, seen = batch["poses"].numpy(), batch["visibility"].numpy()
        frames, _ = transform(poses, seen, causal=False)
        scale = frames["scale"].numpy()[..., None]
        again = model.reconstruct(poses, seen)["poses"]
        _add(found, metrics.distances(again, poses, seen) / scale, seen)
        pose = frames["pose"].numpy()
        again = pca.inverse(pca.transform(pose.reshape(-1, *shape)))
        again = again.reshape(pose.shape)
        _add(expected, metrics.distances(again, pose, seen), seen)
    error, baseline = (float(pool.mean()[0]) for pool in (found, expected))
    reason = (
        f"MPJPE of reconstructed test poses is {error:.4f}, that of PCA of "
        f"{pca.num_components} dimensions is {baseline:.4f} (torso lengths)."
    )
    return (
        {"mpjpe": error, "latent_dim": model.latent_dim},
        {"pca_mpjpe": baseline, "pca_num_components": pca.num_components},
        [(error < baseline, reason)],
    )


def _add(pool, values, seen):
    """Adds values `(B, T, J)` as one-frame clips: batches differ in T."""
    flat = (-1, 1, values.shape[-1])
    pool.add(np.reshape(values, flat), np.reshape(seen, flat))


def _some_poses(batches, transform):
    """Transformed poses `(N, J, D)`, evenly spread and bounded in number."""
    every = 1
    kept, count = [], 0
    for batch in batches:
        frames, _ = transform(batch["poses"], batch["visibility"], causal=False)
        # A frame with nothing visible has no pose to speak of.
        known = batch["visibility"].numpy().any(-1)
        kept.append(frames["pose"].numpy()[known][::every])
        count += len(kept[-1])
        while count > MAX_FITTED_POSES:
            every *= 2
            kept = [np.concatenate(kept)[::2]]
            count = len(kept[0])
    return np.concatenate(kept)


def _active_units(model, batches):
    total = square = count = 0.0
    for batch in batches:
        poses, seen = batch["poses"].numpy(), batch["visibility"].numpy()
        mean = model.embed(poses, seen)["mean"][seen.any(-1)]
        total, square = total + mean.sum(0), square + (mean**2).sum(0)
        count += len(mean)
    variance = square / count - (total / count) ** 2
    return int((variance > ACTIVE_UNIT_VARIANCE).sum())


def judge_classifier(model, train, test, config):
    transform = single_poses.fit_transform(
        train, model.skeleton, config.normalization
    )
    batches = functools.partial(
        _clip_batches, config=config, skeleton=model.skeleton
    )
    nearest = baselines.NearestNeighbour(transform)
    nearest.fit(batches(train), len(model.actions))
    labels, found, expected = [], [], []
    for batch in batches(test):
        clip = [
            batch[key].numpy() for key in ("poses", "visibility", "num_frames")
        ]
        labels.append(batch["action"].numpy())
        found.append(model.classify(*clip))
        expected.append(nearest.classify(*clip))
    labels, found, expected = map(np.concatenate, (labels, found, expected))
    top1 = metrics.top1(found, labels)
    baseline = metrics.top1(expected, labels)
    reason = (
        f"Top-1 on test clips is {top1:.2f} %, that of the nearest training "
        f"clip is {baseline:.2f} %."
    )
    return (
        {
            "top1": top1,
            "macro_f1": metrics.macro_f1(found, labels),
            "num_clips": len(labels),
        },
        {"nearest_neighbour_top1": baseline},
        [(top1 > baseline, reason)],
    )


def judge_generator(model, train, test, config):
    del train  # Both baselines know nothing.

    def predict(poses, visibility):
        return model.generate(
            poses,
            visibility,
            horizon=config.horizon,
            num_samples=1,
            temperature=0.0,
        )["poses"][:, 0]

    score = functools.partial(
        _score_windows, test, config, skeleton=model.skeleton
    )
    figures = score(predict, hide_missing=True)
    known = {"zero_velocity": baselines.zero_velocity}
    if config.prefix > 1:
        known["constant_velocity"] = baselines.constant_velocity
    rows = {
        name: max(
            # Where annotators guessed hidden joints, to trust them is better.
            (
                score(_without_model(f, config, trust))
                for trust in (True, False)
            ),
            key=lambda row: row["mean_pck"],
        )
        for name, f in known.items()
    }
    better = np.max([row["pck"] for row in rows.values()], axis=0)
    return figures, rows, _judge_horizons(np.asarray(figures["pck"]), better)


def _without_model(baseline, config, trust):
    def predict(poses, visibility):
        return baseline(poses, None if trust else visibility, config.horizon)

    return predict


def _score_windows(test, config, predict, skeleton, hide_missing=False):
    """PCK and the rest of the protocol of the config's windows."""
    if config.windows == "tprnn":
        row = protocols.evaluate_tprnn(
            predict,
            windows.tprnn_batches(
                test,
                batch_size=WINDOWS_A_BATCH,
                skeleton=skeleton,
                horizon=config.horizon,
            ),
            horizon=config.horizon,
            hide_missing=hide_missing,
        )
        return {
            "pck": row["correct"],
            "mean_pck": row["mean_correct"],
            "pck_as_coded": row["as_coded"],
            "num_windows": row["num_windows"],
        }
    return protocols.evaluate_house(
        predict,
        windows.window_batches(
            test,
            length=config.prefix + config.horizon,
            stride=config.stride,
            batch_size=WINDOWS_A_BATCH,
            skeleton=skeleton,
            frame_normalized=config.normalization == "frame",
        ),
        prefix=config.prefix,
        horizon=config.horizon,
    )


def _judge_horizons(pck, better):
    """Judges PCK `(H,)`, percent, against the better baseline's."""
    known = np.isfinite(pck) & np.isfinite(better)
    mean, baseline = pck[known].mean(), better[known].mean()
    margin = np.where(known, pck - better, np.inf)
    worst = int(np.argmin(margin))
    overall = (
        f"Mean PCK over all horizons is {mean:.1f} %, that of the better "
        f"baseline at each is {baseline:.1f} %."
    )
    everywhere = (
        "The smallest margin over the better baseline is "
        f"{margin[worst]:+.1f} points of PCK, at horizon {worst + 1}; it must "
        f"be at least {-HORIZON_TOLERANCE}."
    )
    return [
        (mean > baseline, overall),
        (margin[worst] >= -HORIZON_TOLERANCE, everywhere),
    ]


# The class of the loaded SavedModel, and the rule, of each kind.
RULES = {
    "vae": (inference.LoadedVAE, judge_vae),
    "classifier": (inference.LoadedClassifier, judge_classifier),
    "generator": (inference.LoadedGenerator, judge_generator),
}
