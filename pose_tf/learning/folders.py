"""Reads the clips to learn from out of folders of keypoint files.

The README of the dataset `keypoint_files` describes such a folder: an action
per folder, or a table `labels.csv`. Here some clips may have no action: files
that lie in no folder of an action, those that the table leaves out, and those
in the folder `unlabelled`.
"""

import dataclasses
import pathlib
from collections.abc import Iterator

from pose_tf.datasets.keypoint_files import description, folder, keypoints


@dataclasses.dataclass(frozen=True, eq=False)
class Lesson:
    """Names the files to learn from, and those to test on.

    Attributes:
        root: The folder.
        labelled: Files with an action, `folder.Clip`s.
        unlabelled: Files without one.
        test: Files with an action that the folder or the table marks as
            `test`: nothing is learnt from them.

    Example:

    >>> lesson = Lesson(pathlib.Path("clips"), (), (), ())
    >>> list(lesson.read(lesson.labelled))
    []
    """

    root: pathlib.Path
    labelled: tuple[folder.Clip, ...]
    unlabelled: tuple[folder.Clip, ...]
    test: tuple[folder.Clip, ...]

    def read(self, files) -> Iterator[dict]:
        """Yields the clips of files, one after the other.

        Raises:
            ValueError: If a file cannot be used; the message names it.
        """
        described = description.read(self.root) if files else None
        actions = sorted({file.action for file in files if file.action})
        views = sorted({file.view or folder.UNKNOWN_VIEW for file in files})
        for file in files:
            yield keypoints.read_clip(
                file, described, [*actions, folder.UNLABELLED], views
            )


def open_folder(root, skeleton) -> Lesson:
    """Finds the clips of a folder.

    Args:
        root: The folder, with a `dataset.json`.
        skeleton: `Skeleton` of the model that is to learn from it.

    Raises:
        FileNotFoundError: If it has no `dataset.json` or no clips.
        ValueError: If its clips are of another skeleton, or its table cannot
            be used.
    """
    ours = description.read(root).target
    if ours != skeleton:
        raise ValueError(
            f"`folder` must hold clips of the model's skeleton, "
            f"{skeleton.name!r}: name it as `skeleton` or `convert_to` in "
            f"{description.FILE}. Received: {root}, with {ours.name!r}"
        )
    clips = folder.find_unsplit(root)
    train = [clip for clip in clips if clip.split != "test"]
    return Lesson(
        pathlib.Path(root),
        tuple(clip for clip in train if has_action(clip)),
        tuple(clip for clip in train if not has_action(clip)),
        tuple(clip for clip in clips if clip not in train and has_action(clip)),
    )


def has_action(clip) -> bool:
    """Returns whether a `folder.Clip` is labelled."""
    return clip.action not in ("", folder.UNLABELLED)
