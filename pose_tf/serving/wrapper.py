"""What the wrappers of all kinds of SavedModel share."""

import tensorflow as tf

from pose_tf.pose import clip
from pose_tf.serving import assets, inputs, under_way


class Loaded:
    """Holds a SavedModel and what its assets say about it.

    A class of each kind of model has this one as its base; see `loaded`.

    Attributes:
        path: Of the SavedModel.
        endpoints: Names of its signatures.
        joints: Names of the joints, in the order of the `J` axis.
        skeleton: The `Skeleton` of these joints; one without bones if
            `skeletons` knows none.

    Example:

    >>> from pose_tf.serving import loaded
    >>> loaded.load("saved_models/penn_action_vae").joints[:2]
    ('head', 'right_shoulder')
    """

    endpoint: str  # Takes `poses`; every SavedModel of the kind has it.

    def __init__(self, saved, path):
        self._saved = saved  # The signatures alone do not keep the weights.
        self.path = path
        self.endpoints = tuple(saved.signatures)
        signature = saved.signatures[self.endpoint]
        spec = signature.structured_input_signature[1]["poses"]
        self.joints = assets.names(path, "joints", spec.shape[-2])
        self._pose_shape = (len(self.joints), spec.shape[-1])
        self.skeleton = assets.skeleton_of(self.joints, spec.shape[-1])

    def _call(self, endpoint, **tensors):
        outputs = self._saved.signatures[endpoint](
            **{name: tf.constant(value) for name, value in tensors.items()}
        )
        return {name: value.numpy() for name, value in outputs.items()}

    def _clips(self, poses, visibility, num_frames=None, name="poses"):
        """Poses [B, T, J, D], visibility [B, T, J], and whether B was given.

        In place of poses and visibility, a `Clip` is taken, too.
        """
        if isinstance(poses, clip.Clip):
            poses, visibility = inputs.of_clip(poses, visibility, self.skeleton)
        poses, visibility, batched = inputs.clips(
            poses,
            visibility,
            self.joints,
            self._pose_shape[1],
            num_frames=num_frames,
            name=name,
        )
        inputs.require_somebody(visibility, name)
        return poses, visibility, batched

    def _of_whole_clips(self, endpoint, poses, visibility, num_frames):
        """Returns what an endpoint with `num_frames` gives, a dict.

        A `Clip` that knows its rate is seen at the one of the training clips.
        """
        if isinstance(poses, clip.Clip):
            poses = under_way.at_model_rate(poses)
        poses, visibility, batched = self._clips(poses, visibility, num_frames)
        num_clips, longest = poses.shape[:2]
        num_frames = inputs.lengths(num_frames, num_clips, longest, batched)
        outputs = self._call(
            endpoint,
            poses=poses,
            visibility=visibility,
            num_frames=num_frames,
        )
        return inputs.unbatched(outputs, batched)
