"""Imports libraries that only some formats need."""

import importlib


def require(module, extra):
    """Returns a module of an optional library.

    Args:
        module: Name of the module.
        extra: Name of the extra of pose_tf that installs it.

    Raises:
        ValueError: If it is not installed; the message says how to.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ValueError(
            f"this format needs {module.partition('.')[0]}: "
            f"`pip install pose_tf[{extra}]`. Received: {error}"
        ) from error
