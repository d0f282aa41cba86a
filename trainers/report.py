"""Figures for a person to read."""


def table(figures):
    """Returns figures as lines of names and values, in order of their names.

    What a file is better for, lists with a value per horizon, is left out.

    Args:
        figures: Dict of numbers, lists and None.

    Example:

    >>> print(table({"mpjpe": 0.0204, "pck": [98.2, 97.0], "num_clips": 1068}))
      mpjpe      0.0204
      num_clips  1068
    """
    shown = {k: v for k, v in sorted(figures.items()) if _is_short(v)}
    width = max(map(len, shown), default=0)
    return "\n".join(
        f"  {name:{width}}  {_text(value)}" for name, value in shown.items()
    )


def verdict(conditions):
    """Returns a sentence or more on whether a model beats its baselines.

    Args:
        conditions: Pairs of whether a condition holds and a sentence about it,
            as rules of `blessing` give them.
    """
    failed = [sentence for holds, sentence in conditions if not holds]
    if failed:
        return f"NOT better than its baselines: {' '.join(failed)}"
    reasons = " ".join(sentence for _, sentence in conditions)
    return f"Better than its baselines: {reasons}"


def _is_short(value):
    return not isinstance(value, (list, tuple, dict))


def _text(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)
