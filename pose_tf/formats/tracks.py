"""Makes one clip per person from the detections of a recording."""

import warnings

import numpy as np

from pose_tf.formats import association, bodies, tables
from pose_tf.pose import clip

MIN_FRAMES = 5  # Of a track: what is found more rarely is no person.
MIN_SCORE = 0.3  # Of a person who is found in one frame only.


def people(
    detections,
    *,
    min_frames=MIN_FRAMES,
    max_gap=association.MAX_GAP,
    clip_id="",
) -> list[clip.Clip]:
    """Makes one clip per person from detections.

    Rows with an id (at least 0) are that person's, however long it was away.
    Others are assigned by where people are and how they move, see
    `association`, and are numbered in the order of appearance; whoever comes
    back within `max_gap` frames, near where he is expected, is the same person.
    Frames in which a person is not found are unseen: nothing is visible, all
    joints are missing, and the confidence is 0.

    Tracks that are found in fewer than `min_frames` frames are dropped, with a
    warning. If all are, those of at least half as many frames as the longest
    are kept, without ghosts of one frame and a score below `MIN_SCORE`, so that
    a photo has its people, too.

    Args:
        detections: `Detections`, y down, whose `visibility` says which joints
            count as visible.
        min_frames: Fewest frames in which a person must be found.
        max_gap: Frames that a person without an id may be away.
        clip_id: Name of the recording.

    Returns:
        List of `Clip`, by their first frames; empty if nobody is visible in any
        frame, and nobody has an id. A clip starts in the first frame with a
        row of the person, and ends in the last.

    Raises:
        ValueError: If a visible joint has no place in a picture, or a person's
            rows span more than `tables.MAX_FRAMES` frames.
    """
    clip.require_places(
        detections.poses,
        bodies.seen_in(detections),
        detections.skeleton,
        detections.frames,
    )
    detections = _sorted(detections)
    seen = bodies.seen_in(detections).any(-1)
    chosen = seen
    if detections.ids is not None:
        # Rows without a joint still say how long the clip of an id is.
        chosen = seen | (detections.ids >= 0)
        chosen[_repeated(detections, chosen)] = False
    detections, seen = detections.rows(chosen), seen[chosen]
    tracks = association.deal(bodies.of(detections), detections.ids, max_gap)
    tracks = _without_short(tracks, seen, detections.scores, min_frames)
    first_new = 0
    if detections.ids is not None and len(detections.ids):
        first_new = max(int(detections.ids.max()) + 1, 0)
    clips = []
    for identity, rows in tracks:
        if identity is None:
            identity, first_new = first_new, first_new + 1
        clips.append(_clip(detections, rows, identity, clip_id))
    return clips


def _sorted(detections):
    """Returns the rows by frame and place, whatever order they came in."""
    places = np.nan_to_num(_centers(detections))
    keys = [*places.T, detections.frames]
    if detections.scores is not None:
        keys.insert(0, detections.scores)
    return detections.rows(np.lexsort(keys))


def _centers(detections):
    """Returns y and x of the middle of each row: `[N, 2]`."""
    seen = bodies.seen_in(detections)[..., None]
    sums = np.where(seen, detections.poses, 0)[..., 1::-1].sum(1)
    return sums / np.maximum(seen.sum(1), 1)


def _repeated(detections, chosen):
    """Returns the rows of ids that a frame has twice, without the best ones."""
    rows = np.flatnonzero(chosen & (detections.ids >= 0))
    order = np.lexsort(
        (
            -_certainty(detections)[rows],
            detections.ids[rows],
            detections.frames[rows],
        )
    )
    rows = rows[order]
    same = np.diff(detections.frames[rows]) == 0
    same &= np.diff(detections.ids[rows]) == 0
    again = rows[1:][same]
    if len(again):
        first = again[0]
        warnings.warn(
            f"Kept the best of several poses of one person: {len(again)} others "
            f"were dropped, the first of them of person {detections.ids[first]} "
            f"in frame {detections.frames[first]}",
            stacklevel=3,
        )
    return again


def _certainty(detections):
    """Returns how sure a row is: its score, or else that of its joints."""
    if detections.scores is not None:
        return np.nan_to_num(detections.scores)
    seen = bodies.seen_in(detections)
    if detections.confidence is not None:
        return (np.nan_to_num(detections.confidence) * seen).sum(-1)
    return seen.sum(-1)


def _without_short(tracks, seen, scores, min_frames):
    """Returns the tracks that are long enough; `seen` `[N]`: anybody is."""
    found = np.array([seen[rows].sum() for _, rows in tracks], int)
    longest = found.max(initial=0)
    if longest >= min_frames:
        keep = found >= min_frames
    else:
        keep = 2 * found >= longest  # Of ids, even if nothing is visible.
        if scores is not None:
            ghost = np.array([scores[rows].max() for _, rows in tracks])
            ghost = (found == 1) & (ghost < MIN_SCORE)
            keep &= ~ghost | (ghost | ~keep).all()
    dropped = found[~keep & (found > 0)]
    if len(dropped):
        warnings.warn(
            f"Dropped {len(dropped)} of {(found > 0).sum()} people, found in at "
            f"most {dropped.max()} frames each; `min_frames` is {min_frames}",
            stacklevel=3,
        )
    return [track for track, kept in zip(tracks, keep) if kept]


def _clip(detections, rows, person, clip_id):
    """Returns the clip of one person's rows, which are sorted by frame."""
    found = detections.rows(rows)
    start, end = int(found.frames[0]), int(found.frames[-1]) + 1
    num_frames = end - start
    if num_frames > tables.MAX_FRAMES:
        raise ValueError(
            f"a person must be found within {tables.MAX_FRAMES} frames. "
            f"Received: {start} to {end - 1} for person {person}"
        )
    spread = {}
    for name, array, fill in (
        ("poses", found.poses, np.nan),
        ("visibility", bodies.seen_in(found), False),
        ("confidence", found.confidence, 0),
        ("boxes", found.boxes, np.nan),
    ):
        if array is not None:
            shape = (num_frames, *array.shape[1:])
            spread[name] = np.full(shape, fill, array.dtype)
            spread[name][found.frames - start] = array
    return clip.Clip(
        **spread,
        skeleton=detections.skeleton,
        fps=detections.fps,
        frame_size=detections.frame_size,
        clip_id=clip_id,
        person=person,
        start=start,
    )
