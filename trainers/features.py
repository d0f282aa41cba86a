"""The features that a classifier or generator trains on."""

import pathlib

from pose_tf import skeletons
from pose_tf.models.features import PoseFeatures
from pose_tf.models.vae import PoseVAE
from pose_tf.pipeline import poses
from pose_tf.trainers import trainer


def build(training) -> PoseFeatures:
    """Raw features fitted on the training clips, or a trained VAE's.

    Args:
        training: A `Trainer` whose config has `features`, `vae`, `fine_tune`.

    Raises:
        ValueError: If the config asks for an embedding without a VAE, or the
            VAE is of another skeleton.
        FileNotFoundError: If the VAE's folder has no trained model.
    """
    config = training.config
    if config.features == "raw":
        return PoseFeatures(
            poses.fit_transform(
                training.train_clips(),
                skeletons.get(config.skeleton),
                config.normalization,
            )
        )
    if not config.vae:
        raise ValueError(
            "`vae` must name the folder of a trained VAE when `features` is "
            "'embedding'. Received: ''"
        )
    vae: PoseVAE = trainer.load_model(pathlib.Path(config.vae))
    if vae.skeleton.name != config.skeleton:
        raise ValueError(
            f"`vae` must embed the skeleton {config.skeleton!r}. "
            f"Received: {config.vae}, which embeds {vae.skeleton.name!r}"
        )
    return PoseFeatures(vae=vae, fine_tune=config.fine_tune)
