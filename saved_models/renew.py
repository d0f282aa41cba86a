"""Exports the committed models again: the same weights, today's endpoints.

    python saved_models/renew.py --data_dir=DIR [MODEL ...]

DIR holds the prepared penn_action, MODEL is a name such as `vae`. Each model is rebuilt from its config and
the variables of its SavedModel, exported, scored and, if it is blessed, written
over version 1, with its metrics and its card. What was added to the card's
section on data by hand is kept.
"""

import argparse
import pathlib
import shutil
import tempfile

import tensorflow as tf

from pose_tf import configs, files, trainers
from pose_tf.evaluation import evaluator
from pose_tf.models.motion_embedder import MotionEmbedder
from pose_tf.pipeline import example_gen
from pose_tf.runner import model_card, pusher
from pose_tf.serving import assets, saved_model, weights

HERE = pathlib.Path(__file__).parent
RUN = (
    "pose-tf run --dataset=penn_action --preset=default "
    "--workdir=runs/penn_action --manual_dir=..."
)
TRAIN = "pose-tf train {} --dataset=penn_action --split_protocol=official {}"
# The command that trained each committed model, `penn_action_<name>`.
COMMANDS = {
    "vae": RUN,
    "motion_vae": TRAIN.format("motion_vae", "--workdir=runs/motion_vae"),
    "classifier": TRAIN.format("classifier", "--workdir=runs/classifier"),
    "causal_classifier": TRAIN.format(
        "classifier", "--preset=causal --workdir=runs/causal"
    ),
    "generator": TRAIN.format("generator", "--workdir=runs/generator"),
}


def kind_of(name):
    """Returns the kind of a committed model."""
    return "classifier" if name.endswith("classifier") else name


def folder_of(name):
    """Returns the folder of a committed model."""
    return HERE / f"penn_action_{name}"


def config_of(name):
    """Returns the config that a committed model was trained with."""
    return configs.load(
        trainers.get(kind_of(name)).config_class,
        folder_of(name) / "config.json",
    )


def trainer_of(name, clips):
    """Returns the trainer of a committed model; it writes nothing."""
    return trainers.get(kind_of(name))(
        config_of(name), folder_of(name), clips=clips
    )


def weights_of(name):
    """Returns the variables of a committed model, in the model's order.

    What novelty is measured by comes after them, and is not among them.
    """
    path = folder_of(name) / "1" / "variables" / "variables"
    reader = tf.train.load_checkpoint(str(path))
    keys = [
        key
        for key in reader.get_variable_to_shape_map()
        if key.startswith("variables_held/")
    ]
    keys.sort(key=lambda key: int(key.split("/")[1]))
    names = assets.names(folder_of(name) / "1", weights.ASSET, len(keys))
    return [
        reader.get_tensor(key)
        for key, weight in zip(keys, names, strict=True)
        if not weight.startswith(f"{weights.NOVELTY}/")
    ]


def build(name, clips):
    """Returns a committed model as a Keras model."""
    if name == "vae":
        model = trainer_of(name, clips).new_model()
    elif name == "motion_vae":
        return _motion_embedder(trainer_of(name, clips).new_model())
    else:
        model = trainer_of(name, clips).build()
    for variable, value in zip(model.variables, weights_of(name), strict=True):
        variable.assign(value)
    return model


def _motion_embedder(vae):
    """Returns the committed part of a motion VAE."""
    values = weights.read(folder_of("motion_vae") / "1")
    vae.num_references.assign(len(values["references"]))
    embedder = MotionEmbedder(vae)
    for name, variable in weights.named(embedder).items():
        variable.assign(values[name])
    return embedder


def renew(name, clips):
    """Exports, scores and writes a committed model."""
    folder, config = folder_of(name), config_of(name)
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch) / "saved_model"
        trainer, model = trainer_of(name, clips), build(name, clips)
        if name == "motion_vae":  # Its other half is not committed.
            saved_model.export_motion_vae(model, path)
        else:
            trainer.write_saved_model(model, path)
        evaluation = evaluator.evaluate(trainer.rule, path, clips, config)
        print(name, *evaluation.reasons, sep="\n  ")
        if not evaluation.blessed:
            raise SystemExit(f"{name} was not blessed and stays as it was.")
        card = model_card.write(
            folder.name, evaluation, files.plain(vars(config)), COMMANDS[name]
        )
        card = _with_note(card, (folder / "model_card.md").read_text())
        texts = {
            "model_card.md": card,
            "config.json": (folder / "config.json").read_text(),
            "metrics.json": pusher.metrics_text(evaluation),
        }
        extra = path / pusher.EXTRA
        extra.mkdir()
        for place in (extra, folder):
            for file, text in texts.items():
                (place / file).write_text(text)
        with files.writing(folder / "1") as aside:
            shutil.copytree(path, aside)


def _with_note(card, before):
    """Returns `card` with what was added by hand to the data of `before`."""
    data = _section(card, "Data")
    note = _section(before, "Data").removeprefix(data)
    return card.replace(data, data + note)


def _section(card, head):
    return card.split(f"\n## {head}\n\n")[1].split("\n\n## ")[0].rstrip("\n")


def main():
    """Renews the models that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(COMMANDS))
    parser.add_argument("--data_dir", help="Folder of prepared datasets.")
    arguments = parser.parse_args()
    clips = example_gen.load("penn_action", data_dir=arguments.data_dir)
    for name in arguments.names:
        renew(name, clips)


if __name__ == "__main__":
    main()
