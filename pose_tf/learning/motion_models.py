"""Opens the models that learning starts from."""

import os

from pose_tf.serving import assets, loaded

ENDPOINT = "embed_motion"


def open_model(model, skeleton=None):
    """Returns a loaded model that embeds motions.

    Args:
        model: A path, or what `pose_tf.load` returns.
        skeleton: A `Skeleton`, or its name, that it must be for.

    Raises:
        FileNotFoundError: If there is nothing at the path.
        ValueError: If it is another kind of model, or for another skeleton.
    """
    if isinstance(model, (str, os.PathLike)):
        model = loaded.load(model)
    if ENDPOINT not in getattr(model, "endpoints", ()):
        raise ValueError(
            "`model` must be a motion model, or a recognizer that has learnt "
            f"from one: a SavedModel with the endpoint {ENDPOINT!r}. "
            f"Received: {_told(model)}"
        )
    assets.match_skeleton(model, skeleton)
    return model


def _told(model):
    path = getattr(model, "path", None)
    kind = f"a {type(model).__name__}"
    return f"{path}, {kind}" if path else kind
