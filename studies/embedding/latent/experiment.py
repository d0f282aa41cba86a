"""Part 4: the embedding's own metrics, a map, and interpolations.

The metrics are those of the VAEs (`vaes`), over dimension and over beta.
"""

import numpy as np

from pose_tf.pipeline import single_poses
from pose_tf.trainers.pretrained import load_model
from studies.embedding import vaes
from studies.embedding.latent import interpolation, latent_map, page
from studies.engine.experiment import Experiment
from studies.engine.run import Run

NAME = "embedding"
VERSION = 1
POSES_PER_BATCH = 4096
MAP_DIMENSIONS = 2
MAP, INTERPOLATION = "map", "interpolation"


def runs(plan) -> list[Run]:
    """Returns VAEs of all dimensions and betas, the map, interpolations."""
    all_runs = [
        vaes.vae_run(plan, latent_dim, seed=seed)
        for latent_dim in plan.dimensions
        for seed in range(plan.seeds)
    ]
    all_runs += [
        vaes.vae_run(plan, plan.beta_dimension, seed=seed, beta=beta)
        for beta in plan.betas
        for seed in range(plan.beta_seeds)
    ]
    for what, latent_dim in (
        (MAP, MAP_DIMENSIONS),
        (INTERPOLATION, plan.gallery_dimension),
    ):
        options = {"what": what, "latent_dim": latent_dim}
        needs = (vaes.vae_run(plan, latent_dim),)
        all_runs.append(Run(experiment=NAME, options=options, needs=needs))
    return all_runs


def execute(run, context):
    """Draws the pictures of a VAE; see `latent_map` and `interpolation`."""
    model = load_model(context.folder_of(run.needs[0]))
    clips = context.clips
    test = embedded(model, clips.test, clips.skeleton)
    if run.options["what"] == MAP:
        return latent_map.draw(model, test, clips.actions, context)
    train = embedded(model, clips.train, clips.skeleton)
    return interpolation.draw(model, test, train, clips.actions, context)


def embedded(model, clips_ds, skeleton) -> dict[str, np.ndarray]:
    """Embeds all poses of clips.

    Returns:
        Dict of arrays: `latent` `(N, Z)`; `pose` `(N, J, D)`, root-centred,
        torso lengths; `visibility` `(N, J)`; `action` `(N,)`.
    """
    batches = single_poses.pose_batches(
        clips_ds,
        model.transform,
        batch_size=POSES_PER_BATCH,
        skeleton=skeleton,
    )
    rows: dict[str, list] = {}
    for batch in batches:
        batch["latent"] = model.encode(batch["features"]).mean()
        for key in ("latent", "pose", "visibility", "action"):
            rows.setdefault(key, []).append(batch[key].numpy())
    return {key: np.concatenate(values) for key, values in rows.items()}


EXPERIMENT = Experiment(
    name=NAME,
    version=VERSION,
    runs=runs,
    execute=execute,
    section=page.section,
    conclusion=page.conclusion,
)
