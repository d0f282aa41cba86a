"""Clips that commands take: of files, whichever tool wrote them, or datasets.

recording.json              any file that `pose_tf.read` reads
frames/                     a folder of files, one per frame
synthetic_actions/test/3    the fourth test clip of that dataset
"""

import dataclasses
import pathlib
from typing import Annotated

import tyro

from pose_tf.formats import outputs, read, sources
from pose_tf.pose import clip as pose_clip
from pose_tf.pose import skeletons

PICTURE_SUFFIXES = (".gif", ".png")
SPLITS = ("train", "test")
# An optional number, whose help does not end in "(default: None)".
OptionalFloat = Annotated[
    float | None, tyro.conf.arg(metavar="FLOAT", help_behavior_hint="")
]


@dataclasses.dataclass(frozen=True, kw_only=True)
class FileOptions:
    """What a file of poses may not say of itself.

    Attributes:
        format: Format of the file, such as openpose; by default it is found
            out.
        joints: Skeleton of a file that does not name its joints, such as
            coco_17, or their names with commas between them; by default
            guessed from their number.
        frame_size: Width and height of the frames, pixels, such as 1280 720.
        fps: Frames per second.
        min_confidence: Smallest confidence of a visible joint; by default 0.3.

    Example:

    >>> FileOptions(frame_size=(1280, 720)).format
    'auto'
    """

    format: str = read.AUTO
    joints: Annotated[str, tyro.conf.arg(help_behavior_hint="")] = ""
    frame_size: Annotated[
        tuple[int, int] | None,
        tyro.conf.arg(metavar="WIDTH HEIGHT", help_behavior_hint=""),
    ] = None
    fps: OptionalFloat = None
    min_confidence: OptionalFloat = None


NOTHING_ELSE = FileOptions()
Options = tyro.conf.OmitArgPrefixes[FileOptions]


def read_people(
    source, data_dir=None, skeleton=None, options=None
) -> list[pose_clip.Clip]:
    """Reads the clips in a file, one per person, or a clip of a dataset.

    Args:
        source: Path of a file or folder, or a clip as `name/split/index`.
        data_dir: Folder of prepared datasets; TFDS's own if not given.
        skeleton: `Skeleton` to convert the clips to, if they have another one.
        options: `FileOptions`.

    Raises:
        FileNotFoundError: If there is no such file, nor such a dataset.
        ValueError: If it holds no clip, or shows no person.
    """
    path, source = pathlib.Path(source).expanduser(), str(source)
    parts = source.rsplit("/", 2)
    if path.exists() or path.suffix.lower() in read.suffixes():
        clips = _read_file(path, skeleton, options or FileOptions())
    elif len(parts) == 3 and parts[1] in SPLITS:
        dataset, split, index = parts
        clips = [_read_example(dataset, split, index, data_dir)]
    else:
        raise ValueError(
            "`poses` must be a file or folder that exists, or a clip of a "
            f"dataset such as penn_action/test/0. Received: {source}"
        )
    if not clips:
        raise ValueError(
            f"{source}: a recording must show a person. Received: none"
        )
    return [clip.to(skeleton) if skeleton else clip for clip in clips]


def _read_file(path, skeleton, options):
    joints = options.joints
    return read.read_with(
        path,
        sources.Options(
            skeleton=skeletons.get(joints) if joints else None,
            likely=skeleton,
            **read.checked(
                frame_size=options.frame_size,
                fps=options.fps,
                min_confidence=options.min_confidence,
            ),
        ),
        options.format,
    )


def _read_example(dataset, split, index, data_dir):
    from pose_tf.pipeline import example_gen

    if not (index.isascii() and index.isdecimal()):
        raise ValueError(
            f"`index` of a clip must be a whole number. Received: {index!r}"
        )
    clips = example_gen.load(dataset, data_dir=data_dir)
    clips_ds = getattr(clips, split)
    for clip in clips_ds.skip(int(index)).take(1).as_numpy_iterator():
        return pose_clip.Clip(
            poses=clip["poses"],
            visibility=clip["visibility"],
            skeleton=clips.skeleton,
            clip_id=clip["clip_id"].decode(),
            frame_size=tuple(clip["frame_size"].tolist()),
        )
    raise ValueError(
        f"`index` must be below the number of {split} clips of {dataset}, "
        f"{clips_ds.cardinality()}. Received: {index}"
    )


def draw(path, sequences, skeleton, titles, *, prefix=0):
    """Draws sequences side by side: a moving .gif, or rows of a .png.

    Args:
        path: Of the picture.
        sequences: Pairs (poses `[T, J, D]`, visibility `[T, J]`).
        skeleton: A `Skeleton`.
        titles: A text for each.
        prefix: Frames that a model observed, drawn grey.

    Raises:
        ValueError: For another kind of file.
    """
    from pose_tf.plots import animations

    path = outputs.with_suffix(path, PICTURE_SUFFIXES)
    moves = path.suffix.lower() == ".gif"
    picture = animations.animate if moves else animations.strip
    picture(sequences, skeleton, path, titles, prefix=prefix)
