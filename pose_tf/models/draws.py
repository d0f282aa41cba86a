"""Draws noise for samples, each from a seed of its own.

What a sample draws depends on the seed and on its number alone: neither on how
many samples there are nor on where a clip lies in its batch.
"""

import numpy as np
import tensorflow as tf

# The least uniform number from -1 up of which the logarithm is finite.
LEAST_UNIFORM = float(np.nextafter(np.float32(-1), np.float32(0)))
LEAST_PROBABILITY = float(np.finfo(np.float32).tiny)


def normal(num_samples, shape, seed):
    """Returns standard normal noise, float `(num_samples, *shape)`.

    Args:
        num_samples: Int scalar.
        shape: Shape of the noise of one sample.
        seed: Int tensor `(2,)`.
    """
    return _each(
        lambda seed: tf.random.stateless_normal(shape, seed, alg="philox"),
        num_samples,
        seed,
    )


def laplace(num_samples, shape, seed):
    """Returns noise of the Laplace distribution of scale 1; see `normal`."""
    uniform = _each(
        lambda seed: tf.random.stateless_uniform(
            shape, seed, LEAST_UNIFORM, 1.0, alg="philox"
        ),
        num_samples,
        seed,
    )
    return -tf.sign(uniform) * tf.math.log1p(-tf.abs(uniform))


def gumbel(num_samples, shape, seed):
    """Returns noise of the standard Gumbel distribution; see `normal`."""
    uniform = _each(
        lambda seed: tf.random.stateless_uniform(
            shape, seed, LEAST_PROBABILITY, 1.0, alg="philox"
        ),
        num_samples,
        seed,
    )
    return -tf.math.log(-tf.math.log(uniform))


def _each(draw, num_samples, seed):
    return tf.map_fn(
        lambda k: draw(tf.random.experimental.stateless_fold_in(seed, k)),
        tf.range(num_samples),
        fn_output_signature=tf.float32,
    )
