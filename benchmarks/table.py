"""Rows of the table, how they are timed and printed."""

import dataclasses
import time


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """A figure beside its peer.

    Attributes:
        what: Was measured.
        value: With its unit.
        peer: What it is compared with, with that one's figure.
        ratio: Of ours to the peer's, or empty.
        aim: What we want of value or ratio.
    """

    what: str
    value: str
    peer: str = ""
    ratio: str = ""
    aim: str = ""


def markdown(rows) -> str:
    """The rows as a Markdown table."""
    names = [field.name for field in dataclasses.fields(Row)]
    lines = [names, ["---"] * len(names)]
    lines += [dataclasses.astuple(row) for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def best_seconds(functions, repeats):
    """The shortest of `repeats` calls of each function, in turns.

    Turns spread whatever else the machine does over all of them, and the
    shortest is the call that it disturbed least.

    Args:
        functions: Dict of functions without arguments; each is called once
            before, to trace and to warm up.
        repeats: Integer.

    Returns:
        Dict of seconds.
    """
    best = dict.fromkeys(functions, float("inf"))
    for function in functions.values():
        function()
    for _ in range(repeats):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            best[name] = min(best[name], time.perf_counter() - start)
    return best
