"""Runs a generator in a graph: to a horizon given at run time, and in streams.

The state of a stream is flat, so that its tensors can be the inputs and outputs
of a signature; those of the transform have names of their own.
"""

import tensorflow as tf

from pose_tf.models import stillness

TRANSFORM = "transform_"  # Before the names of the transform's state.


def with_prefix(state):
    """Returns a transform's state under the names that it has in streams."""
    return {f"{TRANSFORM}{name}": value for name, value in state.items()}


def without_prefix(state):
    """Returns the transform's part of a stream's state, under its own names."""
    return {
        name.removeprefix(TRANSFORM): value
        for name, value in state.items()
        if name.startswith(TRANSFORM)
    }


def rollout(model, state, horizon, noise=None):
    """Predicts as many frames as a tensor says.

    Args:
        model: A `RecurrentGenerator`.
        state: From `model.observe`, of `N` prefixes.
        horizon: Int scalar, `H`.
        noise: Float tensor `(N, H, C)`, see `model.step`; or None.

    Returns:
        `(coordinates, visibility, log_prob)`: `(N, H, C)`, `(N, H, J)`
        and `(N,)`.
    """
    size = tf.shape(state["coordinates"])[0]
    arrays = (
        tf.TensorArray(
            tf.float32, horizon, element_shape=(None, model.space.size)
        ),
        tf.TensorArray(
            tf.float32,
            horizon,
            element_shape=(None, model.skeleton.num_joints),
        ),
    )

    def body(t, moving, arrays, log_prob):
        now = {
            **state,
            "coordinates": moving[0],
            "features": moving[1],
            "lstm": [moving[2], moving[3]],
        }
        now, logits, step_log_prob = model.step(
            now, None if noise is None else noise[:, t]
        )
        arrays = (
            arrays[0].write(t, now["coordinates"]),
            arrays[1].write(t, tf.sigmoid(logits)),
        )
        moving = (now["coordinates"], now["features"], *now["lstm"])
        return t + 1, moving, arrays, log_prob + step_log_prob

    moving = (state["coordinates"], state["features"], *state["lstm"])
    _, _, arrays, log_prob = tf.while_loop(
        lambda t, *_: t < horizon,
        body,
        (0, moving, arrays, tf.zeros((size,))),
    )
    coordinates, visibility = (
        tf.transpose(array.stack(), (1, 0, 2)) for array in arrays
    )
    return coordinates, visibility, log_prob


def stream_state(model, batch_size):
    """Returns the state of a stream before its first frame.

    Args:
        model: A `Continuation`.
        batch_size: Int scalar, `B`.

    Returns:
        Dict of tensors `(B, ...)`.
    """
    shape = (model.skeleton.num_joints, model.skeleton.num_coordinates)
    before = model.transform.initial_state(batch_size)
    latest = (batch_size, model.num_latest, model.space.size)
    return {
        "lstm_h": tf.zeros((batch_size, model.units)),
        "lstm_c": tf.zeros((batch_size, model.units)),
        "place": tf.zeros((batch_size, model.space.size)),
        "has_place": tf.zeros((batch_size,), tf.bool),
        "latest_motion": tf.fill((batch_size,), stillness.NOT_KNOWN),
        "expected_pose": tf.zeros((batch_size, *shape)),
        "has_expected": tf.zeros((batch_size,), tf.bool),
        **({"latest": tf.zeros(latest)} if model.num_latest else {}),
        **with_prefix(before),
    }


def stream_step(model, pose, visibility, state):
    """Takes one more frame of a stream and predicts the next.

    Where no joint is visible, the frame is taken to be as it was
    predicted, so that a stream goes on through a gap.

    Args:
        model: A `Continuation`.
        pose: Float tensor `(B, J, D)`, pixels.
        visibility: Bool tensor `(B, J)`.
        state: From `stream_state` or the last step.

    Returns:
        Dict of `pose` `(B, J, D)`, pixels, `visibility` `(B, J)`,
        probabilities, and the next state's tensors.
    """
    gap = ~tf.reduce_any(visibility, -1) & state["has_expected"]
    pose = tf.where(gap[:, None, None], state["expected_pose"], pose)
    visibility = visibility | gap[:, None]
    before = {
        "lstm": [state["lstm_h"], state["lstm_c"]],
        "place": (state["place"], state["has_place"]),
        "latest_motion": state["latest_motion"],
        "latest": state.get("latest"),
        "transform": without_prefix(state),
    }
    observed, after = model.observe(
        pose[:, None], visibility[:, None], before=before
    )
    coordinates, logits = model.next_frame(observed)
    predicted = model.space.pixels(coordinates[:, None], observed["anchor"])[
        :, 0
    ]
    return {
        "pose": predicted,
        "visibility": tf.sigmoid(logits),
        "lstm_h": after["lstm"][0],
        "lstm_c": after["lstm"][1],
        "place": after["place"][0],
        "has_place": after["place"][1],
        "latest_motion": after["latest_motion"],
        "expected_pose": predicted,
        "has_expected": state["has_expected"] | tf.reduce_any(visibility, -1),
        **({"latest": after["latest"]} if model.num_latest else {}),
        **with_prefix(after["transform"]),
    }
