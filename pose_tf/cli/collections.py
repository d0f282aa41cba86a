"""Many clips, with their actions: those of a dataset, or files in a folder.

penn_action          all clips of a prepared dataset
penn_action/test     its test clips
my_clips             a folder as `keypoint_files` takes it, not prepared
"""

import dataclasses
import pathlib
from collections.abc import Callable, Iterator, Sequence

from pose_tf.cli import clips
from pose_tf.pose import skeletons

FIELDS = ("clip_id", "action", "poses", "visibility")
UNLABELLED = "unlabelled"


@dataclasses.dataclass(frozen=True)
class Collection:
    """Holds what is known of many clips before they are read.

    Attributes:
        skeleton: Their `Skeleton`.
        actions: Name of the action of each, `unlabelled` without one.
        read: Function from increasing places among them to an iterator over
            these clips: dicts of `FIELDS`, `action` by its name.

    Example:

    >>> Collection(skeletons.COCO_17, ["wave"], lambda places: iter(())).actions
    ['wave']
    """

    skeleton: skeletons.Skeleton
    actions: list[str]
    read: Callable[[Sequence[int]], Iterator[dict]]


def find(source, data_dir=None) -> Collection:
    """Finds the clips of a folder or of a dataset.

    Args:
        source: Folder, or name of a dataset, with `/train` or `/test` for a
            part of it.
        data_dir: Folder of prepared datasets; TFDS's own if not given.

    Raises:
        FileNotFoundError: If a folder has no clip, or there is neither a folder nor a prepared dataset.
        ValueError: If the folder or the dataset cannot be used.
    """
    if pathlib.Path(source).is_dir():
        return _of_folder(pathlib.Path(source))
    return _of_dataset(str(source), data_dir)


def _of_folder(root):
    from pose_tf.datasets.keypoint_files import folder, keypoints

    described, files = folder.described(root), folder.find_unsplit(root)

    def read(places):
        for place in places:
            file = files[place]
            action = file.action or folder.UNLABELLED
            view = file.view or folder.UNKNOWN_VIEW
            clip = keypoints.read_clip(file, described, [action], [view])
            yield {name: clip[name] for name in FIELDS}

    actions = [file.action or UNLABELLED for file in files]
    return Collection(described.target, actions, read)


def _of_dataset(source, data_dir):
    from pose_tf.pipeline import example_gen

    name, _, part = source.rpartition("/")
    parts = (part,) if part in clips.SPLITS else clips.SPLITS
    name = name if part in clips.SPLITS else source
    dataset = example_gen.load(name, data_dir=data_dir)

    def read(places):
        wanted, place = set(places), 0
        for split in parts:
            for clip in getattr(dataset, split).as_numpy_iterator():
                if place in wanted:
                    yield {
                        "clip_id": clip["clip_id"].decode(),
                        "poses": clip["poses"],
                        "visibility": clip["visibility"],
                        "action": dataset.actions[clip["action"]],
                    }
                place += 1

    keys = [key for part in parts for key in getattr(dataset, f"{part}_index")]
    actions = [dataset.actions[key.action] for key in keys]
    return Collection(dataset.skeleton, actions, read)
