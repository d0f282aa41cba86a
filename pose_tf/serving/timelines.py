"""Timelines: who does what, when, in a recording of any length."""

import csv
import dataclasses
import io
import json
import pathlib
import re
import warnings

from pose_tf import files
from pose_tf.pose import clip
from pose_tf.serving import segmentation, under_way

NONE = "none"  # How text calls what is no known action.
COLUMNS = ("person", "start", "end", "start_frame", "end_frame", "action",
           "confidence")  # fmt: skip
DIGITS = 4  # Of confidences in text.
MIN_CUE_MS = 1  # WebVTT's cues must end after they start.


@dataclasses.dataclass(frozen=True, kw_only=True)
class Timeline:
    """Holds the segments of a recording, person by person.

    Attributes:
        segments: Tuple of `Segment`, by person and time. Those of a person join
            one another from its first frame to its last.
        actions: Names of the actions that the model knows.
        fps: Frames per second.
        recording: Name of the recording.
        clips: Tuple of the `Clip`s of the people, which the picture shows; may
            be empty.

    Example:

    >>> timeline = Timeline.from_probabilities(
    ...     {0: [[0.9, 0.1]] * 60 + [[0.0, 0.0]] * 30}, ["bowl", "squat"], fps=30
    ... )
    >>> for segment in timeline.segments:
    ...     print(segment.action, segment.start, segment.end)
    bowl 0.0 2.0
    None 2.0 3.0
    """

    segments: tuple[segmentation.Segment, ...]
    actions: tuple[str, ...]
    fps: float
    recording: str = ""
    clips: tuple[clip.Clip, ...] = ()

    @classmethod
    def of(
        cls,
        model,
        people,
        *,
        change_cost=segmentation.CHANGE_COST,
        late=segmentation.LATE,
    ) -> "Timeline":
        """Makes the timeline of a recording by a model.

        Args:
            model: A classifier of frames, from `pose_tf.load`, such as
                `saved_models/penn_action_causal_classifier`.
            people: `Clip`s of one recording, as `pose_tf.read` gives them. If
                they do not know their `fps`, `under_way.MODEL_FPS` is taken,
                with a warning.
            change_cost: See `segmentation.decode`.
            late: See `segmentation.in_time`.

        Raises:
            ValueError: If there is nobody, clips have different rates, or the
                model does not classify frames.
        """
        people = tuple(people)
        fps = _common_fps(people)
        found: list[segmentation.Segment] = []
        for one in people:
            found += segmentation.cut(
                segmentation.in_time(
                    under_way.probabilities(model, one), fps, late
                ),
                model.actions,
                fps,
                person=one.person,
                start=one.start,
                change_cost=change_cost,
            )
        return cls(
            segments=tuple(found),
            actions=tuple(model.actions),
            fps=fps,
            recording=people[0].clip_id,
            clips=people,
        )

    @classmethod
    def from_probabilities(
        cls,
        probabilities,
        actions,
        fps,
        *,
        starts=None,
        change_cost=segmentation.CHANGE_COST,
    ) -> "Timeline":
        """Makes a timeline from probabilities per frame.

        Args:
            probabilities: Dict of numbers of people and their probabilities
                `[T, C]` of the action under way at each frame; what is missing
                to a sum of 1 is the probability of none.
            actions: Names of the `C` actions.
            fps: Frames per second.
            starts: Dict of numbers of people and the frames in which their
                probabilities begin; 0 if not given.
            change_cost: See `segmentation.decode`.

        Raises:
            ValueError: See `segmentation.cut`; or if `fps` is not positive.
        """
        fps = clip.checked_fps(fps)
        found: list[segmentation.Segment] = []
        for person, of_person in probabilities.items():
            found += segmentation.cut(
                of_person,
                actions,
                fps,
                person=person,
                start=(starts or {}).get(person, 0),
                change_cost=change_cost,
            )
        return cls(segments=tuple(found), actions=tuple(actions), fps=fps)

    def of_person(self, person) -> tuple[segmentation.Segment, ...]:
        """Returns the segments of one person."""
        return tuple(s for s in self.segments if s.person == person)

    @property
    def people(self) -> tuple[int, ...]:
        """Numbers of the people, in the order of the segments."""
        return tuple(dict.fromkeys(s.person for s in self.segments))

    def to_json(self) -> str:
        """Returns an object with a list of segments for each of the `people`.

        Times are seconds; an `action` of null is none.
        """
        people = [
            {
                "person": person,
                "segments": [
                    {
                        name: value
                        for name, value in dataclasses.asdict(segment).items()
                        if name != "person"
                    }
                    for segment in self.of_person(person)
                ],
            }
            for person in self.people
        ]
        value = {
            "recording": self.recording,
            "fps": self.fps,
            "actions": list(self.actions),
            "people": people,
        }
        return json.dumps(files.plain(value), indent=2, allow_nan=False) + "\n"

    def to_csv(self) -> str:
        """Returns a row for each segment; an empty `action` is none."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for segment in self.segments:
            row = dataclasses.asdict(segment)
            row["confidence"] = round(row["confidence"], DIGITS)
            writer.writerow([row[name] for name in COLUMNS])
        return file.getvalue()

    def to_vtt(self) -> str:
        """Returns subtitles in WebVTT, a cue for each segment, by time.

        With several people a cue names its person.
        """
        several = len(self.people) > 1
        cues = ["WEBVTT"]
        for segment in sorted(self.segments, key=lambda s: (s.start, s.person)):
            start = round(1000 * segment.start)
            end = max(round(1000 * segment.end), start + MIN_CUE_MS)
            who = f"person {segment.person}: " if several else ""
            text = _escaped(
                f"{who}{segment.action or NONE} ({segment.confidence:.0%})"
            )
            cues.append(f"{_timestamp(start)} --> {_timestamp(end)}\n{text}")
        return "\n\n".join(cues) + "\n"

    def save(self, path) -> None:
        """Writes a file by its suffix: .json, .csv, .vtt, or a .png picture.

        Raises:
            ValueError: If `path` has another suffix.
            OSError: If it cannot be written; an older file then stays as it
                was.
        """
        path = pathlib.Path(path)
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise ValueError(
                f"`path` must end in {', '.join(SUFFIXES)}. Received: {path}"
            )
        if suffix == ".png":
            from pose_tf.plots import timelines

            timelines.draw(path, self)
        else:
            text = {
                ".json": self.to_json,
                ".csv": self.to_csv,
                ".vtt": self.to_vtt,
            }[suffix]()
            with files.writing(path) as aside:
                aside.write_text(text, "utf-8")


SUFFIXES = (".json", ".csv", ".vtt", ".png")  # Of what `Timeline.save` writes.


def _common_fps(people):
    if not people:
        raise ValueError(
            "`people` must be one clip at least. Received: an empty list"
        )
    rates = {one.fps for one in people}
    if len(rates) > 1:
        raise ValueError(
            "`people` must be clips of one recording, with one `fps`. "
            f"Received: {', '.join(map(str, rates))}"
        )
    (fps,) = rates
    if fps is None:
        fps = under_way.MODEL_FPS
        warnings.warn(
            f"Took {fps:g} frames per second, as the recording does not say",
            stacklevel=3,
        )
    return fps


def _timestamp(milliseconds):
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"


def _escaped(text):
    """Returns text as a cue can hold it, on one line."""
    text = re.sub(r"\s+", " ", text).strip()
    for character, escape in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, escape)
    return text
