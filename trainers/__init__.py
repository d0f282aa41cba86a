"""Trainers, one for each kind of model: compose, fit, evaluate, export.

`get` finds the trainer of a kind; importing this package imports no TensorFlow.
"""

import importlib

_CLASSES = {
    "vae": "VAETrainer",
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
