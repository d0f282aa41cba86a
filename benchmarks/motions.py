"""Times `embed_motion` of the committed motion VAE beside aeon's MiniRocket.

Ours goes from raw clips to embeddings, and embeds each clip together with its
mirror image. The peer only transforms sequences of 64 frames, which it is given
ready, to as many features by random convolutions as ours has.
"""

import pathlib

import numpy as np

from benchmarks import sides
from benchmarks.table import Row

MODEL = pathlib.Path("saved_models/penn_action_motion_vae/1")
NUM_JOINTS, NUM_FRAMES = 13, 56  # The median clip of Penn Action.
SEQUENCE = 64
NUM_FEATURES = 9_996
NUM_CLIPS, CLIPS_PER_CALL = 1000, 100
NUM_TURNS, CALLS_PER_TURN = 5, 20

ONE = f"`embed_motion`, one clip of {NUM_FRAMES} frames"
MANY = f"`embed_motion`, {NUM_CLIPS:,} such clips"


def pose_tf():
    """Returns the measures of the exported motion VAE."""
    import tensorflow as tf

    saved = tf.saved_model.load(str(MODEL))
    embed_motion = saved.signatures["embed_motion"]
    rng = np.random.default_rng(0)
    place = rng.uniform(50, 300, (CLIPS_PER_CALL, 1, NUM_JOINTS, 2))
    steps = rng.normal(0, 3, (CLIPS_PER_CALL, NUM_FRAMES, NUM_JOINTS, 2))
    poses = tf.constant(place + steps.cumsum(1), tf.float32)

    def embed(clips):
        embed_motion(
            poses=clips,
            visibility=tf.ones(clips.shape[:3], tf.bool),
            num_frames=tf.fill([len(clips)], NUM_FRAMES),
        )["mean"].numpy()

    def many():
        for _ in range(NUM_CLIPS // CLIPS_PER_CALL):
            embed(poses)

    return {
        ONE: sides.seconds(lambda: embed(poses[:1]), CALLS_PER_TURN),
        MANY: sides.seconds(many, 1),
    }


def aeon():
    """Returns the measures of MiniRocket's transform, on all cores."""
    import os

    from aeon.transformations.collection import convolution_based

    rng = np.random.default_rng(0)
    shape = (NUM_CLIPS, 2 * NUM_JOINTS + 2, SEQUENCE)
    clips = rng.normal(size=shape).cumsum(-1).astype(np.float32)
    rocket = convolution_based.MiniRocket(
        n_kernels=NUM_FEATURES, n_jobs=os.cpu_count(), random_state=0
    ).fit(clips[:CLIPS_PER_CALL])
    return {
        ONE: sides.seconds(lambda: rocket.transform(clips[:1]), CALLS_PER_TURN),
        MANY: sides.seconds(lambda: rocket.transform(clips), 1),
    }


def rows():
    """Yields a row per number of clips: medians."""
    with sides.both(pose_tf, aeon) as (ours, peer):
        for what in (ONE, MANY):
            pairs = sides.in_turns(ours, peer, what, NUM_TURNS)
            mine, theirs = pairs.medians()
            yield Row(
                what=what,
                value=f"{1e3 * mine:.1f} ms",
                peer=f"aeon {1e3 * theirs:.1f} ms",
                ratio=pairs.ratio(),
                aim="at most 5 ms" if what == ONE else "a ratio below 1",
            )
