"""Trainers, one for each kind of model: compose, fit, evaluate, export.

`get` finds the trainer of a kind; importing this package imports no TensorFlow.
"""

import importlib

from pose_tf import arguments

_CLASSES = {
    "vae": "VAETrainer",
    "motion_vae": "MotionVAETrainer",
    "classifier": "ClassifierTrainer",
    "generator": "GeneratorTrainer",
}
KINDS = tuple(_CLASSES)  # In the order in which `pose-tf run` trains them.


def get(kind):
    """Returns the trainer class of a kind of model.

    Args:
        kind: One of `KINDS`.

    Raises:
        ValueError: For another kind.

    Example:

    >>> from pose_tf import trainers
    >>> trainers.get("vae").config_class.__name__
    'VAEConfig'
    """
    if kind not in _CLASSES:
        raise ValueError(
            f"`kind` must be one of {', '.join(KINDS)}. Received: {kind!r}"
        )
    module = importlib.import_module(f"pose_tf.trainers.{kind}")
    return getattr(module, _CLASSES[kind])


def main(kind, argv=None):
    """Fits, evaluates and exports by a command line.

    TensorFlow is imported once the flags have been parsed, so that `--help`
    and mistakes take no time.

    Args:
        kind: One of `KINDS`.
        argv: Arguments; those of this process if None.
    """
    arguments.run_trainer(kind, lambda: get(kind), argv)
