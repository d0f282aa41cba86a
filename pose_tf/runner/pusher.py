"""Copies a blessed SavedModel to `saved_models/<name>/<version>/` atomically.

Next to the versions are `model_card.md`, `config.json` and `metrics.json` of
the newest one. Each version keeps its own in `assets.extra/`, which TensorFlow
Serving ignores.
"""

import json
import pathlib
import shutil

from pose_tf import files, run_files
from pose_tf.evaluation import evaluator
from pose_tf.runner import model_card

EXTRA = "assets.extra"
CARD = "model_card.md"
_COMPANIONS = (CARD, run_files.CONFIG, run_files.METRICS)


def push(
    export,
    name,
    destination="saved_models",
    *,
    evaluation=None,
    config=None,
    command="",
) -> pathlib.Path:
    """Copies a blessed SavedModel to the next version of its name.

    An export that is already the newest version is not pushed again. A kill or
    a full disk never leaves half of a version.

    Args:
        export: Folder of the SavedModel.
        name: Name of the model.
        destination: Folder of all pushed models.
        evaluation: Folder that `Evaluation.save` wrote; by default
            `evaluation` next to the export.
        config: The `config.json` of its training; by default the one next to
            the export.
        command: Command that made it, for its card; by default that of its
            trainer.

    Returns:
        The folder of the version.

    Raises:
        ValueError: If the export was not blessed, the evaluation is of another
            export, or `name` is not a valid folder name.
        FileNotFoundError: If the export, its evaluation or its config is
            missing.
        OSError: If it cannot be written.
    """
    export = pathlib.Path(export)
    if not (export / "saved_model.pb").is_file():
        raise FileNotFoundError(
            f"`export` must be the folder of a SavedModel. Received: {export}"
        )
    if name in ("", ".", "..") or pathlib.Path(name).name != name:
        raise ValueError(
            f"`name` must be the name of a folder. Received: {name!r}"
        )
    result = evaluator.load(evaluation or export.parent / "evaluation")
    _check_blessed(result, export)
    config = pathlib.Path(config or export.parent / run_files.CONFIG)
    values = json.loads(config.read_text())
    folder = pathlib.Path(destination) / name
    folder.mkdir(parents=True, exist_ok=True)
    # One push at a time, since it deletes what killed ones left, and its
    # companions belong together.
    with files.locked(folder) as is_locked:
        if is_locked:
            files.sweep(folder)
        version = _newest(folder)
        if version is None or _digest(version) != result.candidate:
            card = model_card.write(name, result, values, command)
            texts = (card, _json(values), metrics_text(result))
            version = _copy(export, folder, dict(zip(_COMPANIONS, texts)))
        for companion in _COMPANIONS:
            with files.writing(folder / companion) as aside:
                shutil.copyfile(version / EXTRA / companion, aside)
    return version


def metrics_text(evaluation) -> str:
    """Returns the `metrics.json` of an `evaluator.Evaluation`."""
    metrics = {**evaluation.metrics, "baseline": evaluation.baseline}
    metrics |= {
        "dataset": evaluation.dataset,
        "split_protocol": evaluation.split_protocol,
        "split": evaluation.split,
    }
    return _json(metrics)


def _check_blessed(evaluation, export):
    if not evaluation.blessed:
        raise ValueError(
            "`export` must be blessed. Received: "
            f"{export}: {' '.join(evaluation.reasons)}"
        )
    if evaluation.candidate != files.digest(export):
        raise ValueError(
            "`evaluation` must be of the export that is pushed. "
            f"Received: that of another than {export}"
        )


def _copy(export, folder, companions):
    """Copies to the next version, whose number no other push has taken."""
    while True:
        version = folder / str(max(files.versions(folder), default=0) + 1)
        try:
            with files.writing(version, replace=False) as aside:
                shutil.copytree(export, aside)
                (aside / EXTRA).mkdir(exist_ok=True)
                for name, text in companions.items():
                    (aside / EXTRA / name).write_text(text)
            return version
        except FileExistsError:
            # If folders cannot be locked, another push may have made it.
            if not version.exists():
                raise


def _newest(folder):
    """Returns the folder of the newest version, or None."""
    folders = [p for p in files.versions(folder).values() if p.is_dir()]
    return folders[-1] if folders else None


def _digest(version):
    """Returns the digest of the export that a version was made from."""
    return files.digest(version, leave_out=EXTRA)


def _json(values):
    return json.dumps(files.plain(values), indent=2, allow_nan=False) + "\n"
