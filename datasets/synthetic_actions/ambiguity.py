"""Measures how ambiguous single frames are, by the nearest training frame.

    python -m pose_tf.datasets.synthetic_actions.ambiguity

Each frame of the test clips gets the action of the nearest training frame.
Frames are root-centred, in their own torso lengths, and compared by the mean
squared distance of the joints that are visible in both. Frames without a
visible hip or shoulder are left out. The README shows the accuracy.
"""

import argparse

import numpy as np

from pose_tf.datasets.synthetic_actions import body, synthesis

CHUNK = 256  # Test frames at a time, to bound memory.
MIN_TORSO = 1.0  # Pixels; shorter ones have no scale.


def frames(split: str, num_clips: int, seed: int = 0):
    """Returns all frames that can be normalized, from the first clips.

    Args:
        split: `train` or `test`.
        num_clips: Number of clips.
        seed: Seed of the dataset.

    Returns:
        `(poses, visibility, labels)`: float32 (N, J, 2), root-centred, torso
        lengths, zero where invisible; bool (N, J); int (N,).
    """
    parts: tuple[list, ...] = ([], [], [])
    for index in range(num_clips):
        clip = synthesis.clip(split, index, seed)
        poses, visibility = normalized(clip["poses"], clip["visibility"])
        label = synthesis.ACTIONS.index(clip["action"])
        labels = np.full(len(poses), label)
        for part, values in zip(parts, (poses, visibility, labels)):
            part.append(values)
    return tuple(np.concatenate(part) for part in parts)


def normalized(poses, visibility):
    """Returns frames that can be normalized, root-centred, in torso lengths.

    Args:
        poses: Float array (T, J, 2), pixels.
        visibility: Bool array (T, J).

    Returns:
        `(poses, visibility)` of `N` of the frames: (N, J, 2) and (N, J).
    """
    skeleton = body.SKELETON
    root = _mean(poses, visibility, skeleton.indices(skeleton.root))
    top = _mean(poses, visibility, skeleton.indices(skeleton.shoulders))
    torso = np.linalg.norm(top - root, axis=-1)
    usable = torso >= MIN_TORSO  # False for NaN: a joint was missing.
    shown = visibility[usable]
    scaled = (poses - root[:, None])[usable] / torso[usable, None, None]
    return np.where(shown[..., None], scaled, 0), shown


def nearest(train, test) -> np.ndarray:
    """Returns the label (N,) of the frame of `train` nearest to each of `test`.

    Args:
        train: `(poses, visibility, labels)`, as `frames` returns them.
        test: The same; its labels are not used.
    """
    poses, shown, labels = train
    joints, seen = poses.reshape(len(poses), -1), shown.astype(np.float32)
    squares = (poses**2).sum(axis=-1)
    predicted = []
    for start in range(0, len(test[0]), CHUNK):
        chunk = test[0][start : start + CHUNK]
        weight = test[1][start : start + CHUNK].astype(np.float32)
        # Joints are zero where invisible, which masks all three sums.
        total = (chunk**2).sum(axis=-1) @ seen.T + weight @ squares.T
        total -= 2 * chunk.reshape(len(chunk), -1) @ joints.T
        total /= np.maximum(weight @ seen.T, 1)
        predicted.append(labels[total.argmin(axis=1)])
    return np.concatenate(predicted)


def _mean(poses, visibility, indices):
    """Returns the mean (N, 2) of visible joints among `indices`, or NaN."""
    weights = visibility[:, indices].astype(np.float32)
    total = weights.sum(axis=1, keepdims=True)
    weights /= np.where(total > 0, total, np.nan)
    return (poses[:, indices] * weights[..., None]).sum(axis=1)


def main(argv=None):
    """Prints the table of ambiguity, action by action."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--num_train", type=int, default=640, help="clips")
    parser.add_argument("--num_test", type=int, default=320, help="clips")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    train = frames("train", args.num_train, args.seed)
    test = frames("test", args.num_test, args.seed)
    print(f"{len(train[0])} training frames, {len(test[0])} test frames")
    hits = nearest(train, test) == test[2]
    print(f"nearest neighbor of single frames: {hits.mean():.1%}")
    for label, action in enumerate(synthesis.ACTIONS):
        print(f"  {action:14s}{hits[test[2] == label].mean():6.1%}")


if __name__ == "__main__":
    main()
