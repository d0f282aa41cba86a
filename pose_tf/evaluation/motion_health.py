"""Freezing and drifting of rollouts, measured for each frame of the horizon.

A motion is a float array `(..., 1 + H, J, D)`: the last observed pose and the
`H` that follow. Generated motions are measured on the joints that the real
one shows, so that both are averages over the same joints: visibility is
always the real one's, bool `(..., 1 + H, J)`. Results are float `(..., H)`,
NaN where nothing is visible.
"""

import numpy as np

from pose_tf.evaluation import forecasts, metrics

# A rollout with less energy than this percentile of real motion is frozen.
FROZEN_PERCENTILE = 5
NEAREST_BLOCK = 1024
KEYS = ("poses", "visibility", "boxes", "frame_size")


def motion_energy(motion, visibility, unit=1.0):
    """Mean squared step of the joints visible before and after it, units²."""
    visibility = np.asarray(visibility, bool)
    both = visibility[..., 1:, :] & visibility[..., :-1, :]
    motion = np.asarray(motion, np.float64)
    steps = metrics.distances(
        motion[..., 1:, :, :], motion[..., :-1, :, :], both, unit
    )
    return _ratio((steps**2).sum(-1), both.sum(-1))


def root_displacement(motion, visibility, skeleton, unit=1.0):
    """Distance of the root from where it was observed last, in units.

    Only frames in which all joints of the root are visible count, as they
    must be in the last observed one.
    """
    joints = list(skeleton.indices(skeleton.root))
    known = np.asarray(visibility, bool)[..., joints].all(-1)
    motion = np.asarray(motion, np.float64)[..., joints, :]
    root = motion.mean(-2, keepdims=True)
    known = (known[..., 1:] & known[..., :1])[..., None]
    start = np.broadcast_to(root[..., :1, :, :], root[..., 1:, :, :].shape)
    moved = metrics.distances(root[..., 1:, :, :], start, known, unit)
    return np.where(known, moved, np.nan)[..., 0]


def limb_change(motion, visibility, skeleton):
    """Change of all bones' lengths over their lengths when observed last.

    Sums of absolute changes and of lengths over the bones visible in both
    frames. Real limbs change too, as the camera sees them foreshortened.
    """
    ends = np.array(skeleton.bone_indices)
    seen = np.asarray(visibility, bool)[..., ends].all(-1)
    seen = seen[..., 1:, :] & seen[..., :1, :]
    motion = np.asarray(motion, np.float64)
    bones = motion[..., ends[:, 0], :] - motion[..., ends[:, 1], :]
    length = np.linalg.norm(bones, axis=-1)
    start = np.broadcast_to(length[..., :1, :], seen.shape)
    change = np.where(seen, np.abs(length[..., 1:, :] - start), 0.0)
    return _ratio(change.sum(-1), np.where(seen, start, 0.0).sum(-1))


def out_of_frame(poses, visibility, frame_size):
    """Share of joints outside the picture.

    Args:
        poses: Float array `(B, H, J, D)`, pixels from the top left corner.
        visibility: Bool array `(B, H, J)`, joints that count.
        frame_size: Array `(B, 2)`, width and height in pixels.

    Returns:
        Float array `(B, H)`.
    """
    poses = np.asarray(poses)[..., :2]
    limit = np.asarray(frame_size)[:, None, None, :]
    outside = ((poses < 0) | (poses > limit)).any(-1)
    visibility = np.asarray(visibility, bool)
    return _ratio((outside & visibility).sum(-1), visibility.sum(-1))


def nearest_distance(poses, bank):
    """Distance of each pose to the nearest training pose.

    Args:
        poses: Float array `(N, J, D)`, root-centred, filled.
        bank: Float array `(M, J, D)`, the training poses, in the same unit.

    Returns:
        Float array `(N,)`: root mean square over joints, in that unit.
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
    squares = (bank**2).sum(-1)
    nearest = np.empty(len(poses), int)
    for i in range(0, len(poses), NEAREST_BLOCK):
        block = slice(i, i + NEAREST_BLOCK)
        nearest[block] = (squares - 2 * poses[block] @ bank.T).argmin(-1)
    # Anew, since the differences above cancel for poses that coincide.
    apart = ((poses - bank[nearest]) ** 2).sum(-1, dtype=np.float64)
    return np.sqrt(apart / num_joints)


def frozen_share(energy, real_energy):
    """Percent of rollouts that have moved less than almost all real motion.

    A rollout's energy up to a horizon is the mean over the frames so far.

    Args:
        energy: Float array `(N, H)` of generated motion.
        real_energy: Float array `(M, H)`.

    Returns:
        Float array `(H,)`: the share below the 5th percentile of the real
        ones. 0 where that percentile is 0: nothing moves less.
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
    """All measures of this file for rollouts of a predictor.

    Lengths are in units of the `forecast` protocol; figures of the real motion
    stand beside, as `real_...`, where 0 or 1 is not what to aim at.

    Args:
        predict: Function of `(poses, visibility)`, float `(B, P, J, D)` in
            pixels and bool `(B, P, J)`, that gives poses `(B, H, J, D)`.
        batches: Iterable of dicts with `poses`, `visibility`, `boxes` and
            `frame_size` (with `action` for `classify`), windows of
            `prefix + horizon` frames, as `windows.window_batches` gives.
        skeleton: `Skeleton` of the poses.
        prefix: Integer, `P`.
        horizon: Integer, `H`.
        transform: Fitted `PoseTransform`, for `bank`.
        bank: Float array `(M, J, D)` of transformed training poses; see
            `pose_bank`. None leaves `nearest` out.
        classify: Function of `(poses, visibility, num_frames)` that gives
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
    figures = _figures({k: np.concatenate(v) for k, v in measured.items()})
    npss = float(_ratio(*spectra))
    return {**figures, "npss": npss, "num_windows": num_windows}


def pose_bank(batches, transform, num_poses=10000):
    """Evenly chosen training poses, as `evaluate` wants them.

    Args:
        batches: Iterable of dicts with `poses`, `visibility`, `num_frames`
            and nothing augmented.
        transform: Fitted `PoseTransform`.
        num_poses: Integer, at most so many are kept.

    Returns:
        Float32 array `(M, J, D)`, root-centred, torso lengths, filled.
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
    """Rollouts beside the real windows `(B, P + H, J, D)`, in pixels.

    Measures come as dicts of rows, one a window; those of the real motion
    have names that start with `real_`.
    """

    def __init__(self, rollout, real, visibility, prefix, unit):
        self.visibility = visibility
        self.prefix = prefix
        self.unit = unit
        self.pair = {"": rollout, "real_": real}

    def rows(self, skeleton, frame_size):
        """What needs no model: arrays `(B, H)`."""
        visibility = self.visibility[:, self.prefix - 1 :]
        rows = {}
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
        """Distances `(B, H)` to the nearest training pose, torso lengths."""
        rows = {}
        for name, poses in self.pair.items():
            frames, _ = transform(poses.astype(np.float32), self.visibility)
            pose = np.asarray(frames["pose"])[:, self.prefix :]
            flat = nearest_distance(pose.reshape(-1, *pose.shape[2:]), bank)
            rows[name + "nearest"] = flat.reshape(pose.shape[:2])
        return rows

    def accuracy(self, classify, action):
        """Hits `(B,)` of a classifier that is shown the horizon alone."""
        visibility = self.visibility[:, self.prefix :]
        rows = {}
        for name, poses in self.pair.items():
            future = poses[:, self.prefix :].astype(np.float32)
            num_frames = np.full(len(future), future.shape[1], np.int32)
            given = classify(future, visibility, num_frames)
            rows[name + "accuracy"] = np.argmax(given, axis=-1) == action
        return rows

    def npss_sums(self, scored):
        """Of displacements from the last observed pose, in units.

        Positions would drown every motion in the power of frequency 0.
        """
        unit = self.unit[scored, None, None, None]
        moved = [
            (
                poses[scored, self.prefix :]
                - poses[scored, self.prefix - 1, None]
            )
            / unit
            for poses in self.pair.values()
        ]
        return metrics.npss_sums(*moved, self.visibility[scored, self.prefix :])


def _figures(rows):
    """Pools rows over all windows."""
    energy, real_energy = rows["energy"], rows["real_energy"]
    figures = {
        "energy_ratio": _ratio(_mean(energy), _mean(real_energy)),
        "frozen": frozen_share(energy, real_energy),
        "root_ratio": _ratio(_mean(rows["root"]), _mean(rows["real_root"])),
    }
    for name in ("out_of_frame", "limb_change"):
        figures[name] = 100 * _mean(rows[name])
        figures["real_" + name] = 100 * _mean(rows["real_" + name])
    for name in ("nearest", "real_nearest"):
        if name in rows:
            figures[name] = _mean(rows[name])
    for name in ("accuracy", "real_accuracy"):
        if name in rows:
            figures[name] = 100 * float(rows[name].mean())
    return figures


def _so_far(energy):
    """Mean of the frames up to each, those that are NaN left out."""
    energy = np.asarray(energy, np.float64)
    known = ~np.isnan(energy)
    return _ratio(
        np.cumsum(np.where(known, energy, 0.0), -1), np.cumsum(known, -1)
    )


def _mean(values):
    """Mean over axis 0 of what is not NaN."""
    known = ~np.isnan(values)
    return _ratio(np.where(known, values, 0.0).sum(0), known.sum(0))


def _ratio(numerator, denominator):
    """Quotient; NaN where the denominator is 0."""
    numerator = np.asarray(numerator, np.float64)
    denominator = np.asarray(denominator, np.float64)
    empty = denominator == 0
    return np.where(empty, np.nan, numerator / np.where(empty, 1, denominator))
