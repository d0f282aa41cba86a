"""Exported generators, which continue motions.

See `loaded` for what their methods take and give.
"""

import math

import numpy as np

from pose_tf.pose import clip as clips
from pose_tf.serving import assets, inputs, under_way, wrapper
from pose_tf.serving.streams import Stream


class LoadedGenerator(wrapper.Loaded):
    """Continues motions with an exported generator.

    Attributes:
        actions: Names of the actions that it can be told to go on with; empty
            if it cannot.

    Example:

    >>> import pose_tf
    >>> generator = pose_tf.load("saved_models/penn_action_generator")
    >>> prefix = np.load("docs/jumping_jacks.npz")["poses"][:10]
    >>> futures = generator.generate(prefix, horizon=20, num_samples=3)
    >>> futures["poses"].shape
    (3, 20, 13, 2)
    """

    endpoint = "generate"

    def __init__(self, saved, path):
        super().__init__(saved, path)
        self.actions: tuple[str, ...] = ()
        if "generate_action" in saved.signatures:
            self.actions = assets.names(path, "actions")

    def generate(
        self,
        poses,
        visibility=None,
        *,
        horizon=30,
        num_samples=1,
        temperature=1.0,
        seed=0,
        num_frames=None,
        action=None,
        fps=None,
    ):
        """Continues prefixes.

        Args:
            poses: `[P, J, D]` or `[B, P, J, D]`, pixels; or a `Clip`.
            visibility: Bool `[P, J]` or `[B, P, J]`.
            horizon: Integer, `H`, frames to generate.
            num_samples: Integer, `K`, futures for each prefix.
            temperature: 0 gives the one deterministic prediction, in which
                whoever does not move in the prefix stays still; 1 samples from
                the model, more than 1 samples more widely.
            seed: An integer or a pair of them; the same gives the same futures
                of a prefix, wherever it lies in a batch, and the first of
                several is that of one.
            num_frames: Length of each prefix, an integer or `[B]`; what lies
                beyond is padding. By default `P`.
            action: Name of the action that goes on, or `[B]` of them, None
                where it is not known. By default the model guesses.
            fps: Frames per second of the prefixes, and of what is generated; by
                default that of a `Clip`, or the one of the training clips,
                about 30.

        Returns:
            Dict of `poses` `[B, K, H, J, D]`, pixels; `visibility`
            `[B, K, H, J]`, probabilities; `log_prob` `[B, K]`, nats.

        Raises:
            ValueError: If an argument is wrong, or the model knows no actions.
        """
        if isinstance(poses, clips.Clip):
            fps = poses.fps if fps is None else fps
        temperature = inputs.temperature(temperature)
        poses, visibility, batched = self._clips(poses, visibility, num_frames)
        num_clips, longest = poses.shape[:2]
        num_frames = inputs.lengths(num_frames, num_clips, longest, batched)
        horizon = inputs.count("horizon", horizon)
        options = {
            "num_samples": inputs.count("num_samples", num_samples),
            "temperature": temperature,
            "seed": inputs.seed(seed),
            **self._action(action, len(poses), batched),
        }
        if fps is None or abs(_rate(fps) - 1) < under_way.TOLERANCE:
            poses, visibility = align_ends(poses, visibility, num_frames)
            outputs = self._generate(poses, visibility, horizon, options)
        else:
            outputs = self._at_rate(
                poses, visibility, num_frames, horizon, options, fps
            )
        return inputs.unbatched(outputs, batched)

    def _action(self, action, num_clips, batched):
        """Returns the tensor `action`, if it is given."""
        if action is None:
            return {}
        one = isinstance(action, str) or not batched
        given = [action] * num_clips if one else list(action)
        indices = {name: i for i, name in enumerate(self.actions)} | {None: -1}
        wrong = [name for name in given if name not in indices]
        if wrong or len(given) != num_clips:
            known = (
                ", ".join(self.actions) or "None, since the model knows none"
            )
            raise ValueError(
                f"`action` must be one of {known}; of a batch, {num_clips} of "
                f"them. Received: {action!r}"
            )
        return {"action": np.array([indices[n] for n in given], np.int32)}

    def _generate(self, poses, visibility, horizon, options):
        endpoint = "generate_action" if "action" in options else "generate"
        return self._call(
            endpoint,
            poses=poses,
            visibility=visibility,
            horizon=horizon,
            **options,
        )

    def _at_rate(self, poses, visibility, num_frames, horizon, options, fps):
        """Continues prefixes of another rate than the model's, one by one."""
        rows = []
        for i, length in enumerate(num_frames):
            prefix = clips.Clip(
                poses=poses[i, :length],
                visibility=visibility[i, :length],
                skeleton=self.skeleton,
                fps=float(fps),
            )
            seen = under_way.at_model_rate(prefix)
            # Of what the model generates, where frames of this rate lie.
            late = (length - 1) * _rate(fps) - (len(seen.poses) - 1)
            places = late + np.arange(1, horizon + 1) * _rate(fps)
            own = {
                k: v[i : i + 1] if k == "action" else v
                for k, v in options.items()
            }
            needed = inputs.count("horizon", math.ceil(places[-1]))
            outputs = self._generate(
                seen.poses[None], seen.visibility[None], needed, own
            )
            rows.append(_resampled(outputs, seen.poses[-1], places))
        return {
            name: np.concatenate([row[name] for row in rows])
            for name in rows[0]
        }

    def stream(self, batch_size=None):
        """Starts a `Stream`, which takes one frame at a time.

        Its `step` predicts the next frame: a dict of `pose` `[J, D]`, pixels,
        and `visibility` `[J]`, probabilities; `[B, ...]` with a batch size.
        """
        return Stream(self, "generate_step", batch_size)


def _rate(fps):
    """Returns how many frames of the model there are to one of this rate."""
    fps = np.asarray(fps)
    if fps.shape != () or not (np.isfinite(fps) and fps > 0):
        raise ValueError(f"`fps` must be a positive number. Received: {fps!r}")
    return under_way.MODEL_FPS / float(fps)


def _resampled(outputs, last_pose, places):
    """Returns futures at fractional frames after the last observed one.

    Args:
        outputs: What the model generated, of one prefix.
        last_pose: `[J, D]`, the last observed pose.
        places: Float `[H]`, positive, frames after it.
    """
    poses, seen = outputs["poses"], outputs["visibility"]
    first = poses[:, :, :1]
    last = np.where(np.isnan(last_pose), first, last_pose)
    poses = np.concatenate([last, poses], axis=2)
    seen = np.concatenate([seen[:, :, :1], seen], axis=2)
    low = np.minimum(np.floor(places).astype(int), poses.shape[2] - 1)
    high = np.minimum(low + 1, poses.shape[2] - 1)
    share = (places - low).astype(np.float32)[:, None]

    def mixed(values, share):
        return values[:, :, low] * (1 - share) + values[:, :, high] * share

    return {
        **outputs,
        "poses": mixed(poses, share[..., None]),
        "visibility": mixed(seen, share),
    }


def align_ends(poses, visibility, num_frames):
    """Moves padding before the prefixes, where nobody is visible yet.

    Args:
        poses: `[B, P, J, D]`.
        visibility: Bool `[B, P, J]`.
        num_frames: Int `[B]`, the length of each prefix.

    Returns:
        Both, with the last frame of every prefix at `P - 1`.
    """
    length = poses.shape[1]
    frames = np.arange(length) - (length - num_frames[:, None])  # [B, P]
    inside = frames >= 0
    rows = np.arange(len(poses))[:, None]
    frames = np.maximum(frames, 0)
    return (
        np.where(
            inside[..., None, None], poses[rows, frames], np.float32("nan")
        ),
        visibility[rows, frames] & inside[..., None],
    )
