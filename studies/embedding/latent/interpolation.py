"""Draws straight lines through the latent between poses of two actions.

Each action is represented by its medoid: of its fully visible test poses, the
one with the least sum of distances to the others in the latent. Next to the
line through the latent is the straight line of every joint between the same two
decoded poses.
"""

import itertools

import numpy as np
import tensorflow as tf

from pose_tf.evaluation import motion_measures
from pose_tf.plots import animations
from studies.page import pictures

STEPS = 21  # Poses of a line, with both ends.
POSES_PER_ACTION = 500
BANK_POSES = 10000
PAIRS = {"nearest": 0.0, "middle": 0.5, "farthest": 1.0}  # By rank of distance.
SIZE = 180  # Side of a panel, pixels.
TITLES = ("through the latent", "joint by joint")


def draw(model, test, train, actions, context):
    """Draws some lines, and measures all.

    Args:
        model: `PoseVAE`.
        test, train: Embedded poses, as `experiment.embedded` returns them.
        actions: Names of the actions.
        context: `context.Context`.

    Returns:
        Dict: `latent` and `joints`, of the poses midway on all lines, each a
        dict of means over all pairs: `limbs`, length of all bones over that of
        the ends' bones, in percent, and `nearest`, distance to the nearest
        training pose, torso lengths; `ends_nearest`, of the ends; `shown`, a
        list of dicts, one per GIF: `picture`, `actions`, `distance`, and
        `limbs`; `num_pairs`.
    """
    medoids = _medoids(test)
    pairs = sorted(
        itertools.combinations(sorted(medoids), 2),
        key=lambda pair: np.linalg.norm(medoids[pair[0]] - medoids[pair[1]]),
    )
    lines = _lines(model, medoids, pairs)
    index = np.linspace(0, len(train["pose"]) - 1, BANK_POSES)
    bank = train["pose"][index.round().astype(int)]
    ends = lines["latent"][:, [0, -1]].reshape(-1, *bank.shape[1:])
    gifs = []
    for name, rank in PAIRS.items():
        k = round(rank * (len(pairs) - 1))
        picture = f"interpolation_{name}.gif"
        _animate(lines, k, model.skeleton, pictures.path(context, picture))
        a, b = pairs[k]
        gifs.append(
            {
                "picture": picture,
                "name": name,
                "actions": [actions[a], actions[b]],
                "distance": float(np.linalg.norm(medoids[a] - medoids[b])),
                "limbs": {
                    key: float(_limbs(line, model.skeleton)[k])
                    for key, line in lines.items()
                },
            }
        )
    return {
        **_midway(lines, bank, model.skeleton),
        "ends_nearest": float(
            motion_measures.nearest_distance(ends, bank).mean()
        ),
        "shown": gifs,
        "num_pairs": len(pairs),
    }


def _midway(lines, bank, skeleton):
    """Returns `limbs` and `nearest` of the poses midway, means over lines."""
    return {
        name: {
            "limbs": float(_limbs(line, skeleton).mean()),
            "nearest": float(
                motion_measures.nearest_distance(
                    line[:, STEPS // 2], bank
                ).mean()
            ),
        }
        for name, line in lines.items()
    }


def _animate(lines, k, skeleton, path):
    """Writes a GIF of the `k`-th lines, there and back."""
    animations.animate(
        [np.concatenate([line[k], line[k, -2::-1]]) for line in lines.values()],
        skeleton,
        path,
        TITLES,
        size=SIZE,
    )


def _medoids(test):
    """Returns the latent of each action's medoid, by the action's number."""
    medoids = {}
    for action in np.unique(test["action"]):
        whole = (test["action"] == action) & test["visibility"].all(-1)
        latent = test["latent"][whole]
        if len(latent):
            every = np.linspace(0, len(latent) - 1, POSES_PER_ACTION)
            latent = latent[np.unique(every.round().astype(int))]
            distances = np.linalg.norm(latent[:, None] - latent, axis=-1)
            medoids[int(action)] = latent[distances.sum(1).argmin()]
    return medoids


def _lines(model, medoids, pairs):
    """Returns poses `(pairs, STEPS, J, D)` through the latent and by joint."""
    share = np.linspace(0, 1, STEPS)[:, None]
    z = np.stack(
        [medoids[a] * (1 - share) + medoids[b] * share for a, b in pairs]
    )
    latent = model.decode_pose(tf.constant(z, tf.float32))[0].numpy()
    share = share[..., None]
    joints = latent[:, :1] * (1 - share) + latent[:, -1:] * share
    return {"latent": latent, "joints": joints}


def _limbs(line, skeleton):
    """Returns bone length midway in percent of the mean of both ends."""
    ends = np.array(skeleton.bone_indices)
    bones = line[..., ends[:, 0], :] - line[..., ends[:, 1], :]
    length = np.linalg.norm(bones, axis=-1).sum(-1)
    return 100 * length[:, STEPS // 2] / length[:, [0, -1]].mean(1)
