"""Computes means over seeds, and over paired differences, with 95 % intervals.

An interval says how much another set of seeds would move the mean. It does not
say how much other test clips would.
"""

import dataclasses

import numpy as np

from pose_tf.evaluation import metrics

CONFIDENCE = 0.95


@dataclasses.dataclass(frozen=True)
class Interval:
    """A mean over seeds.

    Attributes:
        mean: Mean of the values.
        half: Half-width of the 95 % interval; NaN for a single value.
        count: How many values there are.
    """

    mean: float
    half: float
    count: int

    @property
    def low(self):
        """Returns the lower end."""
        return self.mean - self.half

    @property
    def high(self):
        """Returns the upper end."""
        return self.mean + self.half

    @property
    def clear_of_zero(self):
        """Returns whether the whole interval is on one side of 0."""
        return self.low > 0 or self.high < 0

    def text(self, digits=1, sign=False) -> str:
        """Returns it as `93.1 ± 0.4`, or with `sign` as `+2.0 ± 0.4`."""
        form = f"{'+' if sign else ''}.{digits}f"
        # Adding 0 turns -0.0 into 0.0.
        mean = format(round(self.mean, digits) + 0.0, form).replace("-", "−")
        if np.isnan(self.half):
            return mean
        return f"{mean} ± {self.half:.{digits}f}"

    def bold(self) -> str:
        """Returns it with its sign, in Markdown's bold if it excludes 0."""
        text = self.text(sign=True)
        return f"**{text}**" if self.clear_of_zero else text


def of(values, comparisons=1) -> Interval:
    """Returns the interval of values, one per seed.

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
    """Returns the interval of the differences `ours - theirs`, by seed.

    Args:
        ours, theirs: Dicts from seed to value.
        comparisons: See `of`.

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
