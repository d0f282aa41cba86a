"""Disturbs training recordings as detectors of keypoints do.

Poses are NumPy arrays `[T, J, D]`, in torso lengths, NaN where a joint is
missing; each function returns an array of that shape. A level of 1 is about a
good detector on a good picture, 0 changes nothing.
"""

import numpy as np

from pose_tf.pose import similarity

# Jitter at level 1, torso lengths, by the deviation of COCO's annotators for the
# joint: 0.05 for hips, 0.03 for wrists.
JITTER_PER_SIGMA = 0.5
# Share of the jitter's variance that lasts as long as the recording.
BIAS_SHARE = 0.2
MISSING = 0.1  # Of single joints at level 1, each frame.
LIMB_RATE, LIMB_FRAMES = 0.004, (5, 20)  # Of stretches, per frame and limb.
SWAP_RATE, SWAP_FRAMES = 0.01, (3, 8)  # Left and right swapped, per frame.
THROWN, THROWN_DISTANCE = 0.01, (1.0, 3.0)  # Of joints; torso lengths.
# Of people half out of the picture: how far its border is from the middle of
# their body, torso lengths, and for how many frames.
BORDER_DISTANCE, BORDER_FRAMES = (-0.3, 1.0), (20, 240)
MAX_LOST_JOINTS = 3  # Missing from all of a recording.


def detect(poses, skeleton, level, rng) -> np.ndarray:
    """Returns poses as a detector gives them.

    Joints jitter, some are missing or somewhere else, limbs are missing for
    stretches of frames, and left and right are swapped for stretches.

    Args:
        poses: Float array `[T, J, D]`.
        skeleton: `Skeleton` of the poses.
        level: Float, how bad the detector is.
        rng: `np.random.Generator`.
    """
    poses = _swapped(poses, skeleton, level, rng)
    poses = poses + _noise(poses.shape, skeleton, level, rng)
    thrown = rng.random(poses.shape[:2]) < level * THROWN
    poses = poses + np.where(thrown[..., None], _throws(poses.shape, rng), 0.0)
    gone = rng.random(poses.shape[:2]) < level * MISSING
    for limb in limbs(skeleton):
        frames = _stretches(len(poses), level * LIMB_RATE, LIMB_FRAMES, rng)
        gone[np.ix_(frames, limb)] = True
    poses[gone] = np.nan
    return poses


def lose_joints(poses, rng) -> np.ndarray:
    """Returns poses of which a few joints are missing in every frame."""
    num_lost = rng.integers(1, MAX_LOST_JOINTS, endpoint=True)
    lost = rng.permutation(poses.shape[1])[:num_lost]
    poses = poses.copy()
    poses[:, lost] = np.nan
    return poses


def leave_picture(poses, rng) -> np.ndarray:
    """Returns poses that are half out of the picture for a stretch of frames.

    A border, below or beside the person, cuts off what is beyond it. Nobody is
    ever wholly out.

    Args:
        poses: Float array `[T, J, D]`.
        rng: `np.random.Generator`.
    """
    num_frames = rng.integers(*BORDER_FRAMES, endpoint=True)
    first = rng.integers(len(poses))
    stretch = slice(first, first + num_frames)
    axis, sign = ((1, 1), (1, 1), (0, 1), (0, -1))[rng.integers(4)]
    places = sign * poses[stretch, :, axis]
    seen = np.isfinite(places)
    if not seen.any():
        return poses
    border = np.median(places[seen]) + rng.uniform(*BORDER_DISTANCE)
    beyond = seen & (places > border)
    beyond &= ~(beyond == seen).all(1, keepdims=True)
    poses = poses.copy()
    poses[stretch][beyond] = np.nan
    return poses


def limbs(skeleton) -> list[list[int]]:
    """Returns the joints of each arm and leg beyond shoulder and hip.

    >>> from pose_tf.pose import skeletons
    >>> [len(limb) for limb in limbs(skeletons.get("penn_action"))]
    [2, 2, 2, 2]
    """
    torso = {*skeleton.shoulders, *skeleton.hips}
    found = []
    for start in sorted(torso):
        limb, new = set(), {start}
        while new:
            limb |= new
            new = {
                other
                for bone in skeleton.bones
                for joint, other in (bone, bone[::-1])
                if joint in new and _is_beyond(other, start, torso)
            } - limb
        found.append(sorted(skeleton.indices(limb - {start})))
    return [limb for limb in found if limb]


def _is_beyond(joint, start, torso):
    side = start.split("_")[0]
    return joint not in torso and joint.startswith(f"{side}_")


def _noise(shape, skeleton, level, rng):
    stddev = level * JITTER_PER_SIGMA * similarity.sigmas(skeleton)[:, None]
    white = rng.normal(size=shape) * np.sqrt(1 - BIAS_SHARE)
    bias = rng.normal(size=shape[1:]) * np.sqrt(BIAS_SHARE)
    return stddev * (white + bias)


def _throws(shape, rng):
    """Returns steps of random directions and distances, torso lengths."""
    steps = rng.normal(size=shape)
    steps /= np.linalg.norm(steps, axis=-1, keepdims=True)
    return steps * rng.uniform(*THROWN_DISTANCE, shape[:2])[..., None]


def _swapped(poses, skeleton, level, rng):
    frames = _stretches(len(poses), level * SWAP_RATE, SWAP_FRAMES, rng)
    other = poses[:, list(skeleton.mirror_indices)]
    return np.where(frames[:, None, None], other, poses)


def _stretches(num_frames, rate, lengths, rng):
    """Returns the frames of random stretches, bool `[num_frames]`."""
    chosen = np.zeros(num_frames, bool)
    for first in np.flatnonzero(rng.random(num_frames) < rate):
        chosen[first : first + rng.integers(*lengths, endpoint=True)] = True
    return chosen
