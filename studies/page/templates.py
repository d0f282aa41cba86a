"""Prose of a page, in Markdown files that a writer can edit.

A file holds paragraphs under comments that name them, with `{fields}` that
`fill` replaces:

    <!-- introduction -->
    Top-1 of the test clips in percent, over {seeds} seeds.
"""

import functools
import pathlib
import re

FILE = "page.md"
_NAME = re.compile(r"^<!-- (\w+) -->$", re.MULTILINE)


def fill(module: str, name: str, /, **fields) -> str:
    """Returns a text of the `page.md` next to a module, its fields replaced.

    Args:
        module: Path of the module, its `__file__`.
        name: Name of the text.
        fields: Values of its fields.

    Raises:
        ValueError: If the file has no text of that name, or the text has a
            field without a value.
    """
    path = pathlib.Path(module).with_name(FILE)
    texts = read(path)
    if name not in texts:
        raise ValueError(
            f"`name` must be one of {', '.join(texts)}, the texts of {path}. "
            f"Received: {name!r}"
        )
    try:
        return texts[name].format(**fields)
    except KeyError as error:
        raise ValueError(
            f"`fields` must have a value for {error} in the text {name!r} of "
            f"{path}. Received: {', '.join(fields)}"
        ) from None


@functools.cache
def read(path: pathlib.Path) -> dict[str, str]:
    """Returns the texts of a file by name, a line per paragraph."""
    _, *parts = _NAME.split(path.read_text())
    return {
        name: "\n\n".join(
            " ".join(paragraph.split())
            for paragraph in text.strip().split("\n\n")
        )
        for name, text in zip(parts[::2], parts[1::2])
    }
