"""Writes a recognizer as a SavedModel, with the motion model inside it."""

import pathlib

import numpy as np
import tensorflow as tf

from pose_tf import novelty
from pose_tf.learning import motion_models
from pose_tf.serving import saved_model

MODEL_FILE = "saved_model.pb"
# Motions that novelty is measured by, of more these many are drawn; and how many
# of them are looked at. An action may have but one.
MAX_REFERENCES, NUM_NEIGHBORS = 10_000, 1


def check_output(path) -> None:
    """Checks that a SavedModel can be written without deleting other things.

    Raises:
        ValueError: If `path` is a file, or a folder that holds anything but a
            SavedModel.
    """
    path = pathlib.Path(path)
    if not path.exists() or (path / MODEL_FILE).is_file():
        return
    if not path.is_dir() or any(path.iterdir()):
        raise ValueError(
            "`output` must be a new or empty folder, or a SavedModel, which is "
            f"replaced. Received: {path}"
        )


def write(model, memory, path) -> None:
    """Writes a SavedModel of kind `classifier` to the folder `path`.

    Args:
        model: The loaded motion model, or a recognizer that holds one.
        memory: `memory.Memory` with a head, which is written as well.
        path: Folder to write.

    Raises:
        ValueError: If another thing than a SavedModel is at `path`.
        OSError: If it cannot be written; what was there stays then.
    """
    check_output(path)
    # Opened again, since a loaded model may have been changed by its user.
    saved = tf.saved_model.load(str(model.path))
    embed = saved.signatures[motion_models.ENDPOINT]
    layer = RecognizerHead(memory)

    def embed_motion(poses, visibility, num_frames):
        return embed(poses=poses, visibility=visibility, num_frames=num_frames)

    def classify(poses, visibility, num_frames):
        return layer(embed_motion(poses, visibility, num_frames)["mean"])

    specs = [
        embed.structured_input_signature[1][name]
        for name in ("poses", "visibility", "num_frames")
    ]
    functions = {
        "classify": (classify, specs),
        motion_models.ENDPOINT: (embed_motion, specs),
    }
    saved_model.write(
        path,
        "classifier",
        functions,
        [*embed.variables, *layer.variables],
        model.joints,
        memory.actions,
        memory.write,
    )


class RecognizerHead(tf.Module):
    """Classifies embeddings of motions, and says how new they are.

    Novelty is the share of the motions learnt from, labelled or not, that lie
    nearer (by the cosine) to another one of them.

    Args:
        memory: `memory.Memory` with a head.

    Example:

    >>> from pose_tf.learning import head, memory
    >>> learned = memory.Memory(
    ...     actions=("bowl", "squat"),
    ...     embeddings=np.eye(2, dtype=np.float32),
    ...     labels=np.arange(2),
    ...     head=head.Head(np.eye(2)),
    ... )
    >>> outputs = RecognizerHead(learned)(tf.constant([[3.0, 0.0]]))
    >>> outputs["probabilities"].numpy().argmax(-1), outputs["novelty"].numpy()
    (array([0]), array([0.], dtype=float32))
    """

    def __init__(self, memory):
        super().__init__()
        self.novelty = novelty.Novelty(
            memory.embeddings, most=MAX_REFERENCES, num_neighbors=NUM_NEIGHBORS
        )
        self.weights = tf.Variable(
            np.asarray(memory.head.weights, np.float32), trainable=False
        )

    def __call__(self, mean):
        """Returns `probabilities` `[B, C]` and `novelty` `[B]` of `[B, Z]`."""
        direction = tf.math.l2_normalize(mean, -1)
        return {
            "probabilities": tf.nn.softmax(direction @ self.weights),
            "novelty": self.novelty(mean),
        }
