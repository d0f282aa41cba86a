"""Keras callbacks that show a training in TensorBoard.

They share the writers of one `Logs`, and get what they show from functions
that their constructors take, so that they work the same under `fit` and under
the loop of `trainers.loop`:

    logs = summaries.Logs(workdir / "logs")
    [
        summaries.Scalars(logs),
        summaries.ConfusionMatrix(logs, predict, actions),
        summaries.Rollouts(logs, rollouts, skeleton),
        summaries.Projector(logs, embed, skeleton),
        summaries.hyperparameters(logs, config),
    ]
"""

import dataclasses
import io
import pathlib
from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf
from PIL import Image
from tensorboard.plugins import projector
from tensorboard.plugins.hparams import api as hparams
from tensorboard.plugins.image import metadata as image_metadata

from pose_tf import presets
from pose_tf.evaluation import metrics
from pose_tf.plots import animations, charts, stick_figures

THUMBNAIL = 48  # Side of a thumbnail in the projector, pixels.


class Logs:
    """Writes the runs that one training shows in TensorBoard.

    A reader that follows a folder goes over to its newest event file and
    never back, so all callbacks must write a run through the same writer.

    Args:
        folder: Folder of the runs `train` and `validation`.

    Example:

    >>> logs = Logs("runs/vae/logs")  # A writer makes its folder.
    >>> logs.flush()
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._writers = {}

    def writer(self, run=""):
        """Returns the writer of a run; of the folder itself if `run` is empty."""
        if run not in self._writers:
            path = str(self.folder / run)
            self._writers[run] = tf.summary.create_file_writer(path)
        return self._writers[run]

    def flush(self):
        """Puts on disk what all callbacks wrote."""
        for writer in self._writers.values():
            writer.flush()


class Scalars(keras.callbacks.Callback):
    """Writes every score of every epoch, and the learning rate.

    A score `val_<name>` goes to the run `validation` as `<name>`, so that
    TensorBoard lays it over the one of the run `train`.

    Example:

    >>> callbacks = [Scalars(Logs("runs/vae/logs"))]  # For `fit`.
    """

    def __init__(self, logs: Logs):
        super().__init__()
        self.logs = logs

    def on_epoch_end(self, epoch, logs=None):
        values = {name: float(value) for name, value in (logs or {}).items()}
        optimizer = getattr(self.model, "optimizer", None)
        if optimizer is not None:
            values["learning_rate"] = float(optimizer.learning_rate)
        for name, value in values.items():
            tag = name.removeprefix("val_")
            run = "train" if tag == name else "validation"
            with self.logs.writer(run).as_default():
                tf.summary.scalar(tag, value, step=epoch)
        self.logs.flush()


class Periodic(keras.callbacks.Callback):
    """Calls `write(epoch)` every few epochs, and after the last one.

    Args:
        logs: A `Logs`.
        every: Epochs between two calls.

    Example:

    >>> class Epochs(Periodic):
    ...     def write(self, epoch):
    ...         print(epoch)
    >>> callback = Epochs(Logs("runs/vae/logs"), every=2)
    >>> for epoch in range(3):
    ...     callback.on_epoch_end(epoch)
    1
    >>> callback.on_train_end()
    2
    """

    def __init__(self, logs: Logs, every: int):
        super().__init__()
        if every < 1:
            raise ValueError(f"`every` must be at least 1. Received: {every!r}")
        self.logs, self.every = logs, every
        self._unwritten: int | None = None

    def on_epoch_end(self, epoch, logs=None):
        self._unwritten = epoch
        if (epoch + 1) % self.every == 0:
            self.on_train_end()

    def on_train_end(self, logs=None):
        if self._unwritten is not None:
            self.write(self._unwritten)
            self.logs.flush()
            self._unwritten = None

    def write(self, epoch):
        raise NotImplementedError


class ConfusionMatrix(Periodic):
    """Writes the accuracy of each class and a picture of the confusions.

    Args:
        logs: A `Logs`.
        predict: A function without arguments that gives `(labels,
            probabilities)` of the validation clips: integers `[N]` and floats
            `[N, C]`.
        names: Names of the `C` classes.
        every: Epochs between two pictures; the last epoch has one as well.

    Example:

    >>> def predict():
    ...     return np.array([0, 1]), np.array([[0.9, 0.1], [0.4, 0.6]])
    >>> logs = Logs("runs/classifier/logs")
    >>> callbacks = [ConfusionMatrix(logs, predict, ["bowl", "squat"])]
    """

    def __init__(
        self,
        logs: Logs,
        predict: Callable[[], tuple[np.ndarray, np.ndarray]],
        names: Sequence[str],
        every: int = 1,
    ):
        super().__init__(logs, every)
        self.predict, self.names = predict, tuple(names)

    def write(self, epoch):
        labels, probabilities = self.predict()
        counts = metrics.confusion(probabilities, labels)
        picture = io.BytesIO()
        charts.confusion_matrix(counts, self.names, picture, small=True)
        with self.logs.writer("validation").as_default():
            for name, row, right in zip(self.names, counts, np.diag(counts)):
                if row.any():  # Else there is nothing to be right about.
                    accuracy = right / row.sum()
                    tf.summary.scalar(f"class_accuracy/{name}", accuracy, epoch)
            image_summary("confusion_matrix", picture.getvalue(), epoch)


@dataclasses.dataclass(frozen=True)
class Rollout:
    """Holds sequences that an animation shows side by side.

    See `plots.animations.animate`.

    Attributes:
        name: Of the picture; the same every time it is made.
        sequences: Pairs (poses `[T, J, D]`, visibility `[T, J]`).
        titles: A text for each sequence.
        prefix: Number of frames that the model observed.

    Example:

    >>> poses, visibility = np.zeros((30, 13, 2)), np.ones((30, 13), bool)
    >>> Rollout("0001", [(poses, visibility)], ["truth"], prefix=10).name
    '0001'
    """

    name: str
    sequences: Sequence
    titles: Sequence[str]
    prefix: int = 0


class Rollouts(Periodic):
    """Writes animations that move in TensorBoard's Images tab.

    Args:
        logs: A `Logs`.
        rollouts: A function without arguments that gives some `Rollout`s.
        skeleton: A `Skeleton`.
        every: Epochs between two animations; the last epoch has one as well.
        fps: Frames per second.

    Example:

    >>> from pose_tf.pose import skeletons
    >>> logs = Logs("runs/generator/logs")
    >>> callbacks = [Rollouts(logs, lambda: [], skeletons.PENN_ACTION)]
    """

    def __init__(
        self,
        logs: Logs,
        rollouts: Callable[[], Sequence[Rollout]],
        skeleton,
        every: int = 5,
        fps: float = 12.5,
    ):
        super().__init__(logs, every)
        self.rollouts, self.skeleton, self.fps = rollouts, skeleton, fps

    def write(self, epoch):
        with self.logs.writer("validation").as_default():
            for rollout in self.rollouts():
                picture = io.BytesIO()
                animations.animate(
                    rollout.sequences,
                    self.skeleton,
                    picture,
                    rollout.titles,
                    prefix=rollout.prefix,
                    fps=self.fps,
                )
                tag = f"rollouts/{rollout.name}"
                image_summary(tag, picture.getvalue(), epoch)


@dataclasses.dataclass(frozen=True)
class Embedding:
    """Holds the points that the projector shows.

    Attributes:
        mean: `[N, Z]`, posterior means.
        poses: `[N, J, D]`, which become thumbnails.
        visibility: Bool `[N, J]`.
        labels: A dict from the names of columns, such as `action` and `view`,
            to `N` texts each; the first one colors the thumbnails.

    Example:

    >>> Embedding(
    ...     mean=np.zeros((1, 20)),
    ...     poses=np.zeros((1, 13, 2)),
    ...     visibility=np.ones((1, 13), bool),
    ...     labels={"action": ["bowl"]},
    ... ).mean.shape
    (1, 20)
    """

    mean: np.ndarray
    poses: np.ndarray
    visibility: np.ndarray
    labels: Mapping[str, Sequence[str]]


class Projector(keras.callbacks.Callback):
    """Writes the embedding for TensorBoard's projector when training ends.

    Args:
        logs: A `Logs`.
        embed: A function without arguments that gives an `Embedding`; some
            hundreds of poses are enough, and at most
            `(8192 / THUMBNAIL) ** 2` can be shown.
        skeleton: A `Skeleton`.

    Example:

    >>> from pose_tf.pose import skeletons
    >>> def embed():
    ...     raise NotImplementedError  # Returns an `Embedding`.
    >>> logs = Logs("runs/vae/logs")
    >>> callbacks = [Projector(logs, embed, skeletons.PENN_ACTION)]
    """

    def __init__(self, logs: Logs, embed: Callable[[], Embedding], skeleton):
        super().__init__()
        self.logs, self.embed, self.skeleton = logs, embed, skeleton

    def on_train_end(self, logs=None):
        # The projector looks only into folders that have an event file.
        self.logs.writer("validation").flush()
        write_projector(
            self.logs.folder / "validation", self.embed(), self.skeleton
        )


def write_projector(folder, embedding: Embedding, skeleton) -> None:
    """Writes tensors, labels, thumbnails and the projector's settings.

    Raises:
        ValueError: If there is no label or the lengths differ.
    """
    folder = pathlib.Path(folder)
    sizes = {name: len(values) for name, values in embedding.labels.items()}
    if not sizes or set(sizes.values()) != {len(embedding.mean)}:
        raise ValueError(
            "`labels` must have a column at least, each as long as `mean` "
            f"({len(embedding.mean)}). Received: {sizes}"
        )
    columns = list(embedding.labels.values())
    _, kinds = np.unique(np.asarray(columns[0]), return_inverse=True)
    stick_figures.sprite(
        embedding.poses,
        skeleton,
        folder / "sprite.png",
        visibility=embedding.visibility,
        colors=[
            stick_figures.COLORS[k % len(stick_figures.COLORS)] for k in kinds
        ],
        size=THUMBNAIL,
    )
    np.savetxt(folder / "tensors.tsv", embedding.mean, "%.6g", "\t")
    rows = [" ".join(str(text).split()) for text in columns[0]]
    if len(columns) > 1:  # The projector takes one column without its name.
        rows = ["\t".join(embedding.labels)]
        for texts in zip(*columns):
            rows.append("\t".join(" ".join(str(t).split()) for t in texts))
    (folder / "metadata.tsv").write_text("\n".join(rows) + "\n")
    settings = projector.ProjectorConfig()
    shown = settings.embeddings.add()
    shown.tensor_name = "embedding"
    shown.tensor_path = "tensors.tsv"
    shown.metadata_path = "metadata.tsv"
    shown.sprite.image_path = "sprite.png"
    shown.sprite.single_image_dim.extend([THUMBNAIL, THUMBNAIL])
    projector.visualize_embeddings(str(folder), settings)


def hyperparameters(logs: Logs, config) -> keras.callbacks.Callback:
    """Returns a callback that shows a config in the HParams tab.

    A trial is named by the preset that it is closest to, and by what differs
    from it. The tab finds the scores of the runs `train` and `validation` by
    itself.
    """
    return hparams.KerasCallback(
        logs.writer(),
        dataclasses.asdict(config),
        trial_id=presets.title(config),
    )


def image_summary(tag: str, encoded: bytes, step: int) -> None:
    """Writes an encoded picture to the default writer.

    `tf.summary.image` takes pixels and encodes a still picture; the Images
    tab shows what a browser shows, so a GIF moves in it.
    """
    width, height = Image.open(io.BytesIO(encoded)).size
    metadata = image_metadata.create_summary_metadata(
        display_name=None, description=None
    )
    with tf.summary.experimental.summary_scope(tag, "image_summary") as (
        scoped,
        _,
    ):
        tf.summary.write(
            scoped,
            tf.constant([str(width), str(height), encoded]),
            step=step,
            metadata=metadata,
        )
