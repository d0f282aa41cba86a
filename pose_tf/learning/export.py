"""Writes a recognizer as a SavedModel, with the motion model inside it."""

import pathlib

import numpy as np
import sklearn.neighbors
import tensorflow as tf

from pose_tf.learning import motion_models
from pose_tf.serving import saved_model

MODEL_FILE = "saved_model.pb"
# Motions that novelty is measured by; of more, these many are drawn.
MAX_REFERENCES = 10_000


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
        references = _references(memory.embeddings)
        self.num_references = len(references)
        self.references = _constant(references)
        self.nearest = _constant(_nearest_cosines(references))
        self.weights = _constant(memory.head.weights)

    def __call__(self, mean):
        """Returns `probabilities` `[B, C]` and `novelty` `[B]` of `[B, Z]`."""
        direction = tf.math.l2_normalize(mean, -1)
        logits = direction @ self.weights
        cosines = tf.matmul(direction, self.references, transpose_b=True)
        cosine = tf.reduce_max(cosines, -1)
        nearer = tf.searchsorted(self.nearest, cosine, side="right")
        novelty = 1 - nearer / self.num_references
        return {
            "probabilities": tf.nn.softmax(logits),
            # A clip without an answer has no novelty either.
            "novelty": tf.where(
                tf.math.is_nan(cosine), cosine, tf.cast(novelty, tf.float32)
            ),
        }


def _constant(value):
    return tf.Variable(np.asarray(value, np.float32), trainable=False)


def _references(embeddings):
    if len(embeddings) <= MAX_REFERENCES:
        return embeddings
    rng = np.random.default_rng(0)
    drawn = rng.choice(len(embeddings), MAX_REFERENCES, replace=False)
    return embeddings[np.sort(drawn)]


def _nearest_cosines(references):
    """The cosine of each motion and its nearest other one, in order."""
    search = sklearn.neighbors.NearestNeighbors(
        n_neighbors=2, algorithm="brute"
    ).fit(references)
    distances, _ = search.kneighbors(references)
    return np.sort(1 - distances[:, 1] ** 2 / 2)
