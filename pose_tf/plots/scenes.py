"""Draws all people of a recording in one picture, where they are in it.

Each person has a color of its own. The picture shows the part of the plane in
which people are; it moves (.gif) or is a row of stills (.png).
"""

import dataclasses
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pose_tf.plots import animations, stick_figures

SIZE, STILL = 480, 240  # Side of a moving picture and of a still, pixels.
STILLS_PER_ROW = 4
GAP, FONT_SIZE = 6, 12  # Between stills; of the time; pixels.
FPS = 12.5  # Of moving pictures.
MAX_FRAMES = 300  # Of a moving picture; longer recordings are sped up.
MARGIN = 0.7  # Around the middles of people, of their usual size.
UNKNOWN_FPS = 30.0  # Of recordings that do not say.


@dataclasses.dataclass(frozen=True)
class _Scene:
    """Holds the people of a recording and how they are drawn."""

    clips: tuple
    view: stick_figures.View
    fps: float

    @property
    def end(self):
        return max(clip.start + len(clip.poses) for clip in self.clips)

    def draw(self, frame, size):
        """Draws everybody who is there in a frame of the recording."""
        side = size * stick_figures.SUPERSAMPLING
        image = Image.new("RGB", (side, side), stick_figures.BACKGROUND)
        for number, clip in enumerate(self.clips):
            at = frame - clip.start
            if 0 <= at < len(clip.poses):
                color = stick_figures.COLORS[number % len(stick_figures.COLORS)]
                stick_figures.draw(
                    image, clip.poses[at], clip.visibility[at], clip.skeleton,
                    self.view, color,
                )  # fmt: skip
        image = image.resize((size, size), Image.Resampling.LANCZOS)
        self._mark(image, frame, size)
        return image

    def _mark(self, image, frame, size):
        """Writes the time, and a border."""
        draw = ImageDraw.Draw(image)
        font = ImageFont.load_default(FONT_SIZE)
        text = f"{frame / self.fps:.1f} s"
        draw.text((GAP, GAP), text, stick_figures.PREFIX, font)
        draw.rectangle((0, 0, size - 1, size - 1), outline=stick_figures.FAINT)


def _scene(clips):
    if not clips:
        raise ValueError(
            "`clips` must be one clip at least. Received: an empty list"
        )
    return _Scene(tuple(clips), _view(clips), clips[0].fps or UNKNOWN_FPS)


def _view(clips):
    """Returns the square in which people are, but for joints far from theirs."""
    extents, centers = [], []
    for clip in clips:
        seen = np.any(clip.visibility, 1)
        if seen.any():
            mask = clip.visibility[seen][..., None]
            places = np.where(mask, clip.poses[seen][..., :2], np.nan)
            centers.append(np.nanmedian(places, 1))
            pair = clip.poses, clip.visibility
            extents.append(stick_figures.view_box([pair]).extent)
    if not centers:
        return stick_figures.View(np.zeros(2), 1.0, 1.0)
    every, extent = np.concatenate(centers), float(np.median(extents))
    low, high = every.min(0), every.max(0)
    side = float((high - low).max()) + 2 * MARGIN * extent
    return stick_figures.View((low + high) / 2, side, extent)


def animate(clips, path) -> None:
    """Writes an animated GIF of the people of a recording.

    It is as fast as the recording, unless that would be more than `MAX_FRAMES`
    frames at `FPS`; then it is sped up.

    Args:
        clips: `Clip`s of one recording.
        path: File name, or an open binary file.

    Raises:
        ValueError: If there is no clip.
    """
    scene = _scene(clips)
    count = min(math.ceil(scene.end / scene.fps * FPS), MAX_FRAMES)
    palette = animations.palette_of(stick_figures.COLORS)
    frames = [
        scene.draw(frame, SIZE).quantize(
            palette=palette, dither=Image.Dither.NONE
        )
        for frame in _evenly(scene.end, count)
    ]
    animations.write_gif(path, frames, round(1000 / FPS))


def strip(clips, path, num_frames=8) -> None:
    """Writes a PNG of stills of the people of a recording, evenly over it.

    Args:
        clips: `Clip`s of one recording.
        path: File name, or an open binary file.
        num_frames: Integer, stills.

    Raises:
        ValueError: If there is no clip, or `num_frames` is less than 1.
    """
    if num_frames < 1:
        raise ValueError(
            f"`num_frames` must be at least 1. Received: {num_frames!r}"
        )
    scene = _scene(clips)
    chosen = _evenly(scene.end, num_frames)
    columns = min(len(chosen), STILLS_PER_ROW)
    rows = math.ceil(len(chosen) / columns)
    step = STILL + GAP
    page = Image.new(
        "RGB",
        (columns * step + GAP, rows * step + GAP),
        stick_figures.BACKGROUND,
    )
    for k, frame in enumerate(chosen):
        place = (GAP + k % columns * step, GAP + k // columns * step)
        page.paste(scene.draw(frame, STILL), place)
    with stick_figures.writing(path) as target:
        page.save(target, format="PNG", optimize=True)


def _evenly(end, count):
    """Returns at most `count` different frames from 0 to the last one."""
    return np.unique(
        np.linspace(0, end - 1, count).round().astype(int)
    ).tolist()
