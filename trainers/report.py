"""Says in words and tables how a training went."""


def table(scores):
    """Returns scores as lines of names and values, in order of their names.

    What a file is better for, lists with a value per horizon, is left out.

    Args:
        scores: Dict of numbers, lists and None.

    Example:

    >>> print(table({"mpjpe": 0.0204, "pck": [98.2, 97.0], "num_clips": 1068}))
      mpjpe      0.0204
      num_clips  1068
    """
    shown = {k: v for k, v in sorted(scores.items()) if _is_short(v)}
    width = max(map(len, shown), default=0)
    return "\n".join(
        f"  {name:{width}}  {_text(value)}" for name, value in shown.items()
    )


def rows(scores):
    """Returns scores that are lists as lines of names and values.

    >>> print(rows({"skips": [1, 2, 4], "mae": [0.0101, 0.0188, 0.0342]}))
      mae    0.0101  0.0188  0.0342
      skips  1       2       4
    """
    texts = {k: [_text(v) for v in values] for k, values in scores.items()}
    width = max(map(len, texts))
    cell = max(len(text) for values in texts.values() for text in values)
    return "\n".join(
        f"  {name:{width}}  "
        + "  ".join(f"{text:{cell}}" for text in values).rstrip()
        for name, values in sorted(texts.items())
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


def advice(config, default, names):
    """Returns which settings to look at when training diverged.

    Args:
        config: Config of that training.
        default: Config by default; if settings differ from its own, only these
            are named.
        names: Fields that decide the loss.
    """
    usual, unusual = [], []
    for name in names:
        value, expected = getattr(config, name), getattr(default, name)
        if value == expected:
            usual.append(f"`{name}` ({value})")
        else:
            unusual.append(f"`{name}` ({value}, by default {expected})")
    return f"Look at {', '.join(unusual or usual)}"


def flat(scores):
    """Returns scores without dicts of scores: `{a: {b: 1}}` as `{a_b: 1}`.

    >>> flat({"zero_velocity": {"mean_pck": 78.0}, "mean_pck": 81.5})
    {'zero_velocity_mean_pck': 78.0, 'mean_pck': 81.5}
    """
    entries: dict = {}
    for name, value in scores.items():
        if isinstance(value, dict):
            inner = flat(value).items()
            entries |= {f"{name}_{key}": x for key, x in inner}
        else:
            entries[name] = value
    return entries


def _is_short(value):
    return not isinstance(value, (list, tuple, dict))


def _text(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)
