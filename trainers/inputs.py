"""The features that a classifier or generator trains on."""

import pathlib

from pose_tf import configs, run_files
from pose_tf.models.features import PoseFeatures
from pose_tf.models.vae import PoseVAE
from pose_tf.pipeline import single_poses
from pose_tf.pose import skeletons
from pose_tf.trainers import pretrained


def build(training) -> PoseFeatures:
    """Returns raw features fitted on the training clips, or a trained VAE's.

    Args:
        training: A `Trainer` whose config has `features`, `vae`, `fine_tune`.

    Raises:
        ValueError: If the config asks for an embedding without a VAE, or the
            VAE is of another skeleton, normalisation or split protocol.
        FileNotFoundError: If the VAE's folder has no trained model.
    """
    config = training.config
    if config.inputs == "raw":
        return PoseFeatures(
            single_poses.fit_transform(
                training.train_clips(),
                skeletons.get(config.skeleton),
                config.normalization,
                config.use_occluded,
            )
        )
    if not config.vae:
        raise ValueError(
            "`vae` must name the folder of a trained VAE when `inputs` is "
            "'embedding'. Received: ''"
        )
    folder = pathlib.Path(config.vae)
    vae: PoseVAE = pretrained.load_model(folder)
    if vae.skeleton.name != config.skeleton:
        raise ValueError(
            f"`vae` must embed the skeleton {config.skeleton!r}. "
            f"Received: {config.vae}, which embeds {vae.skeleton.name!r}"
        )
    theirs = configs.load(configs.VAEConfig, folder / run_files.CONFIG)
    for name in ("normalization", "split_protocol", "use_occluded"):
        if getattr(theirs, name) != getattr(config, name):
            raise ValueError(
                f"`vae` must have been trained with the same `{name}`, "
                f"{getattr(config, name)!r}. Received: {config.vae}, trained "
                f"with {getattr(theirs, name)!r}"
            )
    return PoseFeatures(vae=vae, fine_tune=config.fine_tune)
