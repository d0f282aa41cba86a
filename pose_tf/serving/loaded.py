"""Exported models behind typed methods: NumPy arrays in, NumPy arrays out.

    classifier = pose_tf.load("saved_models/classifier")
    probabilities = classifier.classify(poses, visibility)

Beneath is `tf.saved_model.load` alone; the SavedModel holds all the maths.
Methods that take poses take one clip `[T, J, D]` or a batch `[B, T, J, D]`,
and give what they give with or without the leading `B` accordingly. Poses are
pixels, x right and y down. A joint is missing where its coordinates are NaN,
masked (of a NumPy masked array) or, unless `visibility` says that it is
visible, exactly (0, 0). Without `visibility` all other joints are visible. With
it, a model trained with `use_occluded` (our generators) takes the coordinates of
an invisible joint that is not missing for a guess of where it is hidden; any
other model never looks at them. Somebody must be visible in one frame at least,
and every visible joint at most `clip.MAX_COORDINATE` pixels from the origin.
"""

import pathlib

import tensorflow as tf

from pose_tf.pose import clip
from pose_tf.serving import assets, inputs, wrapper
from pose_tf.serving.embedders import LoadedMotionVAE, LoadedVAE
from pose_tf.serving.generators import LoadedGenerator
from pose_tf.serving.streams import Stream


def load(path, skeleton=None):
    """Loads an exported model.

    Args:
        path: A SavedModel; a folder of its versions, such as
            `saved_models/<name>`, whose highest is taken; or the workdir of a
            trainer, with `saved_model/` in it.
        skeleton: A `Skeleton`, or its name, that the model must be for.

    Returns:
        A `LoadedVAE`, `LoadedMotionVAE`, `LoadedClassifier` or
        `LoadedGenerator`, by the kind that `assets/kind.txt` names.

    Raises:
        FileNotFoundError: If there is nothing at `path`.
        ValueError: If `path` is not a pose_tf SavedModel, is for another
            skeleton, or its assets do not name as many joints or actions as
            the model has.
    """
    folder = assets.find(pathlib.Path(path))
    try:
        saved = tf.saved_model.load(str(folder))
    except Exception as error:  # Whatever TensorFlow meets in a broken file.
        raise ValueError(
            f"`path` must hold a SavedModel that TensorFlow can read. "
            f"Received: {folder}, with {type(error).__name__}: {error}"
        ) from error
    kind = " ".join(assets.names(folder, "kind"))
    if kind not in WRAPPERS:
        raise ValueError(
            "`path` must hold a SavedModel whose assets/kind.txt names one of "
            f"{', '.join(WRAPPERS)}. Received: {folder}, with {kind!r}"
        )
    wrapper_class = WRAPPERS[kind]
    if wrapper_class.endpoint not in saved.signatures:
        raise ValueError(
            f"`path` must hold a SavedModel with the endpoint "
            f"{wrapper_class.endpoint!r}, as its kind is {kind!r}. Received: "
            f"{folder}, with {', '.join(saved.signatures) or 'none'}"
        )
    model = wrapper_class(saved, folder)
    assets.match_skeleton(model, skeleton)
    return model


class LoadedClassifier(wrapper.Loaded):
    """Classifies clips, or streams, with an exported classifier.

    A `ClipClassifier` sees whole clips and takes no streams; a
    `StreamClassifier` takes clips, beginnings of clips, recordings of several
    actions, and streams.

    Attributes:
        actions: Names of the `C` actions, in the order of probabilities.

    Example:

    >>> import numpy as np
    >>> classifier = load("saved_models/penn_action_classifier")
    >>> clip = np.load("docs/jumping_jacks.npz")["poses"]
    >>> classifier.actions[classifier.classify(clip).argmax()]
    'jumping_jacks'
    """

    endpoint = "classify"

    def __init__(self, saved, path):
        super().__init__(saved, path)
        outputs = saved.signatures[self.endpoint].structured_outputs
        num_actions = outputs["probabilities"].shape[-1]
        self.actions = assets.names(path, "actions", num_actions)

    def classify(self, poses, visibility=None, num_frames=None):
        """Returns the probabilities of the actions.

        Args:
            poses: `[T, J, D]` or `[B, T, J, D]`, pixels; or a `Clip`, as
                `pose_tf.read` gives it.
            visibility: Bool `[T, J]` or `[B, T, J]`.
            num_frames: How many frames of the clip are not padding, or `[B]`
                such numbers. All of them if not given.

        Returns:
            `[C]` for one clip, or `[B, C]`.
        """
        outputs = self._of_whole_clips(
            "classify", poses, visibility, num_frames
        )
        return outputs["probabilities"]

    def classify_frames(self, poses, visibility=None, num_frames=None):
        """Returns the probabilities of the action under way at each frame.

        What they lack to a sum of 1 is the probability of none: nothing that
        is a known action is under way. They are causal: a frame's depend only
        on the frames up to it. A recording of any length may hold any number
        of actions, at about 30 frames per second.

        Args:
            poses, visibility, num_frames: As for `classify`.

        Returns:
            `[T, C]` for one clip, or `[B, T, C]`; NaN before the first frame
            in which anybody is visible, and in padding.

        Raises:
            ValueError: If the model sees whole clips only.
        """
        if "classify_frames" not in self.endpoints:
            raise ValueError(
                "`classify_frames` needs a classifier of recordings, which "
                "`--preset=causal` trains, such as "
                "saved_models/penn_action_causal_classifier. "
                f"Received: {self.path}"
            )
        if isinstance(poses, clip.Clip):  # Its frames keep their rate.
            poses, visibility = inputs.of_clip(poses, visibility, self.skeleton)
        outputs = self._of_whole_clips(
            "classify_frames", poses, visibility, num_frames
        )
        return outputs["probabilities"]

    @property
    def says_novelty(self) -> bool:
        """Whether the model says how novel clips are."""
        outputs = self._saved.signatures[self.endpoint].structured_outputs
        return "novelty" in outputs

    def novelty(self, poses, visibility=None, num_frames=None):
        """Returns how novel clips are: near 1, they show no known action.

        Args:
            poses, visibility, num_frames: As for `classify`.

        Returns:
            A number for one clip, or `[B]`: the share of the clips that the
            model has seen that lie nearer to another one of these, 0 to 1.

        Raises:
            ValueError: If the model does not say.
        """
        outputs = self._of_whole_clips(
            "classify", poses, visibility, num_frames
        )
        if "novelty" not in outputs:
            raise ValueError(
                "`novelty` needs a classifier that says how novel clips are: "
                "one of whole clips, or one of `pose_tf.learn`. "
                f"Received: {self.path}"
            )
        return outputs["novelty"]

    def embed_motion(self, poses, visibility=None, num_frames=None):
        """Embeds clips by the motion model inside; see `LoadedMotionVAE`.

        Raises:
            ValueError: If there is none: `pose_tf.learn` puts one inside.
        """
        if "embed_motion" not in self.endpoints:
            raise ValueError(
                "`embed_motion` needs a classifier with a motion model inside, "
                f"such as those of `pose_tf.learn`. Received: {self.path}"
            )
        return self._of_whole_clips(
            "embed_motion", poses, visibility, num_frames
        )

    def stream(self, batch_size=None, skeleton=None):
        """Starts a `Stream`, which takes one frame at a time.

        Args:
            batch_size: Number of people who are always there; None for one, or
                for people who come and go.
            skeleton: `Skeleton` of the frames, or its name, if they have other
                joints than the model.

        Its `step` returns a dict of `probabilities` `[C]`, or `[B, C]` with a
        batch size; for a dict of people and their poses, a dict of such a dict
        for each of them. They are those of the action under way, as of
        `classify_frames` (of a model `frames`, which has no `classify_frames`,
        those of the clip so far), and NaN while nobody was visible.

        Raises:
            ValueError: If the model sees whole clips only.
        """
        if "classify_step" not in self._saved.signatures:
            raise ValueError(
                "`stream` needs a classifier that takes streams, which "
                "`--preset=causal` trains, such as "
                "saved_models/penn_action_causal_classifier. "
                f"Received: {self.path}, which sees whole clips"
            )
        return Stream(self, "classify_step", batch_size, skeleton)


# The class of each kind of SavedModel.
WRAPPERS: dict[str, type[wrapper.Loaded]] = {
    "vae": LoadedVAE,
    "motion_vae": LoadedMotionVAE,
    "classifier": LoadedClassifier,
    "generator": LoadedGenerator,
}
