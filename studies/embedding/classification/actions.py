"""The section of the page on single actions in part 2; see `page`."""

import numpy as np

from pose_tf.datasets.penn_action.annotations import ACTIONS
from pose_tf.plots import charts
from studies.embedding.classification import dimensions
from studies.page import intervals, words
from studies.page.records import select, table
from studies.page.templates import fill

NAME = "classification"


def section(ours, length, folder) -> str:
    """Returns recalls and confusions of raw poses and the best embedding."""
    raw = select(ours, NAME, arm="raw", length=length)
    best = dimensions.best(dimensions.embedded(ours, length))
    embedded = select(
        ours, NAME, arm="embedding", latent_dim=best, length=length
    )
    column = dimensions.column(length).replace(" = ", "")
    files = {}
    for name, rows in (("raw", raw), ("embedding", embedded)):
        counts = sum(np.array(row["metrics"]["confusion"]) for row in rows)
        files[name] = f"confusion_{column}_{name}.png"
        charts.confusion_matrix(counts, ACTIONS, folder / files[name])
    return "\n\n".join(
        [
            fill(
                __file__,
                "actions",
                length=words.of_length(length).capitalize(),
                best=best,
            ),
            _recalls(raw, embedded),
            fill(__file__, "confusions", **files),
        ]
    )


def _recalls(raw, embedded):
    recalls = [
        {record["seed"]: _recall(record) for record in arm}
        for arm in (raw, embedded)
    ]
    rows = []
    for k, action in enumerate(ACTIONS):
        of_raw, of_embedded = (
            {seed: values[k] for seed, values in arm.items()} for arm in recalls
        )
        rows.append(
            [
                action.replace("_", " "),
                intervals.of(of_raw.values()).text(),
                intervals.of(of_embedded.values()).text(),
                intervals.paired(of_embedded, of_raw).bold(),
            ]
        )
    return table(["action", "raw", "embedding", "difference"], rows)


def _recall(record):
    """Returns the recall of each action, in percent."""
    counts = np.array(record["metrics"]["confusion"], float)
    return 100 * np.diag(counts) / np.maximum(counts.sum(1), 1)
