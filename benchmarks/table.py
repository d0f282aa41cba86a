"""Formats the table, row by row."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """A result and that of its peer.

    Attributes:
        what: What was measured.
        value: Our result, with its unit.
        peer: Name and result of what it is compared with.
        ratio: Ours over the peer's, or empty.
        aim: What the value or the ratio should be.
    """

    what: str
    value: str
    peer: str = ""
    ratio: str = ""
    aim: str = ""


def header() -> str:
    """Returns the first two lines of the Markdown table."""
    names = [field.name for field in dataclasses.fields(Row)]
    return f"{_line(names)}\n{_line(['---'] * len(names))}"


def line(row) -> str:
    """Returns a row as a line of the Markdown table.

    Example:

    >>> line(Row(what="step", value="3 ms", peer="torch 2 ms", ratio="1.50"))
    '| step | 3 ms | torch 2 ms | 1.50 |  |'
    """
    return _line(dataclasses.astuple(row))


def _line(cells):
    return "| " + " | ".join(cells) + " |"
