"""Finds the motions that are most similar to one."""

import dataclasses

import numpy as np
import sklearn.neighbors

from pose_tf.learning import motion_models, motions

NUM_FOUND = 5


@dataclasses.dataclass(frozen=True)
class Neighbor:
    """Names a motion that was found.

    Attributes:
        index: Its place among those that were searched.
        name: Its `clip_id`, or its place, such as `among[3]`.
        similarity: Cosine of the embeddings, at most 1.

    Example:

    >>> Neighbor(3, "among[3]", 0.9).index
    3
    """

    index: int
    name: str
    similarity: float


def search(model, clip, among, num=NUM_FOUND) -> list[Neighbor]:
    """Finds the motions nearest to a clip, the most similar first.

    A motion and its mirror image are the same to it, and neither the length of
    a clip nor the person's place and size matter.

    Args:
        model: A pushed motion model, or a recognizer that was learnt on one: a
            path, or what `pose_tf.load` returns.
        clip: An array `[T, J, D]`, pixels; a pair (poses, visibility); or a
            dict such as those of the datasets. See `pose_tf.learning.motions`.
        among: Iterable of such clips. Those in which nobody is visible are
            never found.
        num: How many to find at most.

    Raises:
        FileNotFoundError: If there is nothing at the path `model`.
        ValueError: If `model` does not embed motions, a clip is of another
            skeleton, nobody is visible in `clip`, or `num` is below 1.
    """
    if (
        isinstance(num, bool)
        or not isinstance(num, (int, np.integer))
        or num < 1
    ):
        raise ValueError(
            f"`num` must be an integer of at least 1. Received: {num!r}"
        )
    model = motion_models.open_model(model)
    wanted = motions.embed(model, [clip], "clip")
    found = motions.embed(model, among, "among", leave_out=True)
    if not found.names:
        return []
    finder = sklearn.neighbors.NearestNeighbors(
        n_neighbors=min(num, len(found.names)), algorithm="brute"
    ).fit(found.embeddings)
    distances, places = finder.kneighbors(wanted.embeddings)
    return [
        Neighbor(
            int(found.places[place]),
            found.names[place],
            float(1 - distance**2 / 2),
        )
        for distance, place in zip(distances[0], places[0], strict=True)
    ]
