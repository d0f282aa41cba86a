"""Validates and converts the inputs of loaded models.

Each function takes what a caller gave and raises a ValueError that names the
argument, what it must be and what was received.
"""

import numpy as np

from pose_tf.pose import clip
from pose_tf.serving import guards

INT32_END = 2**31  # Counts and seeds are int32.


def clips(
    poses, visibility, joints, num_coordinates, num_frames=None, name="poses"
):
    """Returns clips as a batch, in which NaN alone says that a joint is missing.

    A visible joint must be finite and at most `clip.MAX_COORDINATE` pixels from
    the origin on each axis. An invisible one that is not is missing.

    Args:
        poses: Real `[T, J, D]` or `[B, T, J, D]`, pixels; of a NumPy masked
            array, what is masked is missing.
        visibility: Bool, of the same shape without `D`. None if every joint is
            visible whose coordinates are finite and not exactly (0, 0).
        joints: Names of the `J` joints.
        num_coordinates: Integer, `D`.
        num_frames: See `lengths`; what lies beyond is padding, of which
            nothing is checked.
        name: Name of the argument in errors.

    Returns:
        `(poses, visibility, batched)`: float32 `[B, T, J, D]`, NaN where a
        joint is missing; bool `[B, T, J]`; and whether `B` was given.
    """
    poses = _checked_poses(name, poses, joints, num_coordinates)
    batched = poses.ndim == 4
    if visibility is not None:
        visibility = _checked_visibility(poses, visibility)
    poses, visibility = clip.mark_missing(poses, visibility)
    poses, visibility = (
        array if batched else array[None] for array in (poses, visibility)
    )
    if num_frames is not None:
        num_clips, longest = poses.shape[:2]
        ends = lengths(num_frames, num_clips, longest, batched)
        within = np.arange(longest) < ends[:, None]
        visibility = visibility & within[..., None]
    wild = clip.is_wild(poses)
    if (visibility & wild).any():
        where = tuple(np.argwhere(visibility & wild)[0].tolist())
        _refuse_joint(name, poses[where], where, joints, batched)
    poses = np.where(wild[..., None], np.float32(np.nan), poses)
    return poses, visibility, batched


def of_clip(one, visibility, skeleton):
    """Returns poses and visibility of a `Clip`, with a model's joints.

    Args:
        one: A `Clip`.
        visibility: What the caller gave beside it, which must be None.
        skeleton: The model's `Skeleton`.
    """
    if visibility is not None:
        raise ValueError(
            "`visibility` must not be given with a Clip, which has its own. "
            f"Received: {np.shape(visibility)}"
        )
    one = one.to(skeleton)
    return one.poses, one.visibility


def _refuse_joint(name, position, where, joints, batched):
    """Raises for a visible joint, at `where` `(clip, frame, joint)`."""
    of_clip = f"clip {where[0]}, " if batched else ""
    raise ValueError(
        f"`{name}` must be finite, and at most {clip.MAX_COORDINATE:,.0f} "
        "pixels from the origin, wherever a joint is visible. Received: "
        f"{position.tolist()} in {of_clip}frame {where[1]}, {joints[where[2]]}"
    )


def require_somebody(visibility, name="poses"):
    """Raises a `ValueError` if nobody is visible in any frame of a clip.

    Args:
        visibility: Bool `[B, T, J]`, without the joints of padding.
        name: Name of the poses in errors.
    """
    empty = np.flatnonzero(~visibility.any((1, 2)))
    if len(empty):
        where = f" of clip {empty[0]}" if len(visibility) > 1 else ""
        raise ValueError(
            f"`{name}` must have a frame with a joint that is visible: finite, "
            "not exactly (0, 0), and True in `visibility` if that is given. "
            f"Received: none in {visibility.shape[1]} frames{where}"
        )


def _checked_poses(name, poses, joints, num_coordinates):
    poses = real(name, poses)
    wanted = (len(joints), num_coordinates)
    if poses.ndim not in (3, 4) or poses.shape[-2:] != wanted:
        raise ValueError(
            f"`{name}` must be [T, {len(joints)}, {num_coordinates}] or "
            f"[B, T, {len(joints)}, {num_coordinates}]: the model's "
            f"{len(joints)} joints are {', '.join(joints)}. "
            f"Received: {poses.shape}"
        )
    if not poses.size:
        raise ValueError(
            f"`{name}` must have at least one clip and one frame. "
            f"Received: {poses.shape}"
        )
    return poses


def _checked_visibility(poses, visibility):
    visibility = np.ma.filled(visibility, False)
    if visibility.dtype != bool:
        raise ValueError(
            "`visibility` must be bool, such as `confidence > 0.5`. "
            f"Received: {visibility.dtype}"
        )
    if visibility.shape != poses.shape[:-1]:
        raise ValueError(
            f"`visibility` must be {poses.shape[:-1]}, as `poses` is "
            f"{poses.shape}. Received: {visibility.shape}"
        )
    return visibility


def pose(name, value, shape):
    """Returns poses of exactly that shape, as float32."""
    value = real(name, value)
    if value.shape != shape:
        raise ValueError(f"`{name}` must be {shape}. Received: {value.shape}")
    return value


def latents(z, root, scale, latent_dim, num_coordinates):
    """Checks latents `[T, Z]` or `[B, T, Z]`, their roots and their scales.

    There is one root per frame, `[T, D]` or `[B, T, D]`, and one scale per
    frame or per clip.

    Returns:
        `(inputs, batched)`: a dict of float32 `z` `[B, T, Z]`, `root`
        `[B, T, D]` and `scale` `[B]` or `[B, T]`; and whether `B` was given.
    """
    z, root, scale = real("z", z), real("root", root), real("scale", scale)
    if z.ndim not in (2, 3) or z.shape[-1] != latent_dim:
        raise ValueError(
            f"`z` must be [T, {latent_dim}] or [B, T, {latent_dim}]. "
            f"Received: {z.shape}"
        )
    frames = z.shape[:-1]
    for name, value, shapes in (
        ("root", root, [(*frames, num_coordinates)]),
        ("scale", scale, [frames[:-1], frames]),
    ):
        if value.shape not in shapes:
            raise ValueError(
                f"`{name}` must be {' or '.join(map(str, shapes))}, as `z` is "
                f"{z.shape}. Received: {value.shape}"
            )
    batched = z.ndim == 3
    inputs = {"z": z, "root": root, "scale": scale}
    if not batched:
        inputs = {name: value[None] for name, value in inputs.items()}
    _require_within("z", inputs["z"], guards.MAX_LATENT, batched)
    _require_within("root", inputs["root"], clip.MAX_COORDINATE, batched)
    _require_within("scale", inputs["scale"], clip.MAX_COORDINATE, batched)
    return inputs, batched


def _require_within(name, value, most, batched):
    """Raises unless numbers are finite, at most `most` and, scales, positive.

    Args:
        name: Name of the argument.
        value: Float array `[B, ...]` or `[B, T, ...]`.
        most: Greatest absolute value.
        batched: Whether `B` was given.
    """
    bad = ~(np.abs(value) <= most)
    kind = "finite"
    if name == "scale":
        bad |= value <= 0
        kind = "positive, finite"
    if bad.any():
        where = tuple(np.argwhere(bad)[0].tolist())
        places = [f"clip {where[0]}"] if batched else []
        places += [f"frame {where[1]}"] if len(where) > 1 else []
        raise ValueError(
            f"`{name}` must be {kind} and at most {most:,.0f}. Received: "
            f"{value[where]}{' in ' * bool(places)}{', '.join(places)}"
        )


def lengths(num_frames, num_clips, longest, batched):
    """Returns how many frames of each clip are not padding, int32 `[B]`."""
    needed_shape = (num_clips,) if batched else ()
    if num_frames is None:
        num_frames = np.full(needed_shape, longest)
    num_frames = np.asarray(num_frames)
    if num_frames.shape != needed_shape or num_frames.dtype.kind not in "iu":
        needed = f"{num_clips} integers" if batched else "an integer"
        raise ValueError(
            f"`num_frames` must be {needed}. Received: {num_frames!r}"
        )
    if (num_frames < 1).any() or (num_frames > longest).any():
        raise ValueError(
            f"`num_frames` must be between 1 and {longest}, the frames of "
            f"`poses`. Received: {num_frames.tolist()}"
        )
    return num_frames.astype(np.int32).reshape(num_clips)


def temperature(value):
    """Returns a float32 scalar that is finite and not negative."""
    temperature = real("temperature", value)
    if temperature.shape != () or not 0 <= temperature < np.inf:
        raise ValueError(
            "`temperature` must be a finite number that is not negative. "
            f"Received: {value!r}"
        )
    return temperature


def count(name, value, least=1):
    """Returns an int32 of at least `least`."""
    if not _is_integer(value) or not least <= value < INT32_END:
        raise ValueError(
            f"`{name}` must be an integer of at least {least}. "
            f"Received: {value!r}"
        )
    return np.int32(value)


def seed(value):
    """Returns an integer, or a pair of them, as int32 `[2]`."""
    pair = (0, value) if _is_integer(value) else tuple(np.ravel(value).tolist())
    if len(pair) != 2 or not all(
        _is_integer(part) and -INT32_END <= part < INT32_END for part in pair
    ):
        raise ValueError(
            "`seed` must be an integer of 32 bits, or a pair of them. "
            f"Received: {value!r}"
        )
    return np.array(pair, np.int32)


def real(name, value):
    """Returns the value as float32.

    What is finite but too large for it becomes the largest number that it has;
    what is masked becomes NaN.
    """
    try:
        value = np.ma.asarray(value)
    except ValueError as error:  # Rows of different lengths.
        raise ValueError(
            f"`{name}` must be an array. Received: {error}"
        ) from error
    if value.dtype.kind not in "iuf":
        raise ValueError(
            f"`{name}` must hold real numbers. Received: {value.dtype}"
        )
    finite = np.isfinite(value)
    most = np.finfo(np.float32).max
    with np.errstate(over="ignore"):
        value = np.ma.where(finite, np.ma.clip(value, -most, most), value)
        value = value.astype(np.float32)
    return value.filled(np.nan)


def _is_integer(value):
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def unbatched(outputs, batched):
    """Removes the batch axis of outputs that `batched` says was added."""
    if batched:
        return outputs
    return {name: value[0] for name, value in outputs.items()}
