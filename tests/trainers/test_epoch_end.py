"""Kills at an epoch's end, between any two of its operations, lose nothing."""

import sys

import numpy as np
import pytest

from pose_tf.trainers import checkpoints, loop
from tests.trainers.test_loop import NUM_BATCHES, epoch_ds, make_loop, weights

# What runs between an epoch's last step and the next epoch's first.
ENDING = {
    (loop.__file__, "_end_epoch"),
    (loop.__file__, "_remember"),
    (loop.__file__, "_save"),
    (checkpoints.__file__, "write_best"),
    (checkpoints.__file__, "write_history"),
    (checkpoints.__file__, "save"),
}
NUM_EPOCHS, KILLED_EPOCH = 3, 1


class Killed(BaseException):
    """Simulates a kill; nothing in the loop catches it."""


class Kill:
    """Raises before the `at`-th line of the end of `KILLED_EPOCH`.

    Attributes:
        lines: The lines of that end that began, as (function, number).
    """

    def __init__(self, at=None):
        self.at, self.lines, self.epoch = at, [], None

    def __call__(self, frame, event, arg):
        code = frame.f_code
        if (code.co_filename, code.co_name) not in ENDING:
            return None
        if code.co_name == "_end_epoch":
            self.epoch = frame.f_locals["epoch"]
        return self.line if self.epoch == KILLED_EPOCH else None

    def line(self, frame, event, arg):
        if event == "line":
            self.lines.append((frame.f_code.co_name, frame.f_lineno))
            if len(self.lines) - 1 == self.at:
                raise Killed
        return self.line


def train(folder, kill=None):
    """Trains with a checkpoint due at each epoch's last step."""
    training = make_loop(
        folder, checkpoint_steps=NUM_BATCHES, monitor="badness", patience=5
    )

    def validate():
        # Of the weights, so that it is another one after each epoch.
        return {"badness": float(np.abs(weights(training)[:4]).sum())}

    sys.settrace(kill)
    try:
        history = training.run(
            epoch_ds, NUM_BATCHES, NUM_EPOCHS, validate=validate, verbose=0
        )
    finally:
        sys.settrace(None)
    return history, weights(training)


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """History and weights of a run that nothing stops, and an end's lines."""
    counter = Kill()
    history, final = train(tmp_path_factory.mktemp("straight"), counter)
    return history, final, counter.lines


def test_the_end_of_an_epoch_is_what_is_stopped(straight):
    """All its functions take part, or the next test would test little."""
    assert {name for name, _ in straight[2]} == {name for _, name in ENDING}


@pytest.mark.slow
def test_killed_before_any_line_it_ends_with_the_same_bits(straight, tmp_path):
    history, final, lines = straight
    for at, line in enumerate(lines):
        folder = tmp_path / str(at)
        with pytest.raises(Killed):
            train(folder, Kill(at))
        again, resumed = train(folder)
        assert again == history, line
        np.testing.assert_array_equal(resumed, final, err_msg=str(line))
