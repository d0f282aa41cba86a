"""Writes the model card of a pushed model: purpose, metrics, command, data."""

import dataclasses
import shlex
from typing import Any

from pose_tf import presets, trainers
from pose_tf.evaluation import few_labels, health_table
from pose_tf.pipeline import build
from pose_tf.pose import skeletons

DATA_NOTES = {
    "penn_action": (
        "Trained on the annotations of Penn Action (Zhang, Zhu and Derpanis, "
        "ICCV 2013), which names no licence. The weights hold no annotation; "
        "whether your use of them agrees with the dataset's terms is for you "
        "to judge."
    ),
    "synthetic_actions": "Trained on clips that this package generates.",
    "keypoint_files": (
        "Trained on a user's own keypoints, whose terms apply to the weights."
    ),
}
SHOWN_HORIZONS = (1, 2, 4, 8, 15, 16, 30)


def write(name, evaluation, config, command="") -> str:
    """Returns the text of a model card, in Markdown.

    Args:
        name: Name of the model.
        evaluation: `evaluator.Evaluation` that blessed it.
        config: Dict of the config of its trainer.
        command: Command that made it; by default that of its trainer.
    """
    kind = evaluation.kind
    skeleton = skeletons.get(config["skeleton"])
    command = command or _command(kind, config)
    sections = {
        "Metrics": _metrics(evaluation),
        "Data": _data(evaluation),
        "Poses": (
            f"Pixels, x right and y down, of the skeleton `{skeleton.name}`: "
            f"{', '.join(skeleton.joints)}."
        ),
        "Made with": f"```\n{command}\n```\n\nAll settings: `config.json`.",
        "Licence": (
            "The code and these weights are under Apache-2.0. "
            + DATA_NOTES.get(
                build.name_of(evaluation.dataset),
                "The terms of the dataset apply.",
            )
        ),
    }
    body = "".join(
        f"\n## {head}\n\n{text}\n" for head, text in sections.items()
    )
    return f"# {name}\n\n{trainers.get(kind).purpose}\n{body}"


def _data(evaluation):
    protocol = (
        f"Dataset `{evaluation.dataset}`, split protocol "
        f"`{evaluation.split_protocol}`"
    )
    if evaluation.split == "test":
        return (
            f"{protocol} for training. The metrics are of the clips of `test`, "
            "to which nothing was fitted."
        )
    return (
        f"{protocol}. There are no test clips: the metrics are of the "
        "validation clips, on which choices were made."
    )


def _metrics(evaluation):
    if evaluation.kind == "generator":
        text, rows = (
            _horizon_table(evaluation),
            evaluation.metrics.get("health"),
        )
        return f"{text}\n\n{health_table.titled(rows)}" if rows else text
    scores, baseline = evaluation.metrics, evaluation.baseline
    if evaluation.kind == "vae":
        pca = f"PCA, {baseline['pca_num_components']} dimensions"
        rows = [
            (
                f"this, {scores['latent_dim']} dimensions",
                f"{scores['mpjpe']:.4f}",
            ),
            (pca, f"{baseline['pca_mpjpe']:.4f}"),
        ]
        text = _table(("", "MPJPE"), rows)
        return f"Error of reconstructed poses, torso lengths:\n\n{text}"
    if evaluation.kind == "motion_vae":
        return _few_labels_table(scores, baseline)
    nearest = f"{baseline['nearest_neighbor_top1']:.2f}"
    text = _table(
        ("", "top-1", "macro-F1"),
        [
            ("this", f"{scores['top1']:.2f}", f"{scores['macro_f1']:.2f}"),
            ("nearest training clip", nearest, ""),
        ],
    )
    return f"Percent, of {scores['num_clips']} clips:\n\n{text}"


def _few_labels_table(scores, baseline):
    numbers = few_labels.LABELS_PER_ACTION
    dimensions = f"{scores['latent_dim']} dimensions"
    rows = [
        (
            f"{name}, {dimensions}",
            *(
                f"{row[f'{key}top1_with_{n}_per_action']:.1f} "
                f"({row[f'{key}worst_with_{n}_per_action']:.1f})"
                for n in numbers
            ),
        )
        for name, row, key in (("this", scores, ""), ("PCA", baseline, "pca_"))
    ]
    table = _table(("clips labelled per action", *map(str, numbers)), rows)
    return (
        "Top-1, percent of clips, of logistic regression on the embedding: the "
        f"mean of {few_labels.NUM_DRAWS} draws of labelled clips, and the worst "
        f"of them:\n\n{table}"
    )


def _horizon_table(evaluation):
    rows = {"this": evaluation.metrics}
    rows |= {
        name.replace("_", " "): r for name, r in evaluation.baseline.items()
    }
    horizon = len(evaluation.metrics["pck"])
    shown = [h for h in SHOWN_HORIZONS if h <= horizon]
    head = ("PCK at horizon", *map(str, shown), f"mean of {horizon}")
    cells = [
        (
            name,
            *(_percent(row["pck"][h - 1]) for h in shown),
            _percent(row["mean_pck"]),
        )
        for name, row in rows.items()
    ]
    count = evaluation.metrics["num_windows"]
    return f"Percent of visible joints, of {count} windows:\n\n" + _table(
        head, cells
    )


def _percent(value):
    return "" if value is None else f"{value:.1f}"


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _command(kind, config):
    """Returns the trainer's command line, without defaults."""
    default = dataclasses.asdict(presets.get(kind, "default"))
    flags: dict[str, Any] = {"workdir": f"runs/{kind}"}
    flags |= {k: v for k, v in config.items() if default.get(k) != v}
    parts = []
    for key, value in flags.items():
        if isinstance(value, bool):
            parts.append(f"--{key}" if value else f"--no_{key}")
        else:
            parts.append(f"--{key}={shlex.quote(str(value))}")
    return f"python -m pose_tf.trainers.{kind} {' '.join(parts)}"
