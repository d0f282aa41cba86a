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

import numpy as np
import tensorflow as tf

from pose_tf.serving import assets, inputs
from pose_tf.serving.streams import Stream


def load(path, skeleton=None):
    """Loads an exported model.

    Args:
        path: A SavedModel; a folder of its versions, such as
            `saved_models/<name>`, whose highest is taken; or the workdir of a
            trainer, with `saved_model/` in it.
        skeleton: A `Skeleton`, or its name, that the model must be for.

    Returns:
        A `LoadedVAE`, a `LoadedClassifier` or a `LoadedGenerator`, by the kind
        that `assets/kind.txt` names.

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
    wrapper = WRAPPERS[kind]
    if wrapper.endpoint not in saved.signatures:
        raise ValueError(
            f"`path` must hold a SavedModel with the endpoint "
            f"{wrapper.endpoint!r}, as its kind is {kind!r}. Received: "
            f"{folder}, with {', '.join(saved.signatures) or 'none'}"
        )
    model = wrapper(saved, folder)
    assets.match_skeleton(model, skeleton)
    return model


class _Loaded:
    """A SavedModel and what its assets say about it.

    Attributes:
        path: Of the SavedModel.
        endpoints: Names of its signatures.
        joints: Names of the joints, in the order of the `J` axis.
        skeleton: The `Skeleton` of these joints; one without bones if
            `skeletons` knows none.
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
        """Poses [B, T, J, D], visibility [B, T, J], and whether B was given."""
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


class LoadedVAE(_Loaded):
    """Embeds poses with an exported `PoseVAE`, and decodes latents.

    Attributes:
        latent_dim: `Z`.

    Example:

    >>> vae = load("saved_models/penn_action_vae")
    >>> embedding = vae.embed(np.random.default_rng(0).random((40, 13, 2)))
    >>> embedding["mean"].shape
    (40, 20)
    >>> vae.sample(num_samples=3).shape
    (3, 13, 2)
    """

    endpoint = "embed"

    def __init__(self, saved, path):
        super().__init__(saved, path)
        specs = saved.signatures["decode"].structured_input_signature[1]
        self.latent_dim = specs["z"].shape[-1]

    def embed(self, poses, visibility=None):
        """Returns the posterior of every pose, with its root and scale.

        It is causal: what it gives of a frame depends on the frames up to it,
        so that the first frames of a clip embed as they did before the others
        came. `embed_clip` knows the whole clip.

        Returns:
            Dict of `mean`, `stddev` `[B, T, Z]`; `root` `[B, T, D]`, pixels;
            `scale` `[B, T]`, pixels per torso length.
        """
        return self._embed("embed", poses, visibility)

    def embed_clip(self, poses, visibility=None):
        """Returns the posterior of every pose, with its root and scale.

        It knows the whole clip: all poses are divided by one scale, its mean
        torso length, which later frames change. `reconstruct` decodes this
        embedding.

        Returns:
            As `embed`, but `scale` `[B]`, pixels per torso length.
        """
        return self._embed("embed_clip", poses, visibility)

    def _embed(self, endpoint, poses, visibility, name="poses"):
        poses, visibility, batched = self._clips(poses, visibility, name=name)
        outputs = self._call(endpoint, poses=poses, visibility=visibility)
        return inputs.unbatched(outputs, batched)

    def decode(self, z, root, scale):
        """Decodes latents, such as those of `embed` and `embed_clip`.

        Args:
            z: `[B, T, Z]`, or `[T, Z]`.
            root: `[B, T, D]`, or `[T, D]`, pixels.
            scale: Pixels per torso length: `[B, T]`, or `[T]`; or one per
                clip, `[B]`, or a number.

        Returns:
            Dict of `poses` `[B, T, J, D]`, pixels, and `visibility`
            `[B, T, J]`, the probability that a joint is seen.
        """
        latents, batched = inputs.latents(
            z, root, scale, self.latent_dim, self._pose_shape[1]
        )
        return inputs.unbatched(self._call("decode", **latents), batched)

    def reconstruct(self, poses, visibility=None):
        """Decodes the means of `embed_clip`; returns what `decode` does."""
        poses, visibility, batched = self._clips(poses, visibility)
        outputs = self._call("reconstruct", poses=poses, visibility=visibility)
        return inputs.unbatched(outputs, batched)

    def sample(self, num_samples=1, seed=0):
        """Draws poses from the prior.

        Args:
            num_samples: Integer, `N`.
            seed: An integer or a pair of them; the same gives the same poses,
                the first of several that of one.

        Returns:
            `[N, J, D]`, root-centred, in torso lengths.
        """
        outputs = self._call(
            "sample",
            num_samples=inputs.count("num_samples", num_samples),
            seed=inputs.seed(seed),
        )
        return outputs["poses"]

    def interpolate(
        self,
        pose_a,
        pose_b,
        num_steps,
        visibility_a=None,
        visibility_b=None,
    ):
        """Decodes the straight line between two poses' latents.

        Args:
            pose_a, pose_b: `[J, D]`, pixels.
            num_steps: Integer, `S`, at least 2: both ends are among them.
            visibility_a, visibility_b: Bool `[J]`.

        Returns:
            Dict of `poses` `[S, J, D]`, pixels, and `visibility` `[S, J]`,
            probabilities; the ends are the reconstructions of both poses.
        """
        num_steps = inputs.count("num_steps", num_steps, least=2)
        ends = []
        for name, pose, visibility in (
            ("pose_a", pose_a, visibility_a),
            ("pose_b", pose_b, visibility_b),
        ):
            pose = inputs.pose(name, pose, self._pose_shape)
            seen = None if visibility is None else np.expand_dims(visibility, 0)
            ends.append(self._embed("embed_clip", pose[None], seen, name))
        share = np.linspace(0, 1, num_steps, dtype=np.float32)
        z, root = (
            (1 - share[:, None]) * ends[0][name]
            + share[:, None] * ends[1][name]
            for name in ("mean", "root")
        )
        scale = (1 - share) * ends[0]["scale"] + share * ends[1]["scale"]
        # A clip each, since a clip has one scale.
        outputs = self.decode(z[:, None], root[:, None], scale)
        return {name: value[:, 0] for name, value in outputs.items()}


class LoadedClassifier(_Loaded):
    """Classifies clips, or streams, with an exported classifier.

    A `ClipClassifier` sees whole clips and takes no streams.

    Attributes:
        actions: Names of the `C` actions, in the order of probabilities.

    Example:

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
            poses: `[T, J, D]` or `[B, T, J, D]`, pixels.
            visibility: Bool `[T, J]` or `[B, T, J]`.
            num_frames: How many frames of the clip are not padding, or `[B]`
                such numbers. All of them if not given.

        Returns:
            `[C]` for one clip, or `[B, C]`.
        """
        poses, visibility, batched = self._clips(poses, visibility, num_frames)
        num_clips, longest = poses.shape[:2]
        num_frames = inputs.lengths(num_frames, num_clips, longest, batched)
        outputs = self._call(
            "classify",
            poses=poses,
            visibility=visibility,
            num_frames=num_frames,
        )
        return inputs.unbatched(outputs, batched)["probabilities"]

    def stream(self, batch_size=None):
        """Starts a `Stream`, which takes one frame at a time.

        Its `step` returns a dict of `probabilities` `[C]`, or `[B, C]` with a
        batch size, after all frames so far; NaN while nobody was visible.

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
        return Stream(self, "classify_step", batch_size)


class LoadedGenerator(_Loaded):
    """Continues motions with an exported `PoseGenerator`.

    Example:

    >>> generator = load("saved_models/penn_action_generator")
    >>> prefix = np.load("docs/jumping_jacks.npz")["poses"][:10]
    >>> futures = generator.generate(prefix, horizon=20, num_samples=3)
    >>> futures["poses"].shape
    (3, 20, 13, 2)
    """

    endpoint = "generate"

    def generate(
        self,
        poses,
        visibility=None,
        *,
        horizon=30,
        num_samples=1,
        temperature=1.0,
        seed=0,
    ):
        """Continues prefixes.

        Args:
            poses: `[P, J, D]` or `[B, P, J, D]`, pixels.
            visibility: Bool `[P, J]` or `[B, P, J]`.
            horizon: Integer, `H`, frames to generate.
            num_samples: Integer, `K`, futures for each prefix.
            temperature: 0 gives the one deterministic prediction, in which
                whoever does not move in the prefix stays still; 1 samples from
                the model, more than 1 samples more widely.
            seed: An integer or a pair of them; the same gives the same futures
                of a prefix, wherever it lies in a batch, and the first of
                several is that of one.

        Returns:
            Dict of `poses` `[B, K, H, J, D]`, pixels; `visibility`
            `[B, K, H, J]`, probabilities; `log_prob` `[B, K]`, nats.
        """
        temperature = inputs.temperature(temperature)
        poses, visibility, batched = self._clips(poses, visibility)
        outputs = self._call(
            "generate",
            poses=poses,
            visibility=visibility,
            horizon=inputs.count("horizon", horizon),
            num_samples=inputs.count("num_samples", num_samples),
            temperature=temperature,
            seed=inputs.seed(seed),
        )
        return inputs.unbatched(outputs, batched)

    def stream(self, batch_size=None):
        """Starts a `Stream`, which takes one frame at a time.

        Its `step` predicts the next frame: a dict of `pose` `[J, D]`, pixels,
        and `visibility` `[J]`, probabilities; `[B, ...]` with a batch size.
        """
        return Stream(self, "generate_step", batch_size)


# The class of each kind of SavedModel.
WRAPPERS: dict[str, type[_Loaded]] = {
    "vae": LoadedVAE,
    "classifier": LoadedClassifier,
    "generator": LoadedGenerator,
}
