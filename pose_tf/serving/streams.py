"""Feeds loaded models one frame at a time."""

import numpy as np

from pose_tf.serving import inputs


class Stream:
    """Feeds a model one frame at a time and keeps its state.

    Attributes:
        state: Dict of the state's tensors, after the last frame.

    Example:

    >>> import pose_tf
    >>> model = pose_tf.load("saved_models/penn_action_causal_classifier")
    >>> stream = model.stream()
    >>> for pose in np.load("docs/jumping_jacks.npz")["poses"]:
    ...     probabilities = stream.step(pose)["probabilities"]
    >>> model.actions[probabilities.argmax()]
    'jumping_jacks'
    """

    def __init__(self, model, endpoint, batch_size):
        self._model, self._endpoint = model, endpoint
        self._batched = batch_size is not None
        self._batch_size = inputs.count(
            "batch_size", batch_size if self._batched else 1
        )
        self.reset()

    def reset(self):
        """Forgets all frames."""
        self.state = self._model._call(
            "initial_state", batch_size=self._batch_size
        )

    def step(self, pose, visibility=None):
        """Takes the next frame.

        Args:
            pose: `[J, D]`, pixels; `[B, J, D]` if the stream has a batch size.
            visibility: Bool `[J]` or `[B, J]`.

        Returns:
            A dict of the endpoint's outputs without the state; NaN before
            the first frame in which anybody is visible.
        """
        batch = (int(self._batch_size),) if self._batched else ()
        shape = (*batch, *self._model._pose_shape)
        pose = inputs.pose("pose", pose, shape)
        if visibility is not None:
            visibility = np.expand_dims(visibility, -2)
        clips, visible, _ = inputs.clips(
            pose[..., None, :, :],
            visibility,
            self._model.joints,
            shape[-1],
            name="pose",
        )
        outputs = self._model._call(
            self._endpoint, pose=clips[:, 0], visibility=visible[:, 0],
            **self.state,
        )  # fmt: skip
        self.state = {name: outputs.pop(name) for name in self.state}
        return inputs.unbatched(outputs, self._batched)
