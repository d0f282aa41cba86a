"""What the three trainers share: folders, data, seeds, fit, export."""

import dataclasses
import pathlib

import keras
import tensorflow as tf

from pose_tf import configs, files
from pose_tf.evaluation import blessing
from pose_tf.models import classifier, generator, vae
from pose_tf.pipeline import example_gen
from pose_tf.trainers import loop
from pose_tf.trainers import summaries as tensorboard

# Keras reads back only the classes that it is told of.
MODELS = (vae.PoseVAE, classifier.ActionClassifier, generator.PoseGenerator)


class Trainer:
    """Trains one model in one folder.

    `workdir` gets `config.json`, `checkpoints/`, `logs/` (TensorBoard),
    `model.keras`, `metrics.json` and `saved_model/`. A run that was killed
    goes on from its last checkpoint.

    Args:
        config: The trainer's config.
        workdir: Folder of the run.
        data_dir: Folder of prepared datasets; TFDS's own by default.
        manual_dir: Folder of annotations, for datasets that need one.
        clips: `example_gen.Clips`, in place of those of `config.dataset`.
        callbacks: More Keras callbacks.
        resumable: False for short runs, that keep neither checkpoints nor
            TensorBoard logs.
        verbose: 1 for progress bars, 0 for none.

    Raises:
        ValueError: If the folder holds a run with another config.
    """

    kind = ""

    def __init__(
        self,
        config,
        workdir,
        *,
        data_dir=None,
        manual_dir=None,
        clips=None,
        callbacks=(),
        resumable=True,
        verbose=1,
    ):
        self.config = config
        self.workdir = pathlib.Path(workdir)
        self.callbacks, self.verbose = callbacks, verbose
        self.resumable = resumable
        self._claim_workdir()
        self.clips = clips or example_gen.load(
            config.dataset, data_dir=data_dir, manual_dir=manual_dir
        )
        self.model: keras.Model | None = None

    def _claim_workdir(self):
        path = self.workdir / "config.json"
        if path.exists():
            before = configs.load(type(self.config), path)
            if before != self.config:
                raise ValueError(
                    "`workdir` must be new or hold a run with the same config. "
                    f"Received: {self.workdir}, which holds another"
                )
        self.workdir.mkdir(parents=True, exist_ok=True)
        with files.writing(path) as aside:
            configs.save(self.config, aside)

    @property
    def frame_normalized(self):
        """Whether windows come stretched to the reference frame."""
        return self.config.normalization == "frame"

    def split(self, split_protocol, name):
        """Clips of a part of a protocol."""
        return example_gen.split(self.clips, split_protocol)[name]

    def train_clips(self):
        """The clips that everything fitted may see."""
        return self.split(self.config.split_protocol, "train")

    def validation_clips(self):
        """The clips held back from training, or None if there are none."""
        if self.config.split_protocol != "validation":
            return None
        return self.split("validation", "validation")

    def clips_of(self, name):
        """Clips of `train`, `validation` or `test`, as training counts them.

        Returns:
            `(name, clips)`: for `test`, in a dataset without test clips, the
            name and the clips are those of `validation`.

        Raises:
            ValueError: For another name, or if there are no such clips.
        """
        if name == "train":
            return name, self.train_clips()
        if name == "validation":
            return name, self.split("validation", "validation")
        if name == "test":
            return example_gen.held_out(self.clips, self.config.split_protocol)
        raise ValueError(
            "`split` must be one of train, validation, test. "
            f"Received: {name!r}"
        )

    def fit(self):
        """Trains, or goes on; returns the history, a dict of lists."""
        config = self.config
        print(f"{type(self).__name__}: seed {config.seed}, {self.workdir}")
        keras.utils.set_random_seed(config.seed)
        if config.deterministic:
            tf.config.experimental.enable_op_determinism()
        with tf.distribute.get_strategy().scope():
            self.model = self.build()
            steps = self.steps_per_epoch()
            optimizer = loop.make_optimizer(config, steps * config.num_epochs)
            training = loop.Loop(
                self.model,
                optimizer,
                self.loss,
                self.figures,
                self.workdir / "checkpoints" if self.resumable else None,
                checkpoint_steps=config.checkpoint_steps,
                monitor=self.monitor if self.validation_clips() else "",
                higher_is_better=self.higher_is_better,
                patience=config.patience,
                clip_norm=config.clip_norm,
                seed=config.seed,
            )
        history = training.run(
            self.epoch,
            steps,
            config.num_epochs,
            validate=self.validate if self.validation_clips() else None,
            callbacks=[
                *(self.summaries() if self.resumable else ()),
                *self.callbacks,
            ],
            verbose=self.verbose,
        )
        with files.writing(self.workdir / "model.keras") as aside:
            self.model.save(aside)
        return history

    def summaries(self):
        """Callbacks that write what TensorBoard shows."""
        logs = tensorboard.Logs(self.workdir / "logs")
        return [
            tensorboard.Scalars(logs),
            tensorboard.hyperparameters(logs, self.config),
            *self.pictures(logs),
        ]

    def load_or_get_model(self):
        """The trained model, read from `model.keras` if need be.

        Raises:
            FileNotFoundError: If `fit` has not finished in `workdir`.
        """
        if self.model is None:
            self.model = load_model(self.workdir)
        return self.model

    def measure(self, clips_ds):
        """Figures of the model and of its baselines, by the rule of blessing.

        The rule is the evaluator's. What it gives in dicts is flat here:
        `zero_velocity_pck`, say.
        """
        figures, baseline, _ = blessing.RULES[self.kind](
            *self.predictors(), self.train_clips(), clips_ds, self.config
        )
        return files.plain({**figures, **_flat(baseline)})

    def evaluate(self, split="test"):
        """Figures on the clips of `split`; also writes `metrics.json`.

        There, `split` names the clips that were scored: see `clips_of`.
        """
        self.load_or_get_model()
        split, clips_ds = self.clips_of(split)
        figures = self.measure(clips_ds)
        files.write_json(
            self.workdir / "metrics.json",
            {
                "dataset": self.config.dataset,
                "split_protocol": self.config.split_protocol,
                "split": split,
                "seed": self.config.seed,
                **figures,
            },
        )
        return figures

    def export(self):
        """Writes the SavedModel; returns its folder."""
        path = self.workdir / "saved_model"
        self.write_saved_model(self.load_or_get_model(), path)
        return path


def _flat(figures):
    flat = {}
    for name, value in figures.items():
        if isinstance(value, dict):
            flat |= {f"{name}_{key}": x for key, x in _flat(value).items()}
        else:
            flat[name] = value
    return flat


def load_model(workdir):
    """The trained Keras model of a run's folder.

    Raises:
        FileNotFoundError: If there is none.
    """
    path = pathlib.Path(workdir) / "model.keras"
    if not path.exists():
        raise FileNotFoundError(
            "The folder must hold a finished training with a model.keras. "
            f"Received: {workdir}"
        )
    known = {model.__name__: model for model in MODELS}
    return keras.saving.load_model(path, custom_objects=known)


@dataclasses.dataclass
class FnArgs:
    """The fields of TFX's `FnArgs` that `run_fn` reads, under their names.

    Attributes:
        train_files: Folder of the prepared dataset, or files in it.
        eval_files: As `train_files`; the validation clips come from there.
        train_steps: Training steps; None leaves it to the config's epochs.
        eval_steps: Ignored: validation always sees every clip.
        schema_path: Ignored: `ExampleValidator` has checked the clips.
        serving_model_dir: Where the SavedModel goes.
        model_run_dir: The run's folder, `workdir`.
        custom_config: `preset`, and fields of the config to change.
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
    config = configs.preset(trainer_class.kind, preset)
    config = dataclasses.replace(config, **settings)
    source = pathlib.Path(fn_args.train_files[0])
    clips = example_gen.read(source if source.is_dir() else source.parent)
    config = dataclasses.replace(config, skeleton=clips.skeleton.name)
    trainer = trainer_class(config, fn_args.model_run_dir, clips=clips)
    if fn_args.train_steps:
        steps = trainer.steps_per_epoch()
        trainer.config = dataclasses.replace(
            config, num_epochs=-(-fn_args.train_steps // steps)
        )
    trainer.fit()
    trainer.write_saved_model(
        trainer.load_or_get_model(), fn_args.serving_model_dir
    )
    return trainer
