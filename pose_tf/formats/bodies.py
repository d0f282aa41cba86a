"""Who may be whom: rows of detections as bodies of some size and place."""

import dataclasses

import numpy as np

from pose_tf.pose import clip, similarity

# Least area of a body of length 1: people seen from the side are narrow, and a
# few joints on a line have no area at all.
MIN_AREA = 0.25
# Of keypoint similarity: a row that is at least SURE to one row of the next
# frame, while neither is above FAINT to any other, is the same person.
SURE, FAINT = 0.5, 0.05
MIN_COMMON = 3  # Joints that both rows of a sure pair must have.
PAIRS_PER_CHUNK = 200_000  # Compared at a time: some tens of megabytes.


@dataclasses.dataclass(frozen=True)
class Bodies:
    """Holds what tracking compares of N rows, sorted by frame.

    Attributes:
        frames: int64 `[N]`.
        poses: float32 `[N, J, D]`, 0 where a joint is not seen.
        seen: Bool `[N, J]`.
        boxes: float32 `[N, 4]`, the detector's, or those of the joints.
        sizes: float32 `[N]`, the longest side of each body, positive.
        areas: float32 `[N]`, positive.
        deviations: float32 `[J]`, see `similarity.sigmas`.

    Example:

    >>> from pose_tf.formats.detections import Detections
    >>> from pose_tf.pose import skeletons
    >>> poses = np.zeros((1, 17, 2))
    >>> poses[0, 0] = 30, 40
    >>> of(
    ...     Detections(
    ...         skeleton=skeletons.get("coco_17"), frames=[0], poses=poses
    ...     )
    ... ).sizes
    array([40.], dtype=float32)
    """

    frames: np.ndarray
    poses: np.ndarray
    seen: np.ndarray
    boxes: np.ndarray
    sizes: np.ndarray
    areas: np.ndarray
    deviations: np.ndarray

    def similarity(self, rows, others):
        """Returns the keypoint similarity of pairs of rows: `[pairs]`."""
        return similarity.of_keypoints(
            self.poses[rows],
            self.poses[others],
            self.seen[rows] & self.seen[others],
            self.areas[rows],
            self.deviations,
        )


def seen_in(detections):
    """Returns which joints are visible and have a place: bool `[N, J]`."""
    seen = np.isfinite(detections.poses).all(-1)
    if detections.visibility is not None:
        seen &= detections.visibility
    return seen


def of(detections) -> Bodies:
    """Returns the bodies of detections, row by row."""
    seen = seen_in(detections)
    poses = np.where(seen[..., None], detections.poses, 0).astype(np.float32)
    boxes, sides = _extents(poses, seen)
    if detections.boxes is not None:
        given = np.abs(detections.boxes) <= clip.MAX_COORDINATE
        given = given.all(-1, keepdims=True)
        boxes = np.where(given, detections.boxes, boxes)
        of_boxes = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
        sides[:, :2] = np.where(given, of_boxes, sides[:, :2])
    sides = np.sort(sides, -1)
    sizes = sides[:, -1]
    typical = np.median(sizes[sizes > 0]) if (sizes > 0).any() else 1.0
    sizes = np.where(sizes > 0, sizes, typical).astype(np.float32)
    return Bodies(
        frames=detections.frames,
        poses=poses,
        seen=seen,
        boxes=boxes.astype(np.float32),
        sizes=sizes,
        areas=np.maximum(sides[:, -2:].prod(-1), MIN_AREA * sizes**2),
        deviations=similarity.sigmas(detections.skeleton),
    )


def _extents(poses, seen):
    """Returns boxes `[N, 4]` of the joints seen, and sides `[N, D]`."""
    mask, anybody = seen[..., None], seen.any(-1)[:, None]
    low = np.where(mask, poses, np.inf).min(1)
    high = np.where(mask, poses, -np.inf).max(1)
    low, high = np.where(anybody, low, 0), np.where(anybody, high, 0)
    return np.concatenate([low[:, :2], high[:, :2]], -1), high - low


def successors(bodies):
    """Returns the row in the next frame that surely is the same person.

    Args:
        bodies: `Bodies`.

    Returns:
        int64 `[N]`: an index of rows, or -1 where nothing is sure.
    """
    num_rows = len(bodies.frames)
    following = np.full(num_rows, -1)
    frames, starts, counts = np.unique(
        bodies.frames, return_index=True, return_counts=True
    )
    adjoining = np.append(np.diff(frames) == 1, False)
    partners = np.where(adjoining, np.append(counts[1:], 0), 0)
    chunks = np.cumsum(counts * partners) // PAIRS_PER_CHUNK
    for chunk in np.unique(chunks):
        chosen = np.flatnonzero((chunks == chunk) & adjoining)
        if len(chosen):
            left, right = _pairs(starts, counts, chosen)
            _link(bodies, left, right, following)
    # Only behind another sure link: where two people pass each other within a
    # frame, the wrong one may look the same, but has come from elsewhere.
    expected = np.zeros(num_rows, bool)
    expected[following[following >= 0]] = True
    return np.where(expected, following, -1)


def _pairs(starts, counts, chosen):
    """Returns all pairs of rows of the chosen frames and of the ones after."""
    numbers = np.repeat(counts[chosen + 1], counts[chosen])
    left = _ranges(starts[chosen], counts[chosen])
    firsts = np.repeat(starts[chosen + 1], counts[chosen])
    return np.repeat(left, numbers), _ranges(firsts, numbers)


def _ranges(starts, lengths):
    """Returns whole numbers from each start on, joined."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1]) + np.repeat(starts - ends + lengths, lengths)


def _link(bodies, left, right, following):
    """Writes the sure pairs among `(left, right)` into `following`."""
    near = similarity.of_boxes(bodies.boxes[left], bodies.boxes[right]) > 0
    left, right = left[near], right[near]
    similar = bodies.similarity(left, right)
    candidate = similar > FAINT
    left, right = left[candidate], right[candidate]
    num_rows = len(following)
    alone = np.bincount(left, minlength=num_rows)[left] == 1
    alone &= np.bincount(right, minlength=num_rows)[right] == 1
    common = (bodies.seen[left] & bodies.seen[right]).sum(-1)
    sure = alone & (common >= MIN_COMMON) & (similar[candidate] >= SURE)
    following[left[sure]] = right[sure]
