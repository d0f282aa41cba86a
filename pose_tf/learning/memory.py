"""Remembers what a recognizer learnt from, so that it can learn more later."""

import dataclasses
import pathlib

import numpy as np

from pose_tf.learning.head import Head

# TensorFlow never looks into this folder of a SavedModel.
FILE = pathlib.PurePath("assets.extra", "learned.npz")


@dataclasses.dataclass(frozen=True, eq=False)
class Memory:
    """Holds the motions that a recognizer learnt from, and its head.

    Attributes:
        actions: Names of the `C` actions.
        embeddings: Float32 `[N, Z]`, of unit length, those of the `L` labelled
            motions first.
        digests: Uint64 `[N]`, equal for equal clips.
        labels: Int64 `[L]`, indices of actions.
        names: Of the labelled clips, `L` strings.
        head: `Head` that was fitted to them; None before.

    Example:

    >>> Memory().num_labelled
    0
    """

    actions: tuple[str, ...] = ()
    embeddings: np.ndarray = dataclasses.field(
        default_factory=lambda: np.zeros((0, 0), np.float32)
    )
    digests: np.ndarray = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.uint64)
    )
    labels: np.ndarray = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.int64)
    )
    names: tuple[str, ...] = ()
    head: Head | None = None

    @property
    def num_labelled(self) -> int:
        """How many of the motions are labelled, `L`."""
        return len(self.labels)

    @property
    def num_unlabelled(self) -> int:
        """How many are not."""
        return len(self.embeddings) - len(self.labels)

    def with_clips(self, labelled, actions, unlabelled) -> "Memory":
        """Returns a memory with more clips, and without a head.

        New actions come after those that are known. An unlabelled clip that
        equals a labelled one, or another unlabelled one, is not remembered.

        Args:
            labelled: `clips.EmbeddedClips`.
            actions: Their actions, names.
            unlabelled: `clips.EmbeddedClips`.

        Raises:
            ValueError: If equal clips have different actions, also across
                calls. The message names them.
        """
        new = sorted(set(actions) - set(self.actions))
        known = (*self.actions, *new)
        num = self.num_labelled
        given = np.array([known.index(action) for action in actions], np.int64)
        labels = np.concatenate([self.labels, given])
        names = self.names + labelled.names
        digests = np.concatenate([self.digests[:num], labelled.digests])
        _refuse_contradictions(digests, labels, names, known)
        others = np.concatenate([self.digests[num:], unlabelled.digests])
        _, firsts = np.unique(others, return_index=True)
        kept = np.sort(firsts)
        kept = kept[~np.isin(others[kept], digests)]
        motions = _stacked(self.embeddings[num:], unlabelled.embeddings)[kept]
        embeddings = (self.embeddings[:num], labelled.embeddings, motions)
        return Memory(
            actions=known,
            embeddings=_stacked(*embeddings),
            digests=np.concatenate([digests, others[kept]]),
            labels=labels,
            names=names,
        )

    def write(self, folder):
        """Writes the memory, with its head, into the folder of a SavedModel.

        Raises:
            ValueError: If it has no head.
        """
        if self.head is None:
            raise ValueError("`head` must have been fitted. Received: None")
        path = pathlib.Path(folder, FILE)
        path.parent.mkdir(exist_ok=True)
        np.savez(
            path,
            actions=np.array(self.actions, str),
            embeddings=self.embeddings,
            digests=self.digests,
            labels=self.labels,
            names=np.array(self.names, str),
            weights=self.head.weights,
        )


def _stacked(*embeddings):
    """Concatenates embeddings; where there is none, their width is unknown."""
    some = [array for array in embeddings if len(array)]
    return np.concatenate(some) if some else embeddings[0]


def read(folder) -> Memory | None:
    """Returns the memory of a SavedModel; None if it has none.

    Raises:
        ValueError: If its file is damaged.
    """
    path = pathlib.Path(folder, FILE)
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            return Memory(
                actions=tuple(file["actions"].tolist()),
                embeddings=file["embeddings"],
                digests=file["digests"],
                labels=file["labels"],
                names=tuple(file["names"].tolist()),
                head=Head(file["weights"]),
            )
    except Exception as error:  # NumPy raises half a dozen types.
        raise ValueError(
            f"{path} must hold what the recognizer learnt from. "
            f"Received: {error!r}"
        ) from error


def _refuse_contradictions(digests, labels, names, actions):
    order = np.argsort(digests, kind="stable")
    same = digests[order][1:] == digests[order][:-1]
    differ = labels[order][1:] != labels[order][:-1]
    for place in np.flatnonzero(same & differ)[:1]:
        first, second = order[place : place + 2]
        raise ValueError(
            "`actions` must give equal clips the same action. Received: "
            f"{names[first]} as {actions[labels[first]]!r} and "
            f"{names[second]} as {actions[labels[second]]!r}, which are equal"
        )
