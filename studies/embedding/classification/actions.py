"""What the page says of single actions in part 2; see `classification`."""

import numpy as np

from pose_tf.datasets.penn_action.annotations import ACTIONS
from pose_tf.plots import charts
from studies.embedding.classification import dimensions
from studies.page import intervals, words
from studies.page.records import select, table

NAME = "classification"


def section(ours, length, folder) -> str:
    """Recalls and confusion matrices of raw poses and the best embedding."""
    raw = select(ours, NAME, arm="raw", length=length)
    best = dimensions.best(dimensions.embedded(ours, length))
    embedded = select(
        ours, NAME, arm="embedding", latent_dim=best, length=length
    )
    column = dimensions.column(length).replace(" = ", "")
    pictures = []
    for name, rows in (("raw", raw), ("embedding", embedded)):
        counts = sum(np.array(row["figures"]["confusion"]) for row in rows)
        file = f"confusion_{column}_{name}.png"
        charts.confusion_matrix(counts, ACTIONS, folder / file)
        pictures.append(f"![Confusions of the {name} arm]({file})")
    return "\n\n".join(
        [
            f"### {words.of_length(length).capitalize()} by action",
            (
                f"Recall in percent: raw poses and the embedding of {best}, the "
                "best one here (chosen by these very figures)."
            ),
            _recalls(raw, embedded),
            "<details><summary>Confusion matrices, all seeds together"
            "</summary>\n\n" + "\n\n".join(pictures) + "\n\n</details>",
        ]
    )


def _recalls(raw, embedded):
    arms = [{r["seed"]: _recall(r) for r in arm} for arm in (raw, embedded)]
    rows = []
    for k, action in enumerate(ACTIONS):
        ours, theirs = (
            {seed: values[k] for seed, values in arm.items()} for arm in arms
        )
        gain = intervals.paired(theirs, ours)
        text = gain.text(sign=True)
        rows.append(
            [
                action.replace("_", " "),
                intervals.of(ours.values()).text(),
                intervals.of(theirs.values()).text(),
                f"**{text}**" if gain.clear_of_zero else text,
            ]
        )
    return table(["action", "raw", "embedding", "difference"], rows)


def _recall(record):
    counts = np.array(record["figures"]["confusion"], float)
    return 100 * np.diag(counts) / np.maximum(counts.sum(1), 1)
