"""Draws embedded clips as a map: one HTML page that needs nothing else.

Each clip is a point, colored by its action; its small figure moves, and so do
those of its nearest neighbors, which are found in the embedding and not on the
map. The page asks no network for anything, and holds at most `MAX_CLIPS` clips
of `MAX_FRAMES` frames: about 1.2 kB per clip of 13 joints.
"""

import base64
import dataclasses
import json
import pathlib

import numpy as np
from sklearn import manifold

from pose_tf import files
from pose_tf.plots import stick_figures

MAX_CLIPS = 2000
MAX_FRAMES = 24  # Of a clip on the page, evenly from all of its frames.
NUM_NEIGHBORS = 6
PERPLEXITY = 30.0
MIN_TSNE = 10  # Different embeddings; fewer are laid out by PCA.
LEVELS, MISSING = 254, 255  # Of a coordinate, one byte.
PAGE = pathlib.Path(__file__).parent / "page"


@dataclasses.dataclass(frozen=True, eq=False)
class Motion:
    """Holds a clip to be shown.

    Attributes:
        clip_id: Name of the clip.
        action: Name of its action.
        poses: `[T, J, D]`, x right, y down, in any unit.
        visibility: Bool `[T, J]`.

    Example:

    >>> Motion("0001", "bowl", np.zeros((9, 13, 2)), np.ones((9, 13), bool)).clip_id
    '0001'
    """

    clip_id: str
    action: str
    poses: np.ndarray
    visibility: np.ndarray


def write(
    path,
    motions,
    embeddings,
    skeleton,
    *,
    title="Map of motions",
    num_neighbors=NUM_NEIGHBORS,
    seed=0,
):
    """Writes the map of clips as one HTML page.

    Args:
        path: File to write.
        motions: A `Motion` for each clip, at most `MAX_CLIPS`; see `choose`.
        embeddings: Float `[N, Z]`, in the same order.
        skeleton: `Skeleton` of the poses.
        title: Title of the page.
        num_neighbors: Neighbors shown of each clip.
        seed: Of the layout.

    Returns:
        Dict of `num_clips`, `num_bytes` and `agreement`: the share of clips
        whose nearest neighbor has their action, or None if all have the same.

    Raises:
        ValueError: If there are fewer than two clips or too many, an embedding
            is not finite, or the arguments do not fit together.
    """
    embeddings = np.asarray(embeddings, np.float64)
    _check(motions, embeddings, num_neighbors)
    neighbors, cosines = nearest(embeddings, num_neighbors)
    actions = sorted({motion.action for motion in motions})
    numbers = np.array([actions.index(motion.action) for motion in motions])
    agreement = None
    if len(actions) > 1:
        agreement = float((numbers[neighbors[:, 0]] == numbers).mean())
    places = layout(embeddings, seed)
    clips = [
        {
            "name": motion.clip_id,
            "action": int(numbers[i]),
            "x": round(float(places[i, 0]), 4),
            "y": round(float(places[i, 1]), 4),
            "neighbors": [
                [int(j), round(float(c), 3)]
                for j, c in zip(neighbors[i], cosines[i], strict=True)
            ],
            "poses": _encoded(motion, skeleton),
        }
        for i, motion in enumerate(motions)
    ]
    about = _about(len(motions), embeddings, agreement)
    page = _page(_data(clips, actions, skeleton, title, about))
    with files.writing(path) as aside:
        aside.write_text(page, "utf-8")
    return {
        "num_clips": len(clips),
        "num_bytes": len(page.encode()),
        "agreement": agreement,
    }


def choose(actions, max_clips=MAX_CLIPS, seed=0) -> np.ndarray:
    """Chooses clips for a map, of each action in its share.

    Args:
        actions: Action of each clip, any sortable values.
        max_clips: How many to choose; all if there are not more.
        seed: Of the choice.

    Returns:
        Their places in `actions`, increasing, int `[M]`.

    Example:

    >>> choose(["bowl"] * 4 + ["squat"] * 2, max_clips=3).shape
    (3,)
    """
    count = len(actions)
    if count <= max_clips:
        return np.arange(count)
    _, numbers = np.unique(np.asarray(actions), return_inverse=True)
    order = np.lexsort((np.random.default_rng(seed).random(count), numbers))
    return np.sort(order[np.arange(max_clips) * count // max_clips])


def nearest(embeddings, num_neighbors=NUM_NEIGHBORS):
    """Finds the nearest neighbors of each embedding by cosine.

    Args:
        embeddings: Float `[N, Z]`; one of zeros has the cosine 0 to all.
        num_neighbors: How many; all others if there are not as many.

    Returns:
        `(neighbors, cosines)`, int and float `[N, K]`, nearest first.

    Example:

    >>> nearest(np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 4.0]]), 1)[0].tolist()
    [[2], [2], [1]]
    """
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit = embeddings / np.where(lengths > 0, lengths, 1)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    kept = min(num_neighbors, len(unit) - 1)
    neighbors = np.argsort(-cosines, axis=1, kind="stable")[:, :kept]
    return neighbors, np.take_along_axis(cosines, neighbors, axis=1)


def layout(embeddings, seed=0) -> np.ndarray:
    """Lays embeddings out in two dimensions, by t-SNE of their directions.

    t-SNE (van der Maaten and Hinton, 2008) starts from the two first principal
    components, so that the same embeddings give the same map. These alone are
    the map of fewer than `MIN_TSNE` different ones.

    Args:
        embeddings: Float `[N, Z]`.
        seed: Of t-SNE.

    Returns:
        Float `[N, 2]` from 0 to 1; the longer side of the map spans all of it.
    """
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit = embeddings / np.where(lengths > 0, lengths, 1)
    centered = np.pad(unit - unit.mean(0), ((0, 0), (0, 2)))
    distinct = len(np.unique(unit, axis=0))
    _, _, axes = np.linalg.svd(centered, full_matrices=False)
    # A singular vector may come with either sign.
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(1)])
    places = centered @ (axes * signs[:, None])[:2].T
    if distinct >= MIN_TSNE:
        start = places / places[:, 0].std() * 1e-4  # As scikit-learn does.
        places = manifold.TSNE(
            perplexity=min(PERPLEXITY, (distinct - 1) / 3),
            init=start.astype(np.float32),
            random_state=seed,
            n_jobs=1,
        ).fit_transform(unit.astype(np.float32))
    places = np.pad(places, ((0, 0), (0, 2)))[:, :2].astype(np.float64)
    low, high = places.min(0), places.max(0)
    side = (high - low).max() or 1.0
    return (places - (low + high) / 2) / side + 0.5


def _check(motions, embeddings, num_neighbors):
    if not 2 <= len(motions) <= MAX_CLIPS:
        raise ValueError(
            f"`motions` must be at least 2 and at most {MAX_CLIPS} clips. "
            f"Received: {len(motions)}"
        )
    if embeddings.ndim != 2 or len(embeddings) != len(motions):
        raise ValueError(
            f"`embeddings` must be [{len(motions)}, Z], one for each clip. "
            f"Received: {embeddings.shape}"
        )
    if not np.isfinite(embeddings).all():
        at = int(np.flatnonzero(~np.isfinite(embeddings).all(1))[0])
        raise ValueError(
            "`embeddings` must be finite. Received: NaN or infinity for "
            f"{motions[at].clip_id}"
        )
    if num_neighbors < 1:
        raise ValueError(
            f"`num_neighbors` must be at least 1. Received: {num_neighbors}"
        )


def _encoded(motion, skeleton):
    """Returns poses as text: bytes [F, J, 2] of their square, in base64."""
    ((poses, visible),) = stick_figures.checked(
        [(motion.poses, motion.visibility)], skeleton
    )
    view = stick_figures.view_box([(poses, visible)])
    last = len(poses) - 1
    shown = np.linspace(0, last, min(len(poses), MAX_FRAMES)).round()
    poses, visible = poses[shown.astype(int)], visible[shown.astype(int)]
    seen = visible & np.isfinite(poses).all(-1)
    points = np.where(seen[..., None], poses[..., :2] - view.centre, 0.0)
    levels = np.clip((points / view.side + 0.5) * LEVELS, 0, LEVELS).round()
    levels[~seen] = MISSING
    return base64.b64encode(levels.astype(np.uint8).tobytes()).decode()


def _about(num_clips, embeddings, agreement):
    text = (
        f"{num_clips:,} clips, laid out by their embeddings of "
        f"{embeddings.shape[1]} numbers: near ones move alike, but how far "
        "groups are from each other means little."
    )
    if agreement is not None:
        text += (
            f" The nearest neighbor has the same action for {agreement:.0%} of "
            "the clips."
        )
    return text


def _data(clips, actions, skeleton, title, about):
    """Returns what the page's script reads."""
    sides = stick_figures.sides_of_bones(skeleton)
    bones = [
        [int(a), int(b), side]
        for (a, b), side in zip(skeleton.bone_indices, sides, strict=True)
    ]
    # One joint for the head is a ball; several (eyes, ears) are a face.
    ball = len(skeleton.head) == 1
    return {
        "title": title,
        "about": about,
        "actions": actions,
        "colors": [" ".join(map(str, c)) for c in stick_figures.COLORS],
        "num_joints": skeleton.num_joints,
        "bones": bones,
        "head": skeleton.joints.index(skeleton.head[0]) if ball else -1,
        "clips": clips,
    }


def _page(data):
    """Returns the whole page, with its style, script and data in it."""
    # Text of a user's may hold "</script>".
    text = json.dumps(data, allow_nan=False).replace("<", "\\u003c")
    parts = {
        "__STYLE__": (PAGE / "motion_map.css").read_text("utf-8"),
        "__SCRIPT__": (PAGE / "motion_map.js").read_text("utf-8"),
        "__DATA__": text,  # Last: no other part may be looked for in it.
    }
    page = (PAGE / "motion_map.html").read_text("utf-8")
    for mark, part in parts.items():
        page = page.replace(mark, part)
    return page
