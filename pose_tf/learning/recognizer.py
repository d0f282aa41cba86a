"""Learns to recognize actions from a few labelled clips."""

import dataclasses
import pathlib
import time
import warnings

import numpy as np

from pose_tf.learning import (
    examination,
    export,
    graph,
    head,
    memory,
    motion_models,
    motions,
    report,
)

NUM_NAMED = 3  # Clips that a warning names.


class ActionRecognizer:
    """Recognizes actions that it learnt from a few labelled clips.

    A pushed motion model embeds whole motions. Similar motions are neighbours
    in a graph; the labels of a few spread over it to unlabelled clips; logistic
    regression on the embeddings learns the result. Seconds, for a thousand
    clips on two cores.

    Attributes:
        actions: Names of the actions, in the order of probabilities; empty
            before `fit`.
        report: `report.Report` of the last `fit`, or None.

    Example:

    >>> from pose_tf.learning import recognizer
    >>> callable(recognizer.ActionRecognizer.from_pretrained)
    True
    """

    def __init__(self, model, learned=None):
        self._model = model
        self._memory = learned or memory.Memory()
        self.report = None

    @classmethod
    def from_pretrained(cls, path, skeleton=None) -> "ActionRecognizer":
        """Opens a motion model, or what `save` wrote.

        Args:
            path: A pushed `MotionVAE` or a saved recognizer, as a path or as
                `pose_tf.load` returns it. A recognizer knows its actions, and
                `fit` teaches it more.
            skeleton: A `Skeleton`, or its name, that the model must be for.

        Raises:
            FileNotFoundError: If there is nothing at `path`.
            ValueError: If it is another kind of model, or one for another
                skeleton.
        """
        model = motion_models.open_model(path, skeleton)
        return cls(model, memory.read(model.path))

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the actions, in the order of probabilities."""
        return self._memory.actions

    @property
    def skeleton(self):
        """The `Skeleton` of the clips."""
        return self._model.skeleton

    def fit(self, clips, actions, unlabelled=None) -> "ActionRecognizer":
        """Learns actions, in addition to those that it knows.

        What it learnt from before is remembered, so that nothing is forgotten.
        After an error it is as it was.

        Args:
            clips: Labelled clips, at least one for each action: an iterable of
                arrays `[T, J, D]`, pixels, of pairs (poses, visibility), or of
                dicts such as those of the datasets. See
                `pose_tf.learning.motions`.
            actions: Names of their actions, one per clip.
            unlabelled: More clips, of which nothing is known; the more there
                are, the better. Those in which nobody is visible are left out,
                with a warning. Memory grows by some 5 kB per clip; above
                20,000 the graph is approximate (`graph.MotionGraph`).

        Returns:
            The recognizer itself, with `report` about this fit.

        Raises:
            ValueError: If `actions` are not as many as `clips`, fewer than two
                actions are known in the end, equal clips have different
                actions, a clip is of another skeleton, or nobody is visible in
                a labelled clip.
        """
        started = time.perf_counter()
        actions = _checked_actions(actions)
        _require_as_many(actions, clips)
        labelled = motions.embed(self._model, clips)
        _require_as_many(actions, labelled.names)
        more = motions.embed(
            self._model,
            () if unlabelled is None else unlabelled,
            "unlabelled",
            leave_out=True,
        )
        embedded = time.perf_counter()
        learned = self._memory.with_clips(labelled, actions, more)
        if len(learned.actions) < 2:
            raise ValueError(
                "`actions` must name at least 2 different actions. Received: "
                f"{len(learned.labels)} clips of "
                f"{', '.join(learned.actions) or 'nothing'}"
            )
        neighbors = graph.MotionGraph(learned.embeddings)
        spread = head.spread(neighbors, learned.labels, len(learned.actions))
        fitted = head.fit(
            learned.embeddings, learned.labels, spread, len(learned.actions)
        )
        by_action, strangers = examination.examine(
            learned, neighbors, spread, self._memory.num_labelled
        )
        self._memory = dataclasses.replace(learned, head=fitted)
        self.report = report.Report(
            actions=by_action,
            warnings=_of_clips(labelled, more) + strangers,
            seconds_embedding=embedded - started,
            seconds_solving=time.perf_counter() - embedded,
        )
        for warning in self.report.warnings:
            warnings.warn(warning, stacklevel=2)
        return self

    def predict(self, clips) -> np.ndarray:
        """Returns the probabilities of actions, float32 `[B, C]`.

        Args:
            clips: Iterable of `B` clips, as for `fit`.

        Raises:
            ValueError: If nothing has been learnt yet, or a clip cannot be
                used.
        """
        embeddings = motions.embed(self._model, clips).embeddings
        return self._head().probabilities(embeddings)

    def save(self, path) -> pathlib.Path:
        """Writes a SavedModel that needs TensorFlow alone; returns its path.

        Its kind is `classifier`, with the endpoints `classify` and
        `embed_motion`; `pose_tf.load` opens it, and `from_pretrained` in order
        to learn more. What was at `path` is replaced when all is written.

        Args:
            path: Folder to write.

        Raises:
            ValueError: If nothing has been learnt yet, or `path` holds anything
                but a SavedModel.
            OSError: If it cannot be written; what was there stays then.
        """
        self._head()
        export.write(self._model, self._memory, path)
        return pathlib.Path(path)

    def _head(self):
        if self._memory.head is None:
            raise ValueError(
                "`fit` must come first: the recognizer has learnt nothing. "
                f"Received: {self._model.path}"
            )
        return self._memory.head


def learn(model, clips, actions, unlabelled=None) -> ActionRecognizer:
    """Learns actions from a few labelled clips, in seconds.

    Args:
        model: A pushed motion model, or a recognizer that `save` wrote, which
            learns more: a path, or what `pose_tf.load` returns.
        clips: Labelled clips; see `ActionRecognizer.fit`.
        actions: Names of their actions, one per clip.
        unlabelled: More clips, without labels.

    Returns:
        An `ActionRecognizer` with `predict`, `save` and a printable `report`.

    Raises:
        FileNotFoundError: If there is nothing at the path `model`.
        ValueError: If `model` is another kind of model, or the clips or actions
            cannot be used; see `ActionRecognizer.fit`.
    """
    recognizer = ActionRecognizer.from_pretrained(model)
    return recognizer.fit(clips, actions, unlabelled)


def _checked_actions(actions):
    names = [actions] if isinstance(actions, str) else list(actions)
    for place, name in enumerate(names):
        is_name = isinstance(name, str) and name.strip()
        if not is_name or len(name.splitlines()) > 1:
            raise ValueError(
                "`actions` must be names, texts of one line. Received: "
                f"{name!r} for clip {place}"
            )
    return [str(name) for name in names]


def _require_as_many(actions, clips):
    """Checks the numbers, if they can be known before clips are read."""
    if hasattr(clips, "__len__") and len(clips) != len(actions):
        raise ValueError(
            "`actions` must hold one name per clip. Received: "
            f"{len(actions)} actions and {len(clips)} clips"
        )


def _of_clips(labelled, unlabelled):
    """Sentences about clips that are short or that nobody is visible in."""
    told = []
    for what, names in (
        ("labelled clips", labelled.short),
        ("unlabelled clips", unlabelled.short),
    ):
        if names:
            told.append(
                f"{len(names)} {what} have fewer than {motions.SHORT_FRAMES} "
                f"frames, hardly a motion: {_some(names)}"
            )
    if unlabelled.unseen:
        told.append(
            f"Left out {len(unlabelled.unseen)} unlabelled clips in which "
            f"nobody is visible: {_some(unlabelled.unseen)}"
        )
    return tuple(told)


def _some(names):
    more = ", …" if len(names) > NUM_NAMED else ""
    return ", ".join(names[:NUM_NAMED]) + more
