"""Which clips a user's folder holds, and of what action, view and split.

README.md beside this file describes the folder.
"""

import collections
import csv
import dataclasses
import hashlib
import json
import pathlib

from pose_tf.pose import skeletons

DESCRIPTION_FILE = "dataset.json"
LABELS_FILE = "labels.csv"
CLIP_SUFFIXES = (".csv", ".json", ".npz")
LABEL_COLUMNS = ("clip_id", "action", "view", "split")
SPLITS = ("train", "test")
UNLABELLED, UNKNOWN_VIEW = "unlabelled", "unknown"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Description:
    """What `dataset.json` says.

    Attributes:
        skeleton: Name of the files' skeleton, in `skeletons.SKELETONS`.
        convert_to: Name of the skeleton of the dataset; by default the same.
        frame_size: Width and height of the frames, pixels, where a file does
            not say; by default the smallest that hold all visible joints.
        min_confidence: From which a detector's confidence a joint is visible.
        test_fraction: Share of each action's clips that are test clips, where
            neither folders nor the table split them.
    """

    skeleton: str
    convert_to: str = ""
    frame_size: tuple[int, int] | None = None
    min_confidence: float = 0.3
    test_fraction: float = 0.2

    def __post_init__(self):
        skeletons.get(self.skeleton)
        skeletons.get(self.convert_to or self.skeleton)
        if not 0 <= self.test_fraction < 1:
            raise ValueError(
                "`test_fraction` must be at least 0 and below 1. "
                f"Received: {self.test_fraction!r}"
            )

    @property
    def target(self) -> skeletons.Skeleton:
        """The skeleton of the dataset."""
        return skeletons.get(self.convert_to or self.skeleton)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Clip:
    """A clip's file and what is known of it: `""` where nothing is."""

    path: pathlib.Path
    clip_id: str
    action: str
    view: str
    split: str

    @property
    def name(self):
        """The path of the file, from the folder."""
        return self.clip_id + self.path.suffix


def describe(root) -> Description:
    """Reads `dataset.json`.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is no JSON object of known fields with good values.
    """
    path = pathlib.Path(root).expanduser() / DESCRIPTION_FILE
    if not path.is_file():
        raise FileNotFoundError(
            f"`manual_dir` must hold {DESCRIPTION_FILE}, such as "
            f'{{"skeleton": "coco_17"}}. Received: {root}'
        )
    try:
        values = json.loads(path.read_text())
        return Description(**values)
    except (TypeError, ValueError) as error:
        known = [field.name for field in dataclasses.fields(Description)]
        raise ValueError(
            f"{path} must be a JSON object with `skeleton` and, if need be, "
            f"{', '.join(known[1:])}. Received: {error}"
        ) from error


def find_files(root) -> list[pathlib.Path]:
    """All files of a folder that make up the dataset, in order.

    Raises:
        FileNotFoundError: If there is no `dataset.json` or no clip.
    """
    describe(root)
    root = pathlib.Path(root).expanduser()
    tables = [root / DESCRIPTION_FILE, root / LABELS_FILE]
    files = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix in CLIP_SUFFIXES
        and path not in tables
        and not path.name.startswith(".")
    ]
    if not files:
        raise FileNotFoundError(
            "`manual_dir` must hold clips, "
            f"{' or '.join('*' + s for s in CLIP_SUFFIXES)}. Received: {root}"
        )
    return [path for path in tables if path.is_file()] + files


def find_clips(root) -> list[Clip]:
    """The clips of a folder, by path, each with its split.

    Raises:
        FileNotFoundError: If there is no `dataset.json` or no clip.
        ValueError: If two files make one clip, some clips alone have a split,
            none is for training, or `labels.csv` cannot be used.
    """
    description = describe(root)
    root = pathlib.Path(root).expanduser()
    clips = [
        _by_folder(path, path.relative_to(root).with_suffix(""))
        for path in find_files(root)
        if path.parent != root
        or path.name not in (DESCRIPTION_FILE, LABELS_FILE)
    ]
    counts = collections.Counter(clip.clip_id for clip in clips)
    if twice := [clip_id for clip_id, count in counts.items() if count > 1]:
        raise ValueError(
            f"a clip must be one file. Received: several of {twice[0]}"
        )
    if (root / LABELS_FILE).is_file():
        clips = _by_table(clips, root / LABELS_FILE)
    unsplit = [clip.clip_id for clip in clips if not clip.split]
    if len(unsplit) == len(clips):
        clips = _by_fraction(clips, description.test_fraction)
    elif unsplit:
        raise ValueError(
            "every clip or none must have a split, train or test. "
            f"Received: none for {unsplit[0]}"
        )
    if not any(clip.split == "train" for clip in clips):
        raise ValueError(
            "at least one clip must be a training clip. "
            f"Received: {len(clips)} test clips"
        )
    return clips


def _by_folder(path, relative):
    """A clip of [train|test]/[action]/[any folder]/name."""
    folders = list(relative.parts[:-1])
    split = folders.pop(0) if folders and folders[0] in SPLITS else ""
    return Clip(
        path=path,
        clip_id=relative.as_posix(),
        action=folders[0] if folders else "",
        view="",
        split=split,
    )


def _by_table(clips, path):
    """The clips with what the table says instead, where it says something."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    columns = set(rows[0]) if rows else set()
    if "clip_id" not in columns or columns - set(LABEL_COLUMNS):
        raise ValueError(
            f"{path} must have rows and the columns clip_id and any of "
            f"{', '.join(LABEL_COLUMNS[1:])}. "
            f"Received: {sorted(map(str, columns))}"
        )
    table = {row["clip_id"]: row for row in rows}
    unknown = set(table) - {clip.clip_id for clip in clips}
    if unknown or len(table) < len(rows):
        raise ValueError(
            f"{path} must have one row a clip, named by the file's path "
            "without its suffix. "
            f"Received: {sorted(unknown)[:3] or 'a clip_id twice'}"
        )
    labelled = []
    for clip in clips:
        row = table.get(clip.clip_id, {})
        told = {key: row[key] for key in LABEL_COLUMNS if row.get(key)}
        if told.get("split", SPLITS[0]) not in SPLITS:
            raise ValueError(
                f"{path}: split must be train or test. "
                f"Received: {told['split']!r} for {clip.clip_id}"
            )
        labelled.append(dataclasses.replace(clip, **told))
    return labelled


def _by_fraction(clips, test_fraction):
    """Makes a share of each action's clips test clips, the same every time."""
    by_action = collections.defaultdict(list)
    for clip in clips:
        by_action[clip.action].append(clip.clip_id)
    test = set()
    for clip_ids in by_action.values():
        # As good as drawn, yet the same for the same names.
        clip_ids.sort(key=lambda name: hashlib.sha256(name.encode()).digest())
        test.update(clip_ids[: round(test_fraction * len(clip_ids))])
    return [
        dataclasses.replace(clip, split=SPLITS[clip.clip_id in test])
        for clip in clips
    ]
