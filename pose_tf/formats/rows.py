"""Makes rows of arrays of the objects in other tools' files.

Whatever is wrong is named by where it is: "item 5000, instances 2, keypoints".
Items count from 1, as lines do.
"""

import itertools
import reprlib

import numpy as np

_NUMBERS = {float, int, type(None)}
_LABELS = {float, int, str}


class Rows:
    """Holds objects, one per person and frame, and where in a file they are.

    Args:
        entries: List of the objects, `N`.
        owners: Indices of the items that they are in, `[N]`; by default each is
            an item.
        within: Key of those items under which lists of objects are.
        ranks: Indices in those lists, `[N]`.
        item: What an item is called in messages, or a list of their names.

    Example:

    >>> rows = Rows([{"a": [1, 2]}, {"a": [3, None]}])
    >>> rows.numbers(rows.column("a"), "a")
    array([[ 1.,  2.],
           [ 3., nan]])
    """

    def __init__(
        self, entries, owners=None, within="", ranks=None, item="item"
    ):
        self.entries = entries
        self.owners = np.arange(len(entries)) if owners is None else owners
        self.within = within
        self.ranks = ranks
        self.item = item

    def __len__(self):
        return len(self.entries)

    def place(self, row) -> str:
        """Returns where the object of a row is."""
        owner = self.owners[row]
        named = isinstance(self.item, list)
        item = self.item[owner] if named else f"{self.item} {owner + 1}"
        if self.ranks is None:
            return item
        return f"{item}, {self.within} {self.ranks[row] + 1}"

    def take(self, chosen) -> "Rows":
        """Returns the chosen rows, by a list of indices."""
        return Rows(
            [self.entries[row] for row in chosen],
            self.owners[chosen],
            self.within,
            None if self.ranks is None else self.ranks[chosen],
            self.item,
        )

    def column(self, key) -> list:
        """Returns what all objects have under a key.

        Raises:
            ValueError: If one has nothing there, or is no object; the message
                names it.
        """
        try:
            return [entry[key] for entry in self.entries]
        except (KeyError, TypeError, IndexError):
            pass
        for row, entry in enumerate(self.entries):
            if not isinstance(entry, dict) or key not in entry:
                raise ValueError(
                    f"each must have {key!r}. Received: {found(entry)} in "
                    f"{self.place(row)}"
                )
        raise AssertionError  # Not reached: one of them raised.

    def labels(self, key) -> list:
        """Returns the numbers or texts that all objects have under a key.

        Raises:
            ValueError: If one has none, or something else; the message names it.
        """
        values = self.column(key)
        for row, value in enumerate(values):
            if type(value) not in _LABELS:
                raise ValueError(
                    f"{key} must be numbers or texts. Received: {found(value)} "
                    f"in {self.place(row)}"
                )
        return values

    def optional(self, *keys) -> list | None:
        """Returns what objects have under the first of some keys.

        That is None for objects without any, and None if all are.
        """
        values: list = [None] * len(self)
        for key in reversed(keys):
            for row, entry in enumerate(self.entries):
                if isinstance(entry, dict) and entry.get(key) is not None:
                    values[row] = entry[key]
        return None if all(value is None for value in values) else values

    def numbers(self, values, name, ndim=1) -> np.ndarray:
        """Returns lists of numbers as an array; null is NaN.

        Args:
            values: One list per row, nested `ndim` deep.
            name: What they are, for messages.
            ndim: Number of axes of a row.

        Returns:
            float64 `[N, …]`.

        Raises:
            ValueError: If one is not a list, lists differ in length, or a cell
                is not a number; the message names the place.
        """
        shape, flat = [len(values)], values
        for _ in range(ndim):
            odd = set(map(type, flat)) - {list}
            if odd:
                at = next(
                    n for n, value in enumerate(flat) if type(value) in odd
                )
                raise ValueError(
                    f"{name} must be lists. Received: {found(flat[at])} in "
                    f"{self._named(at, shape, name)}"
                )
            lengths = [*map(len, flat)]
            if len(set(lengths)) > 1:
                at = next(n for n, m in enumerate(lengths) if m != lengths[0])
                raise ValueError(
                    f"{name} must have the same length everywhere. Received: "
                    f"{lengths[at]} in {self._named(at, shape, name)}, and "
                    f"{lengths[0]} before"
                )
            shape.append(lengths[0] if lengths else 0)
            flat = list(itertools.chain.from_iterable(flat))
        return self._floats(flat, shape, name).reshape(shape)

    def cells(self, values, name) -> np.ndarray:
        """Returns one number per row as float64 `[N]`; null is NaN.

        Raises:
            ValueError: If one is not a number; the message names the place.
        """
        return self._floats(values, [len(values)], name)

    def boxes(self, values) -> np.ndarray | None:
        """Returns boxes as float64 `[N, 4]`; NaN where one is None.

        Args:
            values: Lists of four numbers, also within a list of their own, or
                Nones; or None.
        """
        if values is None:
            return None
        none = [None] * 4
        return self._fixed([none if v is None else _inner(v) for v in values])

    def scores(self, values) -> np.ndarray | None:
        """Returns scores as float64 `[N]`; NaN where one is None.

        Args:
            values: Numbers, also within lists or as NumPy's scalars are written
                by json-tricks, or Nones; or None.
        """
        if values is None:
            return None
        return self.cells([scalar(value) for value in values], "score")

    def _fixed(self, boxes):
        found_ = self.numbers(boxes, "box")
        if len(boxes) and found_.shape[1] != 4:
            raise ValueError(
                f"boxes must have 4 numbers. Received: {found_.shape[1]} in "
                f"{self.place(0)}"
            )
        return found_

    def _floats(self, flat, shape, name):
        odd = set(map(type, flat)) - _NUMBERS
        if not odd:
            try:
                return np.array(flat, np.float64)
            except OverflowError:  # A whole number beyond floats.
                flat = [_float(value) for value in flat]
                odd = {str}
        at = next(n for n, value in enumerate(flat) if type(value) in odd)
        raise ValueError(
            f"cells must be numbers. Received: {reprlib.repr(flat[at])} in "
            f"{self._named(at, shape, name)}"
        )

    def _named(self, at, shape, name):
        row = at // int(np.prod(shape[1:], dtype=int))
        return f"{self.place(row)}, {name}"


def nested(items, key, item="item") -> Rows:
    """Returns the rows in the lists that items have under a key.

    Args:
        items: List of objects.
        key: Key of the lists; null is an empty one.
        item: What an item is called in messages, or a list of their names.

    Raises:
        ValueError: If an item has no list there.
    """
    owners = Rows(items, item=item)
    lists = [[] if value is None else value for value in owners.column(key)]
    odd = [row for row, value in enumerate(lists) if type(value) is not list]
    if odd:
        raise ValueError(
            f"{key} must be lists. Received: {found(lists[odd[0]])} in "
            f"{owners.place(odd[0])}"
        )
    lengths = [*map(len, lists)]
    ranks = [rank for length in lengths for rank in range(length)]
    return Rows(
        list(itertools.chain.from_iterable(lists)),
        np.repeat(np.arange(len(lists)), lengths),
        key,
        np.array(ranks, np.int64),
        item,
    )


def lacking(value, keys) -> str:
    """Returns how a value is not a list of objects that begin with these keys.

    Only the first object is looked at; "" means that nothing is lacking.
    """
    if not isinstance(value, list):
        return f"holds {found(value)}, not a list"
    if not value:
        return ""
    for key in keys:
        if not isinstance(value[0], dict) or key not in value[0]:
            return f"item 1 is {found(value[0])}, without {key!r}"
    return ""


def first_difference(items, people_of, differs) -> str:
    """Returns how a list of frames differs from a format, "" if it does not.

    Args:
        items: Value of a JSON file, which should be a list of frames.
        people_of: Function from a frame to what should be a list of people.
        differs: Function from a person to how it differs, or "". It is asked
            about the first person only.
    """
    if not isinstance(items, list):
        return f"holds {found(items)}, not a list"
    for number, item in enumerate(items, 1):
        people = people_of(item)
        if not isinstance(people, list):
            return f"item {number} is {found(item)}"
        if people:
            why = differs(people[0])
            return f"item {number} {why}" if why else ""
    return ""  # Nobody is in it.


def found(value) -> str:
    """Returns in a few words what a value of JSON is."""
    if isinstance(value, dict):
        keys = ", ".join(map(reprlib.repr, itertools.islice(value, 5)))
        more = ", …" if len(value) > 5 else ""
        return f"an object of {keys}{more}" if keys else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "null" if value is None else reprlib.repr(value)


def _inner(box):
    """Returns a box without the list that MMPose puts around it."""
    nested_ = isinstance(box, list) and len(box) == 1
    return box[0] if nested_ else box


def scalar(value):
    """Returns the first number of nested lists, or that of json-tricks."""
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict) and "__ndarray__" in value:
        return scalar(value["__ndarray__"])
    return None if value == [] else value


def _float(value):
    """Returns a number, or the text of one that no float holds."""
    try:
        return None if value is None else float(value)
    except OverflowError:
        return f"{str(value)[:9]}…"
