"""Draws timelines: a lane per person, colored by action, with small poses."""

import itertools

import numpy as np
from PIL import Image

from pose_tf.plots import charts, stick_figures

# Sizes in inches: of the picture, of the room around the lanes, of a line of
# text, of the bar of a lane, and of a lane without and with poses.
WIDTH, LEFT, RIGHT, BOTTOM, LINE = 12.0, 1.0, 0.2, 0.6, 0.24
BAR, BARE_LANE, LANE = 0.22, 0.32, 0.84
DPI = 100
NUM_POSES = 20  # Above a lane, evenly over the recording.
POSE = 52  # Side of a small pose, pixels.
WEIGHT = 1.7  # Thin strokes are invisible in small poses.
MAX_LANES = 20
HATCHES = ("", "///", "...", "xxx")  # Behind the last color they start again.
NONE = "none"
MINUTES_FROM = 120  # Seconds of a recording whose axis counts minutes.
MINUTE_STEPS = (1, 1.2, 3, 6, 10)  # Ticks at 30, 60, 120, 300 s and so on.
LEGEND_COLUMNS = 6


def draw(path, timeline) -> None:
    """Writes a PNG with a lane per person over time.

    A lane has a bar, colored by action, grey for none; and above it poses of
    the person, in the colors of what is under way. Of more than `MAX_LANES`
    people the longest lanes are drawn.

    Args:
        path: File name, or an open binary file.
        timeline: A `Timeline`; people without one of its `clips` have no poses.

    Raises:
        ValueError: If there is no segment.
    """
    if not timeline.segments:
        raise ValueError("`timeline` must have a segment. Received: none")
    lanes = _lanes(timeline)
    clips = {clip.person: clip for clip in timeline.clips}
    styles = _styles(lanes)
    end = max(segments[-1].end for segments in lanes.values())
    title = _title(timeline, lanes)
    axes = _new_axes(len(lanes), clips, len(styles), end, title)
    for k, (person, segments) in enumerate(lanes.items()):
        # Lanes are one above the other, from 0 at the top, in inches.
        bar = (k + 1) * (LANE if clips else BARE_LANE) - BAR
        _draw_bar(axes, bar, segments, styles)
        axes.text(
            -0.1 * end / (WIDTH - LEFT - RIGHT), bar + BAR / 2,
            f"person {person}", ha="right", va="center",
        )  # fmt: skip
        if person in clips:
            middle = bar - (LANE - BAR) / 2
            _draw_poses(axes, middle, segments, clips[person], styles, end)
    _explain(axes.figure, styles, bool(title))
    with stick_figures.writing(path) as target:
        axes.figure.savefig(target, format="png")


def _title(timeline, lanes):
    left_out = len(timeline.people) - len(lanes)
    more = f" ({left_out} people are not drawn)" if left_out else ""
    return f"{timeline.recording}{more}".strip()


def _new_axes(num_lanes, clips, num_styles, end, title):
    """Returns axes in seconds and inches, in a figure that fits the lanes."""
    from matplotlib import ticker

    lines = -(-num_styles // LEGEND_COLUMNS) + bool(title) + 1
    lanes = num_lanes * (LANE if clips else BARE_LANE)
    height = lines * LINE + lanes + BOTTOM
    fig = charts.new_figure(WIDTH, height, DPI)
    fig.set_layout_engine("none")
    axes = fig.add_axes(
        (LEFT / WIDTH, BOTTOM / height,
         1 - (LEFT + RIGHT) / WIDTH, lanes / height)
    )  # fmt: skip
    axes.set_xlim(0, end)
    axes.set_ylim(lanes + (BARE_LANE - BAR) / 2, 0)
    axes.set_yticks([])
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("seconds")
    if end > MINUTES_FROM:
        axes.set_xlabel("minutes")
        axes.xaxis.set_major_locator(ticker.MaxNLocator(steps=MINUTE_STEPS))
        axes.xaxis.set_major_formatter(
            lambda x, _: f"{int(x) // 60}:{int(x) % 60:02}"
        )
    if title:
        fig.text(
            LEFT / WIDTH,
            1 - 0.9 * LINE / height,
            title,
            va="center",
            fontsize=11,
        )
    return axes


def _lanes(timeline):
    """Returns the segments of each person that is drawn."""
    lanes = {person: timeline.of_person(person) for person in timeline.people}
    longest = sorted(
        lanes, key=lambda person: lanes[person][0].start - lanes[person][-1].end
    )
    return {
        person: segments
        for person, segments in lanes.items()
        if person in longest[:MAX_LANES]
    }


def _styles(lanes):
    """Returns the color and hatch of each action, those of most time first."""
    times: dict[str, float] = {}
    for segment in itertools.chain(*lanes.values()):
        if segment.action is not None:
            times.setdefault(segment.action, 0)
            times[segment.action] += segment.end - segment.start
    pairs = itertools.cycle(itertools.product(HATCHES, stick_figures.COLORS))
    ranked = sorted(times, key=lambda action: -times[action])
    styles: dict = {action: pair[::-1] for action, pair in zip(ranked, pairs)}
    if any(s.action is None for s in itertools.chain(*lanes.values())):
        styles[None] = stick_figures.FAINT, ""
    return styles


def _draw_bar(axes, top, segments, styles):
    """Draws the bar of a lane, a rectangle for each segment."""
    for action, (color, hatch) in styles.items():
        spans = [
            (segment.start, segment.end - segment.start)
            for segment in segments
            if segment.action == action
        ]
        axes.broken_barh(
            spans,
            (top, BAR),
            facecolor=charts.unit(color),
            edgecolor="white",
            linewidth=0,
            hatch=hatch,
        )


def _draw_poses(axes, middle, segments, clip, styles, end):
    """Draws poses of a person above its lane, where it is seen."""
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    rate = segments[-1].end_frame / segments[-1].end
    seen = np.flatnonzero(clip.visibility.any(1))
    starts = np.array([segment.start_frame for segment in segments])
    slot = end / NUM_POSES
    for center in (np.arange(NUM_POSES) + 0.5) * slot:
        wanted = center * rate - clip.start
        if not len(seen):
            break
        frame = seen[np.abs(seen - wanted).argmin()]
        # Nobody is drawn far from when he was there.
        if abs(frame - wanted) > slot * rate / 2:
            continue
        at = np.searchsorted(starts, clip.start + frame, "right") - 1
        action = segments[max(at, 0)].action
        color = stick_figures.PREFIX if action is None else styles[action][0]
        image = OffsetImage(
            _small_pose(clip, frame, color),
            zoom=72 / DPI / stick_figures.SUPERSAMPLING,  # 72 points an inch.
        )
        place = (clip.start + frame) / rate, middle
        axes.add_artist(AnnotationBbox(image, place, frameon=False, pad=0))


def _small_pose(clip, frame, color):
    pose, seen = clip.poses[frame], clip.visibility[frame]
    size = POSE * stick_figures.SUPERSAMPLING
    image = Image.new("RGB", (size, size), stick_figures.BACKGROUND)
    view = stick_figures.view_box([(pose[None], seen[None])])
    stick_figures.draw(
        image, pose, seen, clip.skeleton, view, color, weight=WEIGHT
    )
    return np.asarray(image)


def _explain(fig, styles, has_title):
    """Draws what the colors mean."""
    from matplotlib.patches import Patch

    top = 1 - (1.6 if has_title else 0.5) * LINE / fig.get_figheight()
    fig.legend(
        handles=[
            Patch(
                facecolor=charts.unit(color),
                edgecolor="white",
                hatch=hatch,
                label=action or NONE,
            )
            for action, (color, hatch) in styles.items()
        ],
        loc="upper left",
        bbox_to_anchor=(LEFT / WIDTH, top),
        ncols=LEGEND_COLUMNS,
        frameon=False,
        borderpad=0,
        borderaxespad=0,
    )
