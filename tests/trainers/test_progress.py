"""How long a training takes, and what went through a function."""

import keras
import numpy as np
import pytest

from pose_tf.trainers import progress, report


class Clock:
    """Replaces `time`: each call returns the next of some instants."""

    def __init__(self, *instants):
        self.instants = iter(instants)

    def monotonic(self):
        return next(self.instants)


def train(monkeypatch, instants, num_epochs, num_steps):
    monkeypatch.setattr(progress, "time", Clock(*instants))
    callbacks = keras.callbacks.CallbackList(
        [progress.Duration()], epochs=num_epochs, steps=num_steps
    )
    for epoch in range(num_epochs):
        callbacks.on_epoch_begin(epoch)
        for step in range(num_steps):
            callbacks.on_train_batch_end(step)
        callbacks.on_epoch_end(epoch)


def test_the_first_step_does_not_count(monkeypatch, capsys):
    """Two steps of 1 s after one of 50 s; 5 s of validation.

    Ten epochs of 3 steps: the nine to come take 9 * (3 * 1 + 5) = 72 s.
    """
    train(monkeypatch, [50, 51, 52, 57], num_epochs=10, num_steps=3)
    told = capsys.readouterr().out.strip()
    assert told == "9 of 10 epochs left: about 1 min"


def test_nothing_is_printed_after_one_step_but_after_two(monkeypatch, capsys):
    """Epochs of one step: the second ends 2 s after the first, and 1 s later."""
    train(monkeypatch, [50, 52, 53], num_epochs=3, num_steps=1)
    told = capsys.readouterr().out.strip()
    assert told == "1 of 3 epochs left: about 3 s"


def test_nothing_is_printed_after_the_only_epoch(monkeypatch, capsys):
    train(monkeypatch, [1, 2, 3], num_epochs=1, num_steps=2)
    assert capsys.readouterr().out == ""


def test_counted_gives_what_the_function_gives(capsys):
    double = progress.counted(lambda x, y: 2 * x + y, 4, "clip")
    for _ in range(2):
        np.testing.assert_array_equal(double(np.ones(2), 1), [3, 3])
    assert "4/4" in capsys.readouterr().out


@pytest.mark.parametrize(
    "conditions, told",
    [
        (
            [(True, "A is 2."), (True, "B is 3.")],
            "Better than its baselines: A is 2. B is 3.",
        ),
        (
            [(True, "A is 2."), (False, "B is 0.")],
            "NOT better than its baselines: B is 0.",
        ),
    ],
)
def test_a_verdict_gives_its_reasons(conditions, told):
    assert report.verdict(conditions) == told
