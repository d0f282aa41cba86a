"""Reads the clips to learn from out of folders of keypoint files.

The README of the dataset `keypoint_files` describes such a folder: an action
per folder, or a table `labels.csv`. Here some clips may have no action: files
that lie in no folder of an action, those that the table leaves out, and those
in the folder `unlabelled`.
"""

import dataclasses
from collections.abc import Iterator

from pose_tf.datasets.keypoint_files import description, folder, keypoints


@dataclasses.dataclass(frozen=True, eq=False)
class Lesson:
    """Names the files to learn from, and those to test on.

    Attributes:
        described: Description of the files, a `description.Description`.
        labelled: Files with an action, `folder.Clip`s.
        unlabelled: Files without one.
        test: Files with an action that the folder or the table marks as
            `test`: nothing is learnt from them.

    Example:

    >>> lesson = Lesson(description.Description(), (), (), ())
    >>> list(lesson.read(lesson.labelled))
    []
    """

    described: description.Description
    labelled: tuple[folder.Clip, ...]
    unlabelled: tuple[folder.Clip, ...]
    test: tuple[folder.Clip, ...]

    def read(self, files) -> Iterator[dict]:
        """Yields the clips of files, one after the other.

        Of several people in a file, it is the one seen in the most frames.

        Raises:
            ValueError: If a file cannot be used; the message names it.
        """
        actions = sorted({file.action for file in files if file.action})
        views = sorted({file.view or folder.UNKNOWN_VIEW for file in files})
        for file in files:
            yield keypoints.read_clip(
                file, self.described, [*actions, folder.UNLABELLED], views
            )


def open_folder(root, skeleton) -> Lesson:
    """Finds the clips of a folder.

    They are converted to the model's skeleton, joint by joint, by name.

    Args:
        root: The folder.
        skeleton: `Skeleton` of the model that is to learn from it.

    Raises:
        FileNotFoundError: If it has no clips.
        ValueError: If its `convert_to` is another skeleton, or its table
            cannot be used.
    """
    described = folder.described(root)
    if described.convert_to and described.target != skeleton:
        raise ValueError(
            "`folder` must hold clips to convert to the model's skeleton, "
            f"{skeleton.name!r}. Received: {root}, with `convert_to` "
            f"{described.convert_to!r} in {description.FILE}"
        )
    described = dataclasses.replace(described, convert_to=skeleton.name)
    clips = folder.find_unsplit(root)
    train = [clip for clip in clips if clip.split != "test"]
    return Lesson(
        described,
        tuple(clip for clip in train if has_action(clip)),
        tuple(clip for clip in train if not has_action(clip)),
        tuple(clip for clip in clips if clip not in train and has_action(clip)),
    )


def has_action(clip) -> bool:
    """Returns whether a `folder.Clip` is labelled."""
    return clip.action not in ("", folder.UNLABELLED)
