"""Pictures of poses: stills, animations, strips and thumbnails.

Stick figures are drawn with Pillow at twice the size and scaled down; all
frames of a GIF share one palette. The ground is opaque white with a thin
border, so that a picture reads the same on light and on dark pages.

Poses are `[..., J, D]` in any unit, x right and y down; of three coordinates
the first two are drawn. `visibility` is bool `[..., J]`; a joint that is
missing or not finite is not drawn, and no bone leads to it. A `path` is a
file's name or an open binary file.
"""

import dataclasses
import math
import os
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PANEL = 240  # Side of a drawn pose, pixels.
SUPERSAMPLING = 2
MARGIN = 0.08  # Share of a panel's side that stays free at each edge.
HEADER, FOOTER, GAP = 26, 14, 10  # Around a panel: title, time, distance; px.
FONT_SIZE = 13
END_PAUSE_MS = 800  # How long a GIF rests on its last frame.
SPRITE_WEIGHT = 2.5  # Thin strokes would vanish in the projector.
MAX_SPRITE_SIDE = 8192  # TensorBoard's projector takes no larger texture.

BACKGROUND = (255, 255, 255)
INK = (31, 41, 51)
FAINT = (208, 215, 222)
PREFIX = (122, 130, 140)
# Okabe and Ito's colours (2008), which colour-blind readers tell apart.
COLOURS = (
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
)
RAMP = 6  # Palette entries between a colour and the ground.
SHADES = {"left": 0.0, "middle": 0.25, "right": 0.5}  # How much darker.


@dataclasses.dataclass(frozen=True)
class View:
    """A square cut of the plane, shown on a panel.

    Attributes:
        centre: `[2]`, in the poses' unit.
        side: Of the square, in the poses' unit.
        figure: Usual extent of one pose, which sets the width of strokes.
    """

    centre: np.ndarray
    side: float
    figure: float


def view_box(sequences) -> View:
    """The square that holds the visible joints of all sequences.

    The sequence of middle extent may be widened by its own side in each
    direction and no further: one diverged rollout does not shrink the rest.

    Args:
        sequences: Pairs (poses `[T, J, D]`, visibility `[T, J]`).
    """
    boxes, figures = [], []
    for poses, visibility in sequences:
        points = np.where(_drawn(poses, visibility)[..., None], poses, np.nan)
        points = points[~np.isnan(points).all((1, 2))][..., :2]
        if len(points):
            low, high = np.nanmin(points, 1), np.nanmax(points, 1)
            figures.append(np.median((high - low).max(-1)))
            boxes.append(np.stack([low.min(0), high.max(0)]))
    if not boxes:
        return View(np.zeros(2), 1.0, 1.0)
    boxes.sort(key=_side)
    middle = boxes[(len(boxes) - 1) // 2]
    low = np.maximum(np.min(boxes, 0)[0], middle[0] - _side(middle))
    high = np.minimum(np.max(boxes, 0)[1], middle[1] + _side(middle))
    side = _side((low, high)) / (1 - 2 * MARGIN) or 1.0
    return View((low + high) / 2, side, min(figures) or side)


def draw_pose(
    pose, skeleton, *, visibility=None, view=None, size=PANEL, colour=COLOURS[0]
) -> Image.Image:
    """Draws one pose `[J, D]` on a square of `size` pixels.

    Limbs of the left side have the very `colour`, those of the right side a
    darker one. `view` is fitted to the pose if not given.

    Raises:
        ValueError: If pose, visibility and skeleton do not fit together.
    """
    ((poses, visible),) = _checked([(pose, visibility)], skeleton, ndim=2)
    view = view or view_box([(poses, visible)])
    image = Image.new("RGB", (size * SUPERSAMPLING,) * 2, BACKGROUND)
    _draw(image, poses[0], visible[0], skeleton, view, colour)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def animate(
    sequences, skeleton, path, titles=None, *, prefix=0, fps=12.5, size=PANEL
) -> None:
    """Writes an animated GIF of sequences side by side.

    The first `prefix` frames, those that a model observed, are grey; what
    follows has a colour for each sequence (the first that is longer than the
    prefix blue, the next vermilion). A line under each panel shows the time.
    A shorter sequence rests on its last frame.

    Args:
        sequences: Poses `[T, J, D]`, or pairs of such poses and visibility
            `[T, J]`.
        skeleton: A `Skeleton`.
        path: Of the GIF.
        titles: A text for each sequence.
        prefix: Integer.
        fps: Frames a second; GIFs hold whole hundredths of a second.
        size: Side of a panel, in pixels.

    Raises:
        ValueError: If an argument is out of range or does not fit.
    """
    if not 0 < fps <= 100:
        raise ValueError(f"`fps` must be in (0, 100]. Received: {fps!r}")
    rows = _rows(sequences, skeleton, titles, prefix)
    view = view_box([(row.poses, row.visibility) for row in rows])
    palette = Image.new("P", (1, 1))
    palette.putpalette(_palette([row.colour for row in rows]))
    frames = []
    for t in range(max(len(row.poses) for row in rows)):
        frame = _grid([[_panel(row, t, skeleton, view, size) for row in rows]])
        frames.append(frame.quantize(palette=palette, dither=Image.Dither.NONE))
    durations = [round(100 / fps) * 10] * len(frames)
    durations[-1] += END_PAUSE_MS
    frames[0].save(
        writable(path),
        format="GIF",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        optimize=False,
        disposal=1,
    )


def strip(
    sequences, skeleton, path, titles=None, *, prefix=0, num_frames=8, size=120
) -> None:
    """Writes a PNG with a row for each sequence and its frames along it.

    `num_frames` instants are spread evenly over the longest sequence; a
    shorter one ends early. Other arguments as in `animate`.
    """
    if num_frames < 1:
        raise ValueError(
            f"`num_frames` must be at least 1. Received: {num_frames!r}"
        )
    rows = _rows(sequences, skeleton, titles, prefix)
    view = view_box([(row.poses, row.visibility) for row in rows])
    longest = max(len(row.poses) for row in rows)
    times = np.unique(np.linspace(0, longest - 1, num_frames).round())
    panels = [
        [
            _panel(row, int(t), skeleton, view, size, titled=t == 0)
            for t in times
            if t < len(row.poses)
        ]
        for row in rows
    ]
    _grid(panels).save(writable(path), format="PNG", optimize=True)


def sprite(poses, skeleton, path, *, visibility=None, colours=None, size=48):
    """Writes a PNG of thumbnails for the projector of TensorBoard.

    The thumbnails stand in reading order, in a square of
    `ceil(sqrt(N))` columns, on a transparent ground.

    Args:
        poses: `[N, J, D]`; each is framed by itself.
        skeleton: A `Skeleton`.
        path: Of the PNG.
        visibility: `[N, J]`.
        colours: A colour for each pose.
        size: Side of a thumbnail, in pixels.

    Raises:
        ValueError: If the picture would be too large for the projector.
    """
    ((poses, visible),) = _checked([(poses, visibility)], skeleton)
    columns = math.ceil(math.sqrt(len(poses)))
    if columns * size > MAX_SPRITE_SIDE:
        raise ValueError(
            f"`poses` must be at most {(MAX_SPRITE_SIDE // size) ** 2} for "
            f"thumbnails of {size} pixels. Received: {len(poses)}"
        )
    picture = Image.new("RGBA", (columns * size,) * 2)
    for k, pose in enumerate(poses):
        colour = COLOURS[0] if colours is None else tuple(colours[k])
        view = view_box([(pose[None], visible[k][None])])
        tile = Image.new("RGBA", (size * SUPERSAMPLING,) * 2)
        _draw(tile, pose, visible[k], skeleton, view, colour, SPRITE_WEIGHT)
        tile = tile.resize((size, size), Image.Resampling.LANCZOS)
        picture.paste(tile, (k % columns * size, k // columns * size))
    picture.save(writable(path), format="PNG")


def _side(box):
    return float(np.max(box[1] - box[0]))


def _drawn(poses, visibility):
    return visibility & np.isfinite(poses).all(-1)


def _checked(sequences, skeleton, ndim=3):
    """Sequences as pairs of arrays (poses [T, J, D], visibility [T, J])."""
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
                "`poses` must have a frame and two coordinates at least. "
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


@dataclasses.dataclass(frozen=True)
class _Row:
    """A sequence [T, J, D], and how it is shown."""

    poses: np.ndarray
    visibility: np.ndarray
    title: str
    colour: tuple[int, int, int]
    prefix: int


def _rows(sequences, skeleton, titles, prefix):
    """Rows with a colour for each that goes on beyond the prefix."""
    if prefix < 0:
        raise ValueError(f"`prefix` must not be negative. Received: {prefix}")
    pairs = _checked(sequences, skeleton)
    titles = [""] * len(pairs) if titles is None else list(titles)
    if len(titles) != len(pairs):
        raise ValueError(
            f"`titles` must be {len(pairs)}, one for each sequence. "
            f"Received: {titles}"
        )
    longer = np.cumsum([len(poses) > prefix for poses, _ in pairs])
    colours = [COLOURS[(k - 1) % len(COLOURS)] for k in np.maximum(longer, 1)]
    return [
        _Row(poses, visibility, title, colour, prefix)
        for (poses, visibility), title, colour in zip(pairs, titles, colours)
    ]


def _shade(colour, side):
    return tuple(round(c * (1 - SHADES[side])) for c in colour)


def _palette(colours):
    """Colours in all shades and their blends with the ground, flat."""
    solid = {INK, FAINT}
    for colour in {PREFIX, *colours}:
        solid |= {_shade(colour, side) for side in SHADES}
    ramps = [np.linspace(BACKGROUND, colour, RAMP) for colour in sorted(solid)]
    return np.concatenate(ramps)[:256].round().astype(int).ravel().tolist()


def _sides(skeleton):
    """The side of the body, for each joint."""
    sides = ["middle"] * skeleton.num_joints
    for left, right in skeleton.mirror_pairs:
        sides[skeleton.joints.index(left)] = "left"
        sides[skeleton.joints.index(right)] = "right"
    return sides


def _draw(image, pose, visibility, skeleton, view, colour, weight=1.0):
    """Draws one pose [J, D] on a supersampled panel; weight is of strokes."""
    size, drawn = image.width, _drawn(pose, visibility)
    points = np.where(drawn[:, None], pose[:, :2] - view.centre, 0)
    # Far outside nothing shows, but Pillow would walk all the way.
    points = np.clip(points / view.side, -1.5, 1.5) * size + size / 2
    stroke = view.figure / view.side * size / 42
    stroke = weight * np.clip(stroke, size / 110, size / 45)
    draw, sides = ImageDraw.Draw(image), _sides(skeleton)
    for a, b in skeleton.bone_indices:
        if drawn[a] and drawn[b]:
            both = {sides[a], sides[b]} - {"middle"}
            side = both.pop() if len(both) == 1 else "middle"
            ends = [*points[a], *points[b]]
            draw.line(ends, _shade(colour, side), round(stroke))
    # One joint for the head is a ball; several (eyes, ears) are a face.
    balls = skeleton.head if len(skeleton.head) == 1 else ()
    for j in np.flatnonzero(drawn):
        radius = stroke * (2.2 if skeleton.joints[j] in balls else 0.9)
        box = [*(points[j] - radius), *(points[j] + radius)]
        draw.ellipse(box, _shade(colour, sides[j]))


def _panel(row, t, skeleton, view, size, titled=True):
    """One supersampled panel: title and frame above, the time below."""
    num_frames, prefix, s = len(row.poses), row.prefix, SUPERSAMPLING
    t = min(t, num_frames - 1)
    colour = PREFIX if t < prefix else row.colour
    body = Image.new("RGB", (size * s, size * s), BACKGROUND)
    _draw(body, row.poses[t], row.visibility[t], skeleton, view, colour)
    panel = Image.new(
        "RGB", (size * s, (HEADER + size + FOOTER) * s), BACKGROUND
    )
    panel.paste(body, (0, HEADER * s))
    draw = ImageDraw.Draw(panel)
    font = ImageFont.load_default(FONT_SIZE * s)
    inset, top = 4 * s, 5 * s
    if titled:
        draw.text((inset, top), row.title, INK, font)
    if prefix <= t:
        ahead = f"+{t - prefix + 1}" if prefix else str(t + 1)
        draw.text((size * s - inset, top), ahead, colour, font, anchor="ra")
    y = (HEADER + size + FOOTER // 2) * s
    for start, stop, tint in (
        (0, num_frames, FAINT),
        (0, min(prefix, t + 1), PREFIX),
        (prefix, t + 1, row.colour),
    ):
        if start < stop:
            ends = np.array([start, stop]) / num_frames * (size * s - 2 * inset)
            draw.line([inset + ends[0], y, inset + ends[1], y], tint, 3 * s)
    return panel


def _grid(rows):
    """Panels in rows, with gaps and a border, at the final size."""
    gap = GAP * SUPERSAMPLING
    width, height = rows[0][0].size
    columns = max(len(row) for row in rows)
    page = Image.new(
        "RGB",
        (columns * (width + gap) + gap, len(rows) * height + 2 * gap),
        BACKGROUND,
    )
    for i, row in enumerate(rows):
        for j, panel in enumerate(row):
            page.paste(panel, (gap + j * (width + gap), gap + i * height))
    edges = (0, 0, page.width - 1, page.height - 1)
    ImageDraw.Draw(page).rectangle(edges, outline=FAINT, width=SUPERSAMPLING)
    half = (page.width // SUPERSAMPLING, page.height // SUPERSAMPLING)
    return page.resize(half, Image.Resampling.LANCZOS)


def writable(path):
    """The path, with its folder made; open files as they are."""
    if isinstance(path, (str, os.PathLike)):
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    return path
