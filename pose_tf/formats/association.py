"""Tells people apart in recordings: which rows are the same person.

Rows of which one surely continues the other are chained at once (see
`bodies.successors`); what is left, wherever somebody appears, comes near
another or was away, is assigned frame by frame: the rows to the people who are
free, each predicted at constant velocity, so that the sum of scores is the
largest (by the Hungarian method). The score of a pair is the sum of
keypoint similarity, box overlap and nearness, and nothing beyond a person's
reach is considered.
"""

import itertools

import numpy as np
from scipy import optimize

from pose_tf.formats import bodies as bodies_of
from pose_tf.pose import similarity

MAX_GAP = 60  # Frames that a person may be away: two seconds.
RECENT = 5  # Rows from which the velocity of a person is estimated.
# Share of its velocity that a person keeps from frame to frame while unseen.
MOMENTUM = 0.9
# How far from its predicted place a person may be found, in body lengths: after
# a frame, more per frame of absence, at most.
REACH, REACH_PER_FRAME, MAX_REACH = 1.0, 0.05, 2.0


def deal(bodies, ids=None, max_gap=MAX_GAP):
    """Deals rows to people.

    Args:
        bodies: `Bodies`, sorted by frame.
        ids: Int64 `[N]`, the person in each row, at most one row per frame; negative where
            that is unknown. Rows of one id are one person, however long it was
            away. None if nothing is known.
        max_gap: Frames that a person without an id may be away.

    Returns:
        List of `(id, rows)` in the order of appearance: the id or None, and
        int64 `[frames found]`, rising.
    """
    num_rows = len(bodies.frames)
    known = np.zeros(num_rows, bool) if ids is None else ids >= 0
    if ids is not None and known.all():
        return _by_id(ids)
    following = np.full(num_rows, -1)
    if not known.any():  # Otherwise a row of a known person may end any chain.
        following = bodies_of.successors(bodies)
    by_id: dict[int, _Track] = {}
    # Dicts with values of no meaning: sets that keep the order of appearance.
    tracks: dict[_Track, None] = {}
    live: dict[_Track, None] = {}
    for frame, group in itertools.groupby(
        _chains(following), lambda chain: bodies.frames[chain[0]]
    ):
        chains = list(group)
        owners = {
            k: by_id.setdefault(int(ids[chain[0]]), _Track(int(ids[chain[0]])))
            for k, chain in enumerate(chains)
            if known[chain[0]]
        }
        live = {t: None for t in live if frame - t.end <= max_gap + 1}
        there = {*owners.values()}
        vacant = [t for t in live if t.end < frame and t not in there]
        unknown = [k for k in range(len(chains)) if k not in owners]
        heads = np.array([chains[k][0] for k in unknown], int)
        for k, track in zip(unknown, _assign(bodies, vacant, heads, frame)):
            owners[k] = track or _Track(None)
        for k, track in sorted(owners.items()):
            track.append(chains[k], bodies)
            live[track] = tracks[track] = None
    return [(track.identity, np.concatenate(track.chains)) for track in tracks]


def _by_id(ids):
    order = np.argsort(ids, kind="stable")
    _, starts = np.unique(ids[order], return_index=True)
    people = np.split(order, starts[1:]) if len(ids) else []
    people.sort(key=lambda rows: rows[0])
    return [(int(ids[rows[0]]), rows) for rows in people]


def _chains(following):
    """Returns chains of rows, each int64 `[length]`, by their first rows."""
    chain_of = list(range(len(following)))
    for row, successor in enumerate(following.tolist()):
        if successor >= 0:
            chain_of[successor] = chain_of[row]
    if not chain_of:
        return []
    order = np.argsort(chain_of, kind="stable")
    _, heads = np.unique(np.array(chain_of)[order], return_index=True)
    return np.split(order, heads[1:])


class _Track:
    """One person so far: chains of rows, the last rows, and its last frame."""

    def __init__(self, identity):
        self.identity = identity
        self.chains = []
        self.recent = []
        self.end = -1

    def append(self, chain, bodies):
        self.chains.append(chain)
        self.recent = [*self.recent, *chain[-RECENT:].tolist()][-RECENT:]
        self.end = int(bodies.frames[chain[-1]])


def _assign(bodies, tracks, heads, frame):
    """Returns the track, or None, of each row `heads` of a frame."""
    assigned: list[_Track | None] = [None] * len(heads)
    if not tracks or not len(heads):
        return assigned
    if len(tracks) == len(heads) == 1:  # As in most recordings of one person.
        similar = bodies.similarity(tracks[0].recent[-1:], heads)
        if similar[0] >= bodies_of.SURE:
            return tracks
    scores = _scores(bodies, tracks, heads, frame)
    for i, j in zip(*optimize.linear_sum_assignment(scores, maximize=True)):
        if scores[i, j] > 0:
            assigned[j] = tracks[i]
    return assigned


def _scores(bodies, tracks, heads, frame):
    """Returns scores `[tracks, rows]`: 0 for pairs that cannot be the same."""
    lasts = np.array([track.recent[-1] for track in tracks])
    elapsed = (frame - bodies.frames[lasts]).astype(np.float32)
    moves = _moves(bodies, tracks, elapsed)  # [tracks, D]
    reach = np.minimum(REACH + REACH_PER_FRAME * (elapsed - 1), MAX_REACH)
    boxes = bodies.boxes[lasts] + np.tile(moves[:, :2], 2)
    sizes = (bodies.sizes[lasts][:, None] + bodies.sizes[heads]) / 2
    ways = boxes[:, None] - bodies.boxes[heads]
    ways = np.hypot(*(ways[..., k] + ways[..., k + 2] for k in (0, 1))) / 2
    # Boxes of a few joints may be elsewhere than those of all.
    i, j = np.nonzero(ways <= (reach[:, None] + REACH) * sizes)
    places = bodies.poses[lasts[i]] + moves[i][:, None]  # [pairs, J, D]
    others, rows = bodies.poses[heads[j]], heads[j]
    common = bodies.seen[lasts[i]] & bodies.seen[rows]
    counts = common.sum(-1)
    shifts = ((places - others) * common[..., None]).sum(1)
    shifts = np.linalg.norm(shifts, axis=-1) / np.maximum(counts, 1)
    distances = np.where(counts > 0, shifts, ways[i, j])
    nearness = np.maximum(1 - distances / (reach[i] * sizes[i, j]), 0)
    similar = similarity.of_keypoints(
        places, others, common, bodies.areas[lasts[i]], bodies.deviations
    )
    overlap = similarity.of_boxes(boxes[i], bodies.boxes[rows])
    scores = np.zeros(sizes.shape, np.float32)
    scores[i, j] = np.where(nearness > 0, similar + overlap + nearness, 0)
    return scores


def _moves(bodies, tracks, elapsed):
    """Returns how far people went since they were last found: `[tracks, D]`.

    Their velocity is that of the joints that the first and the last of the
    recent rows have in common.
    """
    firsts = np.array([track.recent[0] for track in tracks])
    lasts = np.array([track.recent[-1] for track in tracks])
    common = (bodies.seen[firsts] & bodies.seen[lasts])[..., None]
    moves = ((bodies.poses[lasts] - bodies.poses[firsts]) * common).sum(1)
    frames = bodies.frames[lasts] - bodies.frames[firsts]
    velocities = moves / np.maximum(common.sum(1) * frames[:, None], 1)
    # The sum of MOMENTUM**k over the elapsed frames.
    steps = (1 - MOMENTUM**elapsed) / (1 - MOMENTUM)
    return velocities.astype(np.float32) * steps[:, None]
