"""What each trainer minimises, and the figures that it reports beside it."""

import tensorflow as tf

from pose_tf.models.classifier import at_last_frame
from pose_tf.models.vae import elbo_terms
from pose_tf.pose import geometry

# Weight of the visibility's cross-entropy beside errors in torso lengths.
VISIBILITY_WEIGHT = 0.02
TINY = 1e-6


def negative_elbo(
    vae, frames, features, step, seed, *, beta, free_bits, beta_warmup_steps
):
    """The training loss of a batch of poses, and what it is made of.

    Args:
        vae: A `PoseVAE`.
        frames: Dict of `pose` `(N, J, D)` and `visibility` `(N, J)`.
        features: Float tensor `(N, F)`.
        step: Int scalar; beta rises to its value over `beta_warmup_steps`.
        seed: Int tensor `(2,)`, of the posterior's noise.
        beta, free_bits, beta_warmup_steps: See `configs.VAEConfig`.

    Returns:
        `(loss, figures)`: a scalar; `rate`, `distortion`, and
        `elbo`, nats a pose.
    """
    shape = (tf.shape(features)[0], vae.latent_dim)
    # An autoencoder has no rate, and no noise either.
    noise = tf.random.stateless_normal(shape, seed) if beta else tf.zeros(shape)
    rate, distortion = elbo_terms(vae, frames, features, noise)
    weight = beta * tf.minimum(
        1.0, tf.cast(step + 1, tf.float32) / max(beta_warmup_steps, 1)
    )
    loss = tf.reduce_mean(distortion) + weight * free_bits_rate(rate, free_bits)
    rate, distortion = tf.reduce_sum(rate, -1), tf.reduce_mean(distortion)
    rate = tf.reduce_mean(rate)
    return loss, {
        "rate": rate,
        "distortion": distortion,
        "elbo": -(rate + distortion),
    }


def free_bits_rate(rate, free_bits):
    """Sum over dimensions of the batch's mean rate, at least `free_bits` each.

    Kingma et al., 2016, https://arxiv.org/abs/1606.04934.

    Args:
        rate: Float tensor `(N, Z)`, nats.
        free_bits: Nats a dimension that cost nothing.

    Returns:
        Scalar, nats a pose.
    """
    return tf.reduce_sum(tf.maximum(tf.reduce_mean(rate, axis=0), free_bits))


def classification_loss(
    model, batch, seed, *, label_smoothing, mixup_alpha, frame_loss_weight
):
    """Cross-entropy of mixed clips, after the last and after every frame.

    Mixup (Zhang et al., 2018, https://arxiv.org/abs/1710.09412) mixes the
    features of each clip with those of its mirror image in the batch's order.

    Args:
        model: An `ActionClassifier`.
        batch: Dict of `poses`, `visibility`, `num_frames` and `action`.
        seed: Int tensor `(2,)`.
        label_smoothing, mixup_alpha, frame_loss_weight: See
            `configs.ClassifierConfig`.

    Returns:
        `(loss, figures)`: a scalar; `accuracy` after the last frame, against
        the label that weighs more in the mixture.
    """
    features, _ = model.features(batch["poses"], batch["visibility"])
    labels = tf.one_hot(batch["action"], model.num_actions)
    num_frames = batch["num_frames"]
    started = geometry.ever_visible(batch["visibility"])
    if mixup_alpha:
        share = stateless_beta(mixup_alpha, seed)
        share = tf.maximum(share, 1 - share)
        features = _mix(features, share)
        labels = _mix(labels, share)
        num_frames = tf.maximum(num_frames, tf.reverse(num_frames, [0]))
        started |= tf.reverse(started, [0])
    logits, _ = model(features, training=True, started=started)
    smooth = labels * (1 - label_smoothing)
    smooth += label_smoothing / model.num_actions
    each = tf.nn.softmax_cross_entropy_with_logits(
        tf.repeat(smooth[:, None], tf.shape(logits)[1], axis=1), logits
    )
    mask = tf.sequence_mask(num_frames, tf.shape(logits)[1], each.dtype)
    mean = tf.reduce_sum(each * mask, 1) / tf.reduce_sum(mask, 1)
    last = at_last_frame(logits, num_frames)
    final = tf.nn.softmax_cross_entropy_with_logits(smooth, last)
    loss = tf.reduce_mean(
        (1 - frame_loss_weight) * final + frame_loss_weight * mean
    )
    right = tf.argmax(last, -1) == tf.argmax(labels, -1)
    return loss, {"accuracy": tf.reduce_mean(tf.cast(right, tf.float32))}


def stateless_beta(alpha, seed):
    """One draw from Beta(alpha, alpha), by two gamma draws."""
    draws = tf.random.stateless_gamma((2,), seed, alpha)
    return draws[0] / tf.maximum(draws[0] + draws[1], 1e-12)


def _mix(values, share):
    return share * values + (1 - share) * tf.reverse(values, [0])


def generation_loss(
    model, batch, *, prefix, horizon, teacher_forcing, nll_weight
):
    """Error of the rollout, and negative log likelihood of the true motion.

    Args:
        model: A `PoseGenerator`.
        batch: Dict of `poses` `(B, P + H, J, D)` and `visibility`.
        prefix, horizon, teacher_forcing, nll_weight: See
            `configs.GeneratorConfig`.

    Returns:
        `(loss, figures)`: a scalar; `error`, torso lengths, mean distance of
        visible joints, of the rollout or, under teacher forcing, of the next
        frame; `nll`, nats a number of the model's coordinates.
    """
    poses, visibility = batch["poses"], batch["visibility"]
    state, _ = model.observe(
        poses[:, :prefix], visibility[:, :prefix], training=True
    )
    anchor, seen = state["anchor"], visibility[:, prefix:]
    target = (poses[:, prefix:] - anchor["root"][:, None, None]) / (
        anchor["scale"][:, None, None, None]
    )
    nll = tf.constant(0.0)
    if nll_weight or teacher_forcing:
        frames, _ = model.transform(poses, visibility)
        future = {key: value[:, prefix:] for key, value in frames.items()}
        truth = model.space.of_frames(future, anchor)
        following, logits = model.follow(state, truth, seen, training=True)
        nll = _mean_nll(model, following, truth, seen)
        coordinates = following.loc
    if not teacher_forcing:
        coordinates, logits = model.unroll(state, horizon, training=True)
    error = _mean_distance(model.space.joints(coordinates), target, seen)
    visible = tf.nn.sigmoid_cross_entropy_with_logits(
        tf.cast(seen, logits.dtype), logits
    )
    loss = error + nll_weight * nll
    loss += VISIBILITY_WEIGHT * tf.reduce_mean(visible)
    return loss, {"error": error, "nll": nll}


def _mean_distance(joints, target, seen):
    """Mean Euclidean distance of the visible joints."""
    apart = tf.where(seen[..., None], joints - target, 0.0)
    # The root of 0 has no finite gradient.
    distance = tf.sqrt(tf.reduce_sum(apart**2, -1) + TINY)
    weight = tf.cast(seen, distance.dtype)
    return tf.math.divide_no_nan(
        tf.reduce_sum(distance * weight), tf.reduce_sum(weight)
    )


def _mean_nll(model, following, truth, seen):
    """Mean negative log density of the numbers of `c` that are known."""
    known = model.space.known(seen)
    log_prob = tf.where(known, following.log_prob(truth), 0.0)
    return -tf.math.divide_no_nan(
        tf.reduce_sum(log_prob), tf.reduce_sum(tf.cast(known, tf.float32))
    )
