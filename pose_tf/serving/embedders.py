"""Exported models that embed: poses, or whole motions.

See `loaded` for what their methods take and give.
"""

import numpy as np

from pose_tf.serving import inputs, wrapper


class LoadedVAE(wrapper.Loaded):
    """Embeds poses with an exported `PoseVAE`, and decodes latents.

    Attributes:
        latent_dim: `Z`.

    Example:

    >>> from pose_tf.serving.loaded import load
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


class LoadedMotionVAE(wrapper.Loaded):
    """Embeds motions with an exported `MotionVAE`.

    Attributes:
        latent_dim: `Z`.

    Example:

    >>> from pose_tf.serving.loaded import load
    >>> vae = load("saved_models/penn_action_motion_vae")
    >>> clip = np.load("docs/jumping_jacks.npz")["poses"]
    >>> vae.embed_motion(clip)["mean"].shape
    (64,)
    """

    endpoint = "embed_motion"

    def __init__(self, saved, path):
        super().__init__(saved, path)
        outputs = saved.signatures[self.endpoint].structured_outputs
        self.latent_dim = outputs["mean"].shape[-1]

    def embed_motion(self, poses, visibility=None, num_frames=None):
        """Embeds clips, each as a whole, together with its mirror image.

        Args:
            poses: `[T, J, D]` or `[B, T, J, D]`, pixels.
            visibility: Bool `[T, J]` or `[B, T, J]`.
            num_frames: How many frames of the clip are not padding, or `[B]`
                such numbers. All of them if not given.

        Returns:
            Dict of `mean` and `stddev` `[B, Z]`, without the training clips'
            mean; and `novelty` `[B]`, the share of training motions that are
            likelier.
        """
        return self._of_whole_clips(
            "embed_motion", poses, visibility, num_frames
        )
