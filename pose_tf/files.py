"""Files and folders that are there whole or not at all."""

import contextlib
import json
import pathlib
import shutil
import uuid


@contextlib.contextmanager
def writing(path):
    """A place beside `path` to write to, renamed to `path` at the end.

    A kill or an error in between leaves what stood at `path` as it was. An
    existing folder at `path` is replaced.

    Args:
        path: File or folder that is to be there.

    Yields:
        A `pathlib.Path` with the same ending that does not exist yet.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unique = uuid.uuid4().hex[:8]
    aside = path.with_name(f".{path.stem}.{unique}.aside{path.suffix}")
    try:
        yield aside
        if path.is_dir():
            before = path.with_name(f".{path.name}.{unique}.before")
            path.rename(before)
            aside.rename(path)
            shutil.rmtree(before)
        else:
            aside.replace(path)
    finally:
        if aside.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.unlink(missing_ok=True)


def write_json(path, value) -> None:
    """Writes a value as indented JSON, whole or not at all."""
    with writing(path) as aside:
        aside.write_text(json.dumps(value, indent=2) + "\n")
