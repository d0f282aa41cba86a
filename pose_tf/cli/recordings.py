"""The commands `pose-tf show` and `pose-tf convert`: recordings as they are."""

import pathlib
from typing import Annotated

import numpy as np
import tyro

from pose_tf import arguments
from pose_tf.cli import clips, models
from pose_tf.formats import outputs
from pose_tf.pose import skeletons


def show(
    poses: models.Poses,
    output: pathlib.Path,
    file: clips.Options = clips.NOTHING_ELSE,
    data_dir: arguments.OptionalPath = None,
):
    """Draws the people of a recording: what a model would see.

    Args:
        poses: Recording to read: a file of poses, whichever tool wrote it; or a
            clip of a dataset, such as synthetic_actions/test/0.
        output: File to write: .gif, which moves, or .png, stills.
        file: What the file does not say of itself.
        data_dir: Folder of prepared datasets; by default TFDS's.
    """
    outputs.check_output(output, clips.PICTURE_SUFFIXES)
    people = clips.read_people(poses, data_dir, options=file)
    _print_people(people)
    from pose_tf.plots import scenes

    moves = output.suffix.lower() == ".gif"
    picture = scenes.animate if moves else scenes.strip
    picture(people, outputs.with_suffix(output, clips.PICTURE_SUFFIXES))
    print(output)


def convert(
    poses: models.Poses,
    output: pathlib.Path,
    skeleton: Annotated[str, tyro.conf.arg(help_behavior_hint="")] = "",
    file: clips.Options = clips.NOTHING_ELSE,
    data_dir: arguments.OptionalPath = None,
):
    """Writes the people of a recording as this package's own files.

    Args:
        poses: Recording to read: a file of poses, whichever tool wrote it; or a
            clip of a dataset, such as synthetic_actions/test/0.
        output: File to write, .npz or .json. Of several people, each has a file
            of its own, with `_person` and the number in its name.
        skeleton: Skeleton to convert to, such as penn_action, joint by joint, by
            name; by default that of the recording.
        file: What the file does not say of itself.
        data_dir: Folder of prepared datasets; by default TFDS's.
    """
    outputs.check_output(output, outputs.ARRAY_SUFFIXES)
    target = skeletons.get(skeleton) if skeleton else None
    people = clips.read_people(poses, data_dir, target, file)
    _print_people(people)
    for path, clip in models.outputs_of(output, people):
        outputs.write(path, arrays_of(clip))
        print(path)


def arrays_of(clip) -> dict:
    """Returns a clip as the arrays of a file of this package.

    The confidence is left out: `visibility` already says what is sure enough.
    """
    arrays = {
        "poses": clip.poses,
        "visibility": clip.visibility,
        "joints": np.array(clip.skeleton.joints),
    }
    for name in ("boxes", "fps", "frame_size"):
        if (value := getattr(clip, name)) is not None:
            arrays[name] = np.asarray(value)
    return arrays


def _print_people(people):
    """Prints a row per person: in which frames, and how much of it is seen."""
    for clip in people:
        last = clip.start + len(clip.poses) - 1
        found = clip.visibility.any(1).sum()
        print(
            f"person {clip.person:3}  frames {clip.start} to {last}, seen in "
            f"{found}, with {clip.visibility.sum() / max(found, 1):.1f} of "
            f"{clip.skeleton.num_joints} joints ({clip.skeleton.name})"
        )
