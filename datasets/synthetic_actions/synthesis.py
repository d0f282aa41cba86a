"""Makes a synthetic clip from a seed and its number."""

import numpy as np

from pose_tf.datasets.synthetic_actions import (
    actions,
    body,
    camera,
    performance,
)

NUM_FRAMES = (30, 120)  # Fewest and most in a clip.
ACTIONS = tuple(actions.ACTIONS)
SPLITS = ("train", "test")


def clip(split: str, index: int, seed: int = 0) -> dict:
    """Makes a clip; the same arguments always give the same clip.

    Args:
        split: `train` or `test`.
        index: Number of the clip in its split, from 0; actions take turns.
        seed: Seed of the dataset.

    Returns:
        A clip, see `pose_tf.pose.clip`.

    Raises:
        ValueError: If the split is unknown, or index or seed is negative.
    """
    if split not in SPLITS:
        raise ValueError(
            f"`split` must be one of {', '.join(SPLITS)}. Received: {split!r}"
        )
    for name, value in (("index", index), ("seed", seed)):
        if value < 0:
            raise ValueError(
                f"`{name}` must not be negative. Received: {value}"
            )
    rng = np.random.default_rng([seed, SPLITS.index(split), index])
    action = ACTIONS[index % len(ACTIONS)]
    num_frames = int(rng.integers(NUM_FRAMES[0], NUM_FRAMES[1] + 1))
    motion = actions.ACTIONS[action](rng)
    angles = performance.perform(motion, num_frames, rng)
    joints = body.joints(angles, body.random_body(rng))
    view = camera.VIEWS[rng.integers(len(camera.VIEWS))]
    poses, frame_size = camera.film(joints, view, rng)
    return {
        "clip_id": f"{split}_{index:05d}",
        **camera.annotate(poses, frame_size, rng),
        "action": action,
        "view": view,
        "frame_size": frame_size,
    }
