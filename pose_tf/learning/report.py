"""Describes what a recognizer learnt from, and what to expect of it."""

import dataclasses

from pose_tf.learning import left_out


@dataclasses.dataclass(frozen=True, kw_only=True)
class ActionReport:
    """Says how well one action is known.

    Attributes:
        action: Its name.
        num_labelled: How many labelled clips it has.
        num_left_out: How many of them were left out in turn.
        num_right: How many of those were given their own action.
        num_unlabelled: How many unlabelled clips were taken for it.
        margin: How clearly they were, on average, 0 to 1; NaN if there is none.
            A hint, no measure of accuracy: clips may be taken for a wrong
            action clearly.

    Example:

    >>> ActionReport(
    ...     action="squat",
    ...     num_labelled=1,
    ...     num_left_out=0,
    ...     num_right=0,
    ...     num_unlabelled=80,
    ...     margin=0.9,
    ... ).is_known
    False
    """

    action: str
    num_labelled: int
    num_left_out: int
    num_right: int
    num_unlabelled: int
    margin: float

    @property
    def is_known(self) -> bool:
        """Whether its accuracy can be estimated: by clips that were left out."""
        return self.num_left_out > 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """Says what a recognizer learnt from, and what to expect of it.

    `str` gives it as a table.

    Attributes:
        actions: An `ActionReport` for each action.
        warnings: Sentences about clips that look wrong.
        seconds_embedding: Seconds that the motion model took.
        seconds_solving: Seconds that everything else took.

    Example:

    >>> report = Report(
    ...     actions=(), warnings=(), seconds_embedding=2.0, seconds_solving=0.5
    ... )
    >>> report.accuracy is None
    True
    """

    actions: tuple[ActionReport, ...]
    warnings: tuple[str, ...]
    seconds_embedding: float
    seconds_solving: float

    @property
    def num_left_out(self) -> int:
        """How many labelled clips were left out in turn."""
        return sum(action.num_left_out for action in self.actions)

    @property
    def num_right(self) -> int:
        """How many of those were given their own action."""
        return sum(action.num_right for action in self.actions)

    @property
    def accuracy(self) -> float | None:
        """Share of left-out clips that were given their own action.

        None if no action has two labelled clips: it cannot be known then. Each
        clip was judged with one labelled clip of its action fewer, so more is
        to be expected where an action has few of them.
        """
        if not self.num_left_out:
            return None
        return self.num_right / self.num_left_out

    @property
    def interval(self) -> tuple[float, float] | None:
        """Ends of the accuracy's 95 % interval, or None."""
        if not self.num_left_out:
            return None
        return left_out.interval(self.num_right, self.num_left_out)

    def __str__(self):
        rows = [("action", "labelled", "left out, right", "unlabelled, margin")]
        rows += [_row(action) for action in self.actions]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                [
                    f"{row[0]:{widths[0]}}",
                    *(f"{cell:>{w}}" for cell, w in zip(row[1:], widths[1:])),
                ]
            )
            for row in rows
        ]
        return "\n".join([*lines, "", self._expectation()])

    def _expectation(self):
        unknown = [a.action for a in self.actions if not a.is_known]
        if self.interval is None:
            return (
                "Accuracy to expect: unknown, since no action has two different "
                "labelled clips, one to learn from and one to ask about."
            )
        low, high = self.interval
        text = (
            f"Accuracy to expect: {self.accuracy:.0%} (95 % interval "
            f"{low:.0%} to {high:.0%}): {self.num_right} of "
            f"{self.num_left_out} labelled clips were recognized when they "
            "were left out."
        )
        if unknown:
            text += (
                f"\nUnknown for actions with one clip: {', '.join(unknown)}."
            )
        return text


def _row(action):
    right = "unknown: one clip"
    if action.is_known:
        right = f"{action.num_right} of {action.num_left_out}"
    unlabelled = "-"
    if action.num_unlabelled:
        unlabelled = f"{action.num_unlabelled}, {action.margin:.2f}"
    return action.action, str(action.num_labelled), right, unlabelled
