"""Embed, classify and generate sequences of human poses with TensorFlow."""

from pose_tf.version import __version__

__all__ = ["__version__", "load"]


def load(path, skeleton=None):
    """Loads an exported SavedModel; see `pose_tf.serving.loaded.load`."""
    # Here, so that importing pose_tf is fast.
    from pose_tf.serving import loaded

    return loaded.load(path, skeleton)
