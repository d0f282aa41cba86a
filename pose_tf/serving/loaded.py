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
other model never looks at them. Somebody must be visible in one frame at least.
"""

import pathlib

import numpy as np
import tensorflow as tf

from pose_tf import files
from pose_tf.pose import skeletons
from pose_tf.serving import inputs
from pose_tf.serving.streams import Stream


def load(path, skeleton=None):
    """Loads an exported model.

    Args:
        path: A SavedModel; a folder of its versions, such as
            `saved_models/<name>`, whose highest is taken; or the workdir of a
            trainer, with `saved_model/` in it.
        skeleton: A `Skeleton`, or its name, that the model must be for.

    Returns:
        A `LoadedVAE`, a `LoadedClassifier` or a `LoadedGenerator`, by the
        signatures of the SavedModel.

    Raises:
        FileNotFoundError: If there is nothing at `path`.
        ValueError: If what is there is no SavedModel of ours, or one for
            another skeleton.
    """
    folder = _find(pathlib.Path(path))
    try:
        saved = tf.saved_model.load(str(folder))
    except Exception as error:  # Whatever TensorFlow meets in a broken file.
        raise ValueError(
            f"`path` must hold a SavedModel that TensorFlow can read. "
            f"Received: {folder}, with {type(error).__name__}: {error}"
        ) from error
    for endpoint, wrapper in WRAPPERS.items():
        if endpoint in saved.signatures:
            model = wrapper(saved, folder)
            _match_skeleton(model, skeleton)
            return model
    raise ValueError(
        "`path` must hold a SavedModel with one of the endpoints "
        f"{', '.join(WRAPPERS)}. Received: {folder}, with "
        f"{', '.join(saved.signatures) or 'none'}"
    )


class _Loaded:
    """A SavedModel and what its assets say about it.

    Attributes:
        path: Of the SavedModel.
        joints: Names of the joints, in the order of the `J` axis.
        skeleton: The `Skeleton` of these joints; one without bones if
            `skeletons` knows none.
    """

    def __init__(self, saved, path, takes_poses):
        self._saved = saved  # The signatures alone do not keep the weights.
        self.path = path
        self.joints = self._names("joints")
        signature = saved.signatures[takes_poses]
        spec = signature.structured_input_signature[1]["poses"]
        self._pose_shape = (len(self.joints), spec.shape[-1])
        self.skeleton = _skeleton_of(self.joints, spec.shape[-1])

    def _names(self, asset):
        file = self.path / "assets" / f"{asset}.txt"
        if not file.is_file():
            raise ValueError(
                f"`path` must hold a SavedModel with assets/{asset}.txt. "
                f"Received: {self.path}"
            )
        return tuple(file.read_text().splitlines())

    def _call(self, endpoint, **tensors):
        outputs = self._saved.signatures[endpoint](
            **{name: tf.constant(value) for name, value in tensors.items()}
        )
        return {name: value.numpy() for name, value in outputs.items()}

    def _clips(self, poses, visibility):
        """Poses [B, T, J, D], visibility [B, T, J], and whether B was given."""
        poses, visibility, batched = inputs.clips(
            poses, visibility, self.joints, self._pose_shape[1]
        )
        inputs.require_somebody(visibility)
        return poses, visibility, batched


class LoadedVAE(_Loaded):
    """A pose VAE: poses to latents and back.

    Attributes:
        latent_dim: `Z`.
    """

    def __init__(self, saved, path):
        super().__init__(saved, path, "embed")
        specs = saved.signatures["decode"].structured_input_signature[1]
        self.latent_dim = specs["z"].shape[-1]

    def embed(self, poses, visibility=None):
        """The posterior of every pose, and where and how large it was.

        Returns:
            Dict of `mean`, `stddev` `[B, T, Z]`; `root` `[B, T, D]`, pixels;
            `scale` `[B]`, pixels a torso length.
        """
        poses, visibility, batched = self._clips(poses, visibility)
        outputs = self._call("embed", poses=poses, visibility=visibility)
        return inputs.unbatched(outputs, batched)

    def decode(self, z, root, scale):
        """Poses of latents: dict of `poses` `[B, T, J, D]`, pixels, and
        `visibility` `[B, T, J]`, the probability that a joint is seen.

        Args:
            z: `[B, T, Z]`, or `[T, Z]`.
            root: `[B, T, D]`, or `[T, D]`, pixels.
            scale: `[B]`, or a number, pixels a torso length.
        """
        latents, batched = inputs.latents(
            z, root, scale, self.latent_dim, self._pose_shape[1]
        )
        return inputs.unbatched(self._call("decode", **latents), batched)

    def reconstruct(self, poses, visibility=None):
        """Embeds and decodes; gives what `decode` gives."""
        poses, visibility, batched = self._clips(poses, visibility)
        outputs = self._call("reconstruct", poses=poses, visibility=visibility)
        return inputs.unbatched(outputs, batched)

    def sample(self, num_samples=1, seed=0):
        """Poses drawn from the prior: `[N, J, D]`, root-centred, in torso
        lengths.

        Args:
            num_samples: Integer, `N`.
            seed: An integer or a pair of them; the same gives the same poses.
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
        """Poses on the straight line through the latent from one to another.

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
            ends.append(self.embed(pose[None], seen))
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
    """An action classifier.

    Attributes:
        actions: Names of the `C` actions, in the order of probabilities.
    """

    def __init__(self, saved, path):
        super().__init__(saved, path, "classify")
        self.actions = self._names("actions")

    def classify(self, poses, visibility=None, num_frames=None):
        """Probabilities of the actions: `[C]` for one clip, or `[B, C]`.

        Args:
            poses: `[T, J, D]` or `[B, T, J, D]`, pixels.
            visibility: Bool `[T, J]` or `[B, T, J]`.
            num_frames: How many frames of the clip are no padding, or `[B]`
                such numbers; all if not given.
        """
        poses, visibility, batched = self._clips(poses, visibility)
        num_clips, longest = poses.shape[:2]
        num_frames = inputs.lengths(num_frames, num_clips, longest, batched)
        within = np.arange(longest) < num_frames[:, None]
        inputs.require_somebody(visibility & within[..., None])
        outputs = self._call(
            "classify",
            poses=poses,
            visibility=visibility,
            num_frames=num_frames,
        )
        return inputs.unbatched(outputs, batched)["probabilities"]

    def stream(self, batch_size=None):
        """A `Stream` that takes a frame at a time; `step` gives the dict
        `probabilities` `[B, C]` after all frames so far."""
        return Stream(self, "classify_step", batch_size)


class LoadedGenerator(_Loaded):
    """A pose generator: what may come after a prefix."""

    def __init__(self, saved, path):
        super().__init__(saved, path, "generate")

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
            temperature: 0 gives the one deterministic prediction, 1 samples
                from the model, more than 1 samples more widely.
            seed: An integer or a pair of them; the same gives the same poses.

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
        """A `Stream` that takes a frame at a time; `step` predicts the next:
        a dict of `pose` `[B, J, D]`, pixels, and `visibility` `[B, J]`,
        probabilities."""
        return Stream(self, "generate_step", batch_size)


# A SavedModel with the endpoint is wrapped by the class.
WRAPPERS = {
    "embed": LoadedVAE,
    "classify": LoadedClassifier,
    "generate": LoadedGenerator,
}


def _find(path):
    """The folder of the SavedModel that `path` means."""
    if not path.exists():
        raise FileNotFoundError(f"`path` must exist. Received: {path}")
    versions = list(files.versions(path).values()) if path.is_dir() else []
    for folder in (path, path / "saved_model", *reversed(versions)):
        if (folder / "saved_model.pb").is_file():
            return folder
    raise ValueError(
        "`path` must be a SavedModel, a folder of its versions or a trainer's "
        f"workdir: no saved_model.pb is there. Received: {path}"
    )


def _match_skeleton(model, skeleton):
    if isinstance(skeleton, str):
        skeleton = skeletons.get(skeleton)
    if skeleton is not None and _signature(skeleton) != _signature(
        model.skeleton
    ):
        raise ValueError(
            f"`path` must hold a model for skeleton {skeleton.name!r}, with "
            f"{skeleton.num_coordinates} coordinates of the joints "
            f"{', '.join(skeleton.joints)}. Received: {model.path}, with "
            f"{model.skeleton.num_coordinates} of {', '.join(model.joints)}"
        )


def _signature(skeleton):
    return skeleton.joints, skeleton.num_coordinates


def _skeleton_of(joints, num_coordinates):
    """The known skeleton of these joints, or one without roles and bones."""
    for skeleton in skeletons.SKELETONS.values():
        if _signature(skeleton) == (joints, num_coordinates):
            return skeleton
    roles = ("bones", "mirror_pairs", "root", "shoulders", "hips", "head")
    return skeletons.Skeleton(
        name="unknown",
        joints=joints,
        num_coordinates=num_coordinates,
        **dict.fromkeys(roles, ()),
    )
