"""Draws sequences of poses side by side: animated GIFs and strips of stills.

All frames of a GIF share one palette. Pictures have a thin border. Poses have
the form that `stick_figures` describes.
"""

import dataclasses

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pose_tf.plots import stick_figures

HEADER, FOOTER, GAP = 26, 14, 10  # Title, time line, space between; pixels.
FONT_SIZE = 13
END_PAUSE_MS = 800  # How long a GIF holds its last frame.
RAMP = 6  # Palette entries between a color and the background.


def animate(
    sequences,
    skeleton,
    path,
    titles=None,
    *,
    prefix=0,
    fps=12.5,
    every=1,
    size=stick_figures.PANEL,
) -> None:
    """Writes an animated GIF of sequences side by side.

    The first `prefix` frames, which a model has observed, are grey. The frames
    after them have one color per sequence: the first sequence that is longer
    than the prefix is blue, the next vermilion. A line under each panel shows
    the time. Shorter sequences stop at their last frame.

    Args:
        sequences: Poses `[T, J, D]`, or pairs of such poses and visibility
            `[T, J]`.
        skeleton: `Skeleton` of the poses.
        path: File to write.
        titles: One text per sequence.
        prefix: Number of frames that are grey.
        fps: Frames per second; GIFs round a frame to hundredths of a second.
        every: Integer `n`; only every `n`-th frame is drawn.
        size: Side of a panel, pixels.

    Raises:
        ValueError: If an argument is out of range or does not fit the others.
    """
    if every < 1:
        raise ValueError(f"`every` must be at least 1. Received: {every!r}")
    if not 0 < fps <= 100:
        raise ValueError(f"`fps` must be in (0, 100]. Received: {fps!r}")
    rows = _rows(sequences, skeleton, titles, prefix)
    view = stick_figures.view_box([(row.poses, row.visibility) for row in rows])
    palette = palette_of([row.color for row in rows])
    frames = []
    for t in range(0, max(len(row.poses) for row in rows), every):
        frame = _grid([[_panel(row, t, skeleton, view, size) for row in rows]])
        frames.append(frame.quantize(palette=palette, dither=Image.Dither.NONE))
    write_gif(path, frames, round(100 / fps) * 10)


def write_gif(path, frames, duration) -> None:
    """Writes a GIF that starts again after a pause of `END_PAUSE_MS`.

    Args:
        path: File name, or an open binary file.
        frames: Pictures with one palette.
        duration: Of each, milliseconds.
    """
    durations = [duration] * len(frames)
    durations[-1] += END_PAUSE_MS
    with stick_figures.writing(path) as target:
        frames[0].save(
            target,
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
    """Writes a PNG with one row of stills per sequence.

    `num_frames` instants are spread evenly over the longest sequence; the rows
    of shorter ones end early. The other arguments are those of `animate`.
    """
    if num_frames < 1:
        raise ValueError(
            f"`num_frames` must be at least 1. Received: {num_frames!r}"
        )
    rows = _rows(sequences, skeleton, titles, prefix)
    view = stick_figures.view_box([(row.poses, row.visibility) for row in rows])
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
    with stick_figures.writing(path) as target:
        _grid(panels).save(target, format="PNG", optimize=True)


@dataclasses.dataclass(frozen=True)
class _Row:
    """Holds a sequence [T, J, D] and how it is drawn."""

    poses: np.ndarray
    visibility: np.ndarray
    title: str
    color: tuple[int, int, int]
    prefix: int


def _rows(sequences, skeleton, titles, prefix):
    """Returns rows, with a new color for each one longer than the prefix."""
    if prefix < 0:
        raise ValueError(f"`prefix` must not be negative. Received: {prefix}")
    pairs = stick_figures.checked(sequences, skeleton)
    titles = [""] * len(pairs) if titles is None else list(titles)
    if len(titles) != len(pairs):
        raise ValueError(
            f"`titles` must be {len(pairs)}, one per sequence. "
            f"Received: {titles}"
        )
    longer = np.cumsum([len(poses) > prefix for poses, _ in pairs])
    colors = [
        stick_figures.COLORS[(k - 1) % len(stick_figures.COLORS)]
        for k in np.maximum(longer, 1)
    ]
    return [
        _Row(poses, visibility, title, color, prefix)
        for (poses, visibility), title, color in zip(pairs, titles, colors)
    ]


def palette_of(colors):
    """Returns an image whose palette is for figures of these colors.

    It has all shades of colors, blended with the background.
    """
    solid = {stick_figures.INK, stick_figures.FAINT}
    for color in {stick_figures.PREFIX, *colors}:
        solid |= {
            stick_figures.shade(color, side) for side in stick_figures.SHADES
        }
    ramps = [
        np.linspace(stick_figures.BACKGROUND, color, RAMP)
        for color in sorted(solid)
    ]
    flat = np.concatenate(ramps)[:256].round().astype(int).ravel().tolist()
    palette = Image.new("P", (1, 1))
    palette.putpalette(flat)
    return palette


def _panel(row, t, skeleton, view, size, titled=True):
    """Draws a supersampled panel: title and frame above, time line below."""
    num_frames, prefix, s = (
        len(row.poses),
        row.prefix,
        stick_figures.SUPERSAMPLING,
    )
    t = min(t, num_frames - 1)
    color = stick_figures.PREFIX if t < prefix else row.color
    body = Image.new("RGB", (size * s, size * s), stick_figures.BACKGROUND)
    stick_figures.draw(
        body, row.poses[t], row.visibility[t], skeleton, view, color
    )
    panel = Image.new(
        "RGB",
        (size * s, (HEADER + size + FOOTER) * s),
        stick_figures.BACKGROUND,
    )
    panel.paste(body, (0, HEADER * s))
    draw = ImageDraw.Draw(panel)
    font = ImageFont.load_default(FONT_SIZE * s)
    inset, top = 4 * s, 5 * s
    if titled:
        draw.text((inset, top), row.title, stick_figures.INK, font)
    if prefix <= t:
        ahead = f"+{t - prefix + 1}" if prefix else str(t + 1)
        draw.text((size * s - inset, top), ahead, color, font, anchor="ra")
    y = (HEADER + size + FOOTER // 2) * s
    for start, stop, tint in (
        (0, num_frames, stick_figures.FAINT),
        (0, min(prefix, t + 1), stick_figures.PREFIX),
        (prefix, t + 1, row.color),
    ):
        if start < stop:
            ends = np.array([start, stop]) / num_frames * (size * s - 2 * inset)
            draw.line([inset + ends[0], y, inset + ends[1], y], tint, 3 * s)
    return panel


def _grid(rows):
    """Joins rows of panels, with gaps and a border, at the final size."""
    gap = GAP * stick_figures.SUPERSAMPLING
    width, height = rows[0][0].size
    columns = max(len(row) for row in rows)
    page = Image.new(
        "RGB",
        (columns * (width + gap) + gap, len(rows) * height + 2 * gap),
        stick_figures.BACKGROUND,
    )
    for i, row in enumerate(rows):
        for j, panel in enumerate(row):
            page.paste(panel, (gap + j * (width + gap), gap + i * height))
    edges = (0, 0, page.width - 1, page.height - 1)
    ImageDraw.Draw(page).rectangle(
        edges, outline=stick_figures.FAINT, width=stick_figures.SUPERSAMPLING
    )
    half = (
        page.width // stick_figures.SUPERSAMPLING,
        page.height // stick_figures.SUPERSAMPLING,
    )
    return page.resize(half, Image.Resampling.LANCZOS)
