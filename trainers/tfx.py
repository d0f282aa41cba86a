"""Trains as TFX's Trainer component asks a module to: `run_fn(fn_args)`."""

import dataclasses
import pathlib

from pose_tf import presets
from pose_tf.pipeline import example_gen


@dataclasses.dataclass
class FnArgs:
    """Holds the fields of TFX's `FnArgs` that `run_fn` reads.

    Attributes:
        train_files: Folder of the prepared dataset, or files in it.
        eval_files: As `train_files`; the validation clips come from there.
        train_steps: Training steps; None leaves it to the config's epochs.
        eval_steps: Ignored: validation always sees every clip.
        schema_path: Ignored: `ExampleValidator` has checked the clips.
        serving_model_dir: Where the SavedModel goes.
        model_run_dir: The run's folder, `workdir`.
        custom_config: `preset`, and fields of the config to change.

    Example:

    >>> FnArgs(
    ...     train_files=["prepared/penn_action/2.0.0"],
    ...     eval_files=["prepared/penn_action/2.0.0"],
    ...     train_steps=1000,
    ...     eval_steps=None,
    ...     schema_path=None,
    ...     serving_model_dir="serving",
    ...     model_run_dir="runs/vae",
    ...     custom_config={"preset": "default", "latent_dim": 8},
    ... ).custom_config["latent_dim"]
    8
    """

    train_files: list[str]
    eval_files: list[str]
    train_steps: int | None
    eval_steps: int | None
    schema_path: str | None
    serving_model_dir: str
    model_run_dir: str
    custom_config: dict = dataclasses.field(default_factory=dict)


def run_fn(trainer_class, fn_args):
    """Trains and exports as TFX's Trainer component asks a module to.

    Args:
        trainer_class: A subclass of `Trainer`.
        fn_args: A `FnArgs`, or anything with its attributes.

    Returns:
        The trainer.
    """
    settings = dict(fn_args.custom_config or {})
    preset = settings.pop("preset", "default")
    config = dataclasses.replace(
        presets.get(trainer_class.kind, preset), **settings
    )
    source = pathlib.Path(fn_args.train_files[0])
    clips = example_gen.read(source if source.is_dir() else source.parent)
    if fn_args.train_steps:
        trainer = trainer_class(config, fn_args.model_run_dir, clips=clips)
        num_epochs = -(-fn_args.train_steps // trainer.steps_per_epoch())
        config = dataclasses.replace(config, num_epochs=num_epochs)
    trainer = trainer_class(config, fn_args.model_run_dir, clips=clips)
    trainer.fit()
    trainer.write_saved_model(
        trainer.load_or_get_model(), fn_args.serving_model_dir
    )
    return trainer
