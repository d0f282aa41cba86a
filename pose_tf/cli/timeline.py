"""The command `pose-tf timeline`: who does what, when, in a recording."""

from pose_tf import arguments
from pose_tf.cli import clips, models
from pose_tf.formats import outputs


def timeline(
    model: models.Model,
    poses: models.Poses,
    output: arguments.OptionalPath = None,
    change_cost: float = 1.5,
    file: clips.Options = clips.NOTHING_ELSE,
    data_dir: arguments.OptionalPath = None,
):
    """Says who does what, when, in a recording of any length.

    Args:
        model: Folder of an exported classifier of frames, such as
            saved_models/penn_action_causal_classifier.
        poses: Recording to read: a file of poses, whichever tool wrote it; or a
            clip of a dataset, such as synthetic_actions/test/0.
        output: File to write: .json, .csv, .vtt (subtitles) or .png (a picture).
        change_cost: How much likelier another action must be, for how long, to
            be a segment of its own: the larger, the fewer and longer segments.
        file: What the file does not say of itself.
        data_dir: Folder of prepared datasets; by default TFDS's.
    """
    from pose_tf.serving import timelines

    if output is not None:
        outputs.check_output(output, timelines.SUFFIXES)
    classifier = models.load(model, "classify_frames")
    people = clips.read_people(poses, data_dir, classifier.skeleton, file)
    found = timelines.Timeline.of(classifier, people, change_cost=change_cost)
    for segment in found.segments:
        print(_row(segment))
    if output is not None:
        found.save(output)
        print(output)


def _row(segment):
    times = f"{_clock(segment.start)} - {_clock(segment.end)}"
    action = segment.action or "none"
    return f"person {segment.person:3}  {times}  {segment.confidence:4.0%}  {action}"


def _clock(seconds):
    """Returns minutes, seconds and tenths, as in `  1:02.5`."""
    tenths = round(10 * seconds)
    return f"{tenths // 600:3}:{tenths // 10 % 60:02}.{tenths % 10}"
