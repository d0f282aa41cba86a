"""The command `pose-tf learn`: actions from a folder of few labelled clips."""

import pathlib
from typing import Annotated

import numpy as np
import tyro

from pose_tf import arguments
from pose_tf.cli.models import Model

Folder = tyro.conf.Positional[
    Annotated[pathlib.Path, tyro.conf.arg(metavar="FOLDER")]
]


def learn(
    model: Model,
    folder: Folder,
    output: pathlib.Path,
    unlabelled: arguments.OptionalPath = None,
):
    """Learns actions from a few labelled clips, in seconds, to a SavedModel.

    Args:
        model: Folder of an exported motion model, or of a recognizer that this
            command wrote: that one learns more, and forgets nothing.
        folder: Folder of keypoint files with a dataset.json, with a folder for
            each action or a table labels.csv. Clips without an action, and
            those in a folder `unlabelled`, help as well; those marked `test`
            are only scored.
        output: Folder for the SavedModel.
        unlabelled: Another such folder, with more clips, whose actions are not
            looked at.
    """
    arguments.check_folders(output=output)
    from pose_tf.learning import export, folders, recognizer

    export.check_output(output)
    learner = recognizer.ActionRecognizer.from_pretrained(model)
    lesson = folders.open_folder(folder, learner.skeleton)
    others = [(lesson, lesson.unlabelled)]
    if unlabelled is not None:
        more = folders.open_folder(unlabelled, learner.skeleton)
        others.append((more, more.labelled + more.unlabelled + more.test))
    num = sum(len(files) for _, files in others)
    print(
        f"Learning from {len(lesson.labelled)} labelled and {num} unlabelled "
        "clips",
        flush=True,
    )
    learner.fit(
        lesson.read(lesson.labelled),
        [file.action for file in lesson.labelled],
        (clip for part, files in others for clip in part.read(files)),
    )
    print(f"\n{learner.report}")
    if lesson.test:
        print(_scored(learner, lesson))
    print(f"\n{learner.save(output)}")


def _scored(learner, lesson):
    probabilities = learner.predict(lesson.read(lesson.test))
    named = np.array(learner.actions)[probabilities.argmax(-1)]
    right = named == [file.action for file in lesson.test]
    return (
        f"Test clips: {right.sum()} of {len(right)} recognized "
        f"({right.mean():.0%})."
    )
