"""Joins clips to recordings: one person, several actions, and nothing between.

A recording is made of clips of different actions in random order, with a
stretch of nothing before, after and between them with probability one half: a
standing or sitting pose from the first frame of a clip, held. Each piece has
the same torso length, is moved so that the root goes on, and is joined to the
next by a linear blend, which belongs to no action and is not scored.
"""

import dataclasses

import numpy as np

# Labels of frames beside the indices of actions.
NONE = -1  # Nothing that is a known action.
UNSCORED = -2  # Between two pieces.

FPS = 30
BLEND_FRAMES = FPS // 2
PIXELS_PER_TORSO = 100.0
NUM_CLIPS = (4, 12)  # Of a recording, least and most.
NOTHING_PROBABILITY = 0.5
NOTHING_FRAMES = (FPS, 4 * FPS)
# Torso lengths per distance of the median joint from the middle of all.
TORSO_PER_SPREAD = 0.8
# Of who stands or sits: the torso's horizontal by its vertical extent, at most,
# and the share of joints that are visible, at least.
MAX_LEAN = 0.5
MIN_VISIBLE = 0.8


@dataclasses.dataclass(frozen=True)
class HeldPose:
    """Holds how the joints of a pose jitter that annotators hold still.

    Measured on stretches of 16 frames of Penn Action's training clips whose
    joints stay within 0.06 torso lengths.

    Attributes:
        kept: Probability that a joint stays exactly where it was in the frame
            before; otherwise it is placed anew.
        stddev: Standard deviation of places per coordinate, torso lengths.

    Example:

    >>> HeldPose().kept
    0.68
    """

    kept: float = 0.68
    stddev: float = 0.0085


ANNOTATORS = HeldPose()


@dataclasses.dataclass(frozen=True, eq=False)
class Recording:
    """Holds a recording of one person, and what is under way at each frame.

    Attributes:
        poses: float32 `[T, J, D]`, pixels, NaN where a joint is missing.
        labels: int32 `[T]`: the index of the action, `NONE`, or `UNSCORED`.

    Example:

    >>> recording = Recording(np.zeros((2, 13, 2)), np.array([4, NONE]))
    >>> recording.visibility.shape
    (2, 13)
    """

    poses: np.ndarray
    labels: np.ndarray

    @property
    def visibility(self) -> np.ndarray:
        """Which joints are visible, bool `[T, J]`."""
        return np.isfinite(self.poses).all(-1)


@dataclasses.dataclass(frozen=True, eq=False)
class Pieces:
    """Holds what recordings are made of, in torso lengths.

    Attributes:
        clips: Dict of a list of clips for each index of an action. A clip is
            float `[T, J, D]`, from the first to the last frame in which a
            joint is visible; NaN where a joint is missing.
        poses: List of `[J, D]`, people who stand or sit.
        skeleton: `Skeleton` of the poses.

    Example:

    >>> from pose_tf.pose import skeletons
    >>> Pieces({}, [], skeletons.get("coco_17")).skeleton.num_joints
    17
    """

    clips: dict
    poses: list
    skeleton: object


def collect(clips_ds, skeleton) -> Pieces:
    """Reads the pieces of a dataset of clips.

    The torso length of a clip is the median of its frames or, if no torso is
    visible, a guess by how far its joints are spread. Clips of nobody are left
    out. If nobody stands or sits in any first frame, the poses are the first
    ones of all clips.

    Args:
        clips_ds: Dataset of clips, as `example_gen.split` returns it.
        skeleton: `Skeleton` of the poses.

    Raises:
        ValueError: If no clip has a visible joint beside another.
    """
    clips: dict[int, list] = {}
    for clip in clips_ds.as_numpy_iterator():
        poses = np.where(clip["visibility"][..., None], clip["poses"], np.nan)
        poses = poses.astype(np.float64)
        torso = torso_length(poses, skeleton)
        if torso > 0:
            frames = np.flatnonzero(np.any(np.isfinite(poses).all(-1), 1))
            poses = poses[frames[0] : frames[-1] + 1] / torso
            clips.setdefault(int(clip["action"]), []).append(poses)
    if not clips:
        raise ValueError(
            "`clips_ds` must have a clip with two visible joints. "
            "Received: none"
        )
    first = [poses[0] for action in sorted(clips) for poses in clips[action]]
    upright = [pose for pose in first if is_upright(pose, skeleton)]
    return Pieces(clips, upright or first, skeleton)


def of_clips(clips_ds, skeleton, num_recordings=100, seed=0) -> list[Recording]:
    """Makes recordings of clips, as they are scored.

    Args:
        clips_ds: Dataset of clips, as `example_gen.split` returns it.
        skeleton: `Skeleton` of the poses.
        num_recordings: Integer.
        seed: Integer; the same gives the same recordings, and the first of
            many are those of few.

    Raises:
        ValueError: As for `collect`.
    """
    pieces = collect(clips_ds, skeleton)
    return [
        record(pieces, np.random.default_rng([seed, number]))
        for number in range(num_recordings)
    ]


def record(pieces, rng) -> Recording:
    """Makes a recording of as many different actions as `NUM_CLIPS` says.

    Args:
        pieces: `Pieces`; of fewer actions, the recording has them all.
        rng: `np.random.Generator`.
    """
    actions = rng.permutation(sorted(pieces.clips))
    actions = actions[: rng.integers(*NUM_CLIPS, endpoint=True)]
    segments = []
    for action in actions:
        if rng.random() < NOTHING_PROBABILITY:
            segments.append((nothing(pieces, rng), NONE))
        segments.append((any_clip(pieces, action, rng), action))
    if rng.random() < NOTHING_PROBABILITY:
        segments.append((nothing(pieces, rng), NONE))
    return join(segments, pieces.skeleton)


def any_clip(pieces, action, rng) -> np.ndarray:
    """Returns a clip `[T, J, D]` of an action, at random."""
    clips = pieces.clips[action]
    return clips[rng.integers(len(clips))]


def nothing(pieces, rng, held=ANNOTATORS) -> np.ndarray:
    """Returns a stretch of nothing `[T, J, D]`: a pose that is held."""
    pose = pieces.poses[rng.integers(len(pieces.poses))]
    num_frames = rng.integers(*NOTHING_FRAMES, endpoint=True)
    return hold(pose, num_frames, rng, held)


def hold(pose, num_frames, rng, held=ANNOTATORS) -> np.ndarray:
    """Returns frames `[T, J, D]` in which a pose is held, as `held` says.

    Args:
        pose: Float array `[J, D]`, torso lengths.
        num_frames: Integer, `T`.
        rng: `np.random.Generator`.
        held: `HeldPose`.
    """
    frames = np.arange(num_frames)[:, None]
    anew = rng.random((num_frames, len(pose))) >= held.kept
    anew[0] = True
    placed = np.maximum.accumulate(np.where(anew, frames, 0))
    offsets = rng.normal(size=(num_frames, *pose.shape)) * held.stddev
    return pose + offsets[placed, np.arange(len(pose))]


def join(segments, skeleton) -> Recording:
    """Joins pieces to a recording.

    Args:
        segments: List of `(poses, label)`: `[T, J, D]` in torso lengths, and
            the label of all of its frames.
        skeleton: `Skeleton` of the poses.
    """
    poses: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    for piece, label in segments:
        if poses:
            last = poses[-1][-1]
            piece = piece + (root(last, skeleton) - root(piece[0], skeleton))
            share = np.arange(1, BLEND_FRAMES + 1) / (BLEND_FRAMES + 1)
            share = share[:, None, None]
            poses.append((1 - share) * last + share * piece[0])
            labels.append(np.full(BLEND_FRAMES, UNSCORED, np.int32))
        poses.append(piece)
        labels.append(np.full(len(piece), label, np.int32))
    joined = PIXELS_PER_TORSO * np.concatenate(poses)
    return Recording(joined.astype(np.float32), np.concatenate(labels))


def root(pose, skeleton) -> np.ndarray:
    """Returns the mean of the visible joints of the root, or else of all.

    Args:
        pose: Float array `[J, D]` with a visible joint.
        skeleton: `Skeleton` of the pose.
    """
    middle = _middle(pose, skeleton.indices(skeleton.root))
    if np.isfinite(middle).all():
        return middle
    return _middle(pose, range(len(pose)))


def is_upright(pose, skeleton) -> bool:
    """Returns whether somebody stands or sits, arms down, and most of him shows.

    Args:
        pose: Float array `[J, D]`, torso lengths, y down.
        skeleton: `Skeleton` of the pose.
    """
    if np.isfinite(pose).all(-1).mean() < MIN_VISIBLE:
        return False
    shoulders = _middle(pose, skeleton.indices(skeleton.shoulders))
    hips = _middle(pose, skeleton.indices(skeleton.hips))
    wrists, legs = (
        _middle(pose, _named(skeleton, *ends))
        for ends in (("wrist",), ("knee", "ankle"))
    )
    torso = hips - shoulders
    aside = np.linalg.norm(np.delete(torso, 1))
    # What is missing is NaN, and speaks neither for nor against.
    return bool(
        torso[1] > 0
        and aside <= MAX_LEAN * torso[1]
        and not wrists[1] < shoulders[1]
        and not legs[1] < hips[1]
    )


def _named(skeleton, *ends):
    return [
        index
        for index, joint in enumerate(skeleton.joints)
        if joint.endswith(ends)
    ]


def _middle(poses, joints):
    """Returns the mean of the visible ones of some joints, `[..., D]`.

    NaN where none is visible.
    """
    chosen = poses[..., list(joints), :]
    seen = np.isfinite(chosen).all(-1)[..., None]
    count = seen.sum(-2)
    total = np.where(seen, chosen, 0).sum(-2)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def torso_length(poses, skeleton):
    """Returns the median torso length of a clip; 0 if nobody is visible."""
    shoulders = _middle(poses, skeleton.indices(skeleton.shoulders))
    hips = _middle(poses, skeleton.indices(skeleton.hips))
    lengths = np.linalg.norm(shoulders - hips, axis=-1)
    if not np.isfinite(lengths).any():
        middle = _middle(poses, range(poses.shape[1]))
        distances = np.linalg.norm(poses - middle[:, None], axis=-1)
        lengths = TORSO_PER_SPREAD * distances.ravel()
    lengths = lengths[np.isfinite(lengths)]
    return float(np.median(lengths)) if len(lengths) else 0.0
