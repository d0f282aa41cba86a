"""What a killed training goes on from: checkpoints, history, best weights.

The folder of a run holds the last `CHECKPOINTS_KEPT` checkpoints, which are
named after the step they were taken at, `history.json` and, where training may
stop early, the weights of the best epoch as `best`.
"""

import pathlib
import re
import warnings

import tensorflow as tf

from pose_tf import files

CHECKPOINTS_KEPT = 2
HISTORY = "history.json"
BEST = "best"
# What TensorFlow raises for files that end too early or do not fit their sums.
_DAMAGE = (
    tf.errors.OpError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)
_INDEX = re.compile(r"ckpt-(\d+)\.index")


class Checkpoints:
    """Keeps the checkpoints of a training, its history and its best weights.

    Args:
        folder: Folder where they are kept.
        model: The Keras model, for the best weights.
        objects: All that a checkpoint holds besides, by name, as
            `tf.train.Checkpoint` takes it.

    Example:

    >>> import keras, tempfile
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> step = tf.Variable(0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     checkpoints = Checkpoints(folder, model, step=step)
    ...     checkpoints.save(step=step.assign(7).numpy())
    ...     _ = step.assign(9)
    ...     checkpoints.restore()
    >>> int(step)
    7
    """

    def __init__(self, folder, model, **objects):
        self.folder = pathlib.Path(folder)
        # One by one: TensorFlow finds no layer that Keras keeps in a list.
        weights = [weight.value for weight in model.variables]
        self.checkpoint = tf.train.Checkpoint(weights=weights, **objects)
        self.best = tf.train.Checkpoint(weights=weights)
        self.manager = tf.train.CheckpointManager(
            self.checkpoint, str(self.folder), max_to_keep=CHECKPOINTS_KEPT
        )

    def restore(self):
        """Restores the newest checkpoint that is whole, if there is any.

        A damaged one is left out with a warning that names its file.
        """
        # Not the manager's list, a file that may be damaged as well.
        for path in _newest_first(self.folder):
            if _is_whole(path):
                self._restore(path)
                return
            warnings.warn(
                f"{path}.index or its data is damaged: training goes on from "
                "an older checkpoint, or begins again",
                stacklevel=2,
            )

    def _restore(self, path):
        status = self.checkpoint.restore(str(path))
        try:
            status.assert_existing_objects_matched()
        except AssertionError as error:
            raise ValueError(
                f"{path}.index must be a checkpoint of this model. Delete "
                f"{self.folder} to train from the start"
            ) from error

    def save(self, step):
        """Keeps a checkpoint of a step; the oldest one goes."""
        self.manager.save(checkpoint_number=step)

    def write_best(self):
        """Keeps the model's weights as the best ones."""
        self.best.write(str(self.folder / BEST))

    def read_best(self):
        """Puts the best weights back into the model.

        Raises:
            ValueError: If their file is missing or damaged.
        """
        path = self.folder / BEST
        if not _is_whole(path):
            raise ValueError(
                f"{path}.index or its data is damaged. Delete {self.folder} to "
                "train from the start"
            )
        self.best.read(str(path)).assert_consumed()

    def read_history(self, num_epochs):
        """Returns the history of the first epochs, a dict of lists.

        Raises:
            ValueError: If the file is damaged, or of fewer epochs.
        """
        path = self.folder / HISTORY
        if not num_epochs:
            return {}
        history = files.read_json(path) if path.exists() else {}
        lists = history.values()
        if not history or not all(
            isinstance(values, list) and len(values) >= num_epochs
            for values in lists
        ):
            raise ValueError(
                f"{path} must hold the scores of {num_epochs} epochs. Put it "
                f"back, or delete {self.folder} to train again from the start"
            )
        return {name: values[:num_epochs] for name, values in history.items()}

    def write_history(self, history):
        """Writes the history, a dict of lists."""
        files.write_json(self.folder / HISTORY, history)


def _newest_first(folder):
    """Returns the prefixes of all checkpoints in a folder, newest first."""
    if not folder.is_dir():
        return []
    matches = [_INDEX.fullmatch(path.name) for path in folder.iterdir()]
    steps = sorted((int(m[1]) for m in matches if m), reverse=True)
    return [folder / f"ckpt-{step}" for step in steps]


def _is_whole(path):
    """Reads every tensor of a checkpoint, which compares their checksums."""
    try:
        reader = tf.train.load_checkpoint(str(path))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    except _DAMAGE:
        return False
    return True
