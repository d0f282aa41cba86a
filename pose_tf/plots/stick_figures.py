"""Draws poses as stick figures: stills and thumbnails.

Stick figures are drawn with Pillow at twice the size and scaled down. The
background is opaque white, so that pictures look the same on light and on dark
pages.

Poses are `[..., J, D]` in any unit, x right and y down; of three coordinates
the first two are drawn. `visibility` is bool `[..., J]`. Joints that are not
visible or not finite are not drawn, nor are bones that lead to them. A `path`
is a file name or an open binary file.
"""

import contextlib
import dataclasses
import math
import os

import numpy as np
from PIL import Image, ImageDraw

from pose_tf import files

PANEL = 240  # Side of a drawn pose, pixels.
SUPERSAMPLING = 2
MARGIN = 0.08  # Share of a panel's side that stays empty at each edge.
SPRITE_WEIGHT = 2.5  # Thin strokes are invisible in the projector.
MAX_SPRITE_SIDE = 8192  # Largest texture of TensorBoard's projector.
BACKGROUND = (255, 255, 255)
INK = (31, 41, 51)
FAINT = (208, 215, 222)
PREFIX = (122, 130, 140)
# Okabe and Ito's colors (2008), which color-blind readers can distinguish.
COLORS = (
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
)
SHADES = {"left": 0.0, "middle": 0.25, "right": 0.5}  # How much darker.


@dataclasses.dataclass(frozen=True)
class View:
    """Holds the square of the plane that a panel shows.

    Attributes:
        centre: Centre of the square, `[2]`, in the unit of the poses.
        side: Side of the square, in the unit of the poses.
        extent: Usual extent of one pose in the same unit, which sets the width
            of strokes.

    Example:

    >>> pose = np.array([[0.0, 0.0], [4.0, 2.0]])
    >>> view = view_box([(pose[None], np.array([[True, True]]))])
    >>> view.centre.tolist(), view.extent
    ([2.0, 1.0], 4.0)
    """

    centre: np.ndarray
    side: float
    extent: float


def view_box(sequences) -> View:
    """Returns the square that holds the visible joints of all sequences.

    It reaches beyond the sequence of median extent by at most the side of that
    one in each direction: a single diverged rollout does not shrink the others.

    Args:
        sequences: Pairs (poses `[T, J, D]`, visibility `[T, J]`).
    """
    boxes, extents = [], []
    for poses, visibility in sequences:
        points = np.where(_drawn(poses, visibility)[..., None], poses, np.nan)
        points = points[~np.isnan(points).all((1, 2))][..., :2]
        if len(points):
            low, high = np.nanmin(points, 1), np.nanmax(points, 1)
            extents.append(np.median((high - low).max(-1)))
            boxes.append(np.stack([low.min(0), high.max(0)]))
    if not boxes:
        return View(np.zeros(2), 1.0, 1.0)
    boxes.sort(key=_side)
    middle = boxes[(len(boxes) - 1) // 2]
    low = np.maximum(np.min(boxes, 0)[0], middle[0] - _side(middle))
    high = np.minimum(np.max(boxes, 0)[1], middle[1] + _side(middle))
    side = _side((low, high)) / (1 - 2 * MARGIN) or 1.0
    return View((low + high) / 2, side, float(min(extents)) or side)


def draw_pose(
    pose, skeleton, *, visibility=None, view=None, size=PANEL, color=COLORS[0]
) -> Image.Image:
    """Draws one pose `[J, D]` on a square of `size` pixels.

    Limbs of the left side are drawn in `color` itself, those of the right side
    darker. `view` is fitted to the pose if it is not given.

    Raises:
        ValueError: If pose, visibility and skeleton do not fit together.
    """
    ((poses, visible),) = checked([(pose, visibility)], skeleton, ndim=2)
    view = view or view_box([(poses, visible)])
    image = Image.new("RGB", (size * SUPERSAMPLING,) * 2, BACKGROUND)
    draw(image, poses[0], visible[0], skeleton, view, color)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def sprite(poses, skeleton, path, *, visibility=None, colors=None, size=48):
    """Writes a PNG of thumbnails for the projector of TensorBoard.

    The thumbnails are in reading order, in a square of `ceil(sqrt(N))` columns,
    on a transparent background.

    Args:
        poses: `[N, J, D]`; each is framed on its own.
        skeleton: `Skeleton` of the poses.
        path: File to write.
        visibility: `[N, J]`; all joints are visible if it is not given.
        colors: One color per pose.
        size: Side of a thumbnail, pixels.

    Raises:
        ValueError: If the picture would be too large for the projector.
    """
    ((poses, visible),) = checked([(poses, visibility)], skeleton)
    columns = math.ceil(math.sqrt(len(poses)))
    if columns * size > MAX_SPRITE_SIDE:
        raise ValueError(
            f"`poses` must be at most {(MAX_SPRITE_SIDE // size) ** 2} for "
            f"thumbnails of {size} pixels. Received: {len(poses)}"
        )
    picture = Image.new("RGBA", (columns * size,) * 2)
    for k, pose in enumerate(poses):
        color = COLORS[0] if colors is None else tuple(colors[k])
        view = view_box([(pose[None], visible[k][None])])
        tile = Image.new("RGBA", (size * SUPERSAMPLING,) * 2)
        draw(tile, pose, visible[k], skeleton, view, color, SPRITE_WEIGHT)
        tile = tile.resize((size, size), Image.Resampling.LANCZOS)
        picture.paste(tile, (k % columns * size, k // columns * size))
    with writing(path) as target:
        picture.save(target, format="PNG")


def _side(box):
    return float(np.max(box[1] - box[0]))


def _drawn(poses, visibility):
    return visibility & np.isfinite(poses).all(-1)


def checked(sequences, skeleton, ndim=3):
    """Returns sequences as pairs of poses [T, J, D] and visibility [T, J].

    Args:
        sequences: Poses, or pairs of poses and visibility or None.
        skeleton: `Skeleton` of the poses.
        ndim: Number of axes of the poses: 3, or 2 for single poses.

    Raises:
        ValueError: If there is no sequence, or one does not fit the skeleton.
    """
    pairs = []
    for sequence in sequences:
        pair = sequence if isinstance(sequence, tuple) else (sequence, None)
        poses, visibility = np.asarray(pair[0], np.float64), pair[1]
        if poses.ndim != ndim or poses.shape[-2:-1] != (skeleton.num_joints,):
            raise ValueError(
                f"`poses` must be [{'T, ' * (ndim == 3)}"
                f"{skeleton.num_joints}, D], as skeleton {skeleton.name!r} "
                f"has {skeleton.num_joints} joints. Received: {poses.shape}"
            )
        if not poses.size or poses.shape[-1] < 2:
            raise ValueError(
                "`poses` must have at least a frame and two coordinates. "
                f"Received: {poses.shape}"
            )
        if visibility is None:
            visibility = np.ones(poses.shape[:-1], bool)
        visibility = np.asarray(visibility).astype(bool)
        if visibility.shape != poses.shape[:-1]:
            raise ValueError(
                f"`visibility` must be {poses.shape[:-1]}, as the poses are "
                f"{poses.shape}. Received: {visibility.shape}"
            )
        pairs.append((poses, visibility))
        if ndim == 2:
            pairs[-1] = (poses[None], visibility[None])
    if not pairs:
        raise ValueError("`sequences` must not be empty. Received: []")
    return pairs


def shade(color, side):
    """Returns a color as it is drawn on a side of the body, see `SHADES`."""
    return tuple(round(c * (1 - SHADES[side])) for c in color)


def _sides(skeleton):
    """Returns the side of the body of each joint."""
    sides = ["middle"] * skeleton.num_joints
    for left, right in skeleton.mirror_pairs:
        sides[skeleton.joints.index(left)] = "left"
        sides[skeleton.joints.index(right)] = "right"
    return sides


def sides_of_bones(skeleton):
    """Returns the side of each bone: `left`, `middle` or `right`."""
    sides, of_bones = _sides(skeleton), []
    for a, b in skeleton.bone_indices:
        both = {sides[a], sides[b]} - {"middle"}
        of_bones.append(both.pop() if len(both) == 1 else "middle")
    return of_bones


def draw(image, pose, visibility, skeleton, view, color, weight=1.0):
    """Draws a pose [J, D] on a supersampled panel; weight scales strokes."""
    size, drawn = image.width, _drawn(pose, visibility)
    points = np.where(drawn[:, None], pose[:, :2] - view.centre, 0)
    # Nothing far outside is visible, but Pillow would draw all the way there.
    points = np.clip(points / view.side, -1.5, 1.5) * size + size / 2
    stroke = view.extent / view.side * size / 42
    stroke = weight * np.clip(stroke, size / 110, size / 45)
    draw, sides = ImageDraw.Draw(image), _sides(skeleton)
    bones = zip(skeleton.bone_indices, sides_of_bones(skeleton), strict=True)
    for (a, b), side in bones:
        if drawn[a] and drawn[b]:
            ends = [*points[a], *points[b]]
            draw.line(ends, shade(color, side), round(stroke))
    # One joint for the head is a ball; several (eyes, ears) are a face.
    balls = skeleton.head if len(skeleton.head) == 1 else ()
    for j in np.flatnonzero(drawn):
        radius = stroke * (2.2 if skeleton.joints[j] in balls else 0.9)
        box = [*(points[j] - radius), *(points[j] + radius)]
        draw.ellipse(box, shade(color, sides[j]))


@contextlib.contextmanager
def writing(path):
    """Yields where to write a picture, which appears at `path` when it is whole.

    Args:
        path: File to write; or an open binary file, which is yielded itself.
    """
    if isinstance(path, (str, os.PathLike)):
        with files.writing(path) as aside:
            yield aside
    else:
        yield path
