"""Feeds loaded models one frame at a time, of one person or of several."""

from collections.abc import Mapping

import numpy as np

from pose_tf.pose import conversion, skeletons
from pose_tf.serving import inputs

# A person who is not given in so many frames in a row is forgotten: three
# seconds at 30 frames per second.
UNSEEN_FRAMES = 90


class Stream:
    """Feeds a model one frame at a time and keeps its state.

    Attributes:
        state: Dict of the state's tensors, after the last frame.
        people: Tuple of the people that the stream knows, in the order of the
            state's first axis; empty unless `step` is given dicts.

    Example:

    >>> import pose_tf
    >>> model = pose_tf.load("saved_models/penn_action_causal_classifier")
    >>> stream = model.stream()
    >>> for pose in np.load("docs/jumping_jacks.npz")["poses"]:
    ...     probabilities = stream.step(pose)["probabilities"]
    >>> model.actions[probabilities.argmax()]
    'jumping_jacks'
    >>> stream = model.stream()
    >>> answers = stream.step({"Ann": pose, "Bob": pose + 50})
    >>> sorted(answers), answers["Ann"]["probabilities"].shape
    (['Ann', 'Bob'], (15,))
    """

    def __init__(self, model, endpoint, batch_size, skeleton=None):
        self._model, self._endpoint = model, endpoint
        if isinstance(skeleton, str):
            skeleton = skeletons.get(skeleton)
        self._skeleton = skeleton or model.skeleton
        self._batched = batch_size is not None
        self._batch_size = inputs.count(
            "batch_size", batch_size if self._batched else 1
        )
        self.reset()

    def reset(self):
        """Forgets all frames and all people."""
        self.state = self._initial_state()
        self.people: tuple = ()
        self._unseen = np.zeros(0, int)
        self._takes_people: bool | None = None

    def step(self, pose, visibility=None):
        """Takes the next frame.

        Args:
            pose: `[J, D]`, pixels, of the stream's skeleton; `[B, J, D]` if the stream has a batch size;
                or a dict of people and their `[J, D]`. People may come and go:
                who is not in it is not seen in this frame, and is forgotten
                after `UNSEEN_FRAMES` such frames in a row.
            visibility: Bool `[J]` or `[B, J]`; or a dict of people and their
                `[J]`, some or all of those in `pose`.

        Returns:
            A dict of the endpoint's outputs without the state; NaN before
            the first frame in which anybody is visible. For a dict of people,
            a dict of such a dict for each of them.

        Raises:
            ValueError: If shapes are wrong, a visible joint has no place in a
                picture, or the stream has taken the other kind of frames.
        """
        self._check_kind(isinstance(pose, Mapping))
        if self._takes_people:
            return self._step_people(pose, visibility)
        batch = (int(self._batch_size),) if self._batched else ()
        outputs = self._advance(*self._frame("pose", pose, visibility, batch))
        return inputs.unbatched(outputs, self._batched)

    def _initial_state(self):
        return self._model._call("initial_state", batch_size=self._batch_size)

    def _check_kind(self, is_people):
        if is_people and self._batched:
            raise ValueError(
                "`pose` must be an array if the stream has a `batch_size`. "
                "Received: a dict"
            )
        if self._takes_people not in (None, is_people):
            kinds = ("one pose per frame", "a dict of people per frame")
            raise ValueError(
                f"`pose` must be {kinds[self._takes_people]}, as before in this"
                f" stream; `reset` forgets that. Received: {kinds[is_people]}"
            )
        if is_people and self._takes_people is None:
            self.state = {name: v[:0] for name, v in self.state.items()}
        self._takes_people = is_people

    def _frame(self, name, pose, visibility, batch=()):
        """Checks a frame; returns `[B, J, D]`, NaN if missing, and `[B, J]`."""
        source, target = self._skeleton, self._model.skeleton
        shape = (*batch, source.num_joints, source.num_coordinates)
        pose = inputs.pose(name, pose, shape)
        if visibility is not None:
            visibility = np.expand_dims(visibility, -2)
        clips, visible, _ = inputs.clips(
            pose[..., None, :, :],
            visibility,
            source.joints,
            shape[-1],
            name=name,
        )
        if source != target:
            clips, visible = conversion.convert(clips, visible, source, target)
        return clips[:, 0], visible[:, 0]

    def _advance(self, pose, visibility):
        """Steps the model and the state; returns the outputs, `[B, ...]`."""
        outputs = self._model._call(
            self._endpoint, pose=pose, visibility=visibility, **self.state
        )
        self.state = {name: outputs.pop(name) for name in self.state}
        return outputs

    def _step_people(self, poses, visibility):
        flags = {} if visibility is None else visibility
        if unknown := [person for person in flags if person not in poses]:
            raise ValueError(
                "`visibility` must be of people that are in `pose`. "
                f"Received: {unknown[0]!r}"
            )
        frames = {
            person: self._frame(f"pose[{person!r}]", pose, flags.get(person))
            for person, pose in poses.items()
        }
        self._welcome([p for p in poses if p not in self.people])
        if not self.people:
            return {}
        shape = (1, *self._model._pose_shape)
        nobody = (np.full(shape, np.nan, np.float32), np.zeros(shape[:2], bool))
        pose, visible = (
            np.concatenate(parts)
            for parts in zip(*(frames.get(p, nobody) for p in self.people))
        )
        outputs = self._advance(pose, visible)
        answers = {
            person: {name: value[k] for name, value in outputs.items()}
            for k, person in enumerate(self.people)
            if person in poses
        }
        self._part([person in poses for person in self.people])
        return answers

    def _welcome(self, people):
        """Adds people, with the state before a first frame."""
        if people:
            first = self._initial_state()
            self.state = {
                name: np.concatenate([v, *[first[name]] * len(people)])
                for name, v in self.state.items()
            }
            self.people += tuple(people)
            self._unseen = np.append(self._unseen, [0] * len(people))

    def _part(self, seen):
        """Counts frames without each of the people; forgets who is gone."""
        self._unseen = np.where(seen, 0, self._unseen + 1)
        stay = self._unseen < UNSEEN_FRAMES
        if not stay.all():
            self.state = {name: v[stay] for name, v in self.state.items()}
            self.people = tuple(p for p, s in zip(self.people, stay) if s)
            self._unseen = self._unseen[stay]
