"""Named hyperparameters of every kind of model.

"default"  what we recommend
"original" the settings of the original work
"demo"     enough for generated clips, in a minute or two each
"small"    for the classifier, of some hundred clips: three networks and a ridge
           regression of random convolutions decide together
"causal"   for the classifier: it takes streams, and clips that have only begun
"learned"  for the motion VAE: its encoder is a network, trained whole
"frames"   for the classifier: one LSTM over features of frames, or over a VAE's
"recurrent"  for the generator: frame by frame, which freezes
"tprnn"    for the generator: the windows of Chiu et al., 2019
"tiny"     trains in seconds, for tests
"""

import dataclasses
from typing import Any

from pose_tf import configs

# What the original work did differently, in all three.
_ORIGINAL: dict[str, Any] = {
    "normalization": "frame",
    "augment": False,
    "learning_rate": 1e-3,
    "schedule": "constant",
    "clip_norm": 0.0,
    "weight_decay": 0.0,
    "ema_momentum": 0.0,
}

# Twenty steps an epoch on Penn Action.
_CLIPS: dict[str, Any] = {
    "model": "clip",
    "inputs": "raw",
    "window": 64,
    "filters": 48,
    "units": 64,
    "dropout_rate": 0.3,
    "mixup_alpha": 0.2,
    "label_smoothing": 0.05,
    "ema_momentum": 0.995,
    "num_epochs": 125,
}

_CHUNKS: dict[str, Any] = {
    "model": "chunks",
    "units": 208,
    "hidden_units": 304,
    "long_rollout": 200,
    "batch_size": 64,
    "learning_rate": 1.5e-3,
    "weight_decay": 1e-4,
    "num_epochs": 27,
}

PRESETS: dict[str, dict[str, configs.TrainingConfig]] = {
    "vae": {
        "default": configs.VAEConfig(),
        "original": configs.VAEConfig(
            latent_dim=80, beta=0.0, beta_warmup_steps=0, **_ORIGINAL
        ),
        "demo": configs.VAEConfig(
            latent_dim=12, num_epochs=8, beta_warmup_steps=200
        ),
        "tiny": configs.VAEConfig(
            latent_dim=4, hidden_dim=32, num_epochs=2, beta_warmup_steps=10
        ),
    },
    "motion_vae": {
        "default": configs.MotionVAEConfig(),
        # As many steps of a quarter of the clips.
        "learned": configs.MotionVAEConfig(
            encoder="convolution_lstm", batch_size=64, num_epochs=6
        ),
        "demo": configs.MotionVAEConfig(
            latent_dim=24,
            num_features=2_520,
            num_views=12,
            batch_size=128,
            bank_steps=100,
            num_epochs=100,
        ),
        "tiny": configs.MotionVAEConfig(
            latent_dim=4,
            num_features=84,
            num_components=16,
            num_targets=8,
            num_views=4,
            batch_size=8,
            num_epochs=2,
            bank_steps=2,
        ),
    },
    "classifier": {
        "default": configs.ClassifierConfig(**_CLIPS),
        "causal": configs.ClassifierConfig(
            **_CLIPS | {"model": "stream", "num_epochs": 250}
        ),
        # 1,500 steps of some 430 clips.
        "small": configs.ClassifierConfig(
            **_CLIPS
            | {
                "num_networks": 3,
                "num_features": 9_996,
                # Played backward, few of an action's clips are another one.
                "repeat": 0.0,
                "num_epochs": 214,
            }
        ),
        "frames": configs.ClassifierConfig(),
        "original": configs.ClassifierConfig(
            num_convs=0,
            units=100,
            num_lstms=4,
            dropout_rate=0.2,
            mixup_alpha=0.0,
            label_smoothing=0.0,
            frame_loss_weight=0.0,
            optimizer="rmsprop",
            **_ORIGINAL,
        ),
        "demo": configs.ClassifierConfig(
            **_CLIPS | {"num_epochs": 30, "ema_momentum": 0.95}
        ),
        "tiny": configs.ClassifierConfig(
            window=32, filters=16, units=16, num_lstms=1, num_epochs=2
        ),
    },
    "generator": {
        "default": configs.GeneratorConfig(**_CHUNKS),
        "recurrent": configs.GeneratorConfig(),
        "tprnn": configs.GeneratorConfig(
            windows="tprnn", prefix=1, horizon=16, stride=1, num_epochs=8
        ),
        "original": configs.GeneratorConfig(
            prefix=5,
            horizon=1,
            stride=1,
            units=1000,
            dropout_rate=0.1,
            residual=False,
            teacher_forcing=True,
            nll_weight=0.0,
            **_ORIGINAL,
        ),
        # Short of this, constant velocity is better at the next frame.
        "demo": configs.GeneratorConfig(
            **_CHUNKS
            | {
                "units": 128,
                "hidden_units": 192,
                "latent_dim": 8,
                "rollout": 20,
                "long_rollout": 0,
                "learning_rate": 4e-3,
                "warmup_steps": 50,
                "ema_momentum": 0.98,
                "num_epochs": 24,
            }
        ),
        "tiny": configs.GeneratorConfig(
            **_CHUNKS
            | {
                "units": 16,
                "hidden_units": 16,
                "long_rollout": 20,
                "num_epochs": 2,
            },
            prefix=5,
            horizon=5,
            rollout=5,
            latent_dim=4,
        ),
    },
}


def get(kind: str, name: str) -> Any:
    """Returns a preset of a trainer (`vae`, `classifier` ...).

    Raises:
        ValueError: If the kind or name is unknown; the message lists the known.
    """
    if kind not in PRESETS:
        raise ValueError(
            f"`kind` must be one of {', '.join(PRESETS)}. Received: {kind!r}"
        )
    if name not in PRESETS[kind]:
        raise ValueError(
            f"`preset` of a {kind} must be one of "
            f"{', '.join(PRESETS[kind])}. Received: {name!r}"
        )
    return PRESETS[kind][name]


def of_all(name: str) -> dict[str, Any]:
    """Returns the presets of a name by kind, in the order of `trainers.KINDS`.

    There is no `original` motion VAE, since the original work had none.

    Raises:
        ValueError: If another kind has no preset of this name.
    """
    kinds = [k for k in PRESETS if (k, name) != ("motion_vae", "original")]
    return {kind: get(kind, name) for kind in kinds}


def title(config) -> str:
    """Returns a readable name: the closest preset, and what differs from it.

    >>> title(configs.VAEConfig(latent_dim=8, num_epochs=3))
    'default, num_epochs=3, latent_dim=8'
    """
    names: list[list[str]] = []
    for presets in PRESETS.values():
        for name, other in presets.items():
            if type(other) is type(config):
                names.append([name, *_differing(config, other)])
    names = names or [_differing(config, None)]
    _, closest = min((len(texts), texts) for texts in names)
    return ", ".join(closest)


def _differing(config, other):
    return [
        f"{field.name}={getattr(config, field.name)}"
        for field in dataclasses.fields(config)
        if getattr(config, field.name) != getattr(other, field.name, None)
    ]
