"""What a loaded model may be given: checked, and in the types that it takes.

Each function takes what a caller gave and raises a ValueError that names the
argument, what it must be and what was received.
"""

import numpy as np

from pose_tf.pose import clip

INT32_END = 2**31  # Counts and seeds are int32.


def clips(poses, visibility, joints, num_coordinates):
    """Returns clips as a batch, in which NaN alone says that a joint is missing.

    Args:
        poses: Real `[T, J, D]` or `[B, T, J, D]`, pixels; of a NumPy masked
            array, what is masked is missing.
        visibility: Bool, of the same shape without `D`. None if every joint is
            visible whose coordinates are finite and not exactly (0, 0).
        joints: Names of the `J` joints.
        num_coordinates: Integer, `D`.

    Returns:
        `(poses, visibility, batched)`: float32 `[B, T, J, D]`, NaN where a
        joint is missing; bool `[B, T, J]`; and whether `B` was given.
    """
    poses = real("poses", poses)
    wanted = (len(joints), num_coordinates)
    if poses.ndim not in (3, 4) or poses.shape[-2:] != wanted:
        raise ValueError(
            f"`poses` must be [T, {len(joints)}, {num_coordinates}] or "
            f"[B, T, {len(joints)}, {num_coordinates}]: the model's "
            f"{len(joints)} joints are {', '.join(joints)}. "
            f"Received: {poses.shape}"
        )
    if not poses.size:
        raise ValueError(
            "`poses` must have a clip and a frame at least. "
            f"Received: {poses.shape}"
        )
    if visibility is not None:
        visibility = _checked_visibility(poses, visibility, joints)
    poses, visibility = clip.mark_missing(poses, visibility)
    if poses.ndim == 4:
        return poses, visibility, True
    return poses[None], visibility[None], False


def require_somebody(visibility):
    """Raises a `ValueError` if nobody is visible in any frame of a clip.

    Args:
        visibility: Bool `[B, T, J]`, without the joints of padding.
    """
    empty = np.flatnonzero(~visibility.any((1, 2)))
    if len(empty):
        where = f" of clip {empty[0]}" if len(visibility) > 1 else ""
        raise ValueError(
            "`poses` must have a frame with a joint that is visible: finite, "
            "not exactly (0, 0), and True in `visibility` if that is given. "
            f"Received: none in {visibility.shape[1]} frames{where}"
        )


def _checked_visibility(poses, visibility, joints):
    finite = np.isfinite(poses).all(-1)
    visibility = np.ma.filled(visibility, False)
    if visibility.dtype != bool:
        raise ValueError(
            "`visibility` must be bool, such as `confidence > 0.5`. "
            f"Received: {visibility.dtype}"
        )
    if visibility.shape != finite.shape:
        raise ValueError(
            f"`visibility` must be {finite.shape}, as `poses` is "
            f"{poses.shape}. Received: {visibility.shape}"
        )
    if (visibility & ~finite).any():
        first = tuple(np.argwhere(visibility & ~finite)[0].tolist())
        raise ValueError(
            "`poses` must be finite where `visibility` is True. Received: "
            f"{poses[first].tolist()} at {first[:-1]}, {joints[first[-1]]}"
        )
    return visibility


def pose(name, value, shape):
    """Poses of exactly that shape, as float32."""
    value = real(name, value)
    if value.shape != shape:
        raise ValueError(f"`{name}` must be {shape}. Received: {value.shape}")
    return value


def latents(z, root, scale, latent_dim, num_coordinates):
    """Latents `[T, Z]` or `[B, T, Z]`, with a root each and a scale a clip.

    Returns:
        `(inputs, batched)`: a dict of float32 `z` `[B, T, Z]`, `root`
        `[B, T, D]` and `scale` `[B]`; and whether `B` was given.
    """
    z, root, scale = real("z", z), real("root", root), real("scale", scale)
    if z.ndim not in (2, 3) or z.shape[-1] != latent_dim:
        raise ValueError(
            f"`z` must be [T, {latent_dim}] or [B, T, {latent_dim}]. "
            f"Received: {z.shape}"
        )
    for name, value, shape in (
        ("root", root, (*z.shape[:-1], num_coordinates)),
        ("scale", scale, z.shape[:-2]),
    ):
        if value.shape != shape:
            raise ValueError(
                f"`{name}` must be {shape}, as `z` is {z.shape}. "
                f"Received: {value.shape}"
            )
    inputs = {"z": z, "root": root, "scale": scale}
    if z.ndim == 3:
        return inputs, True
    return {name: value[None] for name, value in inputs.items()}, False


def lengths(num_frames, num_clips, longest, batched):
    """Frames of each clip that are no padding, int32 `[B]`; all for None."""
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
    """A float32 scalar, finite and not negative."""
    temperature = real("temperature", value)
    if temperature.shape != () or not 0 <= temperature < np.inf:
        raise ValueError(
            "`temperature` must be a finite number that is not negative. "
            f"Received: {value!r}"
        )
    return temperature


def count(name, value, least=1):
    """An int32 of at least `least`."""
    if not _is_integer(value) or not least <= value < INT32_END:
        raise ValueError(
            f"`{name}` must be an integer of at least {least}. "
            f"Received: {value!r}"
        )
    return np.int32(value)


def seed(value):
    """An integer, or a pair of them, as int32 `[2]`."""
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

    What is too large for it becomes infinite, what is masked becomes NaN.
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
    with np.errstate(over="ignore"):
        value = value.astype(np.float32)
    return value.filled(np.nan)


def _is_integer(value):
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def unbatched(outputs, batched):
    """Removes the batch axis of outputs that `batched` says was added."""
    if batched:
        return outputs
    return {name: value[0] for name, value in outputs.items()}
