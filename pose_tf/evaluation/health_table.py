"""Puts how continuations move into one table, with real people for comparison.

The rows are real people, zero velocity, the prediction and samples:

    energy   motion over `motion_health.LAG` frames, over the real one, at some
             horizons and the last: 1 is right, below is freezing
    jitter   second differences, over the real ones
    frozen   percent of continuations, at the last horizon, as are the others
    limbs    change of their lengths, percent
    outside  joints outside the frame, percent
"""

import numpy as np

from pose_tf.evaluation import motion_health
from pose_tf.models import baselines

HORIZONS = (5, 10, 25)  # And the last one.
# What the table calls the percentages of `motion_health.evaluate`.
PERCENTAGES = {
    "frozen": "frozen",
    "limbs": "limb_change",
    "outside": "out_of_frame",
}
RATIO, PERCENT = "{:.2f}", "{:.1f}"


def measure(sample, batches, skeleton, prefix, horizon, num_samples):
    """Measures a generator, zero velocity and the real motion.

    Args:
        sample: Function of `(poses, visibility, horizon, num_samples,
            temperature)` that returns futures `(B, num_samples, horizon, J, D)`;
            at temperature 0 the prediction.
        batches: As for `motion_health.evaluate`; read once per row.
        skeleton: `Skeleton` of the poses.
        prefix: Number of observed frames.
        horizon: Number of predicted frames, `H`.
        num_samples: Samples per window.

    Returns:
        Dict of a row, as `row` returns it, for `real`, `zero_velocity`,
        `prediction` and `samples`.

    Raises:
        ValueError: If no window can be scored.
    """
    functions = {
        "zero_velocity": lambda poses, visibility: baselines.zero_velocity(
            poses, None, horizon
        ),
        "prediction": lambda poses, visibility: sample(
            poses, visibility, horizon, 1, 0.0
        ),
        "samples": lambda poses, visibility: sample(
            poses, visibility, horizon, num_samples, 1.0
        ),
    }
    rows: dict[str, dict] = {}
    for name, function in functions.items():
        scores = motion_health.evaluate(
            function, batches, skeleton, prefix, horizon
        )
        rows.setdefault("real", real_row(scores))
        rows[name] = row(scores)
    return rows


def row(scores):
    """Returns what the table shows of a result of `motion_health.evaluate`.

    Returns:
        Dict of `lag_energy`, float `(H,)`; `jitter` and `seam`; `frozen`,
        `limb_change` and `out_of_frame`, percent at the last horizon; and
        `num_windows`.
    """
    return {
        "lag_energy": scores["lag_energy_ratio"],
        "jitter": scores["jitter"],
        "seam": scores["seam"],
        **{name: float(scores[name][-1]) for name in PERCENTAGES.values()},
        "num_windows": scores["num_windows"],
    }


def real_row(scores):
    """Returns the row of the real motion that `scores` are relative to."""
    energy = np.asarray(scores["lag_energy_ratio"])
    real = {name: scores[f"real_{name}"] for name in PERCENTAGES.values()}
    return row(
        {
            **real,
            "lag_energy_ratio": np.where(np.isnan(energy), np.nan, 1.0),
            "jitter": np.nan if np.isnan(scores["jitter"]) else 1.0,
            "seam": np.nan if np.isnan(scores["seam"]) else 1.0,
            "num_windows": scores["num_windows"],
        }
    )


def columns(row):
    """Returns the numbers of a row by the names of their columns.

    Args:
        row: As `row` returns it; or as JSON holds it, with None for NaN.

    Example:

    >>> columns(
    ...     {
    ...         "lag_energy": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4],
    ...         "jitter": 1.25,
    ...         "frozen": 40.0,
    ...         "limb_change": 12.0,
    ...         "out_of_frame": None,
    ...     }
    ... )
    {'energy at 5': 0.5, 'energy at 6': 0.4, 'jitter': 1.25, 'frozen': 40.0, \
'limbs': 12.0, 'outside': nan}
    """
    horizon = len(row["lag_energy"])
    shown = [h for h in HORIZONS if h < horizon]
    values = {
        f"energy at {h}": row["lag_energy"][h - 1] for h in (*shown, horizon)
    }
    values["jitter"] = row["jitter"]
    values |= {name: row[key] for name, key in PERCENTAGES.items()}
    return {k: np.nan if v is None else float(v) for k, v in values.items()}


def texts(row):
    """Returns the cells of a row by the heads of their columns."""
    return {
        f"{name}, %" if name in PERCENTAGES else name: (
            ""
            if np.isnan(value)
            else (PERCENT if name in PERCENTAGES else RATIO).format(value)
        )
        for name, value in columns(row).items()
    }


def markdown(rows):
    """Returns the rows of `measure` as a table in Markdown."""
    cells = [
        [name.replace("_", " "), *texts(rows[name]).values()] for name in rows
    ]
    head = ["", *texts(next(iter(rows.values())))]
    widths = [
        max(map(len, column)) for column in zip(head, *cells, strict=True)
    ]
    lines = [head, ["-" * max(width, 3) for width in widths], *cells]
    return "\n".join(
        "| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines
    )


def titled(rows):
    """Returns the table in Markdown, below a sentence that says what it shows."""
    real = rows["real"]
    title = (
        f"How continuations move over {len(real['lag_energy'])} frames, of "
        f"{real['num_windows']} windows. Energy over {motion_health.LAG} frames "
        "and jitter are relative to the real motion, percentages are those of "
        "the last frame:"
    )
    return f"{title}\n\n{markdown(rows)}"
