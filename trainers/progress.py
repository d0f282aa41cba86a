"""Says how far a run is: the time that a training takes, what is scored."""

import time

import keras


class Duration(keras.callbacks.Callback):
    """Prints after the first epoch how long the rest of them will take.

    The first step, which compiles the model, is not counted.

    Example:

    >>> callbacks = keras.callbacks.CallbackList(
    ...     [Duration()], epochs=1, steps=2
    ... )
    >>> callbacks.on_epoch_end(0)  # No epoch is left: nothing to say.
    """

    def __init__(self):
        super().__init__()
        self._num_steps, self._ends = 0, [0.0, 0.0]  # Of the first, the last.
        self._text, self._is_told = "", False

    def on_train_batch_end(self, batch, logs=None):
        if self._is_told:
            return
        self._num_steps += 1
        self._ends[1] = time.monotonic()
        if self._num_steps == 1:
            self._ends[0] = self._ends[1]

    def on_epoch_end(self, epoch, logs=None):
        # A lone step measures the compilation and nothing else.
        if self._is_told or self._num_steps < 2:
            return
        first, last = self._ends
        step = (last - first) / (self._num_steps - 1)
        ending = time.monotonic() - last
        total = self.params["epochs"]
        num_left = total - epoch - 1
        seconds = num_left * (step * self.params["steps"] + ending)
        self._is_told = True
        self._text = (
            f"{num_left} of {total} epochs left: about {spell(seconds)}"
        )

    def on_epoch_begin(self, epoch, logs=None):
        # Not at the end of an epoch, where the progress bar has its line.
        if self._text:
            print(self._text, flush=True)
            self._text = ""


def spell(seconds):
    """Returns a duration in words, such as `8 s`, `12 min` or `1 h 5 min`.

    >>> spell(7.6), spell(90), spell(3900)
    ('8 s', '2 min', '1 h 5 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def watched(batches, total, unit):
    """Yields batches, and shows how many examples are through.

    Args:
        batches: Dicts of arrays with an example per row.
        total: Examples that are expected.
        unit: Name of an example, such as `pose`.
    """
    bar = keras.utils.Progbar(total, unit_name=unit)
    num_done = 0
    for batch in batches:
        yield batch
        num_done += len(next(iter(batch.values())))
        bar.update(min(num_done, total), finalize=num_done >= total)


def counted(function, total, unit):
    """Returns a function that shows how many examples went through it.

    Args:
        function: Takes a batch, an array of examples first.
        total: Examples that are expected.
        unit: What an example is, such as `clip`.
    """
    bar = keras.utils.Progbar(total, unit_name=unit)
    num_done = 0

    def shown(first, *others):
        nonlocal num_done
        outputs = function(first, *others)
        num_done += len(first)
        bar.update(min(num_done, total), finalize=num_done >= total)
        return outputs

    return shown
