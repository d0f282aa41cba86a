"""Embeds any number of clips, as callers give them, with bounded memory.

A clip is

    a Clip       as `pose_tf.read` gives it: seen with the model's joints, and
                 at its rate
    an array     poses [T, J, D]
    a pair       (poses, visibility [T, J])
    a dict       with `poses`, and perhaps `visibility` and `clip_id`; those of
                 the datasets are such dicts

Poses are pixels, x right and y down; `pose_tf.serving.loaded` says which joints
are missing. Clips may have different lengths, and any iterable holds them: a
generator is never held as a whole.
"""

import dataclasses
import hashlib

import numpy as np

from pose_tf import novelty
from pose_tf.pose import clip as pose_clip
from pose_tf.serving import inputs, under_way

# Per call of the model, padding included: bounds the memory of a batch.
FRAMES_PER_BATCH = 16_384
CLIPS_PER_BATCH = 64
# Fewer frames than this are hardly a motion.
SHORT_FRAMES = 9


@dataclasses.dataclass(frozen=True, eq=False)
class EmbeddedClips:
    """Holds the embeddings of clips.

    Attributes:
        embeddings: Float32 `[N, Z]`, scaled to unit length; `[0, 0]` if there
            is no clip.
        digests: Uint64 `[N]`, equal for equal clips.
        names: Of the `N` clips: their `clip_id`, or their place, such as
            `clips[3]`.
        places: Of the `N` clips among all that were given, ints.
        unseen: Names of clips that were left out: nobody is visible in them.
        short: Names of the clips among the `N` with fewer than `SHORT_FRAMES`
            frames.

    Example:

    >>> EmbeddedClips(np.eye(1, 64), np.array([7]), ("a",), (0,)).short
    ()
    """

    embeddings: np.ndarray
    digests: np.ndarray
    names: tuple[str, ...]
    places: tuple[int, ...]
    unseen: tuple[str, ...] = ()
    short: tuple[str, ...] = ()


def embed(model, clips, argument="clips", leave_out=False) -> EmbeddedClips:
    """Embeds clips in batches.

    Args:
        model: A loaded model with `embed_motion`, `joints` and `skeleton`.
        clips: Iterable of clips.
        argument: Name of `clips` in errors.
        leave_out: Whether to leave out clips in which nobody is visible. They
            are an error otherwise.

    Raises:
        ValueError: If a clip is not one of the model's skeleton, a visible
            joint is not finite, or nobody is visible. The message names it.
    """
    batch = _Batch(model)
    digests, names, places, unseen, short = [], [], [], [], []
    for index, clip in enumerate(clips):
        name, poses, visibility = _read(model, clip, f"{argument}[{index}]")
        if leave_out and not visibility.any():
            unseen.append(name)
            continue
        inputs.require_somebody(visibility[None], name)
        names.append(name)
        places.append(index)
        digests.append(_digest(poses, visibility))
        if len(poses) < SHORT_FRAMES:
            short.append(name)
        batch.add(poses, visibility)
    return EmbeddedClips(
        novelty.unit_length(batch.embeddings()),
        np.array(digests, np.uint64),
        tuple(names),
        tuple(places),
        tuple(unseen),
        tuple(short),
    )


def _read(model, clip, place):
    """Name, poses [T, J, D] and visibility [T, J] of a clip, checked."""
    if isinstance(clip, pose_clip.Clip):
        clip = under_way.at_model_rate(clip).to(model.skeleton)
    name, poses, visibility = _parts(clip, place)
    poses, visibility, batched = inputs.clips(
        poses,
        visibility,
        model.joints,
        model.skeleton.num_coordinates,
        name=name,
    )
    if batched:
        raise ValueError(
            f"`{name}` must be one clip, [T, J, D]. Received: {poses.shape}"
        )
    return name, poses[0], visibility[0]


def _parts(clip, place):
    """Name, poses and visibility (or None) of a clip."""
    if isinstance(clip, tuple) and len(clip) == 2:
        return place, *clip
    if isinstance(clip, pose_clip.Clip):
        return clip.clip_id or place, clip.poses, clip.visibility
    if not isinstance(clip, dict):
        return place, clip, None
    if "poses" not in clip:
        raise ValueError(
            f"`{place}` must be a Clip, array, pair or dict with `poses`. "
            f"Received: a dict with {', '.join(map(str, clip)) or 'nothing'}"
        )
    name = clip.get("clip_id", place)
    name = name.decode() if isinstance(name, bytes) else str(name)
    return name, clip["poses"], clip.get("visibility")


def _digest(poses, visibility):
    """A number that clips share if their visible joints are the same."""
    seen = np.where(visibility[..., None], poses, np.float32(np.nan))
    size = np.dtype(np.uint64).itemsize
    # One NaN looks like another, and -0 like 0.
    digest = hashlib.blake2b((seen + 0.0).tobytes(), digest_size=size)
    return int.from_bytes(digest.digest(), "little")


class _Batch:
    """Collects clips, and embeds them whenever enough have come."""

    def __init__(self, model):
        self._model = model
        self._waiting = []
        self._longest = 0
        self._embedded = []

    def add(self, poses, visibility):
        longest = max(self._longest, len(poses))
        number = len(self._waiting) + 1
        if number > CLIPS_PER_BATCH or number * longest > FRAMES_PER_BATCH:
            self._embed()
            longest = len(poses)
        self._longest = longest
        self._waiting.append((poses, visibility))

    def embeddings(self):
        """Returns those of all clips, `[N, Z]`; `[0, 0]` if there are none."""
        self._embed()
        return np.concatenate(self._embedded or [np.zeros((0, 0), np.float32)])

    def _embed(self):
        if not self._waiting:
            return
        lengths = np.array([len(poses) for poses, _ in self._waiting])
        poses, visibility = (
            np.stack([_padded(array, lengths.max()) for array in arrays])
            for arrays in zip(*self._waiting, strict=True)
        )
        outputs = self._model.embed_motion(poses, visibility, lengths)
        self._embedded.append(outputs["mean"])
        self._waiting = []


def _padded(array, length):
    padding = [(0, length - len(array))] + [(0, 0)] * (array.ndim - 1)
    return np.pad(array, padding)
