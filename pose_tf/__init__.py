"""Embed, classify and generate sequences of human poses with TensorFlow."""

from pose_tf.version import __version__

__all__ = [
    "ActionRecognizer",
    "Timeline",
    "__version__",
    "learn",
    "load",
    "read",
    "search",
]


# The imports are inside, so that importing pose_tf is fast.
def __getattr__(name):
    if name == "ActionRecognizer":
        from pose_tf.learning import recognizer

        return recognizer.ActionRecognizer
    if name == "Timeline":
        from pose_tf.serving import timelines

        return timelines.Timeline
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load(path, skeleton=None):
    """Loads an exported SavedModel; see `pose_tf.serving.loaded.load`."""
    from pose_tf.serving import loaded

    return loaded.load(path, skeleton)


def learn(model, clips, actions, unlabelled=None):
    """Learns actions from few clips; see `pose_tf.learning.recognizer.learn`."""
    from pose_tf.learning import recognizer

    return recognizer.learn(model, clips, actions, unlabelled)


def read(path, format="auto", **options):
    """Reads the clips in a file; see `pose_tf.formats.read.read`."""
    from pose_tf.formats import read as reader

    return reader.read(path, format, **options)


def search(model, clip, among, num=5):
    """Finds the nearest motions; see `pose_tf.learning.search.search`."""
    from pose_tf.learning import search

    return search.search(model, clip, among, num)
