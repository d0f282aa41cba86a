"""Guards the endpoints of SavedModels: no input gets a finite wrong answer.

What is wrong with a whole call, such as a horizon of 0, fails an assertion that
names the argument. What is wrong with one clip of a batch makes the outputs of
that clip NaN and leaves those of all others as they are. A clip has no answer if

- a visible joint is not finite, or more than `clip.MAX_COORDINATE` pixels from
  the origin on an axis, or
- nobody is visible in any of its frames.

An invisible joint that far away is missing.
"""

import tensorflow as tf

from pose_tf.pose import clip

# Standard deviations of the prior: no embedding is nearly as far out.
MAX_LATENT = 1e4


def answer(function, poses, visibility, num_frames=None):
    """Calls a function of whole clips with what is usable of a batch.

    Args:
        function: Function of `(poses, visibility)` that returns a dict of
            tensors `(B, ...)`, in which no clip depends on another.
        poses: Float tensor `(B, T, J, D)`, pixels.
        visibility: Bool tensor `(B, T, J)`.
        num_frames: Int tensor `(B,)`; later frames are padding and never
            looked at. None if there is none.

    Returns:
        What `function` returns, NaN for clips without an answer.

    Raises:
        tf.errors.InvalidArgumentError: If there is no clip or no frame,
            `num_frames` is not between 1 and `T`, or shapes do not fit.
    """
    shape = tf.shape(poses)
    checks = [
        _require(
            tf.reduce_all(shape[:2] > 0),
            "`poses` must have at least 1 clip and 1 frame.",
            shape,
        ),
        _require_shape("visibility", visibility, shape[:-1]),
    ]
    if num_frames is not None:
        checks += [
            _require_shape("num_frames", num_frames, shape[:1]),
            _require(
                tf.reduce_all((num_frames >= 1) & (num_frames <= shape[1])),
                "`num_frames` must be between 1 and the frames of `poses`.",
                num_frames,
            ),
        ]
    poses, visibility = _after(checks, poses, visibility)
    if num_frames is not None:
        within = tf.sequence_mask(num_frames, shape[1])[..., None]
        visibility &= within
        poses = tf.where(within[..., None], poses, float("nan"))
    poses, wild = _without_wild(poses, visibility)
    usable = ~wild & tf.reduce_any(visibility, axis=(1, 2))
    outputs = function(poses, visibility & usable[:, None, None])
    return {
        name: _choose(usable, value, float("nan"))
        for name, value in outputs.items()
    }


def answer_step(function, started, pose, visibility, state):
    """Calls a function of a stream's next frame; see `answer`.

    A frame with a visible joint beyond reason leaves the state as it was, so
    that the stream goes on with the next one. There is no answer either before
    the first frame in which anybody is visible.

    Args:
        function: Function of `(pose, visibility, state)` that returns a dict
            of tensors `(B, ...)`, those of the next state among them.
        started: Function of a state that returns bool `(B,)`, whether anybody
            has been visible.
        pose: Float tensor `(B, J, D)`, pixels.
        visibility: Bool tensor `(B, J)`.
        state: Dict of tensors `(B, ...)`.
    """
    shape = tf.shape(pose)
    checks = [_require_shape("visibility", visibility, shape[:-1])]
    for name, value in state.items():
        expected = tf.concat([shape[:1], value.shape[1:]], 0)
        checks.append(_require_shape(name, value, expected))
    pose, visibility = _after(checks, pose, visibility)
    poses, wild = _without_wild(pose[:, None], visibility[:, None])
    outputs = function(poses[:, 0], visibility & ~wild[:, None], state)
    after = {
        name: _choose(~wild, outputs[name], before)
        for name, before in state.items()
    }
    usable = ~wild & started(after)
    answers = {
        name: _choose(usable, value, float("nan"))
        for name, value in outputs.items()
        if name not in state
    }
    return answers | after


def latents(z, root, scale):
    """Returns its arguments if a VAE can decode them, else fails an assertion.

    Args:
        z: Float tensor `(B, T, Z)`.
        root: Float tensor `(B, T, D)`, pixels.
        scale: Float tensor `(B,)` or `(B, T)`, pixels per torso length.
    """
    frames = tf.shape(z)[:2]
    checks = []
    for name, value, least, most in (
        ("z", z, -MAX_LATENT, MAX_LATENT),
        ("root", root, -clip.MAX_COORDINATE, clip.MAX_COORDINATE),
        ("scale", scale, 0.0, clip.MAX_COORDINATE),
    ):
        within = (value >= least) & (value <= most)
        if name == "scale":
            within &= value > 0
            sizes = tf.shape(value)
            fits = tf.reduce_all(sizes == frames[: tf.size(sizes)])
        else:
            fits = tf.reduce_all(tf.shape(value)[:2] == frames)
        checks += [
            _require(
                fits, f"`{name}` must have the shape of `z`.", tf.shape(value)
            ),
            _require(
                tf.reduce_all(within),
                f"`{name}` must be finite and between {least:g} "
                f"{'(excluded) ' * (name == 'scale')}and {most:g}.",
                _flat(value)[~_flat(within)][:1],
            ),
        ]
    return _after(checks, z, root, scale)


def count(name, value):
    """Returns an int scalar that is at least 1, else fails an assertion."""
    check = _require(value >= 1, f"`{name}` must be at least 1.", value)
    return _after([check], value)[0]


def action(value, num_clips, num_actions):
    """Returns actions `(B,)`, -1 or an index of an action each.

    Raises:
        tf.errors.InvalidArgumentError: If one is out of bounds, or there are
            not as many as clips.
    """
    checks = [
        _require_shape("action", value, num_clips[None]),
        _require(
            tf.reduce_all((value >= -1) & (value < num_actions)),
            f"`action` must be -1 or an index below {num_actions}.",
            value,
        ),
    ]
    return _after(checks, value)[0]


def temperature(value):
    """Returns a finite float scalar of at least 0, else fails an assertion."""
    check = _require(
        (value >= 0) & tf.math.is_finite(value),
        "`temperature` must be finite and not negative.",
        value,
    )
    return _after([check], value)[0]


def _require(condition, message, received):
    return tf.debugging.Assert(condition, [f"{message} Received:", received])


def _after(checks, *values):
    """The values, once all checks have passed.

    Else some operation could fail first, with TensorFlow's words.
    """
    with tf.control_dependencies(checks):
        return [tf.identity(value) for value in values]


def _flat(value):
    return tf.reshape(value, [-1])


def _require_shape(name, value, shape):
    return _require(
        tf.reduce_all(tf.equal(tf.shape(value), shape)),
        f"`{name}` must have the shape of the poses.",
        tf.shape(value),
    )


def _without_wild(poses, visibility):
    """Poses `(B, T, J, D)` within reason, and whether a visible one was not."""
    near = tf.reduce_all(tf.abs(poses) <= clip.MAX_COORDINATE, axis=-1)
    wild = tf.reduce_any(visibility & ~near, axis=(1, 2))
    return tf.where(near[..., None], poses, float("nan")), wild


def _choose(chosen, value, other):
    """Rows of `value` `(B, ...)` where `chosen` `(B,)`, else of `other`."""
    ones = [1] * (value.shape.rank - 1)
    chosen = tf.reshape(chosen, [-1, *ones])
    return tf.where(chosen, value, tf.cast(other, value.dtype))
