"""Measures how rollouts freeze or drift, per frame of the horizon.

A motion is a float array `(..., 1 + H, J, D)`: the last observed pose and the
`H` poses after it. Generated motions are measured on the visible joints of the
real one, so that both are averages over the same joints: visibility is always
that of the real motion, bool `(..., 1 + H, J)`. Results are float `(..., H)`,
NaN where nothing is visible.
"""

import numpy as np
from sklearn import neighbors

from pose_tf.evaluation import forecasts, metrics

# A rollout with less energy than this percentile of real motion is frozen.
FROZEN_PERCENTILE = 5
KEYS = ("poses", "visibility", "boxes", "frame_size")


def motion_energy(motion, visibility, unit=1.0):
    """Returns the mean squared step of the visible joints, units².

    A step counts if the joint is visible before and after it.

    Args:
        motion: Float array `(..., 1 + H, J, D)`.
        visibility: Bool array `(..., 1 + H, J)`.
        unit: Float or array `(...)`, the length of one unit.
    """
    visibility = np.asarray(visibility, bool)
    both = visibility[..., 1:, :] & visibility[..., :-1, :]
    motion = np.asarray(motion, np.float64)
    steps = metrics.distances(
        motion[..., 1:, :, :], motion[..., :-1, :, :], both, unit
    )
    return _ratio((steps**2).sum(-1), both.sum(-1))


def root_displacement(motion, visibility, skeleton, unit=1.0):
    """Returns how far the root is from where it was observed last, in units.

    Frames count in which all joints of the root are visible, if they are in the
    last observed frame as well.

    Args:
        motion: Float array `(..., 1 + H, J, D)`.
        visibility: Bool array `(..., 1 + H, J)`.
        skeleton: `Skeleton` of the poses.
        unit: Float or array `(...)`, the length of one unit.
    """
    joints = list(skeleton.indices(skeleton.root))
    known = np.all(np.asarray(visibility, bool)[..., joints], axis=-1)
    known = np.asarray(known)
    motion = np.asarray(motion, np.float64)[..., joints, :]
    root = motion.mean(-2, keepdims=True)
    known = (known[..., 1:] & known[..., :1])[..., None]
    start = np.broadcast_to(root[..., :1, :, :], root[..., 1:, :, :].shape)
    moved = metrics.distances(root[..., 1:, :, :], start, known, unit)
    return np.where(known, moved, np.nan)[..., 0]


def limb_change(motion, visibility, skeleton):
    """Returns the relative change of bone lengths since the last observed pose.

    It is the sum of absolute changes divided by the sum of lengths, over the
    bones that are visible in both frames. Real limbs change too, since the
    camera sees them foreshortened.

    Args:
        motion: Float array `(..., 1 + H, J, D)`.
        visibility: Bool array `(..., 1 + H, J)`.
        skeleton: `Skeleton` of the poses.
    """
    ends = np.array(skeleton.bone_indices)
    seen = np.asarray(np.all(np.asarray(visibility, bool)[..., ends], axis=-1))
    seen = seen[..., 1:, :] & seen[..., :1, :]
    motion = np.asarray(motion, np.float64)
    bones = motion[..., ends[:, 0], :] - motion[..., ends[:, 1], :]
    length = np.linalg.norm(bones, axis=-1)
    start = np.broadcast_to(length[..., :1, :], seen.shape)
    change = np.where(seen, np.abs(length[..., 1:, :] - start), 0.0)
    return _ratio(change.sum(-1), np.where(seen, start, 0.0).sum(-1))


def out_of_frame(poses, visibility, frame_size):
    """Returns the share of joints outside the picture.

    Args:
        poses: Float array `(B, H, J, D)`, pixels from the top left corner.
        visibility: Bool array `(B, H, J)`, the joints that count.
        frame_size: Array `(B, 2)`, width and height, pixels.

    Returns:
        Float array `(B, H)`.
    """
    poses = np.asarray(poses)[..., :2]
    limit = np.asarray(frame_size)[:, None, None, :]
    outside = ((poses < 0) | (poses > limit)).any(-1)
    visibility = np.asarray(visibility, bool)
    return _ratio((outside & visibility).sum(-1), visibility.sum(-1))


def nearest_distance(poses, bank):
    """Returns the distance of each pose to the nearest training pose.

    Args:
        poses: Float array `(N, J, D)`, root-centred, without gaps.
        bank: Float array `(M, J, D)`, training poses in the same unit.

    Returns:
        Float array `(N,)`, the root mean square over joints, in that unit.

    Raises:
        ValueError: If `bank` is empty or has poses of another shape.
    """
    poses, bank = np.asarray(poses), np.asarray(bank)
    if poses.shape[1:] != bank.shape[1:] or not len(bank):
        raise ValueError(
            "`bank` must have at least one pose of the shape "
            f"{poses.shape[1:]}. Received: {bank.shape}"
        )
    num_joints = poses.shape[1]
    poses, bank = (
        a.reshape(len(a), -1).astype(np.float32) for a in (poses, bank)
    )
    search = neighbors.NearestNeighbors(n_neighbors=1, algorithm="brute")
    nearest = search.fit(bank).kneighbors(poses, return_distance=False)[:, 0]
    # Recomputed: the search loses precision when poses coincide.
    square = ((poses - bank[nearest]) ** 2).sum(-1, dtype=np.float64)
    return np.sqrt(square / num_joints)


def frozen_share(energy, real_energy):
    """Returns the percentage of rollouts with less motion than real ones.

    The energy of a rollout up to a horizon is the mean over all frames so far.

    Args:
        energy: Float array `(N, H)`, of generated motion.
        real_energy: Float array `(M, H)`, of real motion.

    Returns:
        Float array `(H,)`: the percentage below the 5th percentile of real
        motion; 0 where that percentile is 0.
    """
    energy, real_energy = _so_far(energy), _so_far(real_energy)
    limit = np.nanpercentile(real_energy, FROZEN_PERCENTILE, axis=0)
    return 100 * _mean(np.where(np.isnan(energy), np.nan, energy < limit))


def evaluate(
    predict,
    batches,
    skeleton,
    prefix=10,
    horizon=50,
    transform=None,
    bank=None,
    classify=None,
):
    """Evaluates rollouts of a predictor by all measures of this file.

    Lengths are in units of the `forecast` protocol. Where neither 0 nor 1 is
    the goal, the score of the real motion is given too, as `real_...`.

    Args:
        predict: Function of `(poses, visibility)`, float `(B, P, J, D)` in
            pixels and bool `(B, P, J)`, that returns poses `(B, H, J, D)`.
        batches: Iterable of dicts with `poses`, `visibility`, `boxes` and
            `frame_size` (with `action` for `classify`), windows of
            `prefix + horizon` frames, as `windows.window_batches` returns.
        skeleton: `Skeleton` of the poses.
        prefix: Number of observed frames, `P`.
        horizon: Number of predicted frames, `H`.
        transform: Fitted `PoseTransform`, for `bank`.
        bank: Float array `(M, J, D)` of transformed training poses; see
            `pose_bank`. None leaves `nearest` out.
        classify: Function of `(poses, visibility, num_frames)` that returns
            probabilities `(B, C)`, of a classifier trained on real clips.
            None leaves `accuracy` out.

    Returns:
        Dict of float arrays `(H,)`: `energy_ratio` (1 is right, below is
        freezing, above is jitter), `frozen` (percent), `root_ratio`,
        `out_of_frame` (percent), `limb_change` (percent), `nearest` (torso
        lengths); of floats: `npss`, `accuracy` (percent); `num_windows`.

    Raises:
        ValueError: If no window can be scored.
    """
    measured: dict[str, list] = {}
    spectra = np.zeros(2)
    num_windows = 0
    for batch in batches:
        real, visibility, boxes, frame_size = forecasts.read(
            batch, prefix + horizon, *KEYS
        )
        unit, scored = forecasts.box_size(boxes[:, :prefix])
        future = forecasts.check_predicted(
            predict(real[:, :prefix], visibility[:, :prefix]), horizon
        )
        rollout = np.concatenate([real[:, :prefix], future], axis=1)
        motions = _Motions(rollout, real, visibility, prefix, unit)
        rows = motions.rows(skeleton, frame_size)
        if bank is not None:
            rows |= motions.nearest(transform, bank)
        if classify is not None:
            rows |= motions.accuracy(classify, np.asarray(batch["action"]))
        for name, values in rows.items():
            measured.setdefault(name, []).append(values[scored])
        num_windows += int(scored.sum())
        spectra += motions.npss_sums(scored)
    forecasts.check_any(num_windows)
    scores = _pool({k: np.concatenate(v) for k, v in measured.items()})
    npss = float(_ratio(*spectra))
    return {**scores, "npss": npss, "num_windows": num_windows}


def pose_bank(batches, transform, num_poses=10000):
    """Returns evenly chosen training poses, as `evaluate` takes them.

    Args:
        batches: Iterable of dicts with `poses`, `visibility`, `num_frames`,
            without augmentation.
        transform: Fitted `PoseTransform`.
        num_poses: Largest number of poses.

    Returns:
        Float32 array `(M, J, D)`, root-centred, torso lengths, without gaps.
    """
    kept = []
    for batch in batches:
        frames, _ = transform(batch["poses"], batch["visibility"])
        pose = np.asarray(frames["pose"])
        inside = (
            np.arange(pose.shape[1]) < np.asarray(batch["num_frames"])[:, None]
        )
        seen = np.asarray(batch["visibility"]).any(-1)
        kept.append(pose[inside & seen])
    poses = np.concatenate(kept)
    chosen = np.linspace(0, len(poses) - 1, min(num_poses, len(poses)))
    return poses[chosen.round().astype(int)]


class _Motions:
    """Measures rollouts and real windows `(B, P + H, J, D)`, in pixels.

    Methods return dicts of rows, one per window. Names of those of the real
    motion start with `real_`.
    """

    def __init__(self, rollout, real, visibility, prefix, unit):
        self.visibility = visibility
        self.prefix = prefix
        self.unit = unit
        self.pair = {"": rollout, "real_": real}

    def rows(self, skeleton, frame_size):
        """Measures what needs no model, `(B, H)`."""
        visibility = self.visibility[:, self.prefix - 1 :]
        rows: dict[str, np.ndarray] = {}
        for name, poses in self.pair.items():
            motion = poses[:, self.prefix - 1 :]
            rows |= {
                name + "energy": motion_energy(motion, visibility, self.unit),
                name + "root": root_displacement(
                    motion, visibility, skeleton, self.unit
                ),
                name + "limb_change": limb_change(motion, visibility, skeleton),
                name + "out_of_frame": out_of_frame(
                    motion[:, 1:], visibility[:, 1:], frame_size
                ),
            }
        return rows

    def nearest(self, transform, bank):
        """Measures distances `(B, H)` to training poses, torso lengths."""
        rows = {}
        for name, poses in self.pair.items():
            frames, _ = transform(poses.astype(np.float32), self.visibility)
            pose = np.asarray(frames["pose"])[:, self.prefix :]
            flat = nearest_distance(pose.reshape(-1, *pose.shape[2:]), bank)
            rows[name + "nearest"] = flat.reshape(pose.shape[:2])
        return rows

    def accuracy(self, classify, action):
        """Returns hits `(B,)` of a classifier that sees only the horizon."""
        visibility = self.visibility[:, self.prefix :]
        rows = {}
        for name, poses in self.pair.items():
            future = poses[:, self.prefix :].astype(np.float32)
            num_frames = np.full(len(future), future.shape[1], np.int32)
            probabilities = classify(future, visibility, num_frames)
            hits = np.argmax(probabilities, axis=-1) == action
            rows[name + "accuracy"] = hits
        return rows

    def npss_sums(self, scored):
        """Returns `metrics.npss_sums` of displacements, in units.

        Displacements are relative to the last observed pose. The power of
        positions would be almost all in frequency 0.
        """
        unit = self.unit[scored, None, None, None]
        rollout, real = (
            (
                poses[scored, self.prefix :]
                - poses[scored, self.prefix - 1, None]
            )
            / unit
            for poses in self.pair.values()
        )
        return metrics.npss_sums(
            rollout, real, self.visibility[scored, self.prefix :]
        )


def _pool(rows):
    """Pools rows over all windows."""
    energy, real_energy = rows["energy"], rows["real_energy"]
    scores = {
        "energy_ratio": _ratio(_mean(energy), _mean(real_energy)),
        "frozen": frozen_share(energy, real_energy),
        "root_ratio": _ratio(_mean(rows["root"]), _mean(rows["real_root"])),
    }
    for name in ("out_of_frame", "limb_change"):
        scores[name] = 100 * _mean(rows[name])
        scores["real_" + name] = 100 * _mean(rows["real_" + name])
    for name in ("nearest", "real_nearest"):
        if name in rows:
            scores[name] = _mean(rows[name])
    for name in ("accuracy", "real_accuracy"):
        if name in rows:
            scores[name] = 100 * float(rows[name].mean())
    return scores


def _so_far(energy):
    """Returns the mean over the frames up to each, except NaN."""
    energy = np.asarray(energy, np.float64)
    known = ~np.isnan(energy)
    return _ratio(
        np.cumsum(np.where(known, energy, 0.0), -1), np.cumsum(known, -1)
    )


def _mean(values):
    """Returns the mean over axis 0 of values that are not NaN."""
    known = ~np.isnan(values)
    return _ratio(np.where(known, values, 0.0).sum(0), known.sum(0))


def _ratio(numerator, denominator):
    """Divides; NaN where the denominator is 0."""
    numerator = np.asarray(numerator, np.float64)
    denominator = np.asarray(denominator, np.float64)
    empty = denominator == 0
    return np.where(empty, np.nan, numerator / np.where(empty, 1, denominator))
