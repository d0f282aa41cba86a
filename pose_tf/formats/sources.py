"""A file or folder, opened once however many dialects look at it."""

import contextlib
import dataclasses
import functools
import gc
import json
import pathlib
import re

from pose_tf.pose import skeletons

FOLDER = "a folder"  # In place of a suffix.
DETECTORS = "detectors"
PICKLED = (  # Why no pickle is read.
    "pickles are never opened, since they run code. Where you trust yours, "
    "convert it: `a = pickle.load(open('x.pkl', 'rb'))`, then "
    "`np.savez('x.npz', poses=a['poses'])`"
)
LINES = (".jsonl", ".ndjson")  # Of files with a JSON value per line.
_BLANKS = re.compile(r"\s*")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """Holds what the caller knows about a file that the file may not say.

    Attributes:
        skeleton: `Skeleton` of files that do not name their joints, or None.
        likely: `Skeleton` to prefer among those that fit the number of joints.
        frame_size: (width, height), pixels, or None.
        fps: Frames per second, or None.
        min_confidence: Smallest confidence of a visible joint; by default
            `conventions.MIN_CONFIDENCE`.
        axes: Coordinates of the file, with their signs, that point right, down
            and, in space, away from the camera; by default x, y and z, or
            turned if heads are below hips.
        max_jump: Distance, in torso lengths, beyond which a joint that jumps
            off and back is missing; None if no joint is. `DETECTORS` means
            `outliers.MAX_JUMP` in files with a confidence, and none in others.

    Example:

    >>> Options(frame_size=(640, 480)).frame_size
    (640, 480)
    """

    skeleton: skeletons.Skeleton | None = None
    likely: skeletons.Skeleton | None = None
    frame_size: tuple[int, int] | None = None
    fps: float | None = None
    min_confidence: float | None = None
    axes: tuple[str, ...] | None = None
    max_jump: float | str | None = DETECTORS


class Source:
    """Reads a file, or lists a folder, when a dialect first asks for it.

    Args:
        path: Path of a file or folder.

    Raises:
        FileNotFoundError: If there is nothing at `path`.

    Example:

    >>> Source("docs/jumping_jacks.npz").suffix
    '.npz'
    """

    def __init__(self, path):
        self.path = pathlib.Path(path).expanduser()
        if not self.path.exists():
            raise FileNotFoundError(f"No such file or folder. Received: {path}")

    @property
    def suffix(self) -> str:
        """Ending of the file's name, in lower case, or `FOLDER`."""
        return FOLDER if self.path.is_dir() else self.path.suffix.lower()

    @functools.cached_property
    def content(self) -> bytes:
        """Bytes of the file."""
        return self.path.read_bytes()

    @functools.cached_property
    def text(self) -> str:
        """Text of the file, which must be UTF-8.

        Raises:
            ValueError: If it is not; the message names the first such byte.
        """
        return decode(self.content)

    @functools.cached_property
    def json(self):
        """Value of a JSON file; the list of all values if it has several.

        Raises:
            ValueError: If it is not JSON; the message says where.
        """
        return load_json(self.content, lines=self.suffix in LINES)

    @functools.cached_property
    def names(self) -> list[str]:
        """Names of the files of a folder, without hidden ones, in order."""
        return sorted(
            path.name
            for path in self.path.iterdir()
            if not path.name.startswith(".") and path.is_file()
        )


def decode(content) -> str:
    """Returns the text of bytes in UTF-8, with or without a byte order mark.

    Raises:
        ValueError: If it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(
            "the file must be saved as UTF-8. Received: the byte "
            f"0x{content[error.start]:02x} in line {line}"
        ) from error


def load_json(content, lines=False):
    """Returns the value of a JSON text.

    Args:
        content: Bytes in UTF-8, 16 or 32, with or without a byte order mark.
        lines: Whether it holds a value per line. Where it does without being
            said to, these are found, too.

    Returns:
        The value; if there are several one after the other, a list of them.

    Raises:
        ValueError: If it is not JSON, is nested too deeply, or an object has
            the same name twice.
    """
    try:
        with without_collection():
            return _load(content, lines)
    except RecursionError as error:
        raise ValueError("JSON must not be nested that deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(
            f"the file must be whole JSON. Received: {error}"
        ) from error


@contextlib.contextmanager
def without_collection():
    """Spares Python the search for garbage among new objects.

    Files hold no cycles. With it, reading an hour of MMPose takes twice as long.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _load(content, lines):
    if not lines:
        try:
            return json.loads(content, object_pairs_hook=_unique)
        except json.JSONDecodeError as error:
            if not error.msg.startswith("Extra data"):
                raise
    return _values(content)


def _values(content):
    """Returns the values of a text that has several, one after the other."""
    text = content.decode(json.detect_encoding(content)).removeprefix("\ufeff")
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    values = []
    position = _behind_blanks(text, 0)
    while position < len(text):
        value, position = decoder.raw_decode(text, position)
        values.append(value)
        position = _behind_blanks(text, position)
    return values


def _behind_blanks(text, position):
    match = _BLANKS.match(text, position)
    return match.end() if match else position


def _unique(pairs):
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"names must differ. Received: {twice!r} twice")
    return values
