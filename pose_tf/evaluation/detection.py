"""Degrades annotated clips as a detector of keypoints would have given them."""

import dataclasses

import numpy as np

from pose_tf.evaluation import recognition
from pose_tf.pipeline import detectors


@dataclasses.dataclass(frozen=True, kw_only=True)
class Detector:
    """Holds how far a detector is off.

    Lengths are in torso lengths, durations in frames at 30 frames per second.

    Attributes:
        inner_jitter: Standard deviation per coordinate of shoulders and hips.
        outer_jitter: That of wrists and ankles, and of all beyond; that of
            the joints between is their mean.
        missing: Share of joints that are missing, each frame at random.
        limb_missing: Probability that a limb is missing for a stretch.
        limb_frames: Length of that stretch.
        swapped: Share of frames in stretches with left and right swapped.
        swap_frames: Shortest and longest of these stretches.
        thrown: Share of joints that are somewhere else.
        thrown_distance: Least and greatest distance from where they should be.

    Example:

    >>> Detector(missing=0.3).swap_frames
    (3, 8)
    """

    inner_jitter: float = 0.03
    outer_jitter: float = 0.06
    missing: float = 0.1
    limb_missing: float = 0.2
    limb_frames: int = 10
    swapped: float = 0.05
    swap_frames: tuple[int, int] = (3, 8)
    thrown: float = 0.01
    thrown_distance: tuple[float, float] = (1.0, 3.0)


MODERATE = Detector()
# Twice as much of everything; what lasts or is far lasts no longer.
STRONG = Detector(
    inner_jitter=0.06,
    outer_jitter=0.12,
    missing=0.2,
    limb_missing=0.4,
    swapped=0.1,
    thrown=0.02,
)
DETECTORS = {"moderate": MODERATE, "strong": STRONG}


def detected(poses, visibility, skeleton, detector, rng):
    """Returns a clip as a detector might have given it.

    Args:
        poses: Float array `[T, J, D]`, in any unit.
        visibility: Bool array `[T, J]`; what is not visible is missing.
        skeleton: `Skeleton` of the poses.
        detector: `Detector`.
        rng: `np.random.Generator`.

    Returns:
        `(poses, visibility)` of the same shapes; missing joints are NaN.
    """
    places = np.where(visibility[..., None], poses, np.nan).astype(np.float64)
    unit = _torso_length(places, skeleton)
    places = _swap(places, skeleton, detector, rng)
    stddev = _jitter(skeleton, detector) * unit
    places += rng.normal(size=places.shape) * stddev[:, None]
    thrown = rng.random(places.shape[:2]) < detector.thrown
    places += np.where(thrown[..., None], _throws(places, detector, rng), 0) * (
        unit
    )
    gone = rng.random(places.shape[:2]) < detector.missing
    for limb in detectors.limbs(skeleton):
        start = rng.integers(max(len(places) - detector.limb_frames, 0) + 1)
        if rng.random() < detector.limb_missing:
            gone[start : start + detector.limb_frames, limb] = True
    places[gone] = np.nan
    return places.astype(np.float32), np.isfinite(places).all(-1)


def top1(classify, batches, skeleton, seed=0) -> dict:
    """Measures top-1 on clips as detectors might have given them.

    Args:
        classify: As for `recognition.predictions`.
        batches: As for `recognition.predictions`.
        skeleton: `Skeleton` of the poses.
        seed: Integer.

    Returns:
        Dict of `top1_<detector>` for each of `DETECTORS`, percent of the clips.
    """
    batches = list(batches)
    scores = {}
    for name, detector in DETECTORS.items():
        rng = np.random.default_rng(seed)
        degraded = [
            _degraded(batch, skeleton, detector, rng) for batch in batches
        ]
        probabilities, labels = recognition.predictions(classify, degraded)
        hits = np.argmax(probabilities, -1) == labels
        scores[f"top1_{name}"] = 100 * float(hits.mean())
    return scores


def _jitter(skeleton, detector):
    """Returns the standard deviation of each joint `[J]`, torso lengths."""
    depth = {joint: 0 for joint in (*skeleton.shoulders, *skeleton.hips)}
    for _ in skeleton.joints:
        for bone in skeleton.bones:
            for joint, other in (bone, bone[::-1]):
                if joint in depth:
                    depth.setdefault(other, depth[joint] + 1)
    share = [min(depth.get(joint, 1), 2) / 2 for joint in skeleton.joints]
    more = detector.outer_jitter - detector.inner_jitter
    return detector.inner_jitter + more * np.array(share)


def _swap(places, skeleton, detector, rng):
    """Swaps left and right in stretches of frames."""
    least, most = detector.swap_frames
    rate = 2 * detector.swapped / (least + most)
    swapped = np.zeros(len(places), bool)
    for start in np.flatnonzero(rng.random(len(places)) < rate):
        swapped[start : start + rng.integers(least, most + 1)] = True
    other = places[:, list(skeleton.mirror_indices)]
    return np.where(swapped[:, None, None], other, places)


def _throws(places, detector, rng):
    """Returns steps of random directions and distances, torso lengths."""
    steps = rng.normal(size=places.shape)
    steps /= np.linalg.norm(steps, axis=-1, keepdims=True)
    distance = rng.uniform(*detector.thrown_distance, places.shape[:2])
    return steps * distance[..., None]


def _torso_length(places, skeleton):
    """Returns the median torso length; 0 if no torso is visible."""
    ends = []
    for joints in (skeleton.shoulders, skeleton.hips):
        ends.append(places[:, list(skeleton.indices(joints))].mean(1))
    lengths = np.linalg.norm(ends[0] - ends[1], axis=-1)
    lengths = lengths[np.isfinite(lengths)]
    return float(np.median(lengths)) if len(lengths) else 0.0


def _degraded(batch, skeleton, detector, rng):
    """Returns a batch of clips as a detector might have given them."""
    poses = np.array(batch["poses"])
    visibility = np.array(batch["visibility"])
    for i, num_frames in enumerate(np.asarray(batch["num_frames"])):
        clip = slice(int(num_frames))
        poses[i, clip], visibility[i, clip] = detected(
            poses[i, clip], visibility[i, clip], skeleton, detector, rng
        )
    return {**batch, "poses": poses, "visibility": visibility}
