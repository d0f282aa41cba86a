"""The loss that `PoseGenerator` is trained by: rollouts, near and far.

Two sampled rollouts of each window are compared with the truth by the energy
score (`energy_score`), and the deterministic one by its distance. Later on,
where few clips go on for long enough and nothing can be predicted, samples are
compared with clips that are played to and fro: they must still move as people
do, and stay where people stay. To get there costs no memory, since no gradient
passes through the chunks in between.
"""

import tensorflow as tf

from pose_tf.models import draws, energy_score, losses

CHUNK = 5  # Frames.
# Share of the training windows whose action is hidden from the model.
UNKNOWN_ACTIONS = 0.5
LAGS = (1, 2, CHUNK)  # Frames, over which displacements are scored.
# Torso lengths: whoever looks smaller, seen from above, counts as this large.
MIN_SIZE = 0.5
VISIBILITY_WEIGHT = 0.005
# Of the cross-entropy of what the prefix looks like.
ACTION_WEIGHT = 0.02
# Of what samples do later than the rollouts of all windows.
FAR_WEIGHT = 0.25
FAR = ("far_score", "far_energy")


def loss(model, batch, seed, *, prefix, horizon, longest=0, is_far=True):
    """Returns the loss of one batch of windows, and metrics.

    It is the energy score of two samples, of places, displacements and
    second differences, plus the error of the deterministic prediction.
    Samples of half of the windows go on, from a frame that is drawn, and
    are scored for as many frames again: against the window played to and
    fro, since few clips are as long.

    Args:
        model: A `PoseGenerator`.
        batch: Dict of `poses` `(B, P + L, J, D)`, `visibility`,
            `num_frames` and `action`. If there are `seen_poses` and
            `seen_visibility`, they are the prefix that the model sees in
            place of the first `P` frames.
        seed: Int tensor `(2,)`, of the latents.
        prefix: Integer, `P`, at least `CHUNK`.
        horizon: Integer, `H`, a multiple of `CHUNK`.
        longest: Integer, frames up to which samples go on, at least `2 H`;
            0 for `H`. The windows have as many frames after the prefix:
            `L` is this, or `H`. The batch then has `num_forward`, the
            frames before a window first turns back.
        is_far: Bool scalar, whether samples go on in this batch.

    Returns:
        `(loss, metrics)`: a scalar, in sizes of the last observed pose
        (the longer side of its box); `error`, of the deterministic
        prediction, mean distance of visible joints; `score`, the energy
        score of places; `energy`, that of the samples' motion over
        `CHUNK` frames, over that of the truth; `action`, the accuracy of what
        the prefix looks like; and, of what comes later, `far_score` and
        `far_energy`, 0 in other batches.
    """
    poses, visibility = batch["poses"], batch["visibility"]
    state, _ = model.observe(
        batch.get("seen_poses", poses[:, :prefix]),
        batch.get("seen_visibility", visibility[:, :prefix]),
        training=True,
    )
    hide, seed, later = tf.unstack(
        tf.random.experimental.stateless_split(seed, 3)
    )
    action = batch["action"]
    hidden = tf.random.stateless_uniform(tf.shape(action), hide)
    hidden = tf.where(hidden < UNKNOWN_ACTIONS, -1, action)
    state = model.conditioned(state, hidden)
    state["size"] = _size(model, state)
    truth = _targets(state, poses, visibility)
    num_frames = batch["num_forward" if longest else "num_frames"]
    total, metrics, last = _near(
        model, state, truth, num_frames, seed, prefix, horizon
    )
    named, metrics["action"] = _named(state["action_logits"], action)
    total += ACTION_WEIGHT * named
    if longest:
        more, told = tf.cond(
            is_far,
            lambda: _far(
                model, last, truth, later, prefix + horizon, horizon, longest
            ),
            lambda: (tf.constant(0.0), dict.fromkeys(FAR, tf.constant(0.0))),
        )
        total += FAR_WEIGHT * more
        metrics |= told
    return total, metrics


def _named(logits, action):
    """Returns cross-entropy and accuracy of what prefixes look like."""
    named = tf.nn.sparse_softmax_cross_entropy_with_logits(action, logits)
    right = tf.argmax(logits, -1, action.dtype) == action
    return tf.reduce_mean(named), tf.reduce_mean(tf.cast(right, tf.float32))


def _targets(state, poses, visibility):
    """Returns the truth in sizes of the last pose, and where it is seen."""
    anchor = state["anchor"]
    truth = poses - anchor["root"][:, None, None]
    truth /= anchor["scale"][:, None, None, None] * state["size"]
    return tf.where(visibility[..., None], truth, 0.0), visibility


def _near(model, state, truth, num_frames, seed, prefix, horizon):
    """Scores two samples and the prediction of what follows the prefix.

    Returns:
        `(loss, metrics, last)`: `last` is what `_far` goes on from.
    """
    count = tf.shape(state["gate"])[0]
    shape = (2 * count, 1 + horizon // CHUNK, model.latent_dim)
    draw, seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
    latents = tf.random.stateless_normal(shape, seed)
    whole = latents[:, 0]
    latents = tf.concat([latents, tf.zeros_like(latents[:count])], axis=0)
    deterministic = tf.repeat([[0.0], [1.0]], [2 * count, count], axis=0)
    free = tf.ones_like(state["gate"])  # Samples hold nobody still.
    gate = tf.concat([free, free, state["gate"]], axis=0)
    state = tf.nest.map_structure(lambda x: tf.concat([x] * 3, 0), state)
    state["gate"] = gate
    drawn, _ = model.drawn(state, _gumbel(tf.shape(state["action"]), draw))
    sampled = deterministic == 0
    state["action"] = tf.where(sampled, drawn["action"], state["action"])
    state, coordinates, logits = model.draw(
        state, latents, deterministic, training=True
    )
    span = slice(prefix - CHUNK, prefix + horizon)
    inside = tf.sequence_mask(num_frames, prefix + horizon)[:, span, None]
    truth, seen = (x[:, span] for x in truth)
    seen &= inside
    joints = model.space.joints(coordinates) / state["size"]
    first, second, predicted = (
        tf.concat([truth[:, :CHUNK], x], axis=1) for x in tf.split(joints, 3)
    )
    score, metrics = energy_score.samples_loss(
        first, second, truth, seen, CHUNK, LAGS
    )
    error, more = energy_score.prediction_loss(predicted, truth, seen, CHUNK)
    score += error + _visibility_loss(logits, seen, inside)
    return score, {**metrics, **more}, (state, coordinates, whole)


def _far(model, last, truth, seed, start, horizon, longest):
    """Scores samples of the first half of the windows later on.

    Args:
        last: From `_near`.
        truth: From `_targets`.
        seed: Int tensor `(2,)`.
        start: Integer, the frame of the windows that comes next.
        horizon: Integer, frames to score.
        longest: Integer; see `loss`. No gradient passes through the chunks
            that are skipped.

    Returns:
        `(loss, metrics)`: a scalar, and those of `FAR`.
    """
    state, coordinates, whole = last
    num_skipped = (longest - 2 * horizon) // CHUNK
    count = tf.shape(whole)[0] // 2
    half = (count + 1) // 2
    rows = tf.concat([tf.range(half), count + tf.range(half)], axis=0)
    state, before, whole = tf.nest.map_structure(
        lambda x: tf.stop_gradient(tf.gather(x, rows)),
        (state, coordinates[:, -CHUNK:], whole),
    )
    draw, seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
    skipped = tf.random.stateless_uniform(
        (), draw, 0, num_skipped + 1, tf.int32
    )
    shape = (2 * half, num_skipped + horizon // CHUNK, model.latent_dim)
    latents = tf.random.stateless_normal(shape, seed)
    sampled = tf.zeros((2 * half, 1))

    def skip(k, state, _):
        both = tf.concat([latents[:, k], whole], axis=-1)
        state, coordinates, _ = model.chunk(state, both, sampled)
        return k + 1, state, coordinates

    _, state, before = tf.nest.map_structure(
        tf.stop_gradient,
        tf.while_loop(lambda k, *_: k < skipped, skip, (0, state, before)),
    )
    latents = tf.concat([whole[:, None], latents[:, num_skipped:]], axis=1)
    _, coordinates, logits = model.draw(state, latents, sampled, True)
    truth, seen = (
        x[:half, start + (skipped - 1) * CHUNK :][:, : CHUNK + horizon]
        for x in truth
    )
    joints = model.space.joints(tf.concat([before, coordinates], axis=1))
    first, second = tf.split(joints / state["size"], 2)
    score, metrics = energy_score.samples_loss(
        first, second, truth, seen, CHUNK, LAGS
    )
    inside = tf.ones_like(seen[..., :1])
    score += _visibility_loss(logits, seen, inside)
    return score, dict(zip(FAR, metrics.values(), strict=True))


def _gumbel(shape, seed):
    uniform = tf.random.stateless_uniform(
        shape, seed, draws.LEAST_PROBABILITY, 1.0
    )
    return -tf.math.log(-tf.math.log(uniform))


def _size(model, state):
    """Returns the longer side of the last pose's box, `(B, 1, 1, 1)`."""
    joints = model.space.joints(state["coordinates"])
    sides = tf.reduce_max(joints, -2) - tf.reduce_min(joints, -2)
    longer = tf.maximum(tf.reduce_max(sides, -1), MIN_SIZE)
    return longer[:, None, None, None]


def _visibility_loss(logits, seen, inside):
    """Returns the weighted cross-entropy of what is visible.

    Args:
        logits: Float tensor `(K * B, H, J)`, of `K` rollouts of each window.
        seen: Bool tensor `(B, CHUNK + H, J)`.
        inside: Bool tensor `(B, CHUNK + H, 1)`, which frames there are.
    """
    copies = [tf.shape(logits)[0] // tf.shape(seen)[0], 1, 1]
    seen = tf.tile(tf.cast(seen[:, CHUNK:], tf.float32), copies)
    cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(seen, logits)
    inside = tf.tile(inside[:, CHUNK:], copies) & tf.ones_like(seen, tf.bool)
    return VISIBILITY_WEIGHT * losses.masked_mean(cross_entropy, inside)
