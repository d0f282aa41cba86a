"""The one training loop: under any `tf.distribute` strategy, exactly resumable.

Keras 3's `fit` runs neither under MultiWorkerMirroredStrategy nor goes on to
the bit after a kill, hence a loop of our own; callbacks and progress bar are
Keras's. The data of an epoch must be a pure function of its number, so that
skipping the batches already seen finds the place again. One dataset runs through
all epochs: the first batches of an epoch are made while the last of the one
before are trained on.
"""

import keras
import numpy as np
import tensorflow as tf

from pose_tf.trainers import optimizers
from pose_tf.trainers.checkpoints import Checkpoints

PREFETCHED = 8  # Batches: an epoch's first ones take longest.


class DivergedError(ValueError):
    """Says where training gave a number that is not finite, and stopped.

    Example:

    >>> raise DivergedError("training diverged: at epoch 1, step 5, ...")
    Traceback (most recent call last):
    pose_tf.trainers.loop.DivergedError: training diverged: at epoch 1, step 5, ...
    """


class Loop:
    """Trains a model, with checkpoints, early stopping and callbacks.

    Args:
        model: A built Keras model.
        optimizer: A Keras optimizer, made under the same strategy.
        loss: A function `(batch, step, seed)` that gives a scalar and a dict
            of scalars, one for each of `scores`. `seed` is an int tensor
            `(2,)` of its own for every step and replica.
        scores: Names of what `loss` reports.
        folder: Where checkpoints, best weights and the history are kept; None
            keeps nothing, so that a killed run begins again.
        checkpoint_steps: Steps between two checkpoints; the end of an epoch
            always has one.
        monitor: The validation score that says which epoch was best.
        higher_is_better: Whether that score should be high.
        patience: Epochs without a better score before training stops, with
            the best weights put back; 0 goes on to the end and keeps the last.
        clip_norm: Largest norm of the gradient over all replicas; 0 does not
            clip.
        seed: Integer.

    Raises:
        ValueError: If there is `patience` but no folder.

    Example:

    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> def loss(batch, step, seed):
    ...     return tf.reduce_mean((model(batch) - 1) ** 2), {}
    >>> optimizer = keras.optimizers.SGD(0.1)
    >>> loop = Loop(model, optimizer, loss, (), None, checkpoint_steps=1)
    >>> batches = tf.data.Dataset.from_tensors(tf.ones((4, 3))).repeat(5)
    >>> history = loop.run(lambda epoch: batches, 5, 2, verbose=0)
    >>> history["loss"][1] < history["loss"][0]
    True
    """

    def __init__(
        self,
        model,
        optimizer,
        loss,
        scores,
        folder,
        *,
        checkpoint_steps,
        monitor="",
        higher_is_better=False,
        patience=0,
        clip_norm=0.0,
        seed=0,
    ):
        self.model, self.optimizer, self.loss = model, optimizer, loss
        self.scores = ("loss", *scores)
        if folder is None and patience:
            raise ValueError(
                "`patience` needs a `folder` for the best weights. "
                f"Received: patience={patience}, folder=None"
            )
        self.checkpoint_steps = checkpoint_steps
        self.monitor, self.patience = monitor, patience
        self.sign = 1 if higher_is_better else -1
        self.clip_norm, self.seed = clip_norm, seed
        self.strategy = tf.distribute.get_strategy()
        optimizer.build(model.trainable_variables)
        model.compile(optimizer=optimizer)  # For the callbacks that ask it.
        self.average = optimizers.averaging(model, optimizer)
        self.step = tf.Variable(0, dtype=tf.int64)
        self.sums = tf.Variable(tf.zeros(len(self.scores)))
        self.best = tf.Variable(-np.inf, dtype=tf.float64)
        self.best_epoch = tf.Variable(-1, dtype=tf.int64)
        self.finished = tf.Variable(False)
        self.checkpoints = folder and Checkpoints(
            folder,
            model,
            optimizer=optimizer,
            seeds=_seed_states(model),
            step=self.step,
            sums=self.sums,
            best=self.best,
            best_epoch=self.best_epoch,
            finished=self.finished,
        )

    def run(
        self,
        epoch_ds,
        steps_per_epoch,
        num_epochs,
        *,
        validate=None,
        callbacks=(),
        verbose=1,
    ):
        """Trains, or goes on, until `num_epochs` are done or patience ends.

        Args:
            epoch_ds: A function from an epoch's number, an int64 scalar
                tensor, to a dataset of its batches.
            steps_per_epoch: Batches of an epoch.
            num_epochs: Integer.
            validate: A function without arguments that gives a dict of
                scores of the validation clips; they get the prefix `val_`.
            callbacks: Keras callbacks.
            verbose: 1 for a progress bar, 0 for none.

        Returns:
            The history: a dict of a list for each score, over all epochs.

        Raises:
            DivergedError: At the first loss, in training or validation, or
                weight that is not finite. No checkpoint has it.
            ValueError: If the history in the folder is damaged.
        """
        if self.checkpoints:
            self.checkpoints.restore()
        epoch, done = divmod(int(self.step.numpy()), steps_per_epoch)
        history = (
            self.checkpoints.read_history(epoch) if self.checkpoints else {}
        )
        callbacks = keras.callbacks.CallbackList(
            list(callbacks),
            model=self.model,
            add_progbar=bool(verbose),
            verbose=verbose,
            epochs=num_epochs,
            steps=steps_per_epoch,
        )
        self.model.stop_training = False
        batches = self._batches(epoch_ds, epoch, num_epochs, done)
        step = self._train_step(batches.element_spec)
        callbacks.on_train_begin()
        while epoch < num_epochs and not self.finished.numpy():
            callbacks.on_epoch_begin(epoch)
            numbers = range(done, steps_per_epoch)
            logs = self._epoch(step, batches, epoch, numbers, callbacks)
            self._end_epoch(epoch, logs, history, validate, callbacks)
            epoch, done = epoch + 1, 0
        self._keep_final()
        callbacks.on_train_end()
        return history

    def _batches(self, epoch_ds, first, last, done):
        """An iterator over what is left of the epochs `first` to `last`."""
        ds = stream(epoch_ds, first, last).skip(done)
        return iter(self.strategy.experimental_distribute_dataset(ds))

    def _train_step(self, batch_spec):
        """A graph of `_step`: one, though an epoch's last batch be smaller."""
        return tf.function(
            self._step, input_signature=[batch_spec], autograph=False
        )

    def _epoch(self, step, batches, epoch, numbers, callbacks):
        """Trains on what is left of an epoch; returns its mean scores."""
        logs = dict.fromkeys(self.scores, 0.0)
        for number in numbers:
            callbacks.on_train_batch_begin(number)
            step(next(batches))
            means = self.sums.numpy() / (number + 1)
            logs = dict(zip(self.scores, map(float, means), strict=True))
            place = f"epoch {epoch + 1}, step {number + 1}"
            _require_finite(place, loss=logs["loss"])
            # The last step's checkpoint is that of the epoch's end: one taken
            # here would lack the validation and the history.
            is_due = int(self.step.numpy()) % self.checkpoint_steps == 0
            if is_due and number + 1 < numbers.stop:
                self._save(place)
            callbacks.on_train_batch_end(number, logs)
        return logs

    def _end_epoch(self, epoch, logs, history, validate, callbacks):
        """Validates, and keeps what came of the epoch.

        The checkpoint comes last: a kill before it repeats this from the
        checkpoint before, and to the bit, and one after it repeats nothing.
        """
        place = f"the end of epoch {epoch + 1}"
        with self.average():
            if validate is not None:
                scores = {f"val_{k}": v for k, v in validate().items()}
                # Other scores may be NaN, where no joint is visible.
                if "val_loss" in scores:
                    _require_finite(place, val_loss=scores["val_loss"])
                logs |= scores
            self._remember(epoch, logs)
            for name, value in logs.items():
                history.setdefault(name, []).append(float(value))
            callbacks.on_epoch_end(epoch, logs)
        self.sums.assign(tf.zeros_like(self.sums))
        waited = epoch - int(self.best_epoch.numpy())
        if self.model.stop_training or (
            self.monitor and 0 < self.patience <= waited
        ):
            self.finished.assign(True)
        self._save(place, history)

    def _step(self, batch):
        values = self.strategy.run(self._replica_step, args=(batch,))
        values = self.strategy.reduce(
            tf.distribute.ReduceOp.SUM, values, axis=None
        )
        self.sums.assign_add(values)
        self.step.assign_add(1)

    def _replica_step(self, batch):
        replica = tf.distribute.get_replica_context()
        number = replica.replica_id_in_sync_group
        fold = tf.random.experimental.stateless_fold_in
        seed = fold(
            fold(tf.constant([self.seed, 0], tf.int64), self.step),
            tf.cast(number, tf.int64),
        )
        share = 1.0 / replica.num_replicas_in_sync
        with tf.GradientTape() as tape:
            loss, scores = self.loss(batch, self.step, seed)
            scaled = loss * share
        variables = self.model.trainable_variables
        gradients = tape.gradient(scaled, [v.value for v in variables])
        gradients = self._clip(gradients, replica)
        # The optimizer itself sums gradients over replicas.
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        values = [loss, *(scores[name] for name in self.scores[1:])]
        return tf.stack([tf.cast(v, tf.float32) * share for v in values])

    def _clip(self, gradients, replica):
        """Clips by the norm of the sum of the replicas' gradients.

        The optimizer's own clipping would see the share of one replica only.
        """
        if not self.clip_norm:
            return gradients
        share = 1.0
        if replica.num_replicas_in_sync > 1:
            share = 1.0 / replica.num_replicas_in_sync
            gradients = replica.all_reduce(
                tf.distribute.ReduceOp.SUM, gradients
            )
        gradients, _ = tf.clip_by_global_norm(gradients, self.clip_norm)
        return [g if g is None else g * share for g in gradients]

    def _save(self, place, history=None):
        """Keeps a checkpoint, and the history at the end of an epoch."""
        variables = [*self.model.trainable_variables, *self.optimizer.variables]
        _require_finite(place, weights=sum(_zero_if_finite(variables)))
        if not self.checkpoints:
            return
        if history is not None:
            self.checkpoints.write_history(history)
        self.checkpoints.save(int(self.step.numpy()))

    def _remember(self, epoch, logs):
        """Keeps the weights of the best epoch so far."""
        if not self.monitor:
            return
        value = self.sign * logs[f"val_{self.monitor}"]
        if value > self.best.numpy():
            self.best.assign(value)
            self.best_epoch.assign(epoch)
            if self.patience:
                self.checkpoints.write_best()

    def _keep_final(self):
        """Leaves the weights in the model that are to be used from now on."""
        if self.monitor and self.patience and self.best_epoch.numpy() >= 0:
            self.checkpoints.read_best()
        else:
            self.average(keep=True)


def stream(epoch_ds, first, last):
    """Returns the batches of the epochs `first` to `last - 1`, in a row.

    Args:
        epoch_ds: See `Loop.run`.
        first, last: Integers.
    """
    # Nothing needs AutoGraph, whose conversion of all that is called is slow.
    epoch_ds = tf.autograph.experimental.do_not_convert(epoch_ds)
    ds = tf.data.Dataset.range(first, last).flat_map(epoch_ds)
    return ds.prefetch(PREFETCHED)


def _zero_if_finite(variables):
    """Yields 0 for each Keras variable of finite values, else NaN."""
    for variable in variables:
        values = tf.convert_to_tensor(variable.value)
        if values.dtype.is_floating:
            yield float(tf.reduce_sum(0 * values))


def _require_finite(place, **scores):
    for name, value in scores.items():
        if not np.isfinite(value):
            raise DivergedError(
                f"training diverged: at {place}, `{name}` must be finite. "
                f"Received: {value}"
            )


def _seed_states(model):
    """States of the seed generators of dropout, which weights do not hold."""
    return [
        v.value for v in model.variables if "seed_generator_state" in v.path
    ]
