"""What all trainers share: folders, data, seeds, fit, evaluate, export."""

import dataclasses
import functools
import pathlib
from typing import Any, ClassVar

import keras
import tensorflow as tf

from pose_tf import configs, files, presets, run_files
from pose_tf.evaluation import evaluator
from pose_tf.pipeline import example_gen
from pose_tf.trainers import (
    loop,
    optimizers,
    pretrained,
    progress,
    starts,
    workdir,
)
from pose_tf.trainers import report as reports
from pose_tf.trainers import summaries as tensorboard


class Trainer:
    """Trains one model in one folder.

    `workdir` gets `config.json`, `data.json` (a digest of the clips),
    `checkpoints/`, `logs/` (TensorBoard), `model.keras`, `metrics.json` and
    `saved_model/`. A run that was killed goes on from its last checkpoint, to
    the same bits; so does one whose `num_epochs` has grown, though a schedule
    that depends on it is another from there on.

    A subclass sets the class attributes and defines the methods that raise
    `NotImplementedError` here; nothing else is asked of it.

    Class attributes:
        kind: Kind of model, one of `trainers.KINDS`.
        purpose: What such a model does: a sentence for its card.
        rule: How it is scored and blessed.
        config_class: Class of its config.
        scores: Names of what `loss` reports.
        monitor: The validation score that says which epoch was best.
        higher_is_better: Whether that score should be high.
        init_settings: Fields of the config on which the meaning of weights
            depends: that of `init_from` must have the same.
        init_kinds: Other kinds whose weights `init_from` can hold.
        per_action: Layers of the model whose last axis is that of actions.
        loss_settings: Fields of the config that decide the loss, for whoever
            looks for the reason why training diverged.

    Args:
        config: The trainer's config. Its skeleton becomes that of the clips.
        workdir: Folder of the run. Nothing is written there before `fit`.
        data_dir: Folder of prepared datasets; TFDS's own by default.
        manual_dir: Folder of annotations, for datasets that need one.
        clips: `example_gen.Clips`, in place of those of `config.dataset`.
        callbacks: More Keras callbacks.
        resumable: False for short runs, that keep neither checkpoints nor
            TensorBoard logs.
        verbose: 1 for progress bars, 0 for none.

    Example:

    >>> from pose_tf import trainers
    >>> trainers.get("generator").config_class().horizon
    30
    """

    kind: ClassVar[str]
    purpose: ClassVar[str]
    rule: ClassVar[evaluator.Rule]
    config_class: ClassVar[type[configs.TrainingConfig]]
    scores: tuple[str, ...]
    monitor: ClassVar[str]
    higher_is_better: ClassVar[bool]
    init_settings: ClassVar[tuple[str, ...]] = ("normalization",)
    init_kinds: ClassVar[tuple[str, ...]] = ()
    per_action: ClassVar[tuple[str, ...]] = ()
    loss_settings: ClassVar[tuple[str, ...]] = ()

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
        self._given_config, self._given_clips = config, clips
        self.workdir = pathlib.Path(workdir)
        self.data_dir, self.manual_dir = data_dir, manual_dir
        self.callbacks, self.verbose = callbacks, verbose
        self.resumable = resumable
        self.model: Any = None
        self.conditions: list = []

    @functools.cached_property
    def clips(self):
        """The clips of the dataset, `example_gen.Clips`."""
        return self._given_clips or example_gen.load(
            self._given_config.dataset,
            data_dir=self.data_dir,
            manual_dir=self.manual_dir,
        )

    @functools.cached_property
    def config(self):
        """The config, with the skeleton of the clips.

        Raises:
            ValueError: If the config asks for another skeleton than theirs,
                which is not the one that it has by default.
        """
        config, name = self._given_config, self.clips.skeleton.name
        if config.skeleton not in (name, configs.TrainingConfig.skeleton):
            raise ValueError(
                f"`skeleton` must be that of the clips, {name!r}. Received: "
                f"{config.skeleton!r}"
            )
        return dataclasses.replace(config, skeleton=name)

    @functools.cached_property
    def pretrained(self):
        """The weights of `init_from`, a `pretrained.Pretrained`, or None."""
        kinds = (self.kind, *self.init_kinds)
        return pretrained.of_config(self.config, kinds, self.init_settings)

    def initial_weights(self, layer) -> dict:
        """Returns the weights of `init_from` by their names in `layer`."""
        del layer  # As it is fitted to the clips; most need not look at it.
        return self.pretrained.values

    def build(self) -> keras.Model:
        """Returns the untrained model, fitted to the clips where need be."""
        raise NotImplementedError

    def steps_per_epoch(self) -> int:
        """Returns the number of batches of an epoch."""
        raise NotImplementedError

    def epoch(self, epoch) -> tf.data.Dataset:
        """Returns the batches of an epoch, a pure function of its number.

        Args:
            epoch: Integer, or int64 scalar tensor.
        """
        raise NotImplementedError

    def loss(self, batch, step, seed):
        """Returns the loss of a batch, and what it reports.

        Args:
            batch: A dict of tensors, as `epoch` gives it.
            step: Steps before this one, int64 scalar tensor.
            seed: Int tensor `(2,)`, another for every step and replica.

        Returns:
            A scalar, and a dict of a scalar for each of `scores`.
        """
        raise NotImplementedError

    def prepare(self):
        """Readies the new model for training: does nothing, for most."""

    def finish(self):
        """Sets what depends on the trained weights: nothing, for most."""

    def validate(self) -> dict[str, float]:
        """Measures the model on the validation clips, `monitor` among others."""
        raise NotImplementedError

    def pictures(self, logs) -> list[keras.callbacks.Callback]:
        """Returns the callbacks that write pictures to TensorBoard.

        Args:
            logs: `summaries.Logs`.
        """
        raise NotImplementedError

    def predictors(self) -> tuple:
        """Returns the functions of the model that its rule of blessing takes."""
        raise NotImplementedError

    def num_scored(self, clips_ds) -> tuple[int, str]:
        """Returns how many examples `measure` scores, and what one is."""
        return int(clips_ds.cardinality()), "clip"

    def write_saved_model(self, model, path):
        """Writes the model as a SavedModel to a folder."""
        raise NotImplementedError

    @property
    def frame_normalized(self):
        """Whether windows come stretched to the reference frame."""
        return self.config.normalization == "frame"

    def split(self, split_protocol, name):
        """Returns the clips of a part of a protocol."""
        return example_gen.split(self.clips, split_protocol)[name]

    def train_clips(self):
        """Returns the clips that everything fitted may see."""
        return self.split(self.config.split_protocol, "train")

    def validation_clips(self):
        """Returns the clips held back from training, or None without any."""
        if self.config.split_protocol != "validation":
            return None
        return self.split("validation", "validation")

    def clips_of(self, name):
        """Returns clips of `train`, `validation` or `test`.

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

    def check(self, *parts):
        """Checks that there is something to train on, and to score.

        Args:
            parts: Names of the parts to score, as for `clips_of`.

        Raises:
            ValueError: If these settings leave none of a part's clips, in the
                words of `nothing_in`.
        """
        if self.steps_per_epoch() < 1:
            raise ValueError(self.nothing_in("train", self.train_clips()))
        for part in parts:
            name, clips_ds = self.clips_of(part)
            if self.num_scored(clips_ds)[0] < 1:
                raise ValueError(self.nothing_in(name, clips_ds))

    def fit(self):
        """Trains, or goes on; returns the history, a dict of lists.

        Raises:
            ValueError: If the folder holds a run with another config or on
                other clips, one of its files is damaged, or there is nothing
                to train on with these settings.
            DivergedError: If training diverges. The last good checkpoint stays.
        """
        self.check(*(["validation"] if self.validation_clips() else []))
        config, steps = self.config, self.steps_per_epoch()
        workdir.claim(self.workdir, config, self.clips, self.pretrained)
        print(f"{type(self).__name__}: seed {config.seed}, {self.workdir}")
        keras.utils.set_random_seed(config.seed)
        if config.deterministic:
            tf.config.experimental.enable_op_determinism()
        with tf.distribute.get_strategy().scope():
            self.model = self.build()
            starts.begin(self)
            self.prepare()
            training = self._loop(steps)
        try:
            history = training.run(
                self.epoch,
                steps,
                config.num_epochs,
                validate=self.validate if self.validation_clips() else None,
                callbacks=[
                    *([progress.Duration()] if self.verbose else ()),
                    *(self.summaries() if self.resumable else ()),
                    *self.callbacks,
                ],
                verbose=self.verbose,
            )
        except loop.DivergedError as error:
            self.model = None
            advice = reports.advice(
                config,
                presets.get(self.kind, "default"),
                ("learning_rate", "clip_norm", *self.loss_settings),
            )
            raise loop.DivergedError(f"{error}. {advice}") from error
        self.finish()
        with files.writing(self.workdir / run_files.MODEL) as aside:
            self.model.save(aside)
        return history

    def _loop(self, steps):
        config = self.config
        return loop.Loop(
            self.model,
            optimizers.make_optimizer(config, steps * config.num_epochs),
            self.loss,
            self.scores,
            self.workdir / "checkpoints" if self.resumable else None,
            checkpoint_steps=config.checkpoint_steps,
            monitor=self.monitor if self.validation_clips() else "",
            higher_is_better=self.higher_is_better,
            patience=config.patience,
            clip_norm=config.clip_norm,
            seed=config.seed,
        )

    def nothing_in(self, name, clips_ds) -> str:
        """Says why there is nothing in a part, and what to change."""
        return (
            f"`clips` must have a {name} clip with a visible joint. Received: "
            f"{int(clips_ds.cardinality())} {name} clips without any"
        )

    def summaries(self):
        """Returns the callbacks that write what TensorBoard shows."""
        logs = tensorboard.Logs(self.workdir / "logs")
        return [
            tensorboard.Scalars(logs),
            tensorboard.hyperparameters(logs, self.config),
            *self.pictures(logs),
        ]

    def load_or_get_model(self):
        """Returns the trained model, which is read from `model.keras` if needed.

        Raises:
            FileNotFoundError: If `fit` has not finished in `workdir`.
            ValueError: If it was trained on other clips, or a file is damaged.
        """
        if self.model is None:
            workdir.check_clips(self.workdir, self.clips)
            self.model = pretrained.load_model(self.workdir)
        return self.model

    def measure(self, clips_ds):
        """Measures the model and its baselines, by the rule of blessing.

        The rule is the evaluator's. What it gives in dicts is flat here:
        `zero_velocity_pck`, say. Its conditions go to `self.conditions`: pairs
        of whether one holds and a sentence.
        """
        predict, *others = self.predictors()
        if self.verbose:
            predict = progress.counted(predict, *self.num_scored(clips_ds))
        scores, baseline, self.conditions = self.rule.compare(
            predict, *others, self.train_clips(), clips_ds, self.config
        )
        return files.plain({**scores, **reports.flat(baseline)})

    def evaluate(self, split="test"):
        """Evaluates the model and its baselines on the clips of `split`.

        Prints which clips they are and how the model compares, and writes
        `metrics.json`, where `split` names the clips: see `clips_of`.

        Returns:
            Dict of the scores; some are lists, with a value per horizon.
        """
        self.load_or_get_model()
        split, clips_ds = self.clips_of(split)
        print(
            f"Scoring the {self.kind} on {int(clips_ds.cardinality())} {split} "
            f"clips of {self.config.dataset}, beside its baselines",
            flush=True,
        )
        scores = self.measure(clips_ds)
        path = self.workdir / run_files.METRICS
        files.write_json(
            path,
            {
                "dataset": self.config.dataset,
                "split_protocol": self.config.split_protocol,
                "split": split,
                "seed": self.config.seed,
                **scores,
            },
        )
        print(reports.table(scores))
        print(reports.verdict(self.conditions))
        print(f"All scores: {path}")
        return scores

    def export(self):
        """Writes the SavedModel; returns its folder."""
        path = self.workdir / run_files.SAVED_MODEL
        self.write_saved_model(self.load_or_get_model(), path)
        return path
