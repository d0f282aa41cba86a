"""Means over seeds with 95 % intervals, alone and of paired differences.

An interval says how far another set of seeds would move the mean. It does not
say how far other test clips would.
"""

import dataclasses

import numpy as np

from pose_tf.evaluation import metrics

CONFIDENCE = 0.95


@dataclasses.dataclass(frozen=True)
class Interval:
    """A mean over seeds.

    Attributes:
        mean: Of the values.
        half: Half-width of the 95 % interval; NaN for a single value.
        count: How many values there are.
    """

    mean: float
    half: float
    count: int

    @property
    def low(self):
        """Lower end."""
        return self.mean - self.half

    @property
    def high(self):
        """Upper end."""
        return self.mean + self.half

    @property
    def clear_of_zero(self):
        """Whether the whole interval lies on one side of 0."""
        return self.low > 0 or self.high < 0

    def text(self, digits=1, sign=False) -> str:
        """As `93.1 ± 0.4`; with `sign` as `+2.0 ± 0.4`."""
        form = f"{'+' if sign else ''}.{digits}f"
        # Adding 0 makes of -0.0 what it is.
        mean = format(round(self.mean, digits) + 0.0, form).replace("-", "−")
        if np.isnan(self.half):
            return mean
        return f"{mean} ± {self.half:.{digits}f}"

    def bold(self) -> str:
        """Returns it with its sign, in Markdown's bold if it excludes 0."""
        text = self.text(sign=True)
        return f"**{text}**" if self.clear_of_zero else text


def of(values, comparisons=1) -> Interval:
    """The interval of values, one a seed.

    Args:
        values: Iterable of numbers.
        comparisons: How many intervals are to hold at once, each of them at
            `1 - 0.05 / comparisons` (Bonferroni).

    Raises:
        ValueError: If there are no values.
    """
    values = np.asarray(list(values), np.float64)
    if not len(values):
        raise ValueError("`values` must not be empty. Received: []")
    if len(values) == 1:
        return Interval(float(values[0]), float("nan"), 1)
    confidence = 1 - (1 - CONFIDENCE) / comparisons
    mean, half = metrics.t_interval(values, confidence)
    return Interval(mean, half, len(values))


def paired(ours, theirs, comparisons=1) -> Interval:
    """The interval of the differences `ours - theirs` of the same seeds.

    Args:
        ours, theirs: Dicts from seed to value.
        comparisons: As for `of`.

    Raises:
        ValueError: If the seeds differ.
    """
    if set(ours) != set(theirs):
        raise ValueError(
            "`ours` and `theirs` must have the same seeds. "
            f"Received: {sorted(ours)} and {sorted(theirs)}"
        )
    differences = (ours[seed] - theirs[seed] for seed in sorted(ours))
    return of(differences, comparisons)
