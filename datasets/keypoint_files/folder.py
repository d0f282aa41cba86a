"""Finds the clips of a user's folder, with their action, view and split.

README.md, next to this file, describes the folder.
"""

import collections
import dataclasses
import hashlib
import itertools
import os
import pathlib
import unicodedata
import warnings

from pose_tf.datasets.keypoint_files import description
from pose_tf.formats import read, tables

LABELS_FILE = "labels.csv"
LABEL_COLUMNS = ("clip_id", "action", "view", "split")
SPLITS = ("train", "test")
UNLABELLED, UNKNOWN_VIEW = "unlabelled", "unknown"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Clip:
    """Holds the file of a recording and its labels.

    Attributes:
        path: Path of the file, or of a folder of files, one per frame.
        clip_id: Path of the file from the folder, without its suffix.
        action: Name of the action, or "".
        view: Name of the view, or "".
        split: `train` or `test`, or "".

    Example:

    >>> file = pathlib.Path("clips/train/wave/ann.npz")
    >>> clip = Clip(
    ...     path=file, clip_id="train/wave/ann", action="wave", view="", split=""
    ... )
    >>> clip.name
    'train/wave/ann.npz'
    """

    path: pathlib.Path
    clip_id: str
    action: str
    view: str
    split: str

    @property
    def name(self):
        """Path of the file from the folder."""
        return self.clip_id + self.path.suffix


def find_files(root) -> list[pathlib.Path]:
    """Finds all files of a folder that make up the dataset, in order.

    Raises:
        FileNotFoundError: If there is no clip.
        ValueError: If a link leads nowhere or to a folder above `root`, or the
            name of a file is not UTF-8.
    """
    description.read(root)
    root = pathlib.Path(root).expanduser()
    paths = _find_tables(root)
    for path in _find_clip_files(root):
        frames = path.iterdir() if path.is_dir() else [path]
        paths += sorted(frame for frame in frames if frame.name[0] != ".")
    return paths


def described(root) -> description.Description:
    """Returns the description of a folder, with its files' skeleton.

    If `dataset.json` does not name the skeleton, it is that of the first file,
    in order of their paths, in which somebody is.

    Raises:
        FileNotFoundError: If there is no clip.
        ValueError: If the description cannot be used, or no file can be read.
    """
    found = description.read(root)
    if found.skeleton:
        return found
    reason: Exception | None = None
    for path in _find_clip_files(pathlib.Path(root).expanduser()):
        try:
            people = read.read_with(path, found.options)
        except ValueError as error:
            reason = reason or error
            continue
        if people:
            name = people[0].skeleton.name
            return dataclasses.replace(found, skeleton=name)
    raise ValueError(
        f"`manual_dir` must hold a file with somebody in it. Received: {root}"
        + (f", where {reason}" if reason else "")
    )


def find_clips(root) -> list[Clip]:
    """Finds the clips of a folder, in order of their paths, with splits.

    Raises:
        FileNotFoundError: If there is no clip.
        ValueError: If two files have the same name except for the suffix, only
            some clips have a split, no clip is for training, or `labels.csv`
            cannot be used.
    """
    test_fraction = description.read(root).test_fraction
    clips = find_unsplit(root)
    unsplit = [clip.clip_id for clip in clips if not clip.split]
    if len(unsplit) == len(clips):
        clips = _by_fraction(clips, test_fraction)
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


def find_unsplit(root) -> list[Clip]:
    """Finds the clips of a folder, in order of their paths, as they are given.

    Clips without an action, a view or a split have "" there.

    Raises:
        FileNotFoundError: If there is no clip.
        ValueError: If two files have the same name except for the suffix, or
            `labels.csv` cannot be used.
    """
    root = pathlib.Path(root).expanduser()
    clips = [
        _by_folder(path, _without_suffix(path.relative_to(root), path))
        for path in _find_clip_files(root)
    ]
    counts = collections.Counter(clip.clip_id for clip in clips)
    if twice := [clip_id for clip_id, count in counts.items() if count > 1]:
        raise ValueError(
            f"a clip must be one file. Received: several of {twice[0]}"
        )
    if labels := description.find(root, LABELS_FILE):
        clips = _by_table(clips, labels)
    return clips


def _without_suffix(relative, path):
    return relative if path.is_dir() else relative.with_suffix("")


def _find_tables(root):
    """Returns the files of a folder that are not clips."""
    names = (description.FILE, LABELS_FILE)
    paths = (description.find(root, name) for name in names)
    return [path for path in paths if path]


def _find_clip_files(root):
    """Returns the files of clips in a folder and under it, by path."""
    if not root.is_dir():
        raise FileNotFoundError(
            f"`manual_dir` must be a folder. Received: {root}"
        )
    no_clips = _find_tables(root)
    paths = [
        path
        for path in sorted(_walk(root))
        if path not in no_clips
        and (path.is_dir() or path.suffix.lower() in _suffixes())
    ]
    if not paths:
        raise FileNotFoundError(
            "`manual_dir` must hold clips, "
            f"{' or '.join('*' + s for s in _suffixes())}. Received: {root}"
        )
    for path in paths:
        _require_utf8(path.relative_to(root))
    return paths


def _suffixes():
    """Returns the endings of files of clips: not .txt, which is for people."""
    return [suffix for suffix in read.suffixes() if suffix != ".txt"]


def _walk(root):
    """Yields all files in a folder and under it that are not hidden.

    A folder of frames, which is one recording, counts as a file.

    Links to folders are followed, but no folder is read twice: links cannot
    lead in a circle or count a clip twice.
    """
    above = {_identity(folder) for folder in root.resolve().parents}
    visited = set()
    waiting = collections.deque([root])
    linked: collections.deque[pathlib.Path] = collections.deque()
    while waiting or linked:
        # Links come last: a folder's own path, not a link, names its action.
        folder = waiting.popleft() if waiting else linked.popleft()
        if _identity(folder) in visited:
            warnings.warn(
                f"Left out the link {folder}: its folder has been read",
                stacklevel=2,
            )
            continue
        visited.add(_identity(folder))
        for path in sorted(folder.iterdir()):
            if path.name.startswith("."):
                continue
            if not path.is_dir():
                yield _file(path)
            elif read.is_recording(path):
                yield path
            elif not path.is_symlink():
                waiting.append(path)
            elif _identity(path) not in above:
                linked.append(path)
            else:
                raise ValueError(
                    "links must not lead to a folder above `manual_dir`. "
                    f"Received: {path}"
                )


def _file(path):
    """Returns a path, unless it is a link to a folder that is gone."""
    # A link to a file that is gone is a bad clip, which may be quarantined.
    if path.suffix.lower() not in _suffixes() and not path.exists():
        raise ValueError(f"links must lead somewhere. Received: {path}")
    return path


def _identity(folder):
    """Returns what identifies a folder, whichever path leads to it."""
    status = folder.stat()
    return status.st_dev, status.st_ino


def _require_utf8(path):
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"names of files must be UTF-8. Received: {os.fsencode(path)!r}"
        ) from error


def _by_folder(path, relative):
    """Returns the clip of [train|test]/[action]/[any folder]/name."""
    folders = [_plain(folder) for folder in relative.parts[:-1]]
    split = ""
    if folders and folders[0].lower() in SPLITS:
        split = folders.pop(0).lower()
    return Clip(
        path=path,
        clip_id=relative.as_posix(),
        action=folders[0] if folders else "",
        view="",
        split=split,
    )


def _plain(text):
    """Returns a label with single blanks inside and none around it.

    Letters with accents get one form: macOS decomposes them in file names.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def _by_table(clips, path):
    """Returns the clips with the labels that the table gives instead."""
    try:
        header, rows = tables.read(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    columns = [name.lower() for name in header]
    if "clip_id" not in columns or set(columns) - {*LABEL_COLUMNS} or not rows:
        raise ValueError(
            f"{path} must have rows and the columns clip_id and any of "
            f"{', '.join(LABEL_COLUMNS[1:])}. "
            f"Received: {len(rows)} rows and {sorted(header)}"
        )
    labels = [
        dict(itertools.zip_longest(columns, row, fillvalue=""))
        for row in rows
        if any(cell.strip() for cell in row)
    ]
    table = _rows_of_clips(clips, labels, path)
    return [
        _labelled(clip, table.get(clip.clip_id, {}), path) for clip in clips
    ]


def _rows_of_clips(clips, rows, path):
    """Returns the row of each clip that has one, by `clip_id`."""
    exact = {clip.clip_id: clip.clip_id for clip in clips}
    # Blanks do not matter, unless clips differ only by them.
    counts = collections.Counter(_plain(clip_id) for clip_id in exact)
    close = {
        _plain(clip_id): clip_id
        for clip_id in exact
        if counts[_plain(clip_id)] == 1
    }
    table: dict[str, dict[str, str]] = {}
    for row in rows:
        given = row["clip_id"]
        clip_id = exact.get(given) or close.get(_plain(given))
        if clip_id is None or clip_id in table:
            raise ValueError(
                f"{path} must have one row per clip, named by the file's path "
                "without its suffix. Received: "
                f"{given!r}{' twice' if clip_id else ''}"
            )
        table[clip_id] = row
    return table


def _labelled(clip, row, path):
    labels = {
        name: _plain(row[name])
        for name in LABEL_COLUMNS[1:]
        if _plain(row.get(name, ""))
    }
    if "split" in labels:
        labels["split"] = labels["split"].lower()
        if labels["split"] not in SPLITS:
            raise ValueError(
                f"{path}: split must be train or test. "
                f"Received: {row['split']!r} for {clip.clip_id}"
            )
    return dataclasses.replace(clip, **labels)


def _by_fraction(clips, test_fraction):
    """Marks a share of each action's clips as test clips, always the same."""
    by_action = collections.defaultdict(list)
    for clip in clips:
        by_action[clip.action].append(clip.clip_id)
    test = set()
    for clip_ids in by_action.values():
        # As good as random, but always the same for the same names.
        clip_ids.sort(key=lambda name: hashlib.sha256(name.encode()).digest())
        test.update(clip_ids[: round(test_fraction * len(clip_ids))])
    return [
        dataclasses.replace(clip, split=SPLITS[clip.clip_id in test])
        for clip in clips
    ]
