"""Reads trained models, and the weights that a training starts from."""

import dataclasses
import hashlib
import pathlib
import zipfile

import keras
import numpy as np

from pose_tf import files, run_files
from pose_tf.models import (
    classifier,
    clip_classifier,
    clip_committee,
    generator,
    learned_motion_vae,
    motion_vae,
    recurrent_generator,
    stream_classifier,
    vae,
)
from pose_tf.pose import skeletons
from pose_tf.serving import assets, weights

# Keras reads back only the classes that it is told of.
KINDS: dict[type, str] = {
    vae.PoseVAE: "vae",
    motion_vae.MotionVAE: "motion_vae",
    learned_motion_vae.LearnedMotionVAE: "motion_vae",
    classifier.ActionClassifier: "classifier",
    clip_classifier.ClipClassifier: "classifier",
    clip_committee.ClipCommittee: "classifier",
    stream_classifier.StreamClassifier: "classifier",
    generator.PoseGenerator: "generator",
    recurrent_generator.RecurrentGenerator: "generator",
}


def load_model(workdir):
    """Reads the trained Keras model of a run's folder.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If its file is damaged.
    """
    path = pathlib.Path(workdir) / run_files.MODEL
    if not path.exists():
        raise FileNotFoundError(
            "The folder must hold a finished training with a model.keras. "
            f"Received: {workdir}"
        )
    known = {model.__name__: model for model in KINDS}
    try:
        return keras.saving.load_model(path, custom_objects=known)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise ValueError(
            f"{path} is damaged: delete it, and the same training writes it "
            f"again from its last checkpoint. Received: {error}"
        ) from error


@dataclasses.dataclass(frozen=True)
class Pretrained:
    """Holds the weights of a trained model, and what they are for.

    Attributes:
        path: Where they were read.
        kind: Kind of the model.
        values: Array of each weight, by name.
        joints: Names of the joints.
        actions: Names of the actions; empty if the model knows none.
        config: Dict of the fields of its config; empty if it is not there.
        data: Digest of the clips that it was trained on; empty if not known.

    Example:

    >>> values = {"log_stddev": np.zeros(26)}
    >>> Pretrained("runs/vae", "vae", values, (), ()).digest[:8]
    '55eccb6e'
    """

    path: str
    kind: str
    values: dict[str, np.ndarray]
    joints: tuple[str, ...]
    actions: tuple[str, ...]
    config: dict = dataclasses.field(default_factory=dict)
    data: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the names and values, wherever they lie."""
        total = hashlib.sha256()
        for name, value in sorted(self.values.items()):
            total.update(f"{name}\0{value.dtype}\0{value.shape}\n".encode())
            total.update(np.ascontiguousarray(value).tobytes())
        return total.hexdigest()


def of_config(config, kinds, settings=(), clips=None):
    """Reads the weights that a config starts from, `init_from`.

    Args:
        config: A `TrainingConfig`.
        kinds: Kinds of model that they may be of, as `assets/kind.txt` names
            them.
        settings: Fields of which their config must have the same values.
        clips: `example_gen.Clips` to train on, compared with those of a run; a
            SavedModel knows only the name of its dataset.

    Returns:
        A `Pretrained`; None if the config starts from none.

    Raises:
        FileNotFoundError: If there is nothing at `init_from`.
        ValueError: If no trained model is there, it is of another kind or
            damaged or does not name its weights; or these mean something else
            in a model of this config, or have seen the clips that it is to be
            validated on.
    """
    if not config.init_from:
        return None
    folder = pathlib.Path(config.init_from)
    if not folder.exists():
        raise FileNotFoundError(f"`init_from` must exist. Received: {folder}")
    is_run = (folder / run_files.MODEL).is_file()
    try:
        pretrained = (_read_run if is_run else _read_saved_model)(folder)
    except ValueError as error:
        raise ValueError(f"`init_from`: {error}") from error
    if pretrained.kind not in kinds:
        raise ValueError(
            f"`init_from` must hold a {' or a '.join(kinds)}. "
            f"Received: {folder}, which holds a {pretrained.kind}"
        )
    _check_config(pretrained, config, settings)
    _check_unseen(pretrained, config, clips)
    return pretrained


def _check_config(pretrained, config, settings):
    theirs = pretrained.config
    for name in settings:
        wanted = getattr(config, name)
        if theirs.get(name, wanted) != wanted:
            raise ValueError(
                f"`init_from` must have been trained with the same `{name}`, "
                f"{wanted!r}. Received: {pretrained.path}, trained with "
                f"{theirs[name]!r}"
            )


def _check_unseen(pretrained, config, clips):
    """Raises a `ValueError` if the validation clips were trained on."""
    protocol = pretrained.config.get("split_protocol")
    if config.split_protocol != "validation" or protocol in (
        None,
        "validation",
    ):
        return
    dataset = pretrained.config.get("dataset")
    if pretrained.data and clips is not None:
        same = pretrained.data == clips.digest
    else:  # Any folder of files is a dataset of that name.
        same = dataset == config.dataset != "keypoint_files"
    if same:
        raise ValueError(
            "`init_from` must not have been trained on the clips that "
            "`split_protocol` 'validation' holds back. Received: "
            f"{pretrained.path}, trained with {protocol!r}"
        )


def _read_run(folder):
    model = load_model(folder)
    values = {
        name: np.asarray(variable.numpy())
        for name, variable in weights.named(model).items()
        if weights.is_weight(name)
    }
    clips = files.read_json(folder / run_files.DATA)
    config = files.read_json(folder / run_files.CONFIG)
    return Pretrained(
        str(folder),
        KINDS[type(model)],
        values,
        skeletons.get(clips["skeleton"]).joints,
        tuple(clips["actions"]),
        config,
        clips["digest"],
    )


def _read_saved_model(folder):
    path = assets.find(folder)
    companions = (folder, folder.parent, path.parent)
    paths = [p / run_files.CONFIG for p in companions]
    config = next((files.read_json(p) for p in paths if p.is_file()), {})
    kind = " ".join(assets.names(path, "kind"))
    actions = path / "assets" / "actions.txt"
    return Pretrained(
        str(folder),
        kind,
        {k: v for k, v in weights.read(path).items() if weights.is_weight(k)},
        assets.names(path, "joints"),
        assets.names(path, "actions") if actions.is_file() else (),
        config,
    )
